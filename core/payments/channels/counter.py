"""The counter as a channel: cash, POS slips, cheques and transfers, which people of the client see with their own eyes.

There is no outside to ask: the desk behind it (core.counter, which attaches itself) knows what was entered. A refund waits until
somebody at a window has paid it out.
Bank transfers are told by the client's bank with an HMAC-SHA256 over timestamp and raw body, key `bank_key`.
"""

import datetime as dt
import hashlib
import hmac
from collections.abc import Callable, Mapping
from types import MappingProxyType

import httpx
import msgspec

from core import clock
from core.payments.channels.credentials import CredentialField
from core.payments.channels.errors import AlreadyPaid, ChannelRefused, ForgedNotice, SceneNotOffered
from core.payments.channels.protocol import (
    Answer,
    ChannelAccount,
    ChannelState,
    Notice,
    OrderRef,
    OrderRequest,
    Prepared,
    RefundRef,
    RefundRequest,
    RefundRules,
    RefundState,
    Scene,
    StatementFile,
)
from core.web.i18n import N_

WINDOW_SECONDS = 300
MOST_FEN = 10**12
"""Ten billion yuan: no single amount over a counter or by transfer is larger."""
SIGNATURE, STAMP = "banyan-signature", "banyan-timestamp"


class BankTransfer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Money that arrived on a sub-account, as the bank tells it."""

    reference: str
    sub_account: str
    amount_fen: int
    payer_name: str
    payer_account: str
    received_at: dt.datetime
    remark: str = ""
    currency: str = "CNY"


class Counter:
    """The counter channel (`protocol.Channel`); `core.counter` is the desk behind it."""

    code = "counter"
    title = "柜台"
    scenes: tuple[Scene, ...] = ("cash", "pos", "transfer", "cheque")
    refund_rules = RefundRules()
    notify_path = "bank"
    credential_fields = (
        CredentialField(name="bank_key", title=N_("到账通知密钥"), hint=N_("与银行约定的随机字符；银行用它为每条转账到账通知签名")),
    )
    base_urls: Mapping[str, str] = MappingProxyType({"production": ""})
    """Nobody outside is asked."""

    def __init__(
        self, client: httpx.AsyncClient, *, limits: Mapping[str, int] | None = None, seconds_now: Callable[[], float] = clock.seconds
    ) -> None:
        self.limits: Mapping[str, int] = limits or dict.fromkeys(self.scenes, MOST_FEN)
        self._now = seconds_now

    async def create(self, account: ChannelAccount, order: OrderRequest) -> Prepared:
        """Nothing is asked of anybody: the payer goes to a window."""
        if order.scene not in self.scenes:
            raise SceneNotOffered(title=self.title, scene=order.scene)
        return Prepared(kind="wait")

    async def query(self, account: ChannelAccount, order: OrderRef) -> ChannelState:
        """What the desk has entered for the order; without an entry nothing is known of it."""
        entered = await self.entered(account, order.number)
        return entered or ChannelState(state="unknown", order_number=order.number, mchid=account.mchid, appid=account.appid)

    async def close(self, account: ChannelAccount, order: OrderRef) -> None:
        """Somebody may be standing at a window with the money, so an order ends when its time is up and nothing was entered."""
        if await self.entered(account, order.number) is not None:
            raise AlreadyPaid(channel_code="ENTERED", channel_message="窗口已收款")
        if self._now() < order.expires_at.timestamp():
            raise ChannelRefused(channel_code="WAITING", channel_message="窗口收款的订单到期后才能关闭")

    async def entered(self, account: ChannelAccount, number: str) -> ChannelState | None:
        """The payment that a desk has entered for an order; the bare channel has no desk."""
        return None

    async def refund(self, account: ChannelAccount, refund: RefundRequest) -> RefundState:
        """Waits until it is paid out at a window."""
        return self._waiting(account, refund.number, refund.order.number, refund.amount_fen)

    async def query_refund(self, account: ChannelAccount, refund: RefundRef) -> RefundState:
        """Still to be paid out; the window's entry settles it."""
        return self._waiting(account, refund.number, refund.order.number, refund.amount_fen)

    async def fetch_statement(self, account: ChannelAccount, day: dt.date) -> StatementFile | None:
        """A counter has no statement but its shifts."""
        return None

    async def refresh_keys(self, account: ChannelAccount) -> None:
        """The key is the one we gave the bank."""

    def read_notice(self, account: ChannelAccount, headers: Mapping[str, str], body: bytes) -> Notice:
        """A transfer told by the bank, as a paid order under the bank's own reference; `read_transfer` tells the whole of it."""
        transfer = self.read_transfer(account, headers, body)
        state = ChannelState(
            state="succeeded",
            order_number=transfer.reference,
            mchid=account.mchid,
            appid=account.appid,
            channel_txn_id=transfer.reference,
            amount_fen=transfer.amount_fen,
            currency=transfer.currency,
            paid_at=transfer.received_at,
            payer_ref=transfer.sub_account,
            raw=body,
        )
        return Notice(kind="payment", event_id=transfer.reference, event_type="transfer.received", state=state)

    def read_transfer(self, account: ChannelAccount, headers: Mapping[str, str], body: bytes) -> BankTransfer:
        """Verify, then read what the bank tells. Raises ForgedNotice."""
        given = {name.lower(): value for name, value in headers.items()}
        stamp, key = given.get(STAMP, ""), account.credentials.get("bank_key", "")
        if not stamp.isascii() or not stamp.isdigit() or abs(self._now() - int(stamp)) > WINDOW_SECONDS:
            raise ForgedNotice(reason="timestamp")
        if not key or not hmac.compare_digest(signature(key, stamp, body).encode(), given.get(SIGNATURE, "").encode()):
            raise ForgedNotice(reason="signature")
        try:
            transfer = msgspec.json.decode(body, type=BankTransfer)
        except msgspec.DecodeError as error:
            raise ForgedNotice(reason="content") from error
        if not 0 < transfer.amount_fen <= MOST_FEN or not 0 < len(transfer.reference) <= 64 or transfer.received_at.tzinfo is None:
            raise ForgedNotice(reason="content")
        return transfer

    def answer(self, ok: bool, message: str = "") -> Answer:
        """200 ends it; anything else has the bank tell it again."""
        body = msgspec.json.encode({"code": "OK" if ok else "FAIL", "message": message})
        return (200 if ok else 500), {"Content-Type": "application/json"}, body

    def _waiting(self, account: ChannelAccount, number: str, order_number: str, amount_fen: int) -> RefundState:
        return RefundState(state="processing", number=number, order_number=order_number, mchid=account.mchid, amount_fen=amount_fen)


def signature(key: str, stamp: str, body: bytes) -> str:
    """HMAC-SHA256 over `<timestamp>.<raw body>`, lower-case hex."""
    return hmac.new(key.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
