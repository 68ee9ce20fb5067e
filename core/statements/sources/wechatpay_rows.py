"""Rows of WeChat Pay's files: values behind backticks, no quoting, text that may break a line, a summary at the end (WeChat Pay v3 §9.2)."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import BinaryIO

from core.statements.protocol import FileRefused, Notes
from core.statements.sources.amounts import exactly
from core.statements.sources.faults import fault
from core.statements.sources.texts import Text, true
from core.statements.sources.wechatpay_layouts import header

LONGEST_ROW = 1 << 17
Batch = tuple[int, int, list[str]]
"""Lines that follow each other: number of the first as a row, its line in the text, the lines themselves, not cut yet."""


class Rows:
    """The rows of one file and its summary. `names` are its columns, `count` how many rows there were, unreadable ones included.

    Whoever takes a batch cuts its lines at comma-backtick. Where a line does not begin with a backtick or does not give `width` values it
    says how many it `taken` before, and the line is looked at here: a row that a line break tore apart, the summary, or a fault.
    Lines are narrow text (`texts.Text`).
    """

    def __init__(self, content: BinaryIO, layouts: Sequence[Sequence[str]], counted: str, notes: Notes) -> None:
        self._text, self._counted, self._notes = Text(content, narrow=True), counted, notes
        self._blocks = self._text.blocks()
        first = next(self._blocks, [])
        if self._text.bom:
            notes.repaired("bom")
        self.names = header(true(first[0]).rstrip("\r") if first else "", layouts, notes)
        self._first, self.width = first[1:], len(self.names)
        self.taken = 0
        self._pending = ""
        self._line, self._pending_line = 1, 0
        self._joins = 0
        self._summary: list[str] | None = None
        self._totals: list[str] | None = None
        self.count = 0
        self.unreadable = 0

    def batches(self) -> Iterator[Batch]:
        """Every row; one whose values do not fit the columns is noted as a fault and left out."""
        yield from self._block(self._first)
        for block in self._blocks:
            yield from self._block(block)

    def _block(self, lines: list[str]) -> Iterator[Batch]:
        at = 0
        while at < len(lines):
            if not self._pending and self._summary is None:
                self.taken = len(lines) - at
                yield self.count + 1, self._line + 1, lines[at:] if at else lines
                self.count += self.taken
                self._line += self.taken
                at += self.taken
                if at == len(lines):
                    return
            self._line += 1
            if whole := self._one(lines[at].removesuffix("\r")):
                self.taken = 1
                yield self.count, self._pending_line, [whole]
            at += 1

    def finish(self, sums: Mapping[str, Decimal]) -> None:
        """Hold the summary against the rows; `sums` says for a total of the summary what the rows print, where that can be said."""
        if self._totals is None or self._summary is None:
            raise FileRefused("truncated_text", "文件没有结尾的汇总行，可能没有传完整，请重新下载", line=self._line)
        if self._text.lf > self._joins:
            self._notes.repaired("line_ends")
        self._notes.lines = self.count
        for name, printed in zip(self._summary, self._totals, strict=True):
            found = Decimal(self.count) if name == self._counted else None if self.unreadable else sums.get(name)
            if found is not None and exactly(printed) != found:
                said = f"汇总行的{name}是 {printed}，各行合计是 {found}，请重新下载"
                raise FileRefused("summary_mismatch", said, line=self._line, column=name, value=printed)

    def _one(self, line: str) -> str | None:
        """A line where something is unusual near; answers a row that is whole now."""
        if self._summary is not None:
            self._end(true(line))
        elif line.startswith("`"):
            if self._pending:
                self._give_up()
            return self._row(line, self._line)
        elif self._counted in (names := [name.strip() for name in true(line).split(",")]):
            if self._pending:
                self._give_up()
            self._summary = names
        elif self._pending:
            self._joins += 1
            self._notes.repaired("unescaped_text")
            return self._row(f"{self._pending}\n{line}", self._pending_line)
        elif line.strip() and self.count:
            self._joins += 1
            self._notes.repaired("unescaped_text")  # a line break in the last value of the row before
        elif line.strip():
            raise FileRefused("not_a_statement", "表头下面不是账单的行，请确认选对了文件", line=self._line)
        return None

    def _row(self, line: str, at: int) -> str | None:
        found = line.count(",`") + 1
        self._pending, self._pending_line = line, at
        if found < self.width and len(line) < LONGEST_ROW:
            return None
        if found != self.width:
            self._give_up()
            return None
        self._pending = ""
        self.count += 1
        return line

    def _give_up(self) -> None:
        """The pending row cannot be cut into the columns."""
        values = self._pending[1:].split(",`")
        self._pending = ""
        self.count += 1
        self.unreadable += 1
        place = self.names.index("商户订单号") if "商户订单号" in self.names else len(values)
        number = true(values[place]) if place < len(values) else ""
        self._notes.fault(fault(self.count, self._pending_line, number, "(row)", f"{len(values)} / {self.width}", "field_count"))

    def _end(self, line: str) -> None:
        if self._totals is None and line.startswith("`"):
            self._totals = line[1:].split(",`")
            if len(self._totals) != len(self._summary or ()):
                raise FileRefused("truncated_text", "汇总行不完整，文件可能没有传完，请重新下载", line=self._line)
        elif line.strip():
            raise FileRefused("summary_mismatch", "汇总行之后还有内容，文件可能是拼接的，请重新下载", line=self._line)
