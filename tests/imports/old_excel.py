"""Writes small .xls files by hand (no library writes them any more): a compound file holding one stream of BIFF8 records."""

import struct

CELL_NUMBER, CELL_LABEL, CELL_FORMULA, CELL_BOOLERR = 0x0203, 0x0204, 0x0006, 0x0205


def record(kind: int, payload: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(payload)) + payload


def label(row: int, column: int, text: str) -> bytes:
    return record(CELL_LABEL, struct.pack("<HHHHB", row, column, 0, len(text), 1) + text.encode("utf-16-le"))


def number(row: int, column: int, value: float) -> bytes:
    return record(CELL_NUMBER, struct.pack("<HHHd", row, column, 0, value))


def formula(row: int, column: int, result: float) -> bytes:
    """A formula cell with its stored result; the expression is the integer 1."""
    expression = b"\x1e\x01\x00"
    return record(CELL_FORMULA, struct.pack("<HHHdHIH", row, column, 0, result, 0, 0, len(expression)) + expression)


def error(row: int, column: int) -> bytes:
    return record(CELL_BOOLERR, struct.pack("<HHHBB", row, column, 0, 0x2A, 1))


def merge(row: int, last_column: int) -> bytes:
    return record(0x00E5, struct.pack("<HHHHH", 1, row, row, 0, last_column))


def workbook(cells: bytes, sheet: str = "名册", extra: bytes = b"") -> bytes:
    """An .xls of one sheet; `extra` are records among the workbook's own, such as a password mark."""
    bof = struct.pack("<HHHHII", 0x0600, 0x0005, 0, 1997, 0, 6)
    name = bytes([len(sheet), 1]) + sheet.encode("utf-16-le")
    head = record(0x0809, bof) + record(0x0042, struct.pack("<H", 1200)) + extra
    at = len(head) + 4 + 6 + len(name) + 4
    head += record(0x0085, struct.pack("<IH", at, 0) + name) + record(0x000A)
    body = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 1997, 0, 6)) + cells + record(0x000A)
    return compound({"Workbook": head + body})


def compound(streams: dict[str, bytes]) -> bytes:
    """A compound file with these streams, each long enough to live in ordinary sectors."""
    padded = {name: content.ljust(4096, b"\x00") for name, content in streams.items()}
    sectors: list[bytes] = [b"", b""]  # allocation table and directory come first
    table = [0xFFFFFFFD, 0xFFFFFFFE]
    entries = [_entry("Root Entry", 5, 0xFFFFFFFE, 0, child=1)]
    for place, (name, content) in enumerate(padded.items(), 1):
        start = len(sectors)
        pieces = [content[i : i + 512].ljust(512, b"\x00") for i in range(0, len(content), 512)]
        table += [start + i + 1 for i in range(len(pieces) - 1)] + [0xFFFFFFFE]
        sectors += pieces
        right = place + 1 if place < len(padded) else 0xFFFFFFFF
        entries.append(_entry(name, 2, start, len(content), right=right))
    assert len(table) <= 128
    assert len(entries) <= 4
    sectors[0] = struct.pack("<128I", *table, *[0xFFFFFFFF] * (128 - len(table)))
    sectors[1] = b"".join(entries).ljust(512, b"\x00")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    return header + b"".join(sectors)


def _entry(name: str, kind: int, start: int, size: int, child: int = 0xFFFFFFFF, right: int = 0xFFFFFFFF) -> bytes:
    encoded = name.encode("utf-16-le") + b"\x00\x00"
    head = encoded.ljust(64, b"\x00") + struct.pack("<HBBIII", len(encoded), kind, 1, 0xFFFFFFFF, right, child)
    return head + bytes(36) + struct.pack("<IQ", start, size)
