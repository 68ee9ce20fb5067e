"""Excel files that are safe to open: text is always text, never a formula, whatever somebody typed into a name.

Kinds of columns: `text`, `number`, `money` (whole fen, shown in yuan), `date`, `datetime` (Shanghai time).
"""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from io import BytesIO

import xlsxwriter

from core import clock

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_TEXT = 32_000
_FORMATS = {"money": "#,##0.00", "date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm:ss", "number": "#,##0", "text": "@"}
_WIDTHS = {"money": 16, "date": 12, "datetime": 20, "number": 12, "text": 18}
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
Columns = Sequence[tuple[str, str]]
Rows = Iterable[Sequence[object]]


def write(sheet: str, columns: Columns, rows: Rows, remarks: Sequence[str] = ()) -> bytes:
    """One sheet: a header, the rows, and remarks (who exported what, when) under them."""
    return write_sheets([(sheet, columns, rows)], remarks)


def write_sheets(sheets: Sequence[tuple[str, Columns, Rows]], remarks: Sequence[str] = ()) -> bytes:
    """A workbook of several sheets; the remarks stand under the first."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        formats = {kind: book.add_format({"num_format": code}) for kind, code in _FORMATS.items()}
        bold = book.add_format({"bold": True, "bottom": 1})
        for name, columns, rows in sheets:
            page = book.add_worksheet(_sheet_name(name))
            page.freeze_panes(1, 0)
            for place, (title, kind) in enumerate(columns):
                page.set_column(place, place, _WIDTHS[kind], formats[kind])
                page.write_string(0, place, title, bold)
            last = 0
            for last, row in enumerate(rows, 1):
                for place, ((_, kind), value) in enumerate(zip(columns, row, strict=True)):
                    _put(page, last, place, kind, value, formats[kind])
            for place, remark in enumerate(remarks, last + 2):
                page.write_string(place, 0, harmless(remark))
            remarks = ()
    return out.getvalue()


def harmless(text: str) -> str:
    """Text that no spreadsheet program takes for a formula, not even after it was saved as CSV: an apostrophe goes in front."""
    text = text[:LONGEST_TEXT]
    return "'" + text if text.startswith(_STARTS_A_FORMULA) else text


def _put(page: xlsxwriter.worksheet.Worksheet, row: int, place: int, kind: str, value: object, style: object) -> None:
    if value is None or value == "":
        return
    if kind == "money":
        page.write_number(row, place, Decimal(int(value)) / 100, style)
    elif isinstance(value, dt.datetime):
        local = value.astimezone(clock.SHANGHAI).replace(tzinfo=None) if value.tzinfo else value
        page.write_datetime(row, place, local, style)
    elif isinstance(value, dt.date):
        page.write_datetime(row, place, dt.datetime.combine(value, dt.time()), style)
    elif isinstance(value, (int, Decimal)) and not isinstance(value, bool) and kind == "number":
        page.write_number(row, place, value, style)
    else:
        page.write_string(row, place, harmless(str(value)), style)


def _sheet_name(name: str) -> str:
    return re.sub(r"[\[\]:*?/\\']", " ", name)[:31].strip() or "Sheet1"
