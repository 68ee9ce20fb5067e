"""Makes the workbooks that tests upload: honest ones with xlsxwriter, and others by swapping parts inside the zip."""

from collections.abc import Callable, Iterable
from datetime import date
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import xlsxwriter


def xlsx(
    rows: Iterable[Iterable[object]],
    sheet: str = "名册",
    finish: Callable[[xlsxwriter.Workbook, xlsxwriter.worksheet.Worksheet], None] | None = None,
    options: dict | None = None,
) -> bytes:
    """A workbook of one sheet: text as text, numbers as numbers, dates as date cells, None as no cell at all."""
    return book({sheet: rows}, finish, options)


def book(sheets: dict[str, Iterable[Iterable[object]]], finish=None, options: dict | None = None) -> bytes:
    """A workbook of several sheets; `finish` may add to the last one what rows cannot say."""
    target = BytesIO()
    workbook = xlsxwriter.Workbook(target, {"strings_to_formulas": False, "strings_to_urls": False, **(options or {})})
    day = workbook.add_format({"num_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        page = workbook.add_worksheet(name)
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if isinstance(value, date):
                    page.write_datetime(r, c, value, day)
                elif isinstance(value, str):
                    page.write_string(r, c, value)
                elif value is not None:
                    page.write(r, c, value)
    if finish:
        finish(workbook, page)
    workbook.close()
    return target.getvalue()


def with_parts(content: bytes, change: Callable[[str, bytes], bytes | None], extra: dict[str, bytes] | None = None) -> bytes:
    """The same zip with each part passed through `change` (None leaves it out), and some parts added."""
    target = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(target, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = change(name, old.read(name))
            if part is not None:
                new.writestr(name, part)
        for name, part in (extra or {}).items():
            new.writestr(name, part)
    return target.getvalue()


def with_sheet_data(data: bytes) -> bytes:
    """A workbook whose only sheet holds exactly this XML inside `sheetData`."""

    def change(name: str, part: bytes) -> bytes:
        if not name.endswith("sheet1.xml"):
            return part
        start, end = part.index(b"<sheetData>"), part.index(b"</sheetData>")
        return part[: start + len(b"<sheetData>")] + data + part[end:]

    return with_parts(xlsx([["x"]]), change)
