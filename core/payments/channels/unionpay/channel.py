"""UnionPay's all-channel gateway, ACP 5.1.0 (银联在线支付, 云闪付): browser and app payments, query, refund, undo, notices, settlement files.

Two things set it apart. An order reaches UnionPay with the payer's browser, so creating one calls nobody. And nothing may be sent twice:
what became of a request is asked by its own number and time, never found out by repeating it (UnionPay sheet §11).
"""

import datetime as dt
from collections.abc import Callable, Mapping

import httpx

from core import clock
from core.payments.channels.errors import (
    AlreadyPaid,
    ChannelRefused,
    ChannelShort,
    ChannelUnknown,
    ForgedNotice,
    OrderNotAtChannel,
    SceneNotOffered,
    StatementNotReady,
)
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
from core.payments.channels.unionpay import requests, statement, wire
from core.payments.channels.unionpay.account import CREDENTIALS
from core.payments.channels.unionpay.transport import FILE_SECONDS, Answered, Transport, refusal_of

FRONT, BACK, QUERY, APP = (f"/gateway/api/{name}.do" for name in ("frontTransReq", "backTransReq", "queryTrans", "appTransReq"))
FIFTY_THOUSAND_YUAN = 5_000_000
"""UnionPay publishes no ceiling of its own, cards have theirs; a bank sets what it wants by passing `limits`."""
DAY_CUT, CUT_MARGIN = dt.timedelta(hours=1), dt.timedelta(minutes=10)
"""UnionPay's day ends at 23:00; in its last minutes nothing is undone any more: clocks differ, and a call takes its time."""
FRESH = dt.timedelta(seconds=5)
"""A refund this young is being sent for the first time; about an older one UnionPay is asked before it is sent."""
ELEVEN_MONTHS_DAYS = 334


class UnionPay:
    """The UnionPay channel (`protocol.Channel`); one object serves every merchant number of every client.

    Credentials of an account: `sign_certificate` (the PKCS12 file in base64) with `sign_certificate_password`, or `sign_private_key` (PEM)
    with `cert_id` (decimal serial of its certificate); `root_certificate` and `middle_certificate` (PEM) that UnionPay's own signing
    certificate leads to; `file_url` only where settlement files are not at the gateway's sister host.
    """

    code = "unionpay"
    title = "银联在线支付"
    scenes: tuple[Scene, ...] = ("h5", "page", "app")
    refund_rules = RefundRules(window_days=ELEVEN_MONTHS_DAYS)
    credential_fields = CREDENTIALS
    closes_early = False
    """An order ends when its time is over, not before: the test button does not take that for a fault."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        limits: Mapping[str, int] | None = None,
        seconds_now: Callable[[], float] = clock.seconds,
    ) -> None:
        self.limits: Mapping[str, int] = limits or dict.fromkeys(self.scenes, FIFTY_THOUSAND_YUAN)
        self._transport = Transport(client, seconds_now)

    async def create(self, account: ChannelAccount, order: OrderRequest) -> Prepared:
        """Sign the form that the payer's browser posts, or fetch the number that the app opens (UnionPay sheet §5).

        An app order asked again is not answered again; it is then unknown, and a query decides.
        """
        if order.scene not in self.scenes:
            raise SceneNotOffered(title=self.title, scene=order.scene)
        fields = requests.payment_fields(account, order)
        if order.scene != "app":
            return Prepared(kind="form", value=_at(account, FRONT), params=self._transport.signed(account, fields))
        report = (await self._transport.call(account, _at(account, APP), fields)).report
        if report.resp_code != "00":
            raise refusal_of(report)
        if not report.tn or report.order_id != order.number:
            raise ChannelUnknown(reason="answer")
        return Prepared(kind="app", value=report.tn, params={"tn": report.tn})

    async def query(self, account: ChannelAccount, order: OrderRef) -> ChannelState:
        """What became of an order; `unknown` when UnionPay has no record of it, which just after its submission may pass.

        A failed attempt is final only when the order's time is up: until then the payer may try another card (§6).
        """
        answered = await self._asked(account, order.number, order.placed_at)
        if answered is None:
            return ChannelState(state="unknown", order_number=order.number, mchid=account.mchid, appid=account.appid)
        code = answered.report.orig_resp_code
        if code in wire.PAID_CODES:
            state = "succeeded"
        elif code in wire.UNDECIDED_CODES or self._transport.now() <= order.expires_at:
            state = "pending"
        else:
            state = "failed"
        return wire.order_state(state, answered.report, account, answered.raw)

    async def close(self, account: ChannelAccount, order: OrderRef) -> None:
        """UnionPay closes nothing on request: an unpaid order lapses by itself, and only then counts as closed (§2, payTimeout)."""
        state = await self.query(account, order)
        if state.paid:
            raise AlreadyPaid(channel_code="00", channel_message="")
        if self._transport.now() <= order.expires_at:
            raise ChannelRefused(channel_code="payTimeout", channel_message="银联订单不能提前关闭，到期后自动失效")
        if state.state == "pending":
            raise ChannelUnknown(reason="pending")
        if state.state == "unknown":
            raise OrderNotAtChannel(channel_code=wire.ABSENT, channel_message="")

    async def refund(self, account: ChannelAccount, refund: RefundRequest) -> RefundState:
        """Send money back (04), within eleven months, in part and repeatedly; accepted is `processing` until it is told or asked.

        Never sent again after a time-out: a refund that is not fresh is first asked about, a duplicate (12) is answered by a query.
        Undoing (31) is never chosen here: see `revoke`.
        """
        return await self._reverse(account, refund, requests.REFUND)

    def may_revoke(self, paid_at: dt.datetime, at: dt.datetime) -> bool:
        """Whether a payment is still of the settlement day that is running: from 23:00 to 23:00 in Beijing (§7)."""
        return paid_at <= at and clock.business_day(paid_at + DAY_CUT) == clock.business_day(at + DAY_CUT + CUT_MARGIN)

    async def revoke(self, account: ChannelAccount, refund: RefundRequest) -> RefundState:
        """Undo a whole payment (31) within its settlement day: the payer has the money back the same or the next day, not after up to ten (§7).

        `refund` never does this by itself: a refused undo has used up its number for good, and whoever asked begins another one.
        """
        if refund.amount_fen != refund.order.amount_fen:
            raise ChannelRefused(channel_code="36", channel_message="消费撤销只能撤销全额，部分退款请使用退货")
        return await self._reverse(account, refund, requests.UNDO)

    async def query_refund(self, account: ChannelAccount, refund: RefundRef) -> RefundState:
        """What became of a refund or an undo, by its own number and time; `closed` when it failed: a new one needs a new number."""
        return await self._refund_state(account, refund.number, refund.placed_at, refund.order.number)

    async def fetch_statement(self, account: ChannelAccount, day: dt.date) -> StatementFile | None:
        """The settlement file of a day, the zip as UnionPay made it (§9). UnionPay's day ends at 23:00.

        "No such file" means no trades only from the next morning on.
        """
        now = self._transport.now()
        fields = requests.file_fields(account, day, now)
        report = (await self._transport.call(account, statement.address(account), fields, FILE_SECONDS)).report
        if report.resp_code == wire.NO_FILE:
            if now < statement.ready_at(day):
                raise StatementNotReady(day=day.isoformat(), channel_code=report.resp_code, channel_message=report.resp_msg)
            return None
        if report.resp_code != "00":
            raise refusal_of(report)
        return statement.opened(report, account.mchid, day)

    async def refresh_keys(self, account: ChannelAccount) -> None:
        """Nothing to fetch: UnionPay sends its signing certificate along, and what it must lead to is configured."""

    def read_notice(self, account: ChannelAccount, headers: Mapping[str, str], body: bytes) -> Notice:
        """Verify a notification over all the fields of its body, then tell what it is about (§8).

        Only the body counts: what stood behind a `?` in the notify address is not UnionPay's word.
        """
        try:
            fields = wire.read_form(body)
            self._transport.verify(account, fields)
            return _told(account, wire.read_report(fields), body)
        except ValueError as error:
            raise ForgedNotice(reason="content") from error

    def answer(self, ok: bool, message: str = "") -> Answer:
        """200 ends the notification; anything else has it sent again, five times in all. Nobody reads the words."""
        return (200 if ok else 500), {"Content-Type": "text/plain; charset=utf-8"}, b"ok" if ok else (message or "fail").encode()

    async def _reverse(self, account: ChannelAccount, refund: RefundRequest, txn_type: str) -> RefundState:
        if self._transport.now() - refund.placed_at > FRESH:
            known = await self._refund_state(account, refund.number, refund.placed_at, refund.order.number)
            if known.state != "unknown":
                return known
        fields = requests.reversal_fields(account, refund, await self._query_id(account, refund.order), txn_type)
        answered = await self._transport.call(account, _at(account, BACK), fields)
        code = answered.report.resp_code
        if code in wire.PAID_CODES and answered.report.order_id == refund.number:
            return wire.refund_state("processing", answered.report, refund.order.number, answered.raw)
        if code == wire.DUPLICATE or code in wire.UNDECIDED_CODES:
            return await self._sent_before(account, refund)
        if code == wire.SHORT:
            raise ChannelShort(channel_code=code, channel_message=answered.report.resp_msg)
        raise ChannelUnknown(reason="answer") if code in wire.PAID_CODES else refusal_of(answered.report)

    async def _sent_before(self, account: ChannelAccount, refund: RefundRequest) -> RefundState:
        """A refund that UnionPay may have: its own record of it, or nobody knows yet."""
        state = await self._refund_state(account, refund.number, refund.placed_at, refund.order.number)
        if state.state == "unknown":
            raise ChannelUnknown(reason=wire.ABSENT)
        return state

    async def _query_id(self, account: ChannelAccount, order: OrderRef) -> str:
        """UnionPay's own number of the payment, asked for where it is not known."""
        if order.channel_txn_id:
            return order.channel_txn_id
        state = await self.query(account, order)
        if not state.paid or not state.channel_txn_id:
            raise ChannelRefused(channel_code="35", channel_message="原交易不存在或尚未成功")
        return state.channel_txn_id

    async def _refund_state(self, account: ChannelAccount, number: str, placed_at: dt.datetime, order_number: str) -> RefundState:
        answered = await self._asked(account, number, placed_at)
        if answered is None:
            return RefundState(state="unknown", number=number, order_number=order_number, mchid=account.mchid)
        status = wire.refund_status(answered.report.orig_resp_code or "")
        return wire.refund_state(status, answered.report, order_number, answered.raw)

    async def _asked(self, account: ChannelAccount, number: str, placed_at: dt.datetime) -> Answered | None:
        """UnionPay's record of a trade; None where it has none. Raises ChannelUnknown, ChannelRefused."""
        answered = await self._transport.call(account, _at(account, QUERY), requests.query_fields(account, number, placed_at))
        report = answered.report
        if report.resp_code == wire.ABSENT or (report.resp_code == "00" and report.orig_resp_code == wire.ABSENT):
            return None
        if report.resp_code != "00":
            raise refusal_of(report)
        if (report.order_id, report.txn_time) != (number, wire.stamp(placed_at)) or not report.orig_resp_code:
            raise ChannelUnknown(reason="answer")
        return answered


def _at(account: ChannelAccount, path: str) -> str:
    return account.base_url.rstrip("/") + path


def _told(account: ChannelAccount, report: wire.Report, raw: bytes) -> Notice:
    """A verified notification in our words. A refund names its order by what we sent along (reqReserved)."""
    done = report.resp_code in wire.PAID_CODES
    event_id = report.query_id or f"{report.order_id}{report.txn_time}"
    event_type = f"{report.txn_type}.{report.resp_code}"
    if report.txn_type == requests.CONSUME:
        state = wire.order_state("succeeded" if done else "pending", report, account, raw)
        return Notice(kind="payment", event_id=event_id, event_type=event_type, state=state)
    if report.txn_type in (requests.REFUND, requests.UNDO):
        order = ChannelState(
            state="refunded" if done else "succeeded",
            order_number=report.req_reserved or "",
            mchid=report.mer_id,
            appid=account.appid,
            channel_txn_id=report.orig_qry_id,
            currency=wire.currency_of(report),
            raw=raw,
        )
        refund = wire.refund_state(wire.refund_status(report.resp_code), report, report.req_reserved or "", raw)
        return Notice(kind="refund", event_id=event_id, event_type=event_type, state=order, refund=refund)
    return Notice(kind="other", event_id=event_id, event_type=event_type, state=ChannelState(state="unknown", order_number="", raw=raw))
