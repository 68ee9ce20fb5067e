"""What UnionPay is asked: the fields of each request, before they are signed.

Gateway and phone payment of a directly connected merchant: bizType 000201, accessType 0 (UnionPay sheet §2, §5–§7, §9).
"""

import datetime as dt

from core.payments.channels.protocol import ChannelAccount, OrderRequest, RefundRequest
from core.payments.channels.unionpay.wire import AMBIGUOUS, stamp, wrapped

CONSUME, UNDO, REFUND, QUERY, FILE = "01", "31", "04", "00", "76"
"""The trades (txnType) we ask for."""
GOODS_LETTERS = 64


def payment_fields(account: ChannelAccount, order: OrderRequest) -> dict[str, str]:
    """A consumption, for the payer's browser or for the app (§5); the same order always gives the same fields."""
    fields = _common(
        account,
        CONSUME,
        "01",
        bizType="000201",
        channelType="07" if order.scene == "page" else "08",
        orderId=order.number,
        txnTime=stamp(order.placed_at),
        txnAmt=str(order.amount_fen),
        currencyCode="156",
        payTimeout=stamp(order.expires_at),
        backUrl=order.notify_url,
    )
    if order.return_url:
        fields["frontUrl"] = order.return_url
    if goods := " ".join(AMBIGUOUS.sub(" ", order.description).split()):
        fields["riskRateInfo"] = f"{{commodityName={goods[:GOODS_LETTERS]}}}"
    if order.attach:
        fields["reqReserved"] = wrapped(order.attach)
    return fields


def reversal_fields(account: ChannelAccount, refund: RefundRequest, query_id: str, txn_type: str) -> dict[str, str]:
    """A refund (04) or the undoing of a payment (31), with a number and a time of its own (§7).

    UnionPay names its order only by UnionPay's number; ours goes along as reqReserved, which notices, queries and files give back.
    """
    return _common(
        account,
        txn_type,
        "00",
        bizType="000201",
        channelType="07",
        orderId=refund.number,
        txnTime=stamp(refund.placed_at),
        txnAmt=str(refund.amount_fen),
        currencyCode="156",
        origQryId=query_id,
        reqReserved=refund.order.number,
        backUrl=refund.notify_url,
    )


def query_fields(account: ChannelAccount, number: str, placed_at: dt.datetime) -> dict[str, str]:
    """A question about any trade, by its own number and time (§6)."""
    return _common(account, QUERY, "00", bizType="000000", orderId=number, txnTime=stamp(placed_at))


def file_fields(account: ChannelAccount, day: dt.date, now: dt.datetime) -> dict[str, str]:
    """A request for the settlement file of a day (§9.1)."""
    return _common(account, FILE, "01", bizType="000000", channelType="07", settleDate=f"{day:%m%d}", txnTime=stamp(now), fileType="00")


def _common(account: ChannelAccount, txn_type: str, sub_type: str, **more: str) -> dict[str, str]:
    return {
        "version": "5.1.0",
        "encoding": "UTF-8",
        "signMethod": "01",
        "txnType": txn_type,
        "txnSubType": sub_type,
        "accessType": "0",
        "merId": account.mchid,
        **more,
    }
