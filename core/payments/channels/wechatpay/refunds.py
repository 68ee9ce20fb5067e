"""Refunds in the words of WeChat Pay API v3 (§7, §8): taken is not done, and an abnormal one waits at WeChat Pay for somebody to send it on."""

import datetime as dt

import msgspec

from core.payments.channels.protocol import ChannelAccount, ChannelState, RefundRequest, RefundRules, RefundState, RefundStatus
from core.payments.channels.wechatpay import modes
from core.payments.channels.wechatpay.wire import Merchant, within

REFUNDS = "/v3/refund/domestic/refunds"
RULES = RefundRules(window_days=365, most=50, spacing_seconds=60)
STATES: dict[str, RefundStatus] = {"PROCESSING": "processing", "SUCCESS": "succeeded", "CLOSED": "closed", "ABNORMAL": "failed"}
WORDS = {
    "CLOSED": "退款已关闭：处理超过 7 天且商户号余额不足，需换一个退款单号",
    "ABNORMAL": "退款异常：付款人的卡已作废或被冻结，钱已离开商户号、停在微信支付，须先发起异常退款，不要直接改为线下转账",
}
SENT_BACK = "退款已退回商户结算账户，付款人没有收到"
_MERCHANT_RECEIVED = ("商户", "退还商户", "退回商户")
"""How `user_received_account` begins when an abnormal refund was sent back to the merchant instead of to the payer."""


class RefundAmount(msgspec.Struct, frozen=True):
    total: int
    refund: int
    payer_total: int | None = None


class RefundReport(Merchant, frozen=True, kw_only=True):
    """A refund in an answer (`status`) or in a notification (`refund_status`)."""

    out_trade_no: str
    out_refund_no: str
    amount: RefundAmount
    status: str = ""
    refund_status: str = ""
    refund_id: str | None = None
    transaction_id: str | None = None
    success_time: dt.datetime | None = None
    user_received_account: str = ""

    @property
    def standing(self) -> str:
        """The refund's state under whichever name it came."""
        return self.status or self.refund_status


read_refund = msgspec.json.Decoder(RefundReport).decode


def refund_body(account: ChannelAccount, refund: RefundRequest) -> bytes:
    """The JSON of a refund; the same refund always gives the same bytes, so that asking again is idempotent (§13)."""
    body = {
        **modes.sub_ids(account),
        "out_trade_no": refund.order.number,
        "out_refund_no": refund.number,
        "reason": within(refund.reason, 80),
        "notify_url": refund.notify_url,
        "amount": {"refund": refund.amount_fen, "total": refund.order.amount_fen, "currency": refund.order.currency},
    }
    return msgspec.json.encode({name: value for name, value in body.items() if value != ""})


def refund_state(account: ChannelAccount, report: RefundReport, raw: bytes, *, notified: bool = False) -> RefundState:
    """A refund as WeChat Pay reports it; answers name no merchant, because they are given to the one that signed."""
    state, reason = what_became(report)
    return RefundState(
        state=state,
        number=report.out_refund_no,
        order_number=report.out_trade_no,
        mchid=report.mchid_for(account) if notified else account.mchid,
        amount_fen=report.amount.refund,
        reference=report.refund_id,
        reason=reason,
        stranded=state == "failed",
        refunded_at=report.success_time.astimezone(dt.UTC) if report.success_time else None,
        raw=raw,
    )


def what_became(report: RefundReport) -> tuple[RefundStatus, str]:
    """A refund's state for the payer, and why; what this program does not know is asked about again."""
    if report.standing == "SUCCESS" and report.user_received_account.startswith(_MERCHANT_RECEIVED):
        return "closed", SENT_BACK
    return STATES.get(report.standing, "processing"), WORDS.get(report.standing, "")


def order_behind(account: ChannelAccount, report: RefundReport, raw: bytes) -> ChannelState:
    """The order behind a refund notification: paid in any case, refunded only if this refund went through.

    WeChat Pay does not repeat the appid here, so it is taken to be the account's.
    """
    return ChannelState(
        state="refunded" if what_became(report)[0] == "succeeded" else "succeeded",
        order_number=report.out_trade_no,
        mchid=report.mchid_for(account),
        appid=account.appid,
        channel_txn_id=report.transaction_id,
        amount_fen=report.amount.total,
        currency="CNY",
        raw=raw,
    )
