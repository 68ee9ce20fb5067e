"""Headers are found by their titles, and rows that hold no data are told apart from rows that do."""

import pytest

from core.imports.errors import HeaderDuplicated, HeaderRowMissing, HeadersMissing
from core.imports.sheets import read
from core.imports.tables import Column, Table
from core.imports.verdicts import Verdict
from tests.imports.workbooks import xlsx

NUMBER, PRICE, NOTE = Column("number", "学号*"), Column("price", "单价(元)*"), Column("note", "备注")
COLUMNS = (NUMBER, PRICE, NOTE)


def table(rows, finish=None) -> Table:
    return Table(read(xlsx(rows, finish=finish), "a.xlsx"), COLUMNS)


def test_headers_are_found_in_any_order_and_writing():
    found = table([[" 单价（元）＊ ", "校车线路", "学号", "备\n注"]])
    assert found.places == {"price": 0, "number": 2, "note": 3}
    assert found.ignored_titles == ["校车线路"]
    assert [column.key for column in found.columns] == ["number", "price", "note"]


def test_an_optional_column_may_be_missing():
    assert [column.key for column in table([["学号*", "单价(元)*"]]).columns] == ["number", "price"]


def test_missing_columns_are_named():
    with pytest.raises(HeadersMissing, match=r"单价\(元\)\*"):
        table([["学号*", "备注"]])


def test_a_column_that_is_there_twice_is_named():
    with pytest.raises(HeaderDuplicated, match="学号"):
        table([["学号*", "单价(元)*", "学号"]])


@pytest.mark.parametrize("rows", [[], [[None], ["学号*", "单价(元)*"]], [["0126100007", "18000"]]])
def test_a_file_without_headers_in_row_1_is_refused(rows):
    with pytest.raises(HeaderRowMissing):
        table(rows)


def test_rows_without_data_are_ignored_each_for_its_reason():
    def finish(workbook, page):
        page.merge_range("A7:C7", "备注：整行合并")
        page.merge_range("A8:B8", "只合并两列")

    rows = [["学号*", "单价(元)*", "备注", "序号"], ["1", 2], [None], [" ", "\u3000"], [None, None, None, 5], ["3", 4]]
    found = list(table(rows, finish).rows())
    told = [(number, row.code if isinstance(row, Verdict) else "data") for number, row in found]
    assert told == [
        (2, "data"),
        (3, "empty_row"),
        (4, "blank_row"),
        (5, "blank_row"),
        (6, "data"),
        (7, "remark_row"),
        (8, "data"),
    ]


def test_a_formula_that_shows_nothing_is_still_data():
    found = table([["学号*", "单价(元)*"]], lambda w, page: page.write_formula(1, 0, '=""', None, ""))
    assert [isinstance(row, Verdict) for _, row in found.rows()] == [False]


def test_short_lines_of_a_text_file_are_filled_up():
    found = Table(read("学号*,单价(元)*,备注\n1,2\n\n".encode(), "a.csv"), COLUMNS)
    rows = list(found.rows())
    assert rows[0] == (2, ["1", "2", ""])
    assert rows[1][1].code == "empty_row"
