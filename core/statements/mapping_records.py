"""A laid-out file as records: one list of cells for each data line, with its line number; nothing has to fit into memory but an Excel."""

import codecs
import contextlib
import csv
import io
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from core.imports import errors as unreadable
from core.imports import sheets
from core.imports.limits import MAX_FILE_BYTES
from core.imports.sheets import Cell
from core.statements.layouts import Layout, bytes_of
from core.statements.protocol import FileRefused
from core.web.i18n import N_

LONGEST_LINE = 1024 * 1024
MARKS = b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0"


class Record(NamedTuple):
    """A line cut into its cells; `line` counts from 1 in the text."""

    line: int
    cells: list[Cell]


def records(content: BinaryIO, layout: Layout) -> Iterator[Record]:
    """Every line of the file, the first ones included: what is data is `data_of`'s to say. Raises FileRefused."""
    match layout.format:
        case "excel":
            return _of_excel(content, layout)
        case "fixed":
            return _of_bytes(content, layout)
        case _:
            return _of_text(content, layout)


def data_of(found: Iterator[Record], layout: Layout) -> Iterator[Record]:
    """The data lines alone: no headings, remarks, blank lines or foot. The total row stays: it is read as such."""
    held: deque[Record] = deque()
    for record in found:
        first = _text(record.cells[0]) if record.cells else ""
        if record.line < layout.first_row or (layout.comment and first.startswith(layout.comment)) or not any(map(_text, record.cells)):
            continue
        held.append(record)
        if len(held) > layout.footer_rows:
            yield held.popleft()


def headings(found: Iterator[Record], layout: Layout) -> tuple[list[str], Iterator[Record]]:
    """The heading row and what comes after it; no headings in a fixed-width file or where the layout says so."""
    if layout.format == "fixed" or not layout.header_row:
        return [], found
    for record in found:
        if record.line >= layout.header_row:
            return [_text(cell) for cell in record.cells], found
    raise FileRefused("missing_column", N_("文件没有到表头所在的行，请核对是否下载完整"))


def place_of(name: str, titles: list[str]) -> int:
    """Where a heading stands. Raises FileRefused when it is missing or there twice."""
    found = [at for at, title in enumerate(titles) if title == name.strip()]
    if not found:
        raise FileRefused("missing_column", N_("文件缺少映射中的列，请核对是否选对了文件或修改字段映射"), column=name)
    if len(found) > 1:
        raise FileRefused("duplicate_column", N_("文件中有两列同名，无法确定取哪一列"), column=name)
    return found[0]


def _text(cell: Cell) -> str:
    return cell.strip(" \t\r\n\u3000\ufeff") if isinstance(cell, str) else str(cell)


def _of_text(content: BinaryIO, layout: Layout) -> Iterator[Record]:
    lines = _lines(content, layout.encoding)
    quoting = csv.QUOTE_MINIMAL if layout.quoted else csv.QUOTE_NONE
    reader = csv.reader(lines, delimiter=layout.delimiter, quoting=quoting, strict=layout.quoted)
    begins = 1
    try:
        for cells in reader:
            yield Record(begins, cells)
            begins = reader.line_num + 1
    except csv.Error as fault:
        raise FileRefused("truncated_text", N_("引号不成对或内容不完整，请重新导出"), line=begins) from fault


def _of_bytes(content: BinaryIO, layout: Layout) -> Iterator[Record]:
    """Fixed width: the cells of a record are its bytes, cut later; here each line is one cell of text made of single bytes."""
    _look_at(content)
    for number, raw in enumerate(iter(lambda: content.readline(LONGEST_LINE + 1), b""), 1):
        if len(raw) > LONGEST_LINE:
            raise FileRefused("not_a_statement", N_("有一行长得不正常，这不是对账文件"), line=number)
        yield Record(number, [raw.rstrip(b"\r\n").decode("latin-1")])


def cut(line: str, place: str, encoding: str) -> str:
    """The text that stands in some bytes of a fixed-width line; nothing for a place that is none. Raises UnicodeDecodeError."""
    found = bytes_of(place) or (0, 0)
    return line[found[0] : found[1]].encode("latin-1").decode(encoding)


def _of_excel(content: BinaryIO, layout: Layout) -> Iterator[Record]:
    whole = content.read(MAX_FILE_BYTES + 1)
    try:
        sheet = sheets.Workbook(whole, "statement.xlsx").sheet(layout.sheet or None)
    except unreadable.FileRefused as refusal:
        raise FileRefused("not_a_statement" if refusal.code == "NOT_A_SPREADSHEET" else refusal.code.lower(), refusal.message) from refusal
    for number, cells in enumerate(sheet.rows, 1):
        yield Record(number, cells)


def _lines(content: BinaryIO, encoding: str) -> Iterator[str]:
    """Text line by line, strictly decoded, no line longer than a statement can have; nothing that is binary gets through."""
    _look_at(content)
    text = io.TextIOWrapper(content, "utf-8-sig" if encoding == "utf-8" else encoding, newline="")
    number = 1
    try:
        while line := text.readline(LONGEST_LINE):
            if len(line) >= LONGEST_LINE or "\0" in line:
                raise FileRefused("not_a_statement", N_("内容不是文本表格，请核对是否选对了文件"), line=number)
            yield line
            number += 1
    except UnicodeError as fault:
        raise FileRefused("wrong_encoding", N_("文字编码与映射中的不一致，请核对编码"), line=number) from fault
    finally:
        with contextlib.suppress(ValueError):  # the stream was closed before whoever stopped reading let go of us
            text.detach()


def _look_at(content: BinaryIO) -> None:
    """Refuse what plainly is something else: nothing at all, an archive, a picture, a page."""
    start = content.read(64)
    content.seek(0)
    if not start:
        raise FileRefused("zero_bytes", N_("文件是空的，请确认是否下载完整"))
    plain = start.removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if start.startswith(MARKS) or plain.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise FileRefused("not_a_statement", N_("内容不是文本表格，请核对是否选对了文件"))
