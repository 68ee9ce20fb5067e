"""Our own export of payments and refunds: for reconciling a day of which only files are at hand, and for other people's engines."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO

from core.clock import business_day
from core.statements.protocol import CHUNK_ROWS, Expected, Line, Notes, StatementSource
from core.statements.sources.faults import fault
from core.statements.sources.tables import rows
from core.web.i18n import N_

LAYOUT = "merchant_order_no channel type amount_fen fee_fen status paid_at bill_no merchant_refund_no".split()
SETTLED = {"pay": "succeeded", "refund": "success"}
"""The status in which a payment and a refund take part; every other row is kept beside."""
KINDS = {"PAY": "pay", "REFUND": "refund"}
LONGEST = 64


def read(content: BinaryIO, expected: Expected, notes: Notes) -> Iterator[list[Line]]:
    """The lines of an export; closed, failed and pending rows are ignored lines."""
    chunk: list[Line] = []
    loaded = 0
    for row_no, line_no, values in rows(content, LAYOUT, LAYOUT, notes):
        order, channel, type_, amount, fee, status, paid_at, bill, refund = values
        kind = KINDS.get(type_, "")
        number = refund if kind == "refund" else order
        counts = status == SETTLED.get(kind)
        at = _instant(paid_at) if paid_at else None
        amount_fen, fee_fen = _fen(amount), _fen(fee or "0")
        wrong = _fault(values, kind, number, amount_fen, fee_fen)
        if not wrong and (counts or paid_at):
            wrong = ("paid_at", "bad_time") if at is None else ("paid_at", "other_date") if business_day(at) != expected.day else None
        if wrong:
            column, code = wrong
            notes.fault(fault(row_no, line_no, order, column, values[LAYOUT.index(column)], code))
            continue
        loaded += at is not None
        notes.ignored_lines += not counts
        original = order if kind == "refund" else None
        chunk.append(
            (row_no, line_no, channel, kind, counts, number, original, None, None, amount_fen, fee_fen, None, at, None, status, bill or None,
             None)
        )  # fmt: skip
        if len(chunk) >= CHUNK_ROWS:
            yield chunk
            chunk = []
    notes.check_days(loaded)
    if chunk:
        yield chunk


def _fault(values: tuple[str, ...], kind: str, number: str, amount_fen: int | None, fee_fen: int | None) -> tuple[str, str] | None:
    """The first column that is wrong, and how."""
    if not kind:
        return "type", "unknown_kind"
    column = "merchant_refund_no" if kind == "refund" else "merchant_order_no"
    if not number:
        return column, "missing_key"
    if len(number) > LONGEST:
        return column, "too_long_key"
    if not values[1]:
        return "channel", "unknown_channel"
    if amount_fen is None or fee_fen is None:
        return ("amount_fen" if amount_fen is None else "fee_fen"), "bad_amount"
    if amount_fen < 0:
        return "amount_fen", "negative_refund" if kind == "refund" else "negative_payment"
    return None


def _fen(printed: str) -> int | None:
    digits = printed.removeprefix("-")
    return int(printed) if digits.isascii() and digits.isdigit() and len(digits) <= 15 else None


def _instant(printed: str) -> datetime | None:
    """An RFC 3339 time with its zone."""
    try:
        at = datetime.fromisoformat(printed)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else None


SOURCE = StatementSource(code="platform", title=N_("平台收款明细"), side="platform", read=read)
