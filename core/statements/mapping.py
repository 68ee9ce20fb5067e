"""The reader of a field map: a laid-out file as normalised lines, strictly, a chunk at a time."""

import datetime as dt
import io
from collections.abc import Callable, Iterator
from typing import BinaryIO

from core.clock import SHANGHAI
from core.imports.sheets import Cell
from core.statements import mapping_values as values
from core.statements.layouts import PLACES, Layout, ordinal_of
from core.statements.mapping_records import Record, cut, data_of, headings, place_of, records
from core.statements.mapping_values import CellFault
from core.statements.protocol import CHUNK_ROWS, Expected, FileRefused, Line, Notes, RowFault, StatementSource
from core.web.i18n import N_

PREFIX = "map-"
SUFFIXES = {"delimited": (".csv", ".txt", ".tsv", ".dat", ".gz"), "fixed": (".txt", ".dat", ".gz"), "excel": (".xlsx", ".xls")}
FIRST_FAULTS = 200
"""So many rows at the beginning without a single good one: it is another file."""
SHOWN_VALUE = 100


def source_for(code: str, title: str, side: str, channel: str, layout: Layout, version: int) -> StatementSource:
    """The source that a field map stands for."""

    def read(content: BinaryIO, expected: Expected, notes: Notes) -> Iterator[list[Line]]:
        notes.facts["map_version"] = version
        return read_mapped(content, expected, notes, layout, channel)

    return StatementSource(
        code=PREFIX + code, title=title, side=side, channel=channel, read=read, suffixes=SUFFIXES[layout.format],
        container=layout.format == "excel", lines=lambda content: _lines(content, layout),
    )  # fmt: skip


def _lines(content: BinaryIO, layout: Layout) -> Iterator[str]:
    """The lines of the original as a person reads them."""
    if layout.format == "excel":
        return ("\t".join(str(cell) for cell in record.cells) for record in records(content, layout))
    return io.TextIOWrapper(content, layout.encoding, "replace", newline="\n")


def read_mapped(content: BinaryIO, expected: Expected, notes: Notes, layout: Layout, channel: str) -> Iterator[list[Line]]:
    """Read a whole file: lines in chunks, faults and what else was found in `notes`. Raises FileRefused."""
    titles, rest = headings(records(content, layout), layout)
    row = Row(layout, channel, titles, expected)
    chunk: list[Line] = []
    for record in data_of(rest, layout):
        if row.is_total(record):
            continue
        notes.lines += 1
        try:
            line = row.read(record, notes.lines)
        except RowRefused as refused:
            notes.fault(refused.fault)
            if not row.good and len(notes.faults) >= FIRST_FAULTS:
                raise nothing_right(notes) from refused
            continue
        notes.ignored_lines += not line[4]
        chunk.append(line)
        if len(chunk) >= CHUNK_ROWS:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
    notes.check_days(row.good)
    if notes.faults and not row.good:
        raise nothing_right(notes)
    row.finish(notes)


def nothing_right(notes: Notes) -> FileRefused:
    """A file in which nothing is right is not full of faults: it is another file, and its first fault says how."""
    first = notes.faults[0]
    message = N_("几乎每一行都有问题，请核对日期、文件和字段映射")
    return FileRefused(first.code, message, row=first.row, line=first.line, column=first.column, value=first.value)


class RowRefused(Exception):
    """A row that is left out."""

    def __init__(self, fault: RowFault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class Row:
    """Reads one record after the other, and keeps what a total row is compared with."""

    def __init__(self, layout: Layout, channel: str, titles: list[str], expected: Expected) -> None:
        self.layout = layout
        self.good = 0
        self._channel, self._expected = channel, expected
        self._sums = {"pay": 0, "refund": 0}
        self._all = {"pay": 0, "refund": 0, "adjustment": 0}
        self._total: Record | None = None
        self._merchant, self._name = "", ""
        self._record = Record(0, [])
        self._begins = dt.datetime.combine(expected.day, dt.time(), SHANGHAI)
        self._ends = self._begins + dt.timedelta(days=1)
        self._at = {} if layout.format == "fixed" else {name: _index(getattr(layout, name), titles) for name, _ in PLACES if getattr(layout, name)}
        self._kinds = {
            **dict.fromkeys(layout.kind_pay, "pay"), **dict.fromkeys(layout.kind_refund, "refund"),
            **dict.fromkeys(layout.kind_other, "adjustment"),
        }  # fmt: skip

    def cell(self, record: Record, name: str) -> Cell:
        """What stands in the place of a field; nothing where the line is too short."""
        if self.layout.format == "fixed":
            place = getattr(self.layout, name)
            try:
                return cut(str(record.cells[0]), place, self.layout.encoding) if place else ""
            except UnicodeDecodeError:
                raise CellFault("wrong_encoding", N_("字节无法按所选编码解读，请核对字节范围")) from None
        at = self._at.get(name)
        return "" if at is None or at >= len(record.cells) else record.cells[at]

    def is_total(self, record: Record) -> bool:
        """Whether this is the row of the totals; it is kept for the end."""
        mark = self.layout.total_mark
        if not mark or not any(str(cell).strip().startswith(mark) for cell in record.cells[:3]):
            return False
        self._total = record
        return True

    def read(self, record: Record, row_no: int, *, any_day: bool = False) -> Line:
        """One normalised line; `any_day` where a sample is looked at. Raises RowRefused with the first thing that is wrong."""
        self._record, self._name = record, ""
        try:
            return self._line(row_no, any_day)
        except CellFault as fault:
            raise RowRefused(self._fault(row_no, fault)) from fault

    def _fault(self, row_no: int, fault: CellFault) -> RowFault:
        """What is wrong, in which column, beside the number a person would look for, however bad that is."""
        name = self._name
        try:
            shown = str(self.cell(self._record, name))[:SHOWN_VALUE]
            said = values.text(self.cell(self._record, "number"))[: values.LONGEST_NUMBER]
        except CellFault:
            shown = said = ""
        return RowFault(row_no, self._record.line, said, getattr(self.layout, name) or name, shown, fault.code, fault.message)

    def _take(self, name: str) -> Cell:
        """The cell of a field, which is to blame for what is found wrong until the next one is taken."""
        self._name = name
        return self.cell(self._record, name)

    def _line(self, row_no: int, any_day: bool) -> Line:
        layout = self.layout
        signed = values.fen(self._take("amount"), layout.amount_unit)
        kind = self._kind(self._take("kind"), signed)
        channel, known = self._channel_of(self._take("channel")) if layout.channel else (self._channel, True)
        status = values.plain(self._take("status")) or "" if layout.status else ""
        counts = known and kind != "adjustment" and (not layout.status or status in layout.status_counts)
        number, order_number = self._numbers(kind, values.number if counts else values.number_if_any)
        happened_at = self._time(self._take("time"), any_day) if layout.time else None
        if layout.merchant:
            self._of_merchant(self._take("merchant"))
        self._name = "amount"
        amount_fen = self._positive(signed, kind, counts)
        fee_fen = self._fee(self._take("fee"), kind) if layout.fee else None
        net_fen = None if fee_fen is None else (amount_fen if kind == "pay" else -amount_fen) - fee_fen
        channel_number = values.plain(self._take("channel_number")) if layout.channel_number else None
        bill_number = values.plain(self._take("bill_number")) if layout.bill_number else None
        serial = values.plain(self._take("serial")) if layout.serial else None
        self.good += 1
        self._all[kind] += amount_fen
        if counts:
            self._sums[kind] += amount_fen
        return (
            row_no, self._record.line, channel, kind, counts, number, order_number, channel_number, None, amount_fen, fee_fen, net_fen,
            happened_at, None, status, bill_number, serial,
        )  # fmt: skip

    def _numbers(self, kind: str, rule: Callable[[Cell], str]) -> tuple[str, str | None]:
        """The number of the row and that of the order it belongs to; a refund's own may stand in a column of its own."""
        if kind == "refund" and self.layout.refund_number:
            return rule(self._take("refund_number")), values.number_if_any(self._take("number")) or None
        number = rule(self._take("number"))
        if kind == "refund":
            return number, (values.plain(self._take("order_number")) if self.layout.order_number else None)
        return number, number or None

    def finish(self, notes: Notes) -> None:
        """Compare the total row with the rows, and say whose file it was."""
        notes.merchant = self._merchant
        if not notes.lines:
            notes.remarked("empty_day")
        if self.layout.total_mark and self._total is None:
            raise FileRefused("truncated_text", N_("没有找到合计行，文件可能没有下载完整"), column=self.layout.total_mark)
        if self._total is None or notes.faults:
            return  # with rows left out the sum cannot agree
        try:
            cell = self.cell(self._total, "amount")
            told = values.fen(cell, self.layout.amount_unit)
        except CellFault as fault:
            raise FileRefused("summary_mismatch", fault.message, line=self._total.line, column=self.layout.amount) from fault
        if told not in {self._sum_of(self._sums), self._sum_of(self._all)}:  # some systems add up what does not count, too
            message = N_("合计行的金额与各行之和不符，请重新导出")
            raise FileRefused("summary_mismatch", message, line=self._total.line, column=self.layout.amount, value=str(cell)[:SHOWN_VALUE])

    def _sum_of(self, sums: dict[str, int]) -> int:
        pay, refund = sums["pay"], sums["refund"]
        return {"net": pay - refund, "pay": pay, "sum": pay + refund}[self.layout.total_of]

    def _kind(self, cell: Cell, signed: int) -> str:
        if not self.layout.kind:
            return "refund" if signed < 0 else "pay"
        kind = self._kinds.get(values.text(cell))
        if kind is None:
            raise CellFault("unknown_kind", N_("交易类型不在映射中，请在字段映射里补上这种取值"))
        return kind

    def _positive(self, signed: int, kind: str, counts: bool) -> int:
        if kind == "adjustment":
            return abs(signed)
        if self.layout.amount_sign == "plain" or kind == "pay":
            if signed < 0:
                raise CellFault("negative_payment" if kind == "pay" else "negative_amount", N_("金额不应为负数"))
        elif signed > 0:
            raise CellFault("positive_refund", N_("退款金额应为负数"))
        if counts and not signed:
            raise CellFault("zero_amount", N_("金额为零"))
        return abs(signed)

    def _fee(self, cell: Cell, kind: str) -> int | None:
        if not values.text(cell):
            return None
        signed = values.fen(cell, self.layout.amount_unit)
        if self.layout.fee_sign == "plain":
            return -abs(signed) if kind == "refund" else abs(signed)
        return -signed if self.layout.fee_sign == "minus" else signed

    def _time(self, cell: Cell, any_day: bool) -> dt.datetime:
        found = values.instant(cell, self.cell(self._record, "clock") if self.layout.clock else "", self.layout.time_format)
        if not any_day and not self._begins <= found < self._ends:
            raise CellFault("other_date", N_("时间不在账单日内"))
        return found

    def _channel_of(self, cell: Cell) -> tuple[str, bool]:
        told = values.text(cell)
        found = self.layout.channel_values.get(told)
        if not told:
            raise CellFault("unknown_channel", N_("支付渠道为空"))
        return (found, True) if found else (told[:40], False)

    def _of_merchant(self, cell: Cell) -> None:
        told, wanted = values.text(cell), self._expected.merchants
        if (wanted and told not in wanted) or (self._merchant and told != self._merchant):
            raise FileRefused("other_merchant", N_("文件里是另一个商户号，请核对是否选对了文件"), column=self.layout.merchant, value=told[:SHOWN_VALUE])
        self._merchant = told


def _index(place: str, titles: list[str]) -> int:
    at = ordinal_of(place)
    return place_of(place, titles) if at is None or not _unnamed(titles, place) else at


def _unnamed(titles: list[str], place: str) -> bool:
    """`#3` is the third column, unless a heading is really called that."""
    return place not in titles
