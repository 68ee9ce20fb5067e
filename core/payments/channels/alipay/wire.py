"""The words of Alipay's open platform: what its answers and notifications say, and what that means to us (Alipay §3–§9)."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import msgspec

from core.clock import SHANGHAI
from core.payments.channels.protocol import ChannelAccount, ChannelState, OrderRef, RefundRef, RefundState, State

TIME = "%Y-%m-%d %H:%M:%S"
STATES: dict[str, State] = {
    "WAIT_BUYER_PAY": "pending",
    "TRADE_SUCCESS": "succeeded",
    "TRADE_FINISHED": "succeeded",
    "TRADE_CLOSED": "closed",
}
DONE = "10000"
ACCEPTED = frozenset({DONE, "10003"})
"""Done, or the buyer is still asked for a password (pay code)."""
UNDECIDED = frozenset({"20000", "40005"})
"""Nothing is known, or too many calls: only a query tells."""
UNSIGNED_REFUSALS = frozenset({"20001", "40001", "40002", "40003", "40006"})
"""The gateway turns a call away before any business sees it, and does not sign that (§3)."""
UNDECIDED_CODES = frozenset({"ACQ.SYSTEM_ERROR", "SYSTEM_ERROR", "SYSTEM_RATE_LIMIT", "USER_RATE_LIMIT", "isv.app-call-limited"})
PAID_CODES = frozenset({"ACQ.TRADE_HAS_SUCCESS", "ACQ.TRADE_HAS_FINISHED"})
ABSENT_CODES = frozenset({"ACQ.TRADE_NOT_EXIST"})
CLOSED_CODES = frozenset({"ACQ.TRADE_HAS_CLOSE"})
WRONG_STATE_CODES = frozenset({"ACQ.TRADE_STATUS_ERROR", "ACQ.REASON_TRADE_STATUS_INVALID", "ACQ.REASON_ILLEGAL_STATUS"})
"""Paid or closed, it does not say which: ask."""
SHORT_CODES = frozenset({"ACQ.SELLER_BALANCE_NOT_ENOUGH"})
NO_BILL_CODES = frozenset({"NO_BILL_DATA"})
BILL_LATER_CODES = frozenset({"BILL_NOT_EXIST"})

_AMOUNT = re.compile(r"[0-9]{1,11}(\.[0-9]{1,2})?")


class Result(msgspec.Struct, frozen=True):
    """How a call went; every answer begins with this."""

    code: str
    msg: str = ""
    sub_code: str = ""
    sub_msg: str = ""


class Trade(msgspec.Struct, frozen=True):
    """An order in a query's answer."""

    out_trade_no: str
    trade_status: str
    total_amount: str
    trade_no: str | None = None
    buyer_pay_amount: str | None = None
    send_pay_date: str | None = None
    buyer_user_id: str | None = None
    buyer_open_id: str | None = None


class Ready(msgspec.Struct, frozen=True):
    """The answer to a new order: a QR code, or the number of a trade that now exists; to a close, the same without the code."""

    out_trade_no: str
    qr_code: str = ""
    trade_no: str = ""


class Cancelled(msgspec.Struct, frozen=True):
    """The answer to a cancel: whether to ask again, and what it came to."""

    out_trade_no: str
    retry_flag: str = "N"
    action: str = ""


class Refunded(msgspec.Struct, frozen=True):
    """The answer to a refund; `refund_fee` is all that ever went back of this trade."""

    out_trade_no: str
    refund_fee: str
    trade_no: str | None = None
    fund_change: str = ""
    gmt_refund_pay: str | None = None


class RefundFound(msgspec.Struct, frozen=True):
    """The answer to a refund query; an unknown request number gives the same answer without these fields (§6)."""

    out_trade_no: str = ""
    out_request_no: str = ""
    refund_amount: str = ""
    refund_status: str = ""
    gmt_refund_pay: str | None = None


class BillAddress(msgspec.Struct, frozen=True):
    bill_download_url: str


read_envelope = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
read_text = msgspec.json.Decoder(str).decode
read_result = msgspec.json.Decoder(Result).decode
read_trade = msgspec.json.Decoder(Trade).decode
read_ready = msgspec.json.Decoder(Ready).decode
read_cancelled = msgspec.json.Decoder(Cancelled).decode
read_refunded = msgspec.json.Decoder(Refunded).decode
read_refund_found = msgspec.json.Decoder(RefundFound).decode
read_bill_address = msgspec.json.Decoder(BillAddress).decode


def answer_key(method: str) -> str:
    """Under which name an answer holds its content: `alipay.trade.query` → `alipay_trade_query_response`."""
    return method.replace(".", "_") + "_response"


def fen(text: str) -> int:
    """Yuan as Alipay writes them (`88.88`) in fen. Raises ValueError."""
    if not _AMOUNT.fullmatch(text):
        raise ValueError(f"not an amount: {text!r}")
    whole, _, rest = text.partition(".")
    return int(whole) * 100 + int(rest.ljust(2, "0") or 0)


def yuan(amount_fen: int) -> str:
    """Fen as Alipay writes yuan: 8888 → `88.88`, no thousands separators."""
    return f"{amount_fen // 100}.{amount_fen % 100:02d}"


def local(at: dt.datetime) -> str:
    """An instant as Alipay writes it: Beijing time, whole seconds, no offset."""
    return at.astimezone(SHANGHAI).strftime(TIME)


def instant(text: str) -> dt.datetime:
    """The instant a Beijing time names (some come with milliseconds). Raises ValueError."""
    at = dt.datetime.fromisoformat(text)
    if at.tzinfo is not None:
        raise ValueError(f"not a Beijing time: {text!r}")
    return at.replace(tzinfo=SHANGHAI).astimezone(dt.UTC)


def order_state(account: ChannelAccount, trade: Trade, raw: bytes) -> ChannelState:
    """An order as a query reports it.

    A query's answer names neither the seller nor the app: it was signed for the app that asked, about that app's own trades, so these are
    the account's. `TRADE_CLOSED` is also what a wholly refunded trade becomes; only a paid one has a payment date.
    """
    state = STATES.get(trade.trade_status, "unknown")
    return ChannelState(
        state="refunded" if state == "closed" and trade.send_pay_date else state,
        order_number=trade.out_trade_no,
        mchid=account.mchid,
        appid=account.appid,
        channel_txn_id=trade.trade_no,
        amount_fen=fen(trade.total_amount),
        currency="CNY",
        payer_paid_fen=fen(trade.buyer_pay_amount) if trade.buyer_pay_amount else None,
        paid_at=instant(trade.send_pay_date) if trade.send_pay_date else None,
        payer_ref=trade.buyer_open_id or trade.buyer_user_id,
        raw=raw,
    )


def unknown_order(account: ChannelAccount, order: OrderRef) -> ChannelState:
    """An order Alipay has never heard of, or whose payer has not reached the cashier."""
    return ChannelState(state="unknown", order_number=order.number, mchid=account.mchid, appid=account.appid)


def tells_of_refund(told: Mapping[str, str]) -> bool:
    """Whether a notification is about money going back: a trade closed for want of payment has none of these (§7)."""
    return bool(told.get("gmt_refund") or told.get("out_biz_no") or fen(told.get("refund_fee") or "0"))


def told_state(told: Mapping[str, str], raw: bytes) -> ChannelState:
    """An order as a notification reports it. Raises KeyError, ValueError."""
    state = STATES.get(told["trade_status"], "unknown")
    return ChannelState(
        state="refunded" if state == "closed" and tells_of_refund(told) else state,
        order_number=told["out_trade_no"],
        mchid=told.get("seller_id", ""),
        appid=told.get("app_id", ""),
        channel_txn_id=told.get("trade_no"),
        amount_fen=fen(told["total_amount"]),
        currency="CNY",
        payer_paid_fen=fen(told["buyer_pay_amount"]) if told.get("buyer_pay_amount") else None,
        paid_at=instant(told["gmt_payment"]) if told.get("gmt_payment") else None,
        payer_ref=told.get("buyer_open_id") or told.get("buyer_id"),
        attach=unquote(told["passback_params"]) if told.get("passback_params") else None,
        raw=raw,
    )


def told_refund(told: Mapping[str, str], raw: bytes) -> RefundState | None:
    """The refund a notification tells of, where it names one. Its amount is not said: `refund_fee` is the sum of all refunds of the trade."""
    if not told.get("out_biz_no"):
        return None
    at = told.get("gmt_refund")
    return RefundState(
        state="succeeded" if at else "unknown",
        number=told["out_biz_no"],
        order_number=told["out_trade_no"],
        mchid=told.get("seller_id", ""),
        refunded_at=instant(at) if at else None,
        raw=raw,
    )


def found_refund(account: ChannelAccount, refund: RefundRef, found: RefundFound, raw: bytes) -> RefundState:
    """A refund as its query reports it: gone through only where it says `REFUND_SUCCESS`; otherwise Alipay has no record of it."""
    facts: dict[str, Any] = {"number": refund.number, "order_number": refund.order.number, "mchid": account.mchid, "raw": raw}
    if not found.refund_status:
        return RefundState(state="unknown", **facts)
    return RefundState(
        state="succeeded" if found.refund_status == "REFUND_SUCCESS" else "processing",
        amount_fen=fen(found.refund_amount),
        refunded_at=instant(found.gmt_refund_pay) if found.gmt_refund_pay else None,
        **facts,
    )
