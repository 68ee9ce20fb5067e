"""The columns of a roster file (domain book §3.7), and a student as one clean row of it."""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct
from msgspec.structs import asdict

from core.imports.tables import Column

STUDENT_NO = Column("student_no", "学号*")
NAME = Column("name", "姓名*")
ID_TYPE = Column("id_type", "证件类型*")
ID_NO = Column("id_no", "证件号码*")
GENDER = Column("gender", "性别")
BIRTH_ON = Column("birth_on", "出生日期")
REGISTER_NO = Column("register_no", "学籍号")
CAMPUS = Column("campus", "校区*")
DIVISION = Column("division", "学部*")
GRADE = Column("grade", "年级*")
CLASS = Column("class_name", "班级*")
BOARDING = Column("boarding", "是否寄宿*")
STUDENT_TYPE = Column("student_type", "学生类型*")
ENTRY_ON = Column("entry_on", "入学日期")
STATUS = Column("status", "学生状态*")
GUARDIAN1_NAME = Column("guardian1_name", "家长1姓名*")
GUARDIAN1_RELATION = Column("guardian1_relation", "家长1关系*")
GUARDIAN1_PHONE = Column("guardian1_phone", "家长1手机号*")
GUARDIAN2_NAME = Column("guardian2_name", "家长2姓名")
GUARDIAN2_PHONE = Column("guardian2_phone", "家长2手机号")
REMARK = Column("remark", "备注")

COLUMNS = (
    STUDENT_NO, NAME, ID_TYPE, ID_NO, GENDER, BIRTH_ON, REGISTER_NO, CAMPUS, DIVISION, GRADE, CLASS, BOARDING, STUDENT_TYPE,
    ENTRY_ON, STATUS, GUARDIAN1_NAME, GUARDIAN1_RELATION, GUARDIAN1_PHONE, GUARDIAN2_NAME, GUARDIAN2_PHONE, REMARK,
)  # fmt: skip
"""In the order of the template."""
BY_KEY = {column.key: column for column in COLUMNS}

RESIDENT_ID = "居民身份证"
PASSPORT = "护照"
STUDENT_NO_DIGITS = 10


class StudentRecord(Struct, frozen=True):
    """A student in standard form, every field by its column key; an optional blank is None."""

    student_no: str
    name: str
    id_type: str
    id_no: str
    campus: str
    division: str
    grade: str
    class_name: str
    boarding: str
    student_type: str
    status: str
    guardian1_name: str
    guardian1_relation: str
    guardian1_phone: str
    gender: str | None = None
    birth_on: date | None = None
    register_no: str | None = None
    entry_on: date | None = None
    guardian2_name: str | None = None
    guardian2_phone: str | None = None
    remark: str | None = None


class Change(Struct, frozen=True):
    """One field of a student that the file would change; `column` is the title in the template."""

    key: str
    column: str
    old: str | None
    new: str | None


class Comparison(Struct, frozen=True):
    """What importing the accepted rows would do: new students, changes by student number, and how many stay as they are."""

    new: list[StudentRecord]
    changed: dict[str, list[Change]]
    unchanged: int


def compare(students: list[StudentRecord], existing: Mapping[str, StudentRecord], keys: tuple[str, ...]) -> Comparison:
    """Set clean rows against the students already there, by student number.

    Only columns the file has are compared (`keys`): a blank cell clears what was there, a missing column leaves it alone.
    """
    new: list[StudentRecord] = []
    changed: dict[str, list[Change]] = {}
    unchanged = 0
    for student in students:
        known = existing.get(student.student_no)
        if known is None:
            new.append(student)
        elif changes := changes_of(student, known, keys):
            changed[student.student_no] = changes
        else:
            unchanged += 1
    return Comparison(new, changed, unchanged)


def changes_of(student: StudentRecord, known: StudentRecord, keys: tuple[str, ...]) -> list[Change]:
    """The fields in which a clean row differs from the student already there."""
    if student == known:
        return []
    pairs = ((key, getattr(known, key) or None, getattr(student, key) or None) for key in keys)
    return [Change(key, BY_KEY[key].title, _written(old), _written(new)) for key, old, new in pairs if old != new]


def merged(student: StudentRecord, known: StudentRecord | None, keys: tuple[str, ...]) -> StudentRecord:
    """The student to store: the row's value where the file has the column, what was known elsewhere."""
    if known is None:
        return student
    given = asdict(student)
    return StudentRecord(**{**asdict(known), **{key: given[key] for key in keys}})


def _written(value: str | date | None) -> str | None:
    return None if value is None else str(value)
