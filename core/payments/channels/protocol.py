"""What every payment channel can do, in one small protocol: create, query, close, read a notification, answer it.

Channels move no money of ours and write nothing: they speak the channel's language and report in ours.
Everything here is a frozen value: a channel keeps nothing between calls except parsed keys and its HTTP connections.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Literal, Protocol

import msgspec

Scene = Literal["h5", "jsapi", "native", "app"]
State = Literal["pending", "succeeded", "closed", "failed", "refunded", "unknown"]
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
    currency: str = "CNY"
    payer_ip: str = ""
    openid: str | None = None
    attach: str | None = None
    return_url: str | None = None


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """How the payer goes on: open a page (`redirect`), call the wallet (`jsapi`, `app`), or scan (`qr`)."""

    kind: Literal["redirect", "jsapi", "app", "qr"]
    value: str = ""
    params: dict[str, str] = {}


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


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A genuine notification. A kind we do not act on is `other`: acknowledge it, keep it, change nothing."""

    kind: Literal["payment", "refund", "other"]
    event_id: str
    event_type: str
    state: ChannelState


Answer = tuple[int, dict[str, str], bytes]
"""Status, headers and body that tell the channel whether to send the notification again."""


class Channel(Protocol):
    """One payment channel, for all clients; `account` says on whose behalf."""

    code: str
    title: str
    scenes: tuple[Scene, ...]
    limits: Mapping[str, int]
    """The most one charge can be, by scene, in fen; shown to payers, whose big bills then take several payments."""

    async def create(self, account: ChannelAccount, order: OrderRequest) -> Prepared:
        """Ask the channel to be ready for this payment.

        Raises ChannelUnknown (may or may not exist there), ChannelRefused (does not), AlreadyPaid, SceneNotOffered.
        """
        ...

    async def query(self, account: ChannelAccount, number: str) -> ChannelState:
        """What became of an order; `unknown` when the channel has no record of it.

        Raises ChannelUnknown, ChannelRefused.
        """
        ...

    async def close(self, account: ChannelAccount, number: str) -> None:
        """End an unpaid order so that it cannot be paid any more; closing twice is no error.

        Raises AlreadyPaid, OrderNotAtChannel (never arrived there), ChannelUnknown, ChannelRefused.
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
