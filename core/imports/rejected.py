"""The rows that were not imported, as a file to mend: the sheet's own columns, and the reason beside each row."""

import datetime as dt
from collections.abc import Sequence

from msgspec import UNSET

from core.exports import workbook
from core.imports import sheets
from core.imports.errors import FileRefused
from core.imports.sheets import Cell, ErrorValue, Formula
from core.imports.verdicts import Verdict

REASON = "未通过原因"


def rejected_workbook(content: bytes, filename: str, verdicts: Sequence[Verdict]) -> bytes:
    """Excel with the rejected rows of each sheet; of a file that is no spreadsheet, the list of what was said."""
    refused = [verdict for verdict in verdicts if verdict.verdict == "reject"]
    try:
        book = sheets.Workbook(content, filename)
    except FileRefused:
        rows = [[str(verdict.row), verdict.column or "", verdict.message] for verdict in refused]
        return workbook.write("未通过", [("行", "text"), ("列", "text"), (REASON, "text")], rows)
    names = sorted({verdict.sheet or "" for verdict in refused}) or [""]
    return workbook.write_sheets([_sheet(book, name, refused) for name in names])


def _sheet(book: sheets.Workbook, name: str, refused: Sequence[Verdict]) -> tuple[str, workbook.Columns, list[list[str]]]:
    sheet = book.sheet(name or None)
    reasons: dict[int, list[str]] = {}
    for verdict in refused:
        if (verdict.sheet or "") == name:
            said = verdict.message if verdict.column is None else f"{verdict.column.rstrip('*')}：{verdict.message}"
            reasons.setdefault(verdict.row, []).append(said)
    header = [_text(cell) for cell in sheet.rows[0]] if sheet.rows else []
    width = len(header)
    rows = []
    for number, said in sorted(reasons.items()):
        cells = [_text(cell) for cell in sheet.rows[number - 1]][:width] if number <= len(sheet.rows) else []
        rows.append([*cells, *[""] * (width - len(cells)), "；".join(said)])
    return sheet.name, [*((title, "text") for title in header), (REASON, "text")], rows


def _text(cell: Cell) -> str:
    """A cell as a person would type it again."""
    if isinstance(cell, Formula):
        return _text(cell.result) if not isinstance(cell.result, Formula) else ""
    if isinstance(cell, ErrorValue) or cell is UNSET or cell is None:
        return ""
    if isinstance(cell, dt.datetime):
        return cell.strftime("%Y-%m-%d") if cell.time() == dt.time() else cell.strftime("%Y-%m-%d %H:%M:%S")
    return str(cell)
