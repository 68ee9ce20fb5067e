"""Text tables: .csv and .txt in UTF-8 or GBK/GB18030, separated by comma, tab or semicolon."""

import csv
from io import StringIO

from core.imports.errors import (
    EncodingUnknown,
    FileDamaged,
    FileEmpty,
    NotASpreadsheet,
    QuotesUnbalanced,
    TooManyColumns,
    TooManyRows,
)
from core.imports.limits import MAX_COLUMNS, MAX_ROWS

_BINARY = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"Rar!", b"\x1f\x8b", b"7z\xbc\xaf", b"MZ", b"\x7fELF", b"GIF8")


def decode(content: bytes, name: str) -> str:
    """Text of a file whose encoding nobody stated: a byte order mark decides, then strict UTF-8, then strict GB18030."""
    if content.startswith(_BINARY):
        raise NotASpreadsheet(name=name)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        candidates = ("utf-16",)
    else:
        candidates = ("utf-8-sig", "gb18030")
    for encoding in candidates:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            raise NotASpreadsheet(name=name)
        return text
    raise EncodingUnknown


def separator(text: str) -> str:
    """The separator that occurs most often in the first line, outside quotes; a comma when there is none."""
    counts = {",": 0, "\t": 0, ";": 0}
    quoted = False
    for character in text:
        if character == '"':
            quoted = not quoted
        elif not quoted and character in "\r\n":
            break
        elif not quoted and character in counts:
            counts[character] += 1
    return max(counts, key=lambda c: counts[c])


def read(content: bytes, name: str) -> list[list[str]]:
    """Rows of text cells; blank lines stay as empty rows so that row numbers are those the person sees in Excel."""
    text = decode(content, name)
    if not text.strip():
        raise FileEmpty
    if text.lstrip().startswith(("<", "{\\rtf")):
        raise NotASpreadsheet(name=name)
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator(text), strict=True)
    rows: list[list[str]] = []
    try:
        for row in reader:
            rows.append(row)
            if len(row) > MAX_COLUMNS:
                raise TooManyColumns(limit=MAX_COLUMNS)
            if len(rows) > MAX_ROWS + 1:
                raise TooManyRows(limit=MAX_ROWS)
    except csv.Error as fault:
        if "field larger" in str(fault):
            raise FileDamaged from None
        raise QuotesUnbalanced(line=reader.line_num) from None
    return rows
