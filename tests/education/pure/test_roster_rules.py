"""The roster's rules beyond the samples: what happens when faults meet."""

from datetime import date

import pytest

from core.imports.errors import FileRefused, HeadersMissing
from core.imports.sheets import read
from plugins.education.roster.columns import COLUMNS, StudentRecord, compare, merged
from plugins.education.roster.verdicts import judge
from tests.education.pure.rosters import IDS, TITLES, judged, marks, org, student


def fault_of(**cells: object) -> list[tuple[str | None, str]]:
    found = judged(student(**cells))
    assert found.totals.rejected == 1
    return [(column, code) for _, column, verdict, code in marks(found) if verdict == "reject"]


def test_a_clean_row_needs_no_mark():
    found = judged(student())
    assert marks(found) == []
    assert found.students[0].entry_on == date(2026, 9, 1)
    assert found.students[0].guardian2_name is None
    assert found.rows == [2]


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"学号": 126100007}, "学号*", "student_no_leading_zero_lost"),
        ({"学号": "126100007"}, "学号*", "student_no_leading_zero_lost"),
        ({"学号": "01261000071"}, "学号*", "bad_student_no"),
        ({"学号": "012610000A"}, "学号*", "bad_student_no"),
        ({"学号": 1261000.5}, "学号*", "bad_student_no"),
        ({"性别": "男性"}, "性别", "unknown_gender"),
        ({"学生状态": "在 读"}, "学生状态*", "unknown_status"),
        ({"证件号码": 12345678}, "证件号码*", "id_stored_as_number"),
        ({"家长2手机号": "1640008973"}, "家长2手机号", "bad_phone"),
        ({"家长2姓名": "=1+1"}, "家长2姓名", "formula_injection_name"),
        ({"家长1姓名": "<b>张父</b>"}, "家长1姓名*", "html_in_name"),
        ({"出生日期": "2026年1月1日"}, "出生日期", "bad_date"),
        ({"备注": "x" * 1001}, "备注", "text_too_long"),
        ({"校区": "云溪"}, "校区*", "unknown_campus"),
        ({"学部": "国际"}, "学部*", "unknown_division"),
        ({"校区": "松涛校区", "学部": "国际部"}, "学部*", "division_not_in_campus"),
        ({"年级": "高一"}, "年级*", "grade_not_in_division"),
        ({"班级": "99班"}, "班级*", "class_not_in_grade"),
        ({"班级": 1}, "班级*", "class_not_in_grade"),
        ({"姓名": " \u3000"}, "姓名*", "missing_required"),
    ],
)
def test_one_fault_is_named_at_its_cell(cells, column, code):
    assert fault_of(**cells) == [(column, code)]


def test_all_faults_of_a_row_are_told_at_once_in_column_order():
    assert fault_of(姓名="李😀", 是否寄宿="半寄宿", 入学日期="2026-02-30", 家长1手机号="123") == [
        ("姓名*", "emoji_in_name"),
        ("是否寄宿*", "unknown_boarding"),
        ("入学日期", "impossible_date"),
        ("家长1手机号*", "bad_phone"),
    ]


def test_only_the_first_level_that_does_not_fit_is_named():
    assert fault_of(校区="光明校区", 学部="职高部", 年级="零年级", 班级="0班") == [("校区*", "unknown_campus")]
    assert fault_of(校区=None, 学部="职高部") == [("校区*", "missing_required")]
    assert fault_of(年级=None, 班级="99班") == [("年级*", "missing_required")]
    assert fault_of(学部="职高部", 年级=None) == [("学部*", "unknown_division"), ("年级*", "missing_required")]


def test_gender_and_birth_must_agree_with_a_good_id_only():
    both = {"证件类型": "居民身份证", "证件号码": IDS[0], "性别": "女", "出生日期": date(2010, 9, 2)}
    assert fault_of(**both) == [("性别", "gender_contradicts_id"), ("出生日期", "birth_contradicts_id")]
    assert fault_of(**both | {"证件号码": "350582201009010015"}) == [("证件号码*", "id_bad_check_digit")]
    agree = judged(student(证件类型="居民身份证", 证件号码=IDS[0], 性别="男", 出生日期="2010/9/1"))
    assert agree.totals.rejected == 0
    blank = judged(student(证件类型="居民身份证", 证件号码=IDS[0]))
    assert blank.students[0].gender is None


def test_a_passport_is_not_checked_like_a_resident_id():
    found = judged(student(证件号码="350582201009010015", 性别="女"))
    assert found.totals.rejected == 0
    assert [v.code for v in found.verdicts] == ["passport_has_no_check_digit"]


def test_a_formula_rejects_its_row_even_where_it_shows_nothing_or_is_optional():
    def finish(workbook, page):
        page.write_formula(1, TITLES.index("备注"), '=""', None, "")
        page.write_formula(2, TITLES.index("学号*"), '="0126100002"', None, "0126100002")

    found = judged(student(1), student(2), student(3), finish=finish)
    assert marks(found) == [(2, "备注", "reject", "formula_cell"), (3, "学号*", "reject", "formula_cell")]
    assert [s.student_no for s in found.students] == ["0126100003"]


def test_a_formula_in_an_ignored_column_is_ignored():
    found = judged(student(), titles=["序号", *TITLES], finish=lambda w, page: page.write_formula(1, 0, "=ROW()-1", None, 1))
    assert found.totals.accepted == 1
    assert found.ignored_columns == ["序号"]


def test_an_error_value_is_a_fault():
    found = judged(student(), finish=lambda w, page: page.write_formula(1, 20, "=NA()", None, "#N/A"))
    assert marks(found) == [(2, "备注", "reject", "formula_cell")]


def test_a_repeated_line_is_marked_at_the_student_number_only():
    found = judged(student(1), student(2), student(1, 学号="0126100001\u3000"))
    assert marks(found) == [
        (2, "学号*", "accept", "duplicate_student_no_first"),
        (4, "学号*", "reject", "duplicate_student_no"),
    ]


def test_a_third_use_names_the_first_row_again():
    found = judged(student(1), student(1), student(1))
    assert [mark[3] for mark in marks(found)] == ["duplicate_student_no_first", "duplicate_student_no", "duplicate_student_no"]
    assert "第 2 行" in found.verdicts[-2].message


def test_the_same_id_under_another_number_is_rejected_however_its_x_is_written():
    resident = {"证件类型": "居民身份证"}
    found = judged(student(1, 证件号码=IDS[2], **resident), student(2, 证件号码=IDS[2].lower(), **resident))
    assert marks(found) == [
        (2, "证件号码*", "accept", "same_id_two_numbers_first"),
        (3, "证件号码*", "reject", "same_id_two_numbers"),
    ]


def test_a_later_row_stays_out_even_when_the_first_is_rejected_for_something_else():
    found = judged(student(1, 家长1手机号="123"), student(1))
    assert marks(found) == [(2, "家长1手机号*", "reject", "bad_phone"), (3, "学号*", "reject", "duplicate_student_no")]


def test_a_number_that_was_itself_lost_is_no_first_use():
    found = judged(student(1, 学号=126100001, 证件号码="T1"), student(1, 证件号码="T1"))
    assert marks(found) == [(2, "学号*", "reject", "student_no_leading_zero_lost")]
    assert len(found.students) == 1


def test_an_id_that_another_student_of_the_tenant_holds_is_rejected():
    held = {"T00000001": "0199999999", "T00000002": "0126100002"}
    found = judged(student(1, 证件号码="t00000001"), student(2), held_ids=held)
    assert marks(found) == [(2, "证件号码*", "reject", "same_id_two_numbers")]
    assert "0199999999" in found.verdicts[0].message


def test_a_normalised_cell_of_a_rejected_row_is_still_told():
    found = judged(student(姓名="张伟\u3000", 家长1手机号="123"))
    assert marks(found) == [(2, "姓名*", "accept_normalised", "full_width_space"), (2, "家长1手机号*", "reject", "bad_phone")]


def test_a_text_file_says_nothing_of_its_text_dates():
    row = student()
    text = ",".join(TITLES) + "\n" + ",".join(str(row.get(title, "")) for title in TITLES)
    found = judge(read(text.encode("gb18030"), "a.csv"), org())
    assert found.totals.accepted == 1
    assert marks(found) == []


def test_a_school_may_have_student_numbers_of_another_length():
    found = judged(student(学号="2026001"), student_no_digits=7)
    assert found.totals.accepted == 1


def test_messages_carry_no_id_and_no_phone():
    found = judged(student(证件类型="居民身份证", 证件号码="350582201009010015", 家长1手机号="164008973"))
    assert len(found.verdicts) == 2
    for verdict in found.verdicts:
        assert "35058220100901001" not in verdict.message
        assert "164008973" not in verdict.message


def test_a_file_that_is_no_roster_is_refused_and_says_what_is_missing():
    with pytest.raises(HeadersMissing, match=r"家长1手机号\*"):
        judged(student(), titles=[title for title in TITLES if title != "家长1手机号*"])
    with pytest.raises(FileRefused):
        judge(read(b"a,b\n1,2\n", "a.csv"), org())


class TestComparison:
    keys = tuple(column.key for column in COLUMNS)

    def record(self, **fields: object) -> StudentRecord:
        base = judged(student(备注="双胞胎", 家长2姓名="李母")).students[0]
        return StudentRecord(**{field: getattr(base, field) for field in base.__struct_fields__} | fields)

    def test_a_blank_cell_clears_what_was_there(self):
        known = self.record()
        found = compare([self.record(remark=None)], {known.student_no: known}, self.keys)
        assert [(c.column, c.old, c.new) for c in found.changed[known.student_no]] == [("备注", "双胞胎", None)]

    def test_a_missing_column_leaves_what_was_there(self):
        known = self.record()
        keys = tuple(key for key in self.keys if key != "remark")
        found = compare([self.record(remark=None)], {known.student_no: known}, keys)
        assert (found.changed, found.unchanged) == ({}, 1)
        stored = merged(self.record(remark=None, name="新名"), known, keys)
        assert (stored.remark, stored.name) == ("双胞胎", "新名")

    def test_dates_are_told_in_standard_form(self):
        known = self.record()
        found = compare([self.record(entry_on=date(2026, 9, 2))], {known.student_no: known}, self.keys)
        assert [(c.old, c.new) for c in found.changed[known.student_no]] == [("2026-09-01", "2026-09-02")]
