"""Read a spreadsheet that a person uploaded into rows of typed cells: .xlsx, .xls and .csv look alike afterwards.

A cell is a `str` (text exactly as written, `""` when empty), an `int` or `Decimal` (a number), a `date` or `datetime`, a `bool`, a
`Formula` (with its stored result) or an `ErrorValue`. Numbers pass through Excel's own 15 significant digits, so 268.3 is 268.3.
What a file is, is told by its bytes; its name only decides what the refusal says.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from math import isfinite

import python_calamine as calamine

from core.imports import delimited
from core.imports.errors import (
    FileDamaged,
    FileEmpty,
    FileEncrypted,
    FileTooLarge,
    NotASpreadsheet,
    SheetMissing,
    TooManyColumns,
    TooManyRows,
)
from core.imports.limits import MAX_COLUMNS, MAX_FILE_BYTES, MAX_ROWS, MEGABYTE
from core.imports.xls import MAGIC as OLD_EXCEL
from core.imports.xls import OldSurvey, OldWorkbook
from core.imports.xlsx import Package, Survey

ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_TEXT_NAMES = (".csv", ".txt", ".tsv")


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell whose value is computed; `result` is what Excel stored when the file was last saved."""

    result: object = ""


@dataclass(frozen=True, slots=True)
class ErrorValue:
    """A cell that shows #N/A, #REF! or the like."""


Cell = str | int | Decimal | date | datetime | bool | Formula | ErrorValue
Merged = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: `rows[0]` is row 1 of Excel. `typed` is False for text files, where every cell is text."""

    name: str
    rows: list[list[Cell]]
    merged: tuple[Merged, ...] = ()
    typed: bool = True
    epoch_1904: bool = False


class Workbook:
    """An opened file; sheets are read when asked for."""

    def __init__(self, content: bytes, filename: str) -> None:
        if len(content) > MAX_FILE_BYTES:
            raise FileTooLarge(size_mb=-(-len(content) // MEGABYTE), limit_mb=MAX_FILE_BYTES // MEGABYTE)
        if not content.strip(b"\x00 \t\r\n"):
            raise FileEmpty
        self._filename = filename
        self._text: list[list[str]] | None = None
        self._inside: Package | OldWorkbook
        if content.startswith(ZIP):
            self._inside = Package(content, filename)
        elif content.startswith(OLD_EXCEL):
            self._inside = OldWorkbook(content, filename)
        elif filename.lower().endswith(_TEXT_NAMES):
            self._text = delimited.read(content, filename)
            self.sheet_names = [filename.rsplit("/", 1)[-1].rsplit(".", 1)[0]]
            return
        else:
            raise NotASpreadsheet(name=filename)
        self._book = _guarded(lambda: calamine.CalamineWorkbook.from_filelike(BytesIO(content)))
        self._order = [m.name for m in self._book.sheets_metadata]
        self.sheet_names = [
            m.name
            for m in self._book.sheets_metadata
            if m.typ == calamine.SheetTypeEnum.WorkSheet and m.visible == calamine.SheetVisibleEnum.Visible
        ]

    def sheet(self, name: str | None = None) -> Sheet:
        """The named sheet, or the first visible one; a text file has one sheet and answers to any name."""
        if self._text is not None:
            return Sheet(self.sheet_names[0], list(self._text), typed=False)
        if not self.sheet_names:
            raise FileEmpty
        wanted = self.sheet_names[0] if name is None else next((s for s in self.sheet_names if s.strip() == name), None)
        if wanted is None:
            raise SheetMissing(sheet=name)
        found = self._survey(wanted)
        if found.last_row > MAX_ROWS:
            raise TooManyRows(limit=MAX_ROWS)
        if found.last_column >= MAX_COLUMNS:
            raise TooManyColumns(limit=MAX_COLUMNS)
        page = _guarded(lambda: self._book.get_sheet_by_name(wanted))
        rows = _guarded(lambda: page.to_python(skip_empty_area=False))
        return Sheet(
            wanted,
            _typed(rows, found),
            tuple(page.merged_cell_ranges or ()),
            epoch_1904=self._inside.epoch_1904,
        )

    def _survey(self, name: str) -> Survey | OldSurvey:
        if isinstance(self._inside, Package):
            return self._inside.survey(name)
        return self._inside.survey(self._order.index(name))


def read(content: bytes, filename: str, sheet: str | None = None) -> Sheet:
    """Read one sheet of an uploaded file; raises a `FileRefused` with a code when the file as a whole is no good."""
    return Workbook(content, filename).sheet(sheet)


def _guarded(work):
    """Run a step of calamine; whatever it stumbles over, a panic of its Rust code included, is a damaged file."""
    try:
        return work()
    except calamine.PasswordError:
        raise FileEncrypted from None
    except Exception:
        raise FileDamaged from None
    except BaseException as failure:
        if type(failure).__name__ != "PanicException":
            raise
        raise FileDamaged from None


def _typed(rows: list[list], found: Survey | OldSurvey) -> list[list[Cell]]:
    """Make calamine's values exact, and put formulas and errors where it shows only what they left behind."""
    cells = [[value if type(value) is str else _exact(value) for value in row] for row in rows]
    height, width = len(cells), len(cells[0]) if cells else 0
    reach = max((row for row, _ in found.formulas | found.errors), default=-1)
    cells += [[""] * width for _ in range(min(reach, MAX_ROWS) - height + 1)]
    for places, make in ((found.errors, lambda _: ErrorValue()), (found.formulas, Formula)):
        for row, column in places:
            if 0 <= row < len(cells) and 0 <= column < MAX_COLUMNS:
                line = cells[row]
                line += [""] * (column - len(line) + 1)
                line[column] = make(line[column])
    return cells


def _exact(value: object) -> Cell:
    if type(value) is float:
        return number(value)
    if type(value) is timedelta:
        return number(value / timedelta(days=1))
    if type(value) is time:
        return number((value.hour * 3600 + value.minute * 60 + value.second) / 86400)
    return value


def number(value: float) -> int | Decimal | ErrorValue:
    """A number as Excel shows it, to 15 significant digits: 16400072077.0 is 16400072077, 0.30000000000000004 is 0.3."""
    if not isfinite(value):
        return ErrorValue()
    if value.is_integer() and abs(value) < 1e15:
        return int(value)
    return Decimal(format(value, ".15g"))
