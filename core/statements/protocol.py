"""What a statement source is: a reader of one kind of file that yields normalised lines and says what it found wrong.

A source is a stranger's to write too: register it with `register_statement_sources`. Readers are generators; nothing they read needs to fit
into memory. They raise `FileRefused` for a fault of the envelope (hash, encoding, merchant, date, totals, truncation): nothing of the file
is loaded then. A fault of one row goes to `notes.faults`, and the other rows are loaded.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import BinaryIO

import msgspec

COLUMNS = (
    "row_no",
    "line_no",
    "channel",
    "kind",
    "counts",
    "number",
    "order_number",
    "channel_number",
    "channel_order_number",
    "amount_fen",
    "fee_fen",
    "net_fen",
    "happened_at",
    "settle_on",
    "status",
    "bill_number",
    "serial",
)
"""A normalised line, as a plain tuple in this order: `row_no` from 1 after the header, `line_no` from 1 in the text. `number` is our order's
number of a payment and our refund's number of a refund. Amounts are positive fen, the kind gives the direction; a fee is the merchant's
cost, a returned one negative. `counts` is false for what takes no part in matching."""

Line = tuple[
    int, int, str, str, bool, str, str | None, str | None, str | None, int, int | None, int | None, dt.datetime | None, dt.date | None, str,
    str | None, str | None,
]  # fmt: skip
CHUNK_ROWS = 5_000


def readable(text: str, longest: int = 300) -> str:
    """Text from a file as it can be stored and shown: without control characters, shortened where it is endless."""
    shown = text if text.isprintable() else "".join(letter if letter.isprintable() else "�" for letter in text[: longest + 1])
    return shown if len(shown) <= longest else f"{shown[:longest]}…"


class FileRefused(Exception):
    """A file of which nothing may be loaded: `code` in the words of the samples (`summary_mismatch`), a message that says what to do."""

    def __init__(self, code: str, message: str, *, row: int = 0, line: int = 0, column: str = "", value: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = readable(message)
        self.row = row
        self.line = line
        self.column = readable(column)
        self.value = readable(value)


class RowFault(msgspec.Struct, frozen=True):
    """A row that was left out: where it stands, which column, what stands there, why."""

    row: int
    line: int
    number: str
    column: str
    value: str
    code: str
    message: str


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What a file was delivered as: whose (empty: the client has no number at this channel yet), of which day, with which announced hash."""

    day: dt.date
    merchants: frozenset[str] = frozenset()
    sha1: str | None = None
    file_name: str = ""


MAX_FAULTS = 1_000
MISSHAPEN = {"field_count", "bad_record_length", "bad_record", "not_json"}


class Notes(msgspec.Struct, kw_only=True):
    """What a reader found besides the lines: kept with the statement."""

    merchant: str = ""
    lines: int = 0
    ignored_lines: int = 0
    other_lines: int = 0
    """Lines of the file that are no trades at all (payouts, a channel's own fees): kept, counted apart from `lines`."""
    repairs: list[str] = []
    """Codes of what was put right (`bom`, `line_ends`, `column_order`, `unescaped_text`, …): the verdict is `accept_normalised` then."""
    remarks: list[str] = []
    """Codes that explain without having repaired anything (`empty_day`, `escaped_text`, `quoted_text`)."""
    faults: list[RowFault] = []
    facts: dict[str, object] = {}

    def repaired(self, code: str) -> None:
        """Note a repair, once."""
        if code not in self.repairs:
            self.repairs.append(code)

    def remarked(self, code: str) -> None:
        """Note something that needed no repair, once."""
        if code not in self.remarks:
            self.remarks.append(code)

    def fault(self, fault: RowFault) -> None:
        """Leave a row out; a file with more than `MAX_FAULTS` of them is no statement that anybody could work off, and is refused."""
        texts = {name: readable(getattr(fault, name)) for name in ("number", "column", "value", "message")}
        self.faults.append(msgspec.structs.replace(fault, **texts))
        if len(self.faults) >= MAX_FAULTS:
            self._refuse_for(self.faults)

    def check_days(self, loaded: int) -> None:
        """At a file's end: when every row is of another day, it is another day's file; when none has the right shape, it is none."""
        codes = {fault.code for fault in self.faults}
        if loaded or not codes:
            return
        if codes == {"other_date"}:
            self._refuse_for(self.faults)
        if codes <= MISSHAPEN:
            raise FileRefused("not_a_statement", "没有一行能对应到列上，请确认选对了文件和来源")

    @staticmethod
    def _refuse_for(faults: list[RowFault]) -> None:
        first = faults[0]
        place = {"row": first.row, "line": first.line, "column": first.column, "value": first.value}
        if all(fault.code == first.code for fault in faults) and first.code == "other_date":
            raise FileRefused("other_date", f"文件不是这一天的账单：第 {first.row} 行的{first.column}是 {first.value}", **place)
        raise FileRefused("too_many_faults", f"有 {len(faults)} 行读不通，首个在第 {first.row} 行：{first.message}；请重新导出后再交", **place)


class StatementSource(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of file: which side of the equation it tells of, which channel (empty: each line says), and how it is read.

    `read(content, expected, notes)` gets the uncompressed, unencrypted bytes of the file as a binary stream and yields lists of lines. A file
    in a container of its own (zip, xlsx) gets the container, and `lines(content)` yields its lines as a person reads them (where it is not
    given, the text is UTF-8). `cut_minutes` is when the channel's day ends, minutes after midnight (0: at midnight).
    `totals` is false for a format that prints no sums: half such a file looks like a short day.
    `sibling` sources share a channel and day with the one that is matched and take no part in matching (a fund flow beside a trade bill).
    """

    code: str
    title: str
    side: str
    read: Callable[[BinaryIO, Expected, Notes], Iterator[list[Line]]]
    channel: str = ""
    suffixes: tuple[str, ...] = (".csv", ".gz", ".txt")
    container: bool = False
    lines: Callable[[BinaryIO], Iterator[str]] | None = None
    matched: bool = True
    cut_minutes: int = 0
    totals: bool = True
