"""What every payment channel can do, in one small protocol: create, query, close, refund, read a notification, fetch a statement.

Channels move no money of ours and write nothing: they speak the channel's language and report in ours.
Everything here is a frozen value: a channel keeps nothing between calls except parsed keys and its HTTP connections.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Literal, Protocol
from uuid import UUID

import msgspec

Scene = Literal["h5", "jsapi", "native", "app", "page", "barcode", "card", "cash", "pos", "transfer", "cheque"]
"""Where the payer stands: a phone's browser, inside the wallet, before a QR code, in an app, at a desktop browser, at a window showing
a pay code, at a card form; the last four are a counter's."""
State = Literal["pending", "succeeded", "closed", "failed", "refunded", "unknown"]
RefundStatus = Literal["processing", "succeeded", "failed", "closed", "unknown"]
PAID_STATES = frozenset({"succeeded", "refunded"})
"""In both the payer has paid: a refund, even a partial one, hides the success behind it (WeChat Pay v3 §6)."""


class ChannelAccount(msgspec.Struct, frozen=True, kw_only=True):
    """A merchant number of a client at a channel, with its secrets already decrypted by the caller."""

    channel: str
    mchid: str
    appid: str
    base_url: str
    credentials: dict[str, str]
    mode: str = "direct"
    tenant_id: UUID | None = None
    """Whose it is; only a channel whose other side is our own database (the counter) needs to know."""

    def __repr__(self) -> str:
        """Secrets never reach a log."""
        return f"ChannelAccount({self.channel} {self.mchid} {self.mode} {self.base_url})"


class OrderRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a payer is to be asked for. The same order asked twice must be equal, or the channel refuses the second."""

    number: str
    description: str
    amount_fen: int
    scene: Scene
    notify_url: str
    expires_at: dt.datetime
    placed_at: dt.datetime
    currency: str = "CNY"
    payer_ip: str = ""
    openid: str | None = None
    auth_code: str | None = None
    attach: str | None = None
    return_url: str | None = None

    @property
    def ref(self) -> "OrderRef":
        """The order as later calls name it, before the channel gave it a number of its own."""
        return OrderRef(
            number=self.number, amount_fen=self.amount_fen, scene=self.scene, placed_at=self.placed_at, expires_at=self.expires_at,
            currency=self.currency,
        )


class OrderRef(msgspec.Struct, frozen=True, kw_only=True):
    """An order as query, close and refund name it: our number, when we first asked, and the channel's own number if it gave one."""

    number: str
    amount_fen: int
    scene: Scene
    placed_at: dt.datetime
    expires_at: dt.datetime
    currency: str = "CNY"
    reference: str | None = None
    channel_txn_id: str | None = None


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """How the payer goes on: open a page (`redirect`), post a form to it (`form`), call the wallet (`jsapi`, `app`), scan (`qr`), fill in
    a card (`card`), or do nothing more (`wait`: ask for the result).

    `reference` is the channel's own number of the order, where it has one before payment; it comes back in `OrderRef`. `lives_seconds`: how
    long the page can be opened, where that is shorter than the order.
    """

    kind: Literal["redirect", "form", "jsapi", "app", "qr", "card", "wait"]
    value: str = ""
    params: dict[str, str] = {}
    reference: str | None = None
    lives_seconds: int | None = None

    def opens(self, age: dt.timedelta) -> bool:
        """Whether the payer can still go on this way, with a minute to spare."""
        return self.lives_seconds is None or age < dt.timedelta(seconds=self.lives_seconds - 60)


class ChannelState(msgspec.Struct, frozen=True, kw_only=True):
    """An order as the channel sees it, verified; `raw` is what it signed, byte for byte (opened where sealed)."""

    state: State
    order_number: str
    mchid: str = ""
    appid: str = ""
    channel_txn_id: str | None = None
    amount_fen: int | None = None
    currency: str | None = None
    payer_paid_fen: int | None = None
    paid_at: dt.datetime | None = None
    payer_ref: str | None = None
    attach: str | None = None
    raw: bytes = b""

    @property
    def paid(self) -> bool:
        """Whether the payer's money has moved."""
        return self.state in PAID_STATES


class RefundRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Money to go back the way it came. A repeat under the same number must be equal, and never moves money twice."""

    number: str
    order: OrderRef
    amount_fen: int
    reason: str
    notify_url: str
    placed_at: dt.datetime


class RefundRef(msgspec.Struct, frozen=True, kw_only=True):
    """A refund as a query names it: our number, its order, and the channel's own number if it gave one."""

    number: str
    order: OrderRef
    amount_fen: int
    placed_at: dt.datetime
    reference: str | None = None


class RefundState(msgspec.Struct, frozen=True, kw_only=True):
    """A refund as the channel sees it, verified.

    `failed`: it did not go through, the same number may be sent again. `closed`: this number is finished for good without money having
    moved. `unknown`: the channel has no record of it.
    """

    state: RefundStatus
    number: str
    order_number: str
    mchid: str = ""
    amount_fen: int | None = None
    reference: str | None = None
    reason: str = ""
    stranded: bool = False
    """It failed, and its money has left the merchant number and waits at the channel: a transfer by hand would pay twice."""
    refunded_at: dt.datetime | None = None
    raw: bytes = b""


class RefundRules(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel allows: days after the payment, refunds of one payment, seconds between two of them (None: no limit)."""

    window_days: int | None = None
    most: int | None = None
    spacing_seconds: int = 0


class StatementFile(msgspec.Struct, frozen=True, kw_only=True):
    """A day's statement as the channel made it, byte for byte; its integrity was checked where the channel says how."""

    name: str
    content: bytes
    kind: str = "trade"


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A genuine notification. A kind we do not act on is `other`: acknowledge it, keep it, change nothing."""

    kind: Literal["payment", "refund", "other"]
    event_id: str
    event_type: str
    state: ChannelState
    refund: RefundState | None = None
    """What a `refund` notification says of the refund; `state` then tells of its order."""


Answer = tuple[int, dict[str, str], bytes]
"""Status, headers and body that tell the channel whether to send the notification again."""


class Channel(Protocol):
    """One payment channel, for all clients; `account` says on whose behalf."""

    code: str
    title: str
    scenes: tuple[Scene, ...]
    limits: Mapping[str, int]
    """The most one charge can be, by scene, in fen; shown to payers, whose big bills then take several payments.

    A channel with the scene `barcode` says in `pay_codes` (a compiled pattern, optional) which digits at a window are one of its codes.
    """
    refund_rules: RefundRules

    async def create(self, account: ChannelAccount, order: OrderRequest) -> Prepared:
        """Ask the channel to be ready for this payment.

        Raises ChannelUnknown (may or may not exist there), ChannelRefused (does not), AlreadyPaid, SceneNotOffered.
        """
        ...

    async def query(self, account: ChannelAccount, order: OrderRef) -> ChannelState:
        """What became of an order; `unknown` when the channel has no record of it.

        Raises ChannelUnknown, ChannelRefused.
        """
        ...

    async def close(self, account: ChannelAccount, order: OrderRef) -> None:
        """End an unpaid order so that it cannot be paid any more; closing twice is no error.

        Raises AlreadyPaid, OrderNotAtChannel (never arrived there), ChannelUnknown, ChannelRefused.
        """
        ...

    async def refund(self, account: ChannelAccount, refund: RefundRequest) -> RefundState:
        """Ask for money to go back. Taken is not done: `processing` until a notification or a query decides.

        Raises ChannelUnknown (ask again with the same number), ChannelRefused (nothing moved), ChannelShort (the merchant number has not
        enough money there now: wait).
        """
        ...

    # A channel that can undo a whole payment on its own day (消费撤销) has two more, `revoke(account, refund)`, which is `refund` but a refusal
    # finishes its number, and `may_revoke(paid_at, at)`, which says without asking anybody whether that day is still running.

    async def query_refund(self, account: ChannelAccount, refund: RefundRef) -> RefundState:
        """What became of a refund; `unknown` when the channel has no record of it. Raises ChannelUnknown, ChannelRefused."""
        ...

    async def fetch_statement(self, account: ChannelAccount, day: dt.date) -> StatementFile | None:
        """The statement of a business day; None when the channel says there was nothing that day.

        Raises StatementNotReady (ask later), StatementBroken (its hash or its wrapping is wrong), ChannelUnknown, ChannelRefused.
        """
        ...

    async def refresh_keys(self, account: ChannelAccount) -> None:
        """Fetch the keys the channel signs with now; called by a schedule and after UnknownChannelKey."""
        ...

    def read_notice(self, account: ChannelAccount, headers: Mapping[str, str], body: bytes) -> Notice:
        """Verify, then open a notification. Raises ForgedNotice, UnknownChannelKey; believes nothing before that."""
        ...

    def answer(self, ok: bool, message: str = "") -> Answer:
        """What to reply to a notification once its result is committed (or could not be)."""
        ...


def disagreements(
    state: ChannelState, account: ChannelAccount, number: str, amount_fen: int, currency: str = "CNY"
) -> dict[str, tuple[object, object]]:
    """Where a genuine report differs from our own order: field → (ours, theirs); empty when it may be believed.

    A valid signature proves who speaks, not that it is about this order (architecture §6).
    """
    pairs = {
        "order_number": (number, state.order_number),
        "mchid": (account.mchid, state.mchid),
        "appid": (account.appid, state.appid),
        "amount_fen": (amount_fen, state.amount_fen),
        "currency": (currency, state.currency),
    }
    return {field: pair for field, pair in pairs.items() if pair[0] != pair[1]}
