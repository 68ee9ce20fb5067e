"""Judge a roster file row by row: what is kept, what is put into standard form, what stays out and why.

Settled here, where the rules leave room:
- A cell is rejected once, with its first fault; other cells of the row are judged too, so that one round of mending is enough.
- A 学号 or id counts as used by the first row that writes it well, even if that row is rejected for something else: the later row stays
  out, because nobody can tell which of the two is right until the first is mended.
- An id that a student of the tenant holds under another 学号 is rejected with the same code as one used twice in the file.
- Formulas in ignored columns are ignored with them.
"""

from collections.abc import Mapping

from msgspec import Struct

from core.imports import cells
from core.imports.lines import Line
from core.imports.sheets import Sheet
from core.imports.tables import Column, Table
from core.imports.verdicts import RowTotals, Verdict
from plugins.education.organisation.tree import OrgIndex
from plugins.education.roster.columns import (
    BIRTH_ON,
    BOARDING,
    BY_KEY,
    CAMPUS,
    CLASS,
    COLUMNS,
    DIVISION,
    ENTRY_ON,
    GENDER,
    GRADE,
    GUARDIAN1_NAME,
    GUARDIAN1_PHONE,
    GUARDIAN1_RELATION,
    GUARDIAN2_NAME,
    GUARDIAN2_PHONE,
    ID_NO,
    ID_TYPE,
    NAME,
    PASSPORT,
    REGISTER_NO,
    REMARK,
    RESIDENT_ID,
    STATUS,
    STUDENT_NO,
    STUDENT_NO_DIGITS,
    STUDENT_TYPE,
    StudentRecord,
)

_ORDER = {column.title: place for place, column in enumerate(COLUMNS)}
_CHOICES = ((GENDER, "unknown_gender"), (BOARDING, "unknown_boarding"), (STUDENT_TYPE, "unknown_student_type"), (STATUS, "unknown_status"))
_ORG_MESSAGES = {
    "unknown_campus": "组织树中没有校区“{campus}”，请核对名称",
    "unknown_division": "组织树中没有学部“{division}”，请填写全称",
    "division_not_in_campus": "“{campus}”没有“{division}”，请核对校区或学部",
    "grade_not_in_division": "“{campus} {division}”没有“{grade}”，请核对年级",
    "class_not_in_grade": "“{campus} {division} {grade}”没有“{class_name}”，请核对班级",
}


class JudgedRoster(Struct, frozen=True):
    """The verdicts in row order, the accepted students with their Excel rows, and which columns the file has or had too many."""

    students: list[StudentRecord]
    rows: list[int]
    verdicts: list[Verdict]
    totals: RowTotals
    keys: tuple[str, ...]
    ignored_columns: list[str]


def judge(sheet: Sheet, org: OrgIndex, held_ids: Mapping[str, str] | None = None, student_no_digits: int = STUDENT_NO_DIGITS) -> JudgedRoster:
    """Judge every row against the organisation; `held_ids` maps each id number of the tenant's students to its 学号.

    Raises a `FileRefused` when the headers are not those of a roster.
    """
    table = Table(sheet, COLUMNS)
    uses = _Uses(held_ids or {})
    lines: list[tuple[Line, dict]] = []
    ignored: list[Verdict] = []
    for number, found in table.rows():
        if isinstance(found, Verdict):
            ignored.append(found)
            continue
        line = Line(number, found, table)
        fields = _fields(line, org, student_no_digits, sheet.epoch_1904)
        uses.check(line, fields)
        lines.append((line, fields))
    uses.remark_on_firsts()
    verdicts = [*ignored, *(verdict for line, _ in lines for verdict in line.verdicts)]
    verdicts.sort(key=lambda v: (v.row, _ORDER.get(v.column or "", -1)))
    kept = [(line.number, fields) for line, fields in lines if not line.rejected]
    return JudgedRoster(
        students=[StudentRecord(**fields) for _, fields in kept],
        rows=[number for number, _ in kept],
        verdicts=verdicts,
        totals=RowTotals(len(lines), len(kept), len(lines) - len(kept), len(ignored)),
        keys=tuple(column.key for column in table.columns),
        ignored_columns=table.ignored_titles,
    )


def _fields(line: Line, org: OrgIndex, student_no_digits: int, epoch_1904: bool) -> dict:
    """Take every cell of a row; what is blank or bad is None."""
    fields = {"student_no": line.take(STUDENT_NO, cells.digits, student_no_digits)}
    for column in (NAME, GUARDIAN1_NAME, GUARDIAN2_NAME):
        fields[column.key] = _name(line, column)
    for column in (GUARDIAN1_PHONE, GUARDIAN2_PHONE):
        fields[column.key] = line.take(column, cells.phone)
    for column, code in _CHOICES:
        fields[column.key] = line.take(column, cells.choice, org.choices[column.key], code)
    for column in (BIRTH_ON, ENTRY_ON):
        fields[column.key] = line.take(column, cells.day, epoch_1904)
    for column, longest in ((REGISTER_NO, 40), (GUARDIAN1_RELATION, 20), (REMARK, 1000)):
        fields[column.key] = line.take(column, cells.text, longest)
    _take_identity(line, org, fields)
    _take_place(line, org, fields)
    return fields


def _name(line: Line, column: Column) -> str | None:
    value = line.take(column, cells.name)
    if value is not None and column is NAME:
        for code in cells.name_remarks(value):
            line.note(column, code)
    return value


def _take_identity(line: Line, org: OrgIndex, fields: dict) -> None:
    """The id, and that gender and day of birth agree with a resident id wherever they are filled."""
    fields["id_type"] = id_type = line.take(ID_TYPE, cells.choice, org.choices["id_type"], "unknown_id_type")
    if id_type != RESIDENT_ID:
        fields["id_no"] = line.take(ID_NO, cells.other_id)
        if id_type == PASSPORT and fields["id_no"]:
            line.note(ID_NO, "passport_has_no_check_digit")
        return
    fields["id_no"] = id_no = line.take(ID_NO, cells.resident_id)
    if id_no is None:
        return
    born_on, gender = cells.holder_of(id_no)
    if fields["gender"] not in (None, gender):
        line.reject(GENDER, "gender_contradicts_id", f"性别与身份证号不符（证号为{gender}），请核对")
    if fields["birth_on"] not in (None, born_on):
        line.reject(BIRTH_ON, "birth_contradicts_id", "出生日期与身份证号不符，请核对")


def _take_place(line: Line, org: OrgIndex, fields: dict) -> None:
    """Campus, division, grade and class must lie on one path of the tree; the first level that does not is marked."""
    for column in (CAMPUS, DIVISION, GRADE, CLASS):
        fields[column.key] = line.take(column, cells.text)
    campus, *below = (fields[column.key] for column in (CAMPUS, DIVISION, GRADE, CLASS))
    if campus is None:
        return
    if misfit := org.misfit(campus, *below):
        level, code = misfit
        line.reject(BY_KEY[level], code, _ORG_MESSAGES[code].format(**fields))


class _Uses:
    """Who wrote a 学号 or an id first: in the file, or among the students already there."""

    def __init__(self, held_ids: Mapping[str, str]) -> None:
        self._held_ids = held_ids
        self._numbers: dict[str, Line] = {}
        self._ids: dict[str, tuple[Line, str]] = {}
        self._repeated: dict[tuple[int, str], tuple[Line, Column, str]] = {}

    def check(self, line: Line, fields: dict) -> None:
        """Reject the second use of a 学号, and the use of an id under another 学号."""
        number, id_no = fields["student_no"], fields["id_no"]
        if number is None:
            return  # without a good 学号 nobody can say whose the id is
        first = self._numbers.setdefault(number, line)
        if first is not line:
            line.reject(STUDENT_NO, "duplicate_student_no", f"学号与第 {first.number} 行重复，只保留第 {first.number} 行，请核对")
            self._repeated[first.number, STUDENT_NO.key] = (first, STUDENT_NO, "duplicate_student_no_first")
        if id_no is None:
            return
        key = id_no.upper()
        first, first_number = self._ids.setdefault(key, (line, number))
        if number != first_number:
            line.reject(ID_NO, "same_id_two_numbers", f"证件号码与第 {first.number} 行相同而学号不同，只保留第 {first.number} 行，请核对")
            self._repeated[first.number, ID_NO.key] = (first, ID_NO, "same_id_two_numbers_first")
        elif (holder := self._held_ids.get(key, number)) != number:
            line.reject(ID_NO, "same_id_two_numbers", f"证件号码已登记在学号 {holder} 名下，请核对学号或证件号码")

    def remark_on_firsts(self) -> None:
        """Tell the rows that stay that a later row repeated them."""
        for line, column, code in self._repeated.values():
            if not line.rejected:
                line.remark(column, code, "后面有重复的行，保留本行")
