"""What must be known of an .xlsx before its values are read: is it safe, how far does it reach, which cells hold formulas or errors.

calamine reads the values (in Rust, quickly) but shows a formula as its stored result and an error as nothing, trusts the sizes a zip
declares, and allocates the whole rectangle up to the farthest cell. So the parts are unpacked here first, under a limit, and the sheet's
XML is swept once with regular expressions.
"""

import re
import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from posixpath import join, normpath
from xml.etree import ElementTree
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from core.imports.errors import FileBomb, FileDamaged, FileEncrypted, ForbiddenXml, NotASpreadsheet
from core.imports.limits import MAX_RATIO, MAX_TEXT_BYTES, MAX_UNPACKED_BYTES, RATIO_FREE_BYTES

_LOCAL_HEADER = struct.Struct("<4s22xHH")
_VALUED_CELL = re.compile(rb"""<(?:\w+:)?c\s(?:[^<>]*?\s)?r\s*=\s*["']\$?([A-Za-z]+)\$?([0-9]+)["'][^<>]*(?<!/)>(?!</)""")
_PLAIN_VALUED_CELL = re.compile(rb'<c r="([A-Z]+)([0-9]+)"[^<>]*(?<!/)>(?!</)')
_CELL_TAG = re.compile(rb"<(?:\w+:)?c[\s/>]")
_CELL_WITH_REF = re.compile(rb"""<(?:\w+:)?c\s(?:[^<>]*?\s)?r\s*=""")
_ROW_REF = re.compile(rb"""<(?:\w+:)?row\s(?:[^<>]*?\s)?r\s*=\s*["']([0-9]+)""")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_TOKEN = re.compile(rb"<(?:\w+:)?(row|c|f)((?:\s[^<>]*?)?)/?>")
_ATTRIBUTE = re.compile(rb"""\s(r|t|ref)\s*=\s*["']([^"']*)["']""")
_REF = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_SHARED = re.compile(rb"""\st\s*=\s*["']s["'][^<>]*>\s*<(?:\w+:)?v>\s*([0-9]+)""")


@dataclass(frozen=True, slots=True)
class Survey:
    """What the sweep found; rows and columns count from 0, as calamine counts them."""

    last_row: int
    last_column: int
    formulas: frozenset[tuple[int, int]]
    errors: frozenset[tuple[int, int]]


class Package:
    """The unpacked parts of an .xlsx, each inflated under a limit and free of entity declarations."""

    def __init__(self, content: bytes, name: str) -> None:
        self._content = content
        try:
            with ZipFile(BytesIO(content)) as archive:
                entries = archive.infolist()
        except (BadZipFile, NotImplementedError, ValueError, OSError, struct.error):
            raise FileDamaged from None
        self._check_entries(entries)
        if not any(entry.filename == "xl/workbook.xml" for entry in entries):
            raise NotASpreadsheet(name=name)
        self.parts = {e.filename: self._inflate(e) for e in entries if e.filename.endswith((".xml", ".rels"))}
        for part in self.parts.values():
            # No XML part of a workbook has a reason for a NUL byte: it would be UTF-16, where a DOCTYPE hides from this search.
            if b"<!DOCTYPE" in part or b"<!ENTITY" in part or b"\x00" in part:
                raise ForbiddenXml

    @staticmethod
    def _check_entries(entries: list[ZipInfo]) -> None:
        if any(entry.flag_bits & 1 for entry in entries):
            raise FileEncrypted
        if len({entry.filename for entry in entries}) != len(entries):
            raise FileDamaged
        if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
            raise FileBomb
        for entry in entries:
            if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
                raise FileDamaged
            if entry.file_size > RATIO_FREE_BYTES and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
                raise FileBomb

    def _inflate(self, entry: ZipInfo) -> bytes:
        """Unpack one part and hold it to the size it declares: a zip may lie about it, and other readers go by the bytes."""
        header = self._content[entry.header_offset : entry.header_offset + _LOCAL_HEADER.size]
        if len(header) < _LOCAL_HEADER.size:
            raise FileDamaged
        signature, name_length, extra_length = _LOCAL_HEADER.unpack(header)
        if signature != b"PK\x03\x04":
            raise FileDamaged
        start = entry.header_offset + _LOCAL_HEADER.size + name_length + extra_length
        packed = self._content[start : start + entry.compress_size]
        if entry.compress_type == ZIP_STORED:
            unpacked, whole = packed, True
        else:
            stream = zlib.decompressobj(-zlib.MAX_WBITS)
            try:
                unpacked = stream.decompress(packed, entry.file_size + 1)
            except zlib.error:
                raise FileDamaged from None
            if len(unpacked) > entry.file_size:
                raise FileBomb
            # A part of exactly the declared size may leave the end-of-block mark unread.
            whole = stream.eof or (not stream.decompress(stream.unconsumed_tail, 1) and stream.eof)
        if not whole or len(unpacked) != entry.file_size:
            raise FileDamaged
        return unpacked

    def _xml(self, path: str) -> ElementTree.Element:
        try:
            return ElementTree.fromstring(self.parts[path])
        except (KeyError, ElementTree.ParseError, ValueError):
            raise FileDamaged from None

    @property
    def epoch_1904(self) -> bool:
        """Whether serial numbers count from 1904, as old Macintosh workbooks do."""
        for element in self._xml("xl/workbook.xml").iter():
            if element.tag.endswith("workbookPr"):
                return element.get("date1904", "0") in ("1", "true")
        return False

    def sheet_xml(self, sheet: str) -> bytes:
        """The XML of the named sheet, found through the workbook's relationships."""
        targets = {e.get("Id"): e.get("Target", "") for e in self._xml("xl/_rels/workbook.xml.rels")}
        for element in self._xml("xl/workbook.xml").iter():
            if element.tag.endswith("}sheet") and element.get("name") == sheet:
                reference = next((v for k, v in element.attrib.items() if k.endswith("}id")), None)
                path = normpath(join("/xl", targets.get(reference, ""))).lstrip("/")
                if path in self.parts:
                    return self.parts[path]
        raise FileDamaged

    def survey(self, sheet: str) -> Survey:
        """Sweep one sheet for its reach, its formulas and its error values, and refuse texts repeated beyond all measure."""
        xml = self.sheet_xml(sheet)
        end = xml.rfind(b"sheetData>")
        if end < 0 and _CELL_TAG.search(xml):
            raise FileDamaged
        xml = xml[max(xml.find(b"sheetData"), 0) : max(end, 0)]
        self._check_text(xml)
        last_row, last_column = _reach(xml)
        if _FORMULA.search(xml) or b'"e"' in xml or b"'e'" in xml:
            return Survey(last_row, last_column, *_special_cells(xml))
        return Survey(last_row, last_column, frozenset(), frozenset())

    def _check_text(self, xml: bytes) -> None:
        shared = self.parts.get("xl/sharedStrings.xml")
        if not shared:
            return
        lengths = [len(text) for text in re.split(rb"</(?:\w+:)?si>", shared)]
        if max(lengths) * xml.count(b"<") <= MAX_TEXT_BYTES:
            return
        used = sum(lengths[int(i)] for i in _SHARED.findall(xml) if int(i) < len(lengths))
        if used > MAX_TEXT_BYTES:
            raise FileBomb


def column_index(letters: str) -> int:
    """`A` is 0, `Z` 25, `AA` 26."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def _reach(xml: bytes) -> tuple[int, int]:
    """The farthest row and column that hold something, from 0; cells without an address count by their row's."""
    tags = len(_CELL_TAG.findall(xml))
    plain = xml.count(b'<c r="') == tags  # as Excel, WPS and most programs write it: a cheaper pattern will do
    cells = (_PLAIN_VALUED_CELL if plain else _VALUED_CELL).findall(xml)
    rows = {row for _, row in cells}
    columns = {column for column, _ in cells}
    last_row = max((int(row) for row in rows), default=0)
    last_column = max((column_index(column.decode()) for column in columns), default=-1)
    if not plain and tags != len(_CELL_WITH_REF.findall(xml)):
        last_row = max([last_row, *(int(row) for row in _ROW_REF.findall(xml))])
    return last_row - 1, last_column


def _special_cells(xml: bytes) -> tuple[frozenset[tuple[int, int]], frozenset[tuple[int, int]]]:
    """Addresses of formula cells (every cell of an array formula's range too) and of cells that hold an error value."""
    formulas: set[tuple[int, int]] = set()
    errors: set[tuple[int, int]] = set()
    row, column = -1, -1
    for tag, attributes in _TOKEN.findall(xml):
        values = dict(_ATTRIBUTE.findall(attributes))
        reference = _REF.fullmatch(values.get(b"r", b"").decode("ascii", "replace"))
        if tag == b"row":
            row, column = int(values[b"r"]) - 1 if values.get(b"r", b"").isdigit() else row + 1, -1
        elif tag == b"c":
            column += 1
            if reference:
                row, column = int(reference[2]) - 1, column_index(reference[1])
            if values.get(b"t") == b"e":
                errors.add((row, column))
        else:
            formulas.add((row, column))
            if values.get(b"t") in (b"array", b"dataTable"):
                formulas.update(_range(values.get(b"ref", b"").decode("ascii", "replace")))
    return frozenset(formulas), frozenset(errors)


def _range(reference: str) -> list[tuple[int, int]]:
    corners = [_REF.fullmatch(part) for part in reference.split(":")]
    if len(corners) != 2 or not all(corners):
        return []
    (left, top), (right, bottom) = [(column_index(c[1]), int(c[2]) - 1) for c in corners]
    if (bottom - top + 1) * (right - left + 1) > 1_000_000:
        raise FileBomb
    return [(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)]
