"""Statements in Excel workbooks: the first sheet as a table by column names, cells as the text a CSV would print.

Read whole, under the limits of `core.imports`: a workbook is unpacked by its reader in any case, and Excel ends at a million rows.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from io import BytesIO, TextIOWrapper
from operator import itemgetter
from typing import BinaryIO

import python_calamine as calamine

from core.imports.errors import FileBomb, FileEncrypted
from core.imports.errors import FileRefused as SheetRefused
from core.imports.limits import MAX_COLUMNS
from core.imports.sheets import ZIP, ErrorValue, number
from core.imports.xlsx import Package
from core.statements.protocol import FileRefused, Notes
from core.statements.sources.tables import Row, header
from core.statements.unpacking import head_of

MAX_BYTES = 64 << 20
MAX_ROWS = 400_000


class Formula(str):
    """The stored result of a computed cell: nobody can know whether it is still true."""

    __slots__ = ()


class Number(str):
    """A cell that holds a number: what Excel shows of it."""

    __slots__ = ()


def is_workbook(content: BinaryIO) -> bool:
    """Whether a stream is an .xlsx, told by its bytes."""
    return head_of(content, 4) in ZIP


def rows(content: BinaryIO, layout: Sequence[str], needed: Sequence[str], notes: Notes) -> Iterator[Row]:
    """Rows with the `needed` values in their order, as text; numbers and results of formulas say so by their type."""
    table = _cells(content)
    names = header([str(cell) for cell in next(table, [])], layout, needed, notes)
    pick = itemgetter(*(names.index(name) for name in needed))
    row_no = 0
    for line_no, cells in enumerate(table, 2):
        if any(cell != "" for cell in cells):
            row_no += 1
            yield row_no, line_no, pick(cells)
    notes.lines = row_no
    if not row_no:
        notes.remarked("empty_day")


def lines(content: BinaryIO) -> Iterator[str]:
    """The sheet's rows, or the text's lines, as a person reads them."""
    if is_workbook(content):
        yield from (",".join(cells) for cells in _cells(content))
    else:
        yield from (line.rstrip("\r\n") for line in TextIOWrapper(content, "utf-8-sig", "replace", newline="\n"))


def _cells(content: BinaryIO) -> Iterator[list[str]]:
    whole = content.read(MAX_BYTES + 1)
    if len(whole) > MAX_BYTES:
        raise FileRefused("too_large", "工作簿过大，请改用 CSV 导出")
    try:
        package = Package(whole, "")
        book = calamine.CalamineWorkbook.from_filelike(BytesIO(whole))
        name = book.sheet_names[0]
        found = package.survey(name)
        if found.last_row > MAX_ROWS or found.last_column >= MAX_COLUMNS:
            raise FileRefused("too_large", f"表格超过 {MAX_ROWS} 行或 {MAX_COLUMNS} 列，请改用 CSV 导出")
        sheet = book.get_sheet_by_name(name)
        top, left = sheet.start or (0, 0)
        for row, cells in enumerate(sheet.iter_rows(), top):
            if found.formulas:
                yield [Formula(_text(cell)) if (row, place) in found.formulas else _text(cell) for place, cell in enumerate(cells, left)]
            else:
                yield [cell if type(cell) is str else _text(cell) for cell in cells]
    except FileBomb as error:
        raise FileRefused("bomb", error.message) from None
    except FileEncrypted as error:
        raise FileRefused("encrypted", error.message) from None
    except (SheetRefused, calamine.CalamineError) as error:
        said = getattr(error, "message", "工作簿已损坏，请重新导出")
        raise FileRefused("damaged_file", said) from None


def _text(cell: object) -> str:
    """A cell as text: dates as in a CSV, numbers with the fifteen digits that Excel keeps."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ", "seconds")
    if isinstance(cell, dt.date):
        return cell.isoformat()
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, int | float):
        exact = number(cell)
        return Number("" if isinstance(exact, ErrorValue) else f"{exact:f}" if not isinstance(exact, int) else str(exact))
    return str(cell)
