"""Reading what people upload: the three kinds of file look alike afterwards, and nothing is lost on the way."""

import re
from datetime import date, datetime
from decimal import Decimal

import pytest

from core.imports.sheets import ErrorValue, Formula, Workbook, number, read
from tests.imports import old_excel
from tests.imports.workbooks import book, with_parts, with_sheet_data, xlsx
from tests.samples import education


@pytest.mark.parametrize("name", ["roster-200.csv", "roster-200.xls"])
def test_the_same_rows_come_out_of_every_kind_of_file(name):
    """Text files have text dates, so dates are compared as they are written."""
    whole = {row[0]: [str(cell) for cell in row] for row in read(education("roster-8000.xlsx"), "a.xlsx").rows[1:]}
    part = [[str(cell) for cell in row] for row in read(education(name), name).rows[1:]]
    assert len(part) == 200
    assert [row for row in part if whole[row[0]] != row] == []


def test_a_row_keeps_its_excel_number_when_the_rows_above_it_are_empty():
    sheet = read(xlsx([[None], [None], [None, "x"]]), "a.xlsx")
    assert sheet.rows == [["", ""], ["", ""], ["", "x"]]


def test_cells_keep_their_type():
    rows = [["0126", 126, 268.3, 16400072077, date(2026, 9, 1), datetime(2026, 9, 1, 8, 30), True]]
    first = read(xlsx(rows), "a.xlsx").rows[0]
    assert first[:5] == ["0126", 126, Decimal("268.3"), 16400072077, date(2026, 9, 1)]
    assert type(first[1]) is int
    assert first[6] is True


@pytest.mark.parametrize(
    ("stored", "shown"),
    [(0.1 + 0.2, Decimal("0.3")), (18000.0, 18000), (21460.5, Decimal("21460.5")), (-3.0, -3), (1.1e17, Decimal("1.1e17"))],
)
def test_a_number_is_what_excel_shows(stored, shown):
    assert number(stored) == shown
    assert not isinstance(number(stored), float)


@pytest.mark.parametrize("stored", [b"NaN", b"INF", b"1e999"])
def test_a_number_that_is_none_is_an_error_value(stored):
    content = with_sheet_data(b'<row r="1"><c r="A1"><v>' + stored + b"</v></c></row>")
    assert read(content, "a.xlsx").rows[0] == [ErrorValue()]


def test_formulas_are_seen_whatever_they_show():
    def finish(workbook, page):
        page.write_formula(1, 0, '="孙"&"静舒"', None, "孙静舒")
        page.write_formula(2, 1, "=NA()", None, "")
        page.write_array_formula(3, 0, 4, 1, "{=ROW(A1:B2)}")
        page.write_formula(9, 0, '=""', None, "")

    rows = read(xlsx([["a", "b"]], finish=finish), "a.xlsx").rows
    formulas = {(r, c) for r, row in enumerate(rows) for c, cell in enumerate(row) if isinstance(cell, Formula)}
    assert formulas == {(1, 0), (2, 1), (3, 0), (3, 1), (4, 0), (4, 1), (9, 0)}
    assert rows[1][0] == Formula("孙静舒")


def test_formulas_are_seen_behind_a_namespace_prefix():
    def prefixed(name: str, part: bytes) -> bytes:
        if not name.endswith("sheet1.xml"):
            return part
        main = b'="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
        return re.sub(rb"<(/?)(\w)", rb"<\1x:\2", part.replace(b"xmlns" + main, b"xmlns:x" + main))

    content = xlsx([["a", "b"]], finish=lambda w, page: page.write_formula(1, 0, "=1+1", None, 2))
    assert read(with_parts(content, prefixed), "a.xlsx").rows == [["a", "b"], [Formula(2), ""]]


def test_formulas_are_seen_in_cells_without_an_address():
    bare = b"<row><c><v>1</v></c></row><row><c><v>1</v></c><c><f>1+1</f><v>2</v></c></row>"
    assert read(with_sheet_data(bare), "a.xlsx").rows[1] == [1, Formula(2)]


def test_an_error_value_is_not_an_empty_cell():
    content = with_sheet_data(b'<row r="1"><c r="A1" t="e"><v>#N/A</v></c><c r="B1"><v>1</v></c></row>')
    assert read(content, "a.xlsx").rows[0] == [ErrorValue(), 1]


def test_a_formula_in_a_drop_down_list_is_no_formula_cell():
    def finish(workbook, page):
        page.data_validation("A2:A9", {"validate": "list", "source": "=$A$1:$A$1"})
        page.conditional_format("A2:A9", {"type": "formula", "criteria": "=$A2>5", "format": workbook.add_format()})

    rows = read(xlsx([["a"], ["b"]], finish=finish), "a.xlsx").rows
    assert rows == [["a"], ["b"]]


def test_merged_ranges_come_along():
    sheet = read(xlsx([["a", "b"]], finish=lambda w, page: page.merge_range("A2:B2", "备注")), "a.xlsx")
    assert sheet.merged == (((1, 0), (1, 1)),)


def test_the_first_visible_sheet_is_read_unless_one_is_named():
    content = book({"说明": [["读我"]], "名册": [["a"]]})
    assert Workbook(content, "a.xlsx").sheet_names == ["说明", "名册"]
    assert read(content, "a.xlsx").rows == [["读我"]]
    assert read(content, "a.xlsx", "名册").rows == [["a"]]
    hidden = with_parts(
        content, lambda n, p: p.replace('name="说明"'.encode(), 'name="说明" state="hidden"'.encode()) if "workbook.xml" in n else p
    )
    assert read(hidden, "a.xlsx").rows == [["a"]]


def test_a_workbook_of_1904_says_so():
    content = xlsx([["a"]], options={"date_1904": True})
    assert read(content, "a.xlsx").epoch_1904
    assert not read(xlsx([["a"]]), "a.xlsx").epoch_1904


def test_styled_but_empty_cells_far_away_do_not_make_a_sheet_large():
    data = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576" s="0"/></row>'
    assert read(with_sheet_data(data), "a.xlsx").rows == [[1]]


def test_an_old_workbook_tells_formulas_errors_and_merges():
    cells = (
        old_excel.label(0, 0, "学号*")
        + old_excel.label(0, 1, "金额")
        + old_excel.number(1, 0, 125270007)
        + old_excel.formula(1, 1, 3.5)
        + old_excel.error(2, 0)
        + old_excel.number(2, 1, 268.3)
        + old_excel.label(3, 0, "备注")
        + old_excel.merge(3, 1)
    )
    sheet = read(old_excel.workbook(cells), "a.xls")
    assert sheet.rows[1] == [125270007, Formula(Decimal("3.5"))]
    assert sheet.rows[2] == [ErrorValue(), Decimal("268.3")]
    assert sheet.merged == (((3, 0), (3, 1)),)


def test_what_a_file_is_is_told_by_its_bytes():
    assert read(education("roster-200.xls"), "renamed.xlsx").rows[0][0] == "学号*"
    assert read(xlsx([["a"]]), "renamed.csv").rows == [["a"]]
