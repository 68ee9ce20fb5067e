"""Rows that a business system posts itself, already in our words: the source `lines`, one JSON object a line."""

import datetime as dt
from collections.abc import Iterator
from typing import Annotated, BinaryIO, Literal

import msgspec
from msgspec import Meta

from core.clock import SHANGHAI
from core.money import MAX_FEN
from core.statements.protocol import CHUNK_ROWS, Expected, FileRefused, Line, Notes, RowFault, StatementSource
from core.web.i18n import N_

CODE = "lines"
LONGEST_LINE = 16 * 1024
Number = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[!-~]+$")]
Words = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00-\x1f]*$")]


class PostedLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payment or refund as the business system booked it. Amounts are whole fen, always positive; `kind` gives the direction.

    `number` is the order's number of a payment and the refund's number of a refund, whose order is `order_number`. `happened_at` names its
    zone, or is Shanghai's. `counts` false: it is kept and takes no part in matching (cash at a window).
    """

    channel: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]{1,30}$")]
    kind: Literal["pay", "refund"]
    number: Number
    amount_fen: Annotated[int, Meta(ge=0, le=MAX_FEN)]
    happened_at: dt.datetime
    order_number: Number | None = None
    fee_fen: Annotated[int, Meta(ge=-MAX_FEN, le=MAX_FEN)] | None = None
    channel_number: Number | None = None
    bill_number: Words | None = None
    serial: Words | None = None
    status: Words = ""
    counts: bool = True


_decode = msgspec.json.Decoder(PostedLine).decode


def read(content: BinaryIO, expected: Expected, notes: Notes) -> Iterator[list[Line]]:
    """Every line of the file; a line that does not fit is a fault of that row. Raises FileRefused."""
    chunk: list[Line] = []
    good = 0
    for line_no, raw in enumerate(iter(lambda: content.readline(LONGEST_LINE + 1), b""), 1):
        if len(raw) > LONGEST_LINE:
            raise FileRefused("not_a_statement", N_("有一行超过 16 KB，每行应是一个 JSON 对象"), line=line_no)
        if not raw.strip():
            continue
        notes.lines += 1
        line = _line(raw, line_no, expected, notes)
        if line is None:
            continue
        notes.ignored_lines += not line[4]
        good += 1
        chunk.append(line)
        if len(chunk) >= CHUNK_ROWS:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
    notes.check_days(good)
    if not notes.lines:
        notes.remarked("empty_day")


def _line(raw: bytes, line_no: int, expected: Expected, notes: Notes) -> Line | None:
    try:
        posted = _decode(raw)
    except msgspec.ValidationError as error:
        told, _, place = str(error).partition(" - at `$")
        return _refuse(notes, line_no, place.strip("`.") or "(row)", raw, "invalid_field", told)
    except msgspec.DecodeError as error:
        return _refuse(notes, line_no, "(row)", raw, "not_json", str(error))
    moment = posted.happened_at if posted.happened_at.tzinfo else posted.happened_at.replace(tzinfo=SHANGHAI)
    if moment.astimezone(SHANGHAI).date() != expected.day:
        return _refuse(notes, line_no, "happened_at", raw, "other_date", N_("时间不在账单日内"), posted.number)
    if posted.counts and not posted.amount_fen:
        return _refuse(notes, line_no, "amount_fen", raw, "zero_amount", N_("金额为零"), posted.number)
    signed = posted.amount_fen if posted.kind == "pay" else -posted.amount_fen
    order_number = posted.order_number or (posted.number if posted.kind == "pay" else None)
    return (
        notes.lines, line_no, posted.channel, posted.kind, posted.counts, posted.number, order_number, posted.channel_number, None,
        posted.amount_fen, posted.fee_fen, None if posted.fee_fen is None else signed - posted.fee_fen, moment, None, posted.status,
        posted.bill_number, posted.serial,
    )  # fmt: skip


def _refuse(notes: Notes, line_no: int, column: str, raw: bytes, code: str, message: str, number: str = "") -> None:
    value = raw.decode(errors="replace").strip()[:100]
    notes.fault(RowFault(notes.lines, line_no, number, column, value, code, message))


SOURCE = StatementSource(code=CODE, title=N_("业务系统推送的明细"), side="business", read=read, suffixes=(".jsonl", ".ndjson", ".gz"))
