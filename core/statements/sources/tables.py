"""Delimited tables with a header (RFC 4180): our own export, Stripe's report, a client's CSV. Columns are found by name."""

import csv
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import BinaryIO

from core.statements.protocol import FileRefused, Notes
from core.statements.sources.faults import fault
from core.statements.sources.texts import Text

Row = tuple[int, int, tuple]
"""Number from 1 after the header, line in the text, the picked values."""


def header(names: Sequence[str], layout: Sequence[str], needed: Sequence[str], notes: Notes) -> list[str]:
    """The names of the columns; notes another order or further columns, refuses what lacks a needed one or is another file."""
    found = [name.strip() for name in names]
    if len(set(layout).intersection(found)) * 2 < len(layout):
        raise FileRefused("not_a_statement", "文件开头不是这种对账单的表头，请确认选对了文件和来源", line=1)
    for name in needed:
        if name not in found:
            raise FileRefused("missing_column", f"文件缺少“{name}”一列，请重新导出完整的文件", line=1, column=name)
        if found.count(name) > 1:
            raise FileRefused("not_a_statement", f"表头里有两列“{name}”，无法判断用哪一列", line=1, column=name)
    if tuple(found) != tuple(layout):
        notes.repaired("column_order")
    return found


def rows(
    content: BinaryIO, layout: Sequence[str], needed: Sequence[str], notes: Notes, *, crlf: bool = False, bom: bool = False,
    whole: Callable[[tuple], bool] | None = None,
) -> Iterator[Row]:
    """Rows with the `needed` values in their order; `crlf` and `bom` say how the file is usually written, `whole` whether a last row that does
    not end (RFC 4180 leaves that to the writer) has lost nothing.

    A row of another width than the header is left out, for its values would stand under wrong names; a last line that does not end may
    have lost half a number, and refuses the file.
    """
    text = Text(content)
    reader = csv.reader(_lines(text, notes), strict=True)
    row_no = 0
    try:
        names = header(next(reader, []), layout, needed, notes)
        pick = itemgetter(*(names.index(name) for name in needed))
        line_no = reader.line_num + 1
        for values in reader:
            if values:
                row_no += 1
                if text.unended and whole is not None and len(values) == len(names) and whole(pick(values)):
                    notes.remarked("unended_text")
                elif text.unended:
                    said = f"文件在第 {line_no} 行中间结束，没有传完整，请重新导出"
                    raise FileRefused("truncated_text", said, row=row_no, line=line_no)
                if len(values) == len(names):
                    yield row_no, line_no, pick(values)
                else:
                    notes.fault(fault(row_no, line_no, "", "(row)", f"{len(values)} / {len(names)}", "field_count"))
            line_no = reader.line_num + 1
    except csv.Error:
        raise FileRefused("truncated_text", "引号没有成对，文件可能没有传完整，请重新导出", line=reader.line_num) from None
    if text.bom and not bom:
        notes.repairs.insert(0, "bom")
    if text.lf if crlf else text.crlf:
        notes.repaired("line_ends")
    notes.lines = row_no
    if not row_no:
        notes.remarked("empty_day")


def _lines(text: Text, notes: Notes) -> Iterator[str]:
    for block in text.lines():
        if any('"' in line for line in block):
            notes.remarked("quoted_text")
        for line in block:
            yield f"{line}\n"
