"""One row under judgement: its cells are taken one by one, and what is remarkable about each is noted down."""

from collections.abc import Callable
from typing import Any

from msgspec import UNSET, UnsetType

from core.imports.cells import CellProblem, Reading, is_blank
from core.imports.sheets import Cell, ErrorValue, Formula
from core.imports.tables import Column, Table
from core.imports.verdicts import Verdict, Word

KEPT, CHANGED = "accept", "accept_normalised"
NOTES: dict[str, tuple[Word, str]] = {
    "half_width_space": (CHANGED, "首尾的空格已去掉"),
    "full_width_space": (CHANGED, "首尾的全角空格已去掉"),
    "full_width_digits_phone": (CHANGED, "全角数字已转为半角"),
    "phone_stored_as_number": (CHANGED, "手机号存成了数字，11 位完整，已转为文本"),
    "student_no_stored_as_number": (CHANGED, "学号存成了数字，位数完整，已转为文本"),
    "id_lowercase_x": (CHANGED, "小写 x 已改为大写 X"),
    "date_text_iso": (KEPT, "文本日期，已识别"),
    "date_text_slash": (CHANGED, "文本日期，已转为标准写法"),
    "date_text_compact": (CHANGED, "文本日期，已转为标准写法"),
    "date_excel_serial": (CHANGED, "Excel 日期序列号，已转为日期"),
    "date_with_time": (CHANGED, "只保留日期，时间已去掉"),
    "name_rare_character": (KEPT, "含生僻字，已按原样保留"),
    "name_middle_dot": (KEPT, "姓名含间隔号，已按原样保留"),
    "passport_has_no_check_digit": (KEPT, "护照号没有校验位，已按原样保留"),
}
"""What may be said of a cell that is kept: the verdict and its sentence."""

Rule = Callable[..., Reading]


class Line:
    """A data row: `take` gives the value to keep, or None when the cell is blank or bad; `rejected` says whether the row stays out."""

    def __init__(self, number: int, cells: list[Cell], table: Table) -> None:
        self.number = number
        self.rejected = False
        self.verdicts: list[Verdict] = []
        self._cells = cells
        self._places = table.places
        self._sheet: str | UnsetType = UNSET
        self._typed = table.sheet.typed

    def named(self, sheet: str) -> "Line":
        """Make the verdicts name the sheet, for workbooks of several."""
        self._sheet = sheet
        return self

    def take(self, column: Column, rule: Rule, *args: object) -> Any:
        """Judge one cell: a formula, an error or a blank is settled here, everything else by the rule."""
        place = self._places.get(column.key)
        if place is None:
            return None
        cell = self._cells[place]
        if isinstance(cell, Formula):
            return self.reject(column, "formula_cell", "单元格是公式，请复制后“选择性粘贴-数值”再上传")
        if isinstance(cell, ErrorValue):
            return self.reject(column, "cell_error", "单元格是错误值（如 #N/A），请改为实际内容")
        if is_blank(cell):
            if column.required:
                self.reject(column, "missing_required", f"“{column.title.rstrip('*')}”不能为空，请填写")
            return None
        try:
            value, how = rule(cell, *args)
        except CellProblem as problem:
            return self.reject(column, problem.code, problem.message)
        if how is not None:
            self.note(column, how, value)
        return value

    def reject(self, column: Column, code: str, message: str) -> None:
        """Keep the row out, and say which cell is at fault. A cell is marked once, with its first fault."""
        self.rejected = True
        if not self.rejected_at(column):
            self.verdicts = [v for v in self.verdicts if v.column != column.title]
            self.verdicts.append(Verdict(self.number, column.title, "reject", code, message, sheet=self._sheet))

    def rejected_at(self, column: Column) -> bool:
        """Whether this cell has been found at fault."""
        return any(v.column == column.title and v.verdict == "reject" for v in self.verdicts)

    def note(self, column: Column, code: str, value: object = None) -> None:
        """Remark on a cell that is kept; in a text file every date is text, which is not worth a word."""
        if code == "date_text_iso" and not self._typed:
            return
        word, message = NOTES[code]
        normalised = UNSET if value is None else str(value)
        self.verdicts.append(Verdict(self.number, column.title, word, code, message, normalised, self._sheet))

    def remark(self, column: Column, code: str, message: str) -> None:
        """Say something of a cell that is kept, in words of the caller's own."""
        self.verdicts.append(Verdict(self.number, column.title, KEPT, code, message, sheet=self._sheet))
