"""The shared roster samples, cell by cell."""

from collections import Counter

import msgspec
import pytest

from core.imports.sheets import read
from plugins.education.roster.columns import Comparison, StudentRecord, compare
from plugins.education.roster.verdicts import JudgedRoster, judge
from tests.education.pure.rosters import org
from tests.samples import education, education_json


def roster(name: str) -> JudgedRoster:
    return judge(read(education(name), name), org())


@pytest.fixture(scope="module")
def known() -> dict[str, StudentRecord]:
    return {student.student_no: student for student in roster("roster-8000.xlsx").students}


def against(name: str, known: dict[str, StudentRecord]) -> Comparison:
    found = roster(name)
    assert found.totals.rejected == 0
    return compare(found.students, known, found.keys)


def test_every_verdict_of_the_dirty_roster():
    expected = education_json("roster-dirty.expected.json")
    found = roster("roster-dirty.xlsx")
    wanted = {(m["row"], m["column"], m["verdict"], m["kind"], m.get("normalised")) for m in expected["rows"]}
    told = {(m["row"], m["column"], m["verdict"], m["code"], m.get("normalised")) for m in msgspec.to_builtins(found.verdicts)}
    assert wanted - told == set()
    # Beyond the list only this may be said: another passport is kept without a check digit.
    assert {mark[2:4] for mark in told - wanted} <= {("accept", "passport_has_no_check_digit")}
    totals = expected["totals"]
    assert (found.totals.rows, found.totals.accepted, found.totals.rejected, found.totals.ignored) == (
        totals["rows_total"],
        totals["rows_accepted"],
        totals["rows_rejected"],
        totals["rows_ignored"],
    )
    assert len(found.students) == totals["rows_accepted"]
    assert all(verdict.message for verdict in found.verdicts)


def test_the_dirty_roster_reads_the_same_after_the_first_import(known):
    held = {student.id_no.upper(): student.student_no for student in known.values()}
    name = "roster-dirty.xlsx"
    assert judge(read(education(name), name), org(), held).verdicts == roster(name).verdicts


def test_8000_clean_rows_are_8000_new_students(known):
    summary = education_json("roster-8000.summary.json")
    first = against("roster-8000.xlsx", {})
    assert (len(first.new), first.changed, first.unchanged) == (8000, {}, 0)
    for key, count in (
        ("campus", "by_campus"),
        ("division", "by_division"),
        ("boarding", "by_boarding"),
        ("student_type", "by_student_type"),
        ("status", "by_status"),
        ("id_type", "by_id_type"),
    ):
        assert Counter(getattr(student, key) for student in first.new) == summary[count]
    blanks = {"性别": "gender", "出生日期": "birth_on", "学籍号": "register_no", "入学日期": "entry_on"}
    blanks |= {"家长2姓名": "guardian2_name", "家长2手机号": "guardian2_phone", "备注": "remark"}
    for title, key in blanks.items():
        assert sum(getattr(student, key) is None for student in first.new) == summary["blank_optional_cells"][title]


@pytest.mark.parametrize(
    ("name", "rows"),
    [("roster-8000.xlsx", 8000), ("roster-8000-columns-shuffled.xlsx", 8000), ("roster-200.csv", 200), ("roster-200.xls", 200)],
)
def test_the_same_students_again_change_nothing(known, name, rows):
    again = against(name, known)
    assert (again.new, again.changed, again.unchanged) == ([], {}, rows)


@pytest.mark.parametrize("name", ["roster-200.csv", "roster-200.xls"])
def test_200_rows_into_an_empty_tenant_are_200_new_students(name):
    assert len(against(name, {}).new) == 200


def test_unknown_columns_are_named_as_ignored():
    assert roster("roster-8000-columns-shuffled.xlsx").ignored_columns == ["校车线路", "宿舍床位号"]


def test_the_changes_are_found_cell_by_cell(known):
    expected = education_json("roster-changes.expected.json")
    found = against("roster-changes.xlsx", known)
    assert [s.student_no for s in found.new] == [s["student_no"] for s in expected["new_students"]]
    assert found.unchanged == expected["unchanged"]
    told = {(number, c.column, c.old, c.new) for number, changes in found.changed.items() for c in changes}
    assert told == {(c["student_no"], c["column"], c["old"], c["new"]) for c in expected["changes"]}
