"""What must be known of an old .xls before its values are read: is it one, is it locked, how far does it reach, where are the formulas.

An .xls is a small file system (compound file) whose `Workbook` stream is a list of records. Only record heads are walked here; calamine
reads the values. A compound file may also be an encrypted .xlsx, or no workbook at all.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import error as StructError
from struct import unpack_from

from core.imports.errors import FileDamaged, FileEncrypted, NotASpreadsheet

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END_OF_CHAIN, _FREE = 0xFFFFFFFE, 0xFFFFFFFF

_BOF, _EOF, _FILEPASS, _DATEMODE, _BOUNDSHEET = 0x0809, 0x000A, 0x002F, 0x0022, 0x0085
_FORMULA = {0x0006, 0x0206, 0x0406}
_BOOLERR, _MULRK = 0x0205, 0x00BD
_VALUES = {0x0203, 0x00FD, 0x027E, 0x0204, 0x00D6, _BOOLERR} | _FORMULA


@dataclass(frozen=True, slots=True)
class OldSurvey:
    """Reach, formulas and error values of one sheet, counted from 0."""

    last_row: int
    last_column: int
    formulas: frozenset[tuple[int, int]]
    errors: frozenset[tuple[int, int]]


class CompoundFile:
    """The streams of a compound file, by name."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        try:
            self._read_tables()
        except (StructError, IndexError):
            raise FileDamaged from None

    def _read_tables(self) -> None:
        content = self._content
        self._shift, self._mini_shift = unpack_from("<HH", content, 30)
        if self._shift not in (9, 12) or self._mini_shift != 6:
            raise FileDamaged
        directory, _, self._cutoff, mini_table, _, next_table, _ = unpack_from("<IIIIIII", content, 48)
        per_sector = (1 << self._shift) // 4
        table_sectors = list(unpack_from("<109I", content, 76))
        for _ in range(len(content) >> self._shift):
            if next_table in (_END_OF_CHAIN, _FREE):
                break
            *more, next_table = unpack_from(f"<{per_sector}I", content, self._offset(next_table))
            table_sectors += more
        self._next: list[int] = []
        for sector in table_sectors:
            if sector not in (_FREE, _END_OF_CHAIN):
                self._next += unpack_from(f"<{per_sector}I", content, self._offset(sector))
        entries = self._chain(directory)
        self._entries: dict[str, tuple[int, int]] = {}
        root = (_END_OF_CHAIN, 0)
        for start in range(0, len(entries) - 127, 128):
            length, kind = unpack_from("<HB", entries, start + 64)
            place = unpack_from("<II", entries, start + 116)
            if kind == 5:
                root = place
            elif kind == 2:
                name = entries[start : start + max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace")
                self._entries[name] = place
        self._mini = self._chain(root[0])[: root[1]]
        table = self._chain(mini_table)
        self._mini_next = unpack_from(f"<{len(table) // 4}I", table)

    def _offset(self, sector: int) -> int:
        return (sector + 1) << self._shift

    def _chain(self, sector: int) -> bytes:
        pieces, size = [], 1 << self._shift
        while sector not in (_END_OF_CHAIN, _FREE):
            if len(pieces) > len(self._next):
                raise FileDamaged
            pieces.append(self._content[self._offset(sector) : self._offset(sector) + size])
            sector = self._next[sector]
        return b"".join(pieces)

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def stream(self, name: str) -> bytes:
        """The bytes of a stream; small ones live in the mini stream of 64-byte sectors."""
        sector, size = self._entries[name]
        try:
            if size >= self._cutoff:
                return self._chain(sector)[:size]
            pieces = []
            while sector not in (_END_OF_CHAIN, _FREE) and len(pieces) <= len(self._mini_next):
                pieces.append(self._mini[sector << 6 : (sector + 1) << 6])
                sector = self._mini_next[sector]
            return b"".join(pieces)[:size]
        except (IndexError, StructError):
            raise FileDamaged from None


class OldWorkbook:
    """The records of an .xls workbook."""

    def __init__(self, content: bytes, name: str) -> None:
        streams = CompoundFile(content)
        if "EncryptedPackage" in streams or "EncryptionInfo" in streams:
            raise FileEncrypted
        stream = next((s for s in ("Workbook", "Book") if s in streams), None)
        if stream is None:
            raise NotASpreadsheet(name=name)
        self._stream = streams.stream(stream)
        self.epoch_1904 = False
        self._sheets: list[int] = []
        for kind, start, length in self._records(0):
            if kind == _FILEPASS:
                raise FileEncrypted
            if kind == _DATEMODE and length >= 2:
                self.epoch_1904 = self._stream[start] == 1
            elif kind == _BOUNDSHEET and length >= 4:
                self._sheets.append(unpack_from("<I", self._stream, start)[0])

    def _records(self, position: int) -> Iterator[tuple[int, int, int]]:
        """Kind, start and length of each record of one part, from its begin to its end mark (parts may nest: charts)."""
        stream, depth = self._stream, 0
        while position + 4 <= len(stream):
            kind, length = unpack_from("<HH", stream, position)
            if kind == _BOF:
                depth += 1
            elif kind == _EOF:
                depth -= 1
                if depth <= 0:
                    return
            elif depth == 1:
                yield kind, position + 4, length
            position += 4 + length
        raise FileDamaged

    def survey(self, index: int) -> OldSurvey:
        """Walk the records of one sheet, counted in the order of the workbook."""
        if index >= len(self._sheets):
            raise FileDamaged
        last_row = last_column = -1
        formulas: set[tuple[int, int]] = set()
        errors: set[tuple[int, int]] = set()
        for kind, start, length in self._records(self._sheets[index]):
            if kind == _MULRK and length >= 6:
                row, _ = unpack_from("<HH", self._stream, start)
                (column,) = unpack_from("<H", self._stream, start + length - 2)
            elif kind in _VALUES and length >= 6:
                row, column = unpack_from("<HH", self._stream, start)
                if kind in _FORMULA:
                    formulas.add((row, column))
                elif kind == _BOOLERR and length >= 8 and self._stream[start + 7]:
                    errors.add((row, column))
            else:
                continue
            last_row, last_column = max(last_row, row), max(last_column, column)
        return OldSurvey(last_row, last_column, frozenset(formulas), frozenset(errors))
