"""Small rosters for tests: a clean student, and files of students with single cells changed."""

from datetime import date

from core.imports.sheets import read
from plugins.education.organisation.tree import OrgIndex, parse
from plugins.education.roster.columns import COLUMNS
from plugins.education.roster.verdicts import JudgedRoster, judge
from tests.imports.workbooks import xlsx
from tests.samples import education

TITLES = [column.title for column in COLUMNS]
IDS = ["350582201009010014", "370202201203150024", "11010519491231002X", "320102199506120047"]


def org() -> OrgIndex:
    return parse(education("org-tree.json")).index()


def student(number: int = 1, **cells: object) -> dict[str, object]:
    """A clean row by title; `cells` change it, titles without their star."""
    row = {
        "学号*": f"01261{number:05d}",
        "姓名*": "张伟",
        "证件类型*": "护照",
        "证件号码*": f"T{number:08d}",
        "校区*": "云溪校区",
        "学部*": "小学部",
        "年级*": "一年级",
        "班级*": "1班",
        "是否寄宿*": "走读",
        "学生类型*": "普通",
        "入学日期": date(2026, 9, 1),
        "学生状态*": "在读",
        "家长1姓名*": "张父",
        "家长1关系*": "父亲",
        "家长1手机号*": "15400743707",
    }
    starred = {title.rstrip("*"): title for title in TITLES}
    return row | {starred[title]: value for title, value in cells.items()}


def judged(*students: dict[str, object], finish=None, titles=TITLES, **options) -> JudgedRoster:
    rows = [titles, *([row.get(title) for title in titles] for row in students)]
    return judge(read(xlsx(rows, finish=finish), "a.xlsx"), org(), **options)


def marks(roster: JudgedRoster) -> list[tuple[int, str | None, str, str]]:
    """Row, column, verdict and code of every mark; that a passport has no check digit is left out."""
    return [(v.row, v.column, v.verdict, v.code) for v in roster.verdicts if v.code != "passport_has_no_check_digit"]
