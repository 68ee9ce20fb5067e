"""Text tables come in several encodings and with several separators, and say neither."""

import pytest

from core.imports.errors import EncodingUnknown, FileEmpty, NotASpreadsheet, QuotesUnbalanced, TooManyRows
from core.imports.sheets import read

ROWS = '学号*,姓名*,备注\r\n0126100007,陆䶮熙,"要求""双发票"", 谢谢"\r\n0126100008,林𬭎,\r\n'
EXPECTED = [["学号*", "姓名*", "备注"], ["0126100007", "陆䶮熙", '要求"双发票", 谢谢'], ["0126100008", "林𬭎", ""]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings_are_recognised_rare_characters_included(encoding):
    assert read(ROWS.encode(encoding), "a.csv").rows == EXPECTED


def test_gbk_is_recognised():
    assert read("学号*,姓名*\n1,张伟\n".encode("gbk"), "a.csv").rows[1] == ["1", "张伟"]


@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_separators_are_recognised_though_cells_hold_the_others(separator):
    text = f'学号*{separator}"姓,名;\t*"\n1{separator}张伟\n'
    assert read(text.encode(), "a.csv").rows == [["学号*", "姓,名;\t*"], ["1", "张伟"]]


def test_blank_lines_and_line_breaks_inside_cells_keep_the_row_numbers():
    text = '学号*,备注\n1,"第一行\n第二行"\n\n2,\n'
    rows = read(text.encode(), "a.csv").rows
    assert rows == [["学号*", "备注"], ["1", "第一行\n第二行"], [], ["2", ""]]


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"\xff\xfe\x00\xd8\x00\xd8", EncodingUnknown),
        (b"a,b\n\xff\xff\xff,1\n", EncodingUnknown),
        (b'a,b\n"never closed,1\n2,3\n', QuotesUnbalanced),
        (b'a,b\n"closed"too early,1\n', QuotesUnbalanced),
        (b"\xef\xbb\xbf \r\n", FileEmpty),
        (b"a,b\x00\n1,2\n", NotASpreadsheet),
        (b"<html><table><tr><td>1</td></tr></table></html>", NotASpreadsheet),
        (b"%PDF-1.7 ...", NotASpreadsheet),
        (b"a\n" * 50_002, TooManyRows),
    ],
)
def test_text_that_cannot_be_trusted_is_refused(content, refusal):
    with pytest.raises(refusal):
        read(content, "a.csv")


def test_fifty_thousand_rows_are_just_right():
    assert len(read(b"a\n" * 50_001, "a.csv").rows) == 50_001
