"""The words of UnionPay ACP 5.1.0: how an answer or a notification is cut into fields, and what they mean to us (UnionPay sheet §2–§10)."""

import base64
import binascii
import datetime as dt
import re
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import parse_qsl

import msgspec

from core.clock import SHANGHAI
from core.payments.channels.protocol import PAID_STATES, ChannelAccount, ChannelState, RefundState, RefundStatus, State

PAID_CODES = frozenset({"00", "A6"})
"""A6 is a success with a defect: still the payer's money (§10)."""
UNDECIDED_CODES = frozenset({"03", "04", "05"})
"""Time-out, state unknown, accepted: only a query tells."""
DUPLICATE, ABSENT, TOO_OFTEN, SHORT, NO_FILE = "12", "34", "37", "64", "98"
LONGEST_MESSAGE_FIELDS = 100
AMBIGUOUS = re.compile(r"[&={}\[\]\"']")
"""Letters that a reader of an answer could take for its structure (§2)."""
_BRACKET = re.compile(r"[{}\[\]]")
_WRAPPED = "b64."

Number = Annotated[str, msgspec.Meta(pattern=r"\A[0-9A-Za-z]{1,40}\Z")]
Digits = Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{1,21}\Z")]
Code = Annotated[str, msgspec.Meta(pattern=r"\A[0-9A-Z]{2}\Z")]
Stamp = Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{14}\Z")]
Amount = Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{1,12}\Z")]


class Report(msgspec.Struct, frozen=True, rename="camel"):
    """A signed answer or notification, as far as we act on it.

    The patterns matter: the signed text joins fields with `&`, so a value that could hold one might be two fields run together.
    """

    resp_code: Code
    resp_msg: str = ""
    mer_id: Digits = ""
    order_id: Number = ""
    txn_time: Stamp = ""
    txn_type: Code = ""
    txn_amt: Amount | None = None
    currency_code: Digits | None = None
    query_id: Digits | None = None
    trace_time: Digits | None = None
    orig_resp_code: Code | None = None
    orig_resp_msg: str = ""
    orig_qry_id: Digits | None = None
    req_reserved: str | None = None
    tn: Number | None = None
    file_name: str = ""
    file_content: str = ""

    @property
    def amount_fen(self) -> int | None:
        """The amount in fen, as it travels."""
        return None if self.txn_amt is None else int(self.txn_amt)

    @property
    def finished_at(self) -> dt.datetime | None:
        """When UnionPay passed the trade on; its stamp has no year, the order's has."""
        return traced_at(self.trace_time, self.txn_time) if self.trace_time else None


def read_answer(body: bytes) -> dict[str, str]:
    """The fields of an answer: `k=v&k=v`, not URL-encoded; an `&` inside {…} or […] belongs to the value. Raises ValueError."""
    fields: dict[str, str] = {}
    name, value, closing = "", "", ""
    for piece in body.decode().split("&"):
        if closing:
            value += "&" + piece
            closing = _closing(piece, closing)
        else:
            name, equals, value = piece.partition("=")
            if not name or not equals or name in fields:
                raise ValueError("not the fields of an answer")
            closing = _closing(value, "")
        fields[name] = value
    return fields


def _closing(text: str, awaited: str) -> str:
    """The bracket that is still to come after a piece of a value; empty when none is."""
    for letter in _BRACKET.findall(text):
        if awaited:
            awaited = "" if letter == awaited else awaited
        else:
            awaited = {"{": "}", "[": "]"}.get(letter, "")
    return awaited


def read_form(body: bytes) -> dict[str, str]:
    """The fields of a notification: an ordinary form in UTF-8, each name once. Raises ValueError."""
    pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=LONGEST_MESSAGE_FIELDS)
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a field comes twice")
    return fields


def read_report(fields: Mapping[str, str]) -> Report:
    """What verified fields say; empty ones say nothing. Raises ValueError."""
    return msgspec.convert({name: value for name, value in fields.items() if value}, Report)


def stamp(at: dt.datetime) -> str:
    """An instant as UnionPay writes it: Beijing time, fourteen digits."""
    return f"{at.astimezone(SHANGHAI):%Y%m%d%H%M%S}"


def moment(stamp: str) -> dt.datetime:
    """The instant of a stamp. Raises ValueError."""
    year, *rest = int(stamp[:4]), *(int(stamp[at : at + 2]) for at in range(4, 14, 2))
    return dt.datetime(year, *rest, tzinfo=SHANGHAI)


def traced_at(trace_time: str, txn_time: str) -> dt.datetime | None:
    """The instant of a MMDDhhmmss stamp: of the years around the order's, the first in which it does not precede the order by a day."""
    if len(trace_time) != 10 or not txn_time:
        return None
    placed = moment(txn_time)
    for year in (placed.year - 1, placed.year, placed.year + 1):
        try:
            at = moment(f"{year}{trace_time}")
        except ValueError:
            continue
        if at > placed - dt.timedelta(days=1):
            return at.astimezone(dt.UTC)
    return None


def wrapped(attach: str) -> str:
    """A text as reqReserved carries it: as it is, or in base64 where its letters would confuse a reader of the answer (§2)."""
    if not AMBIGUOUS.search(attach) and attach.isprintable() and not attach.startswith(_WRAPPED):
        return attach
    return _WRAPPED + base64.urlsafe_b64encode(attach.encode()).decode().rstrip("=")


def unwrapped(reserved: str | None) -> str | None:
    """The text we sent as reqReserved."""
    if not reserved or not reserved.startswith(_WRAPPED):
        return reserved
    packed = reserved.removeprefix(_WRAPPED)
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        return reserved


def currency_of(report: Report) -> str | None:
    """The currency in letters; a foreign one stays a number, which then differs from ours."""
    return "CNY" if report.currency_code == "156" else report.currency_code


def order_state(state: State, report: Report, account: ChannelAccount, raw: bytes) -> ChannelState:
    """A payment as UnionPay reports it. UnionPay knows no application id: the account's own stands in."""
    return ChannelState(
        state=state,
        order_number=report.order_id,
        mchid=report.mer_id,
        appid=account.appid,
        channel_txn_id=report.query_id if state in PAID_STATES else None,
        amount_fen=report.amount_fen,
        currency=currency_of(report),
        paid_at=report.finished_at if state in PAID_STATES else None,
        attach=unwrapped(report.req_reserved),
        raw=raw,
    )


def refund_state(status: RefundStatus, report: Report, order_number: str, raw: bytes) -> RefundState:
    """A refund as UnionPay reports it."""
    return RefundState(
        state=status,
        number=report.order_id,
        order_number=order_number,
        mchid=report.mer_id,
        amount_fen=report.amount_fen,
        reference=report.query_id,
        reason="" if status == "succeeded" else report.orig_resp_msg or report.resp_msg,
        refunded_at=report.finished_at if status == "succeeded" else None,
        raw=raw,
    )


def refund_status(code: str) -> RefundStatus:
    """What a code says of a refund; a failed one is `closed`, because its number can never be sent again (§11)."""
    if code in PAID_CODES:
        return "succeeded"
    if code in UNDECIDED_CODES:
        return "processing"
    return "unknown" if code == ABSENT else "closed"
