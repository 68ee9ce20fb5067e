"""Excel files that leave: exact amounts, and nothing a spreadsheet program would run."""

import datetime as dt
import zipfile
from io import BytesIO

import pytest

from core.exports import workbook
from core.imports import sheets

COLUMNS = [("姓名", "text"), ("金额", "money"), ("日期", "date"), ("时间", "datetime"), ("人数", "number")]
NOON = dt.datetime(2026, 9, 1, 4, 0, 5, tzinfo=dt.UTC)


def test_what_was_written_is_read_back_to_the_fen():
    content = workbook.write("明细", COLUMNS, [["张三", 1_234_567_890_12, dt.date(2026, 9, 1), NOON, 3], ["", None, None, None, None]])
    rows = sheets.read(content, "x.xlsx").rows
    assert rows[0] == ["姓名", "金额", "日期", "时间", "人数"]
    assert [str(cell) for cell in rows[1]] == ["张三", "1234567890.12", "2026-09-01", "2026-09-01 12:00:05", "3"]


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")', "＝1"])
def test_text_that_looks_like_a_formula_stays_text(evil):
    content = workbook.write("明细", [("姓名", "text")], [[evil]])
    assert sheets.read(content, "x.xlsx").rows[1][0] == "'" + evil
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert b"<f" not in archive.read("xl/worksheets/sheet1.xml")


def test_addresses_become_no_links_and_odd_sheet_names_no_error():
    content = workbook.write("a/b:c*d?e[f]g" * 5, [("网址", "text")], [["http://example.test/"]], ["导出人：张三"])
    rows = sheets.read(content, "x.xlsx").rows
    assert rows[1][0] == "http://example.test/"
    assert rows[3][0] == "导出人：张三"


def test_several_sheets_stand_in_order():
    content = workbook.write_sheets([("一", [("a", "text")], []), ("二", [("b", "text")], [["x"]])])
    book = sheets.Workbook(content, "x.xlsx")
    assert book.sheet_names == ["一", "二"]
    assert book.sheet("二").rows == [["b"], ["x"]]
