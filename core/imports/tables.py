"""A sheet with headers in row 1: which column holds what, which rows hold data, and which are empty or mere remarks."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.imports.cells import is_blank
from core.imports.errors import HeaderDuplicated, HeaderRowMissing, HeadersMissing
from core.imports.sheets import Cell, Formula, Sheet
from core.imports.verdicts import Verdict

_STARS_AND_SPACES = re.compile(r"[\s*]+")


@dataclass(frozen=True, slots=True)
class Column:
    """A column the import knows: its key in our records and its title in the template; a required one ends in `*`."""

    key: str
    title: str

    @property
    def required(self) -> bool:
        """Whether every row must fill it."""
        return self.title.endswith("*")


def plain_title(title: object) -> str:
    """A title as it is compared: without stars, spaces and line breaks, full-width letters and brackets made half-width."""
    return _STARS_AND_SPACES.sub("", unicodedata.normalize("NFKC", str(title)))


class Table:
    """A sheet matched against the columns an import knows, whatever their order; unknown columns are ignored, formulas and all."""

    def __init__(self, sheet: Sheet, columns: Sequence[Column]) -> None:
        """Raises `HeaderRowMissing`, `HeaderDuplicated` or `HeadersMissing` (naming the columns)."""
        self.sheet = sheet
        known = {plain_title(column.title): column for column in columns}
        headers = [cell.result if isinstance(cell, Formula) else cell for cell in sheet.rows[0]] if sheet.rows else []
        found = [(place, known.get(plain_title(header)), header) for place, header in enumerate(headers)]
        named = [column for _, column, _ in found if column]
        if not named:
            raise HeaderRowMissing(sheet=sheet.name)
        if twice := [column.title for column in columns if named.count(column) > 1]:
            raise HeaderDuplicated(sheet=sheet.name, columns="、".join(twice))
        if absent := [column.title for column in columns if column.required and column not in named]:
            raise HeadersMissing(sheet=sheet.name, columns="、".join(absent))
        self.places = {column.key: place for place, column, _ in found if column}
        self.columns = tuple(column for column in columns if column.key in self.places)
        self.ignored_titles = [str(header).strip() for _, column, header in found if not column and not is_blank(header)]
        self._width = max(self.places.values()) + 1

    def rows(self) -> Iterator[tuple[int, list[Cell] | Verdict]]:
        """Each row under the header with its Excel number: its cells, or the verdict that it is no data row.

        A row that is filled in ignored columns only (a running number, say) is empty to us.
        """
        remarks = self._remark_rows()
        places = self.places.values()
        for number, row in enumerate(self.sheet.rows[1:], 2):
            cells = row if len(row) >= self._width else row + [""] * (self._width - len(row))
            if any(cells[place] != "" and not is_blank(cells[place]) for place in places):
                anchor = remarks.get(number)
                if anchor is None or not all(is_blank(cells[place]) for place in places if place != anchor):
                    yield number, cells
                    continue
                yield number, _ignored(number, "remark_row", "整行合并的备注，已跳过")
            elif number in remarks and not is_blank(row[remarks[number]]):
                yield number, _ignored(number, "remark_row", "整行合并的备注，已跳过")
            elif any(cells):
                yield number, _ignored(number, "blank_row", "没有内容的行，已跳过")
            else:
                yield number, _ignored(number, "empty_row", "空行，已跳过")

    def _remark_rows(self) -> dict[int, int]:
        """Rows merged over the whole width of the known columns, with the place of the cell that shows."""
        first, last = min(self.places.values()), max(self.places.values())
        return {top + 1: left for (top, left), (_, right) in self.sheet.merged if left <= first and right >= last and right > left}


def _ignored(number: int, code: str, message: str) -> Verdict:
    return Verdict(number, None, "ignore", code, message)
