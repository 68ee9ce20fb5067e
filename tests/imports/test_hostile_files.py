"""Files made to hurt are refused with a code, before anything large is unpacked."""

import re
import struct
import zlib
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from core.imports import errors
from core.imports.sheets import read
from tests.imports import old_excel
from tests.imports.workbooks import with_parts, with_sheet_data, xlsx
from tests.samples import education

HONEST = xlsx([["学号*"], ["1"]])


def refusal_of(content: bytes, name: str = "名册.xlsx") -> errors.FileRefused:
    with pytest.raises(errors.FileRefused) as caught:
        read(content, name)
    assert caught.value.status == 422
    assert "{" not in caught.value.message
    return caught.value


def outcome(content: bytes, name: str) -> object:
    """The sheet, or the code of the refusal; anything else that is raised fails the test."""
    try:
        return read(content, name)
    except errors.FileRefused as refusal:
        return refusal.code


def test_a_file_of_50_mb_is_refused_unread():
    refusal = refusal_of(b"PK\x03\x04" + bytes(50 * 1024 * 1024))
    assert refusal.code == "FILE_TOO_LARGE"
    assert "51" in refusal.message
    assert "20" in refusal.message


@pytest.mark.parametrize("content", [b"", b"\n\n", bytes(100)])
def test_an_empty_file_is_refused(content):
    assert refusal_of(content).code == "FILE_EMPTY"


@pytest.mark.parametrize(
    "content",
    [b"\x89PNG\r\n\x1a\n rest", b"<html><table></table></html>", b"a,b\n1,2\n", "学号,姓名".encode("gbk"), b"%PDF-1.4", b"MZ\x90"],
)
@pytest.mark.parametrize("name", ["名册.xlsx", "名册.xls", "名册"])
def test_bytes_that_are_no_workbook_are_refused_whatever_the_name(content, name):
    assert refusal_of(content, name).code == "NOT_A_SPREADSHEET"


def test_another_zip_is_no_workbook():
    target = BytesIO()
    with ZipFile(target, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert refusal_of(target.getvalue()).code == "NOT_A_SPREADSHEET"


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.99])
def test_a_truncated_workbook_is_damaged(kept):
    whole = education("roster-dirty.xlsx")
    assert refusal_of(whole[: int(len(whole) * kept)]).code == "FILE_DAMAGED"
    old = education("roster-200.xls")
    assert refusal_of(old[: int(len(old) * kept)], "a.xls").code == "FILE_DAMAGED"


def test_any_flipped_stretch_of_bytes_is_refused_or_read_but_never_crashes():
    for whole, name in ((HONEST, "a.xlsx"), (old_excel.workbook(old_excel.label(0, 0, "x")), "a.xls")):
        for start in range(0, len(whole), 37):
            broken = whole[:start] + bytes(b ^ 0x5A for b in whole[start : start + 8]) + whole[start + 8 :]
            assert outcome(broken, name)


def test_a_part_that_unpacks_to_hundreds_of_megabytes_is_a_bomb():
    bomb = with_parts(HONEST, lambda n, p: p, {"xl/media/a.xml": bytes(210 * 1024 * 1024)})
    assert len(bomb) < 1024 * 1024
    assert refusal_of(bomb).code == "FILE_BOMB"


def test_a_part_packed_a_thousand_to_one_is_a_bomb():
    bomb = with_parts(HONEST, lambda n, p: p, {"xl/sharedStrings2.xml": b" " * (11 * 1024 * 1024)})
    assert refusal_of(bomb).code == "FILE_BOMB"


def test_a_bomb_that_lies_about_its_size_is_found_out():
    """The directory says 1,000 bytes; the stream holds a hundred million. The checksum is that of the first thousand."""
    filler = b" " * 100_000_000
    without = with_parts(HONEST, lambda n, p: None if "sharedStrings" in n else p, {"xl/sharedStrings.xml": filler})
    bomb = bytearray(without)
    truth, lie = struct.pack("<I", len(filler)), struct.pack("<I", 1000)
    crc, false_crc = struct.pack("<I", zlib.crc32(filler)), struct.pack("<I", zlib.crc32(filler[:1000]))
    for old, new in ((truth, lie), (crc, false_crc)):
        for match in list(re.finditer(re.escape(old), bytes(bomb))):
            bomb[match.start() : match.end()] = new
    assert refusal_of(bytes(bomb)).code in ("FILE_BOMB", "FILE_DAMAGED")


def test_one_long_text_repeated_in_every_cell_is_a_bomb():
    cells = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (i, i) for i in range(1, 40_001))
    text = b'<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>' + b"x" * 32_000
    shared = {"xl/sharedStrings.xml": text + b"</t></si></sst>"}
    content = with_parts(with_sheet_data(cells), lambda n, p: None if "sharedStrings" in n else p, shared)
    assert refusal_of(content).code == "FILE_BOMB"


def test_one_cell_in_the_farthest_corner_does_not_allocate_the_whole_sheet():
    far = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="%d"><c r="%s%d"><v>1</v></c></row>'
    assert refusal_of(with_sheet_data(far % (1048576, b"XFD", 1048576))).code == "TOO_MANY_ROWS"
    assert refusal_of(with_sheet_data(far % (2, b"XFD", 2))).code == "TOO_MANY_COLUMNS"
    single_quoted = far.replace(b'"', b"'") % (1048576, b"a", 1048576)
    assert refusal_of(with_sheet_data(single_quoted)).code == "TOO_MANY_ROWS"
    without_address = b'<row r="1"><c><v>1</v></c></row><row r="1048576"><c><v>1</v></c></row>'
    assert refusal_of(with_sheet_data(without_address)).code == "TOO_MANY_ROWS"
    corner = old_excel.workbook(old_excel.number(0, 0, 1) + old_excel.number(65535, 255, 1))
    assert refusal_of(corner, "a.xls").code == "TOO_MANY_ROWS"


def test_more_than_fifty_thousand_rows_are_refused():
    assert refusal_of(xlsx([["a"]] * 50_002)).code == "TOO_MANY_ROWS"


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
def test_entity_declarations_are_refused(part):
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    content = with_parts(HONEST, lambda n, p: p.replace(b"?>", b"?>" + laughs, 1) if n == part else p)
    assert refusal_of(content).code == "FORBIDDEN_XML"


def test_an_entity_hidden_in_another_encoding_is_refused():
    content = with_parts(HONEST, lambda n, p: p.decode().encode("utf-16") if n == "xl/sharedStrings.xml" else p)
    assert refusal_of(content).code == "FORBIDDEN_XML"


def test_a_part_that_is_there_twice_is_refused():
    target = BytesIO(HONEST)
    with pytest.warns(UserWarning, match="Duplicate name"), ZipFile(target, "a", ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"<worksheet/>")
    assert refusal_of(target.getvalue()).code == "FILE_DAMAGED"


def test_locked_workbooks_say_that_they_are_locked():
    assert refusal_of(old_excel.compound({"EncryptionInfo": b"x", "EncryptedPackage": b"y"})).code == "FILE_ENCRYPTED"
    locked = old_excel.workbook(old_excel.number(0, 0, 1), extra=old_excel.record(0x002F, bytes(6)))
    assert refusal_of(locked, "a.xls").code == "FILE_ENCRYPTED"


def test_another_compound_file_is_no_workbook():
    assert refusal_of(old_excel.compound({"WordDocument": b"x"}), "a.xls").code == "NOT_A_SPREADSHEET"


def test_an_array_formula_over_the_whole_sheet_is_a_bomb():
    data = b'<row r="1"><c r="A1"><f t="array" ref="A1:XFD1048576">1</f><v>1</v></c></row>'
    assert refusal_of(with_sheet_data(data)).code == "FILE_BOMB"


def test_tags_that_never_end_do_not_keep_the_reader_busy():
    content = with_sheet_data(b"<c " * 2_000_000)
    assert refusal_of(content).code == "FILE_DAMAGED"


def test_a_sheet_that_is_not_there_is_named():
    with pytest.raises(errors.SheetMissing, match="收费标准"):
        read(HONEST, "a.xlsx", "收费标准")
