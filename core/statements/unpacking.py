"""What comes in is unpacked under limits: no bomb, no path, no password, no end that is missing."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from core.statements.protocol import FileRefused

MEGABYTE = 1 << 20
MAX_PACKED = 1024 * MEGABYTE
MAX_UNPACKED = 4096 * MEGABYTE
MAX_INNER = 256 * MEGABYTE
"""A zip inside a gzip; nobody sends one, and it must be held in memory."""
MAX_RATIO = 200
"""Unpacked ÷ packed above `RATIO_FREE`; a statement of real rows stays below 40."""
RATIO_FREE = 16 * MEGABYTE
MAX_ENTRIES = 50
GZIP = b"\x1f\x8b"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_BOMB = "文件解压后大得不正常，为安全起见不予读取"


def size_of(content: BinaryIO) -> int:
    """How many bytes a seekable stream holds; it stands at its beginning afterwards."""
    size = content.seek(0, io.SEEK_END)
    content.seek(0)
    return size


def opened(content: BinaryIO) -> BinaryIO:
    """The file's own bytes: a gzip is unpacked while it is read, anything else is handed on. Raises FileRefused while reading."""
    size = size_of(content)
    if size > MAX_PACKED:
        raise FileRefused("too_large", f"文件超过 {MAX_PACKED // MEGABYTE} MB，请分开导出")
    if head_of(content, 2) != GZIP:
        return content
    return io.BufferedReader(_Gunzip(content, size), 256 << 10)


class _Gunzip(io.RawIOBase):
    """Reads a gzip; counts what comes out against what went in."""

    def __init__(self, packed: BinaryIO, size: int) -> None:
        self._limit = min(MAX_UNPACKED, max(size * MAX_RATIO, RATIO_FREE))
        self._inside = gzip.GzipFile(fileobj=packed, mode="rb")
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:
        try:
            data = self._inside.read(len(buffer))
        except EOFError:
            raise FileRefused("truncated_gzip", "压缩文件没有传完整，请重新下载") from None
        except (gzip.BadGzipFile, zlib.error):
            raise FileRefused("damaged_file", "压缩文件已损坏，请重新下载") from None
        self._read += len(data)
        if self._read > self._limit:
            raise FileRefused("bomb", _BOMB)
        buffer[: len(data)] = data
        return len(data)


def head_of(content: BinaryIO, size: int) -> bytes:
    """A stream's first bytes; it is read from its beginning afterwards."""
    if not content.seekable():
        return content.peek(size)[:size]
    head = content.read(size)
    content.seek(0)
    return head


def is_zip(content: BinaryIO) -> bool:
    """Whether a stream is a zip, told by its bytes."""
    return head_of(content, 4) in ZIP


class Archive:
    """A zip from outside whose entries were looked at before anything of it is unpacked."""

    def __init__(self, content: BinaryIO) -> None:
        if not content.seekable():
            content = io.BytesIO(content.read(MAX_INNER + 1))
            if size_of(content) > MAX_INNER:
                raise FileRefused("bomb", _BOMB)
        try:
            self._zip = zipfile.ZipFile(content)
            self.entries = [entry for entry in self._zip.infolist() if not self._refuse(entry)]
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError):
            raise FileRefused("truncated_zip", "压缩包打不开，可能没有传完整，请重新下载") from None
        if len(self.entries) > MAX_ENTRIES:
            raise FileRefused("too_many_entries", f"压缩包里有 {len(self.entries)} 个文件，对账单不会这样，请确认选对了文件")
        if sum(entry.file_size for entry in self.entries) > MAX_UNPACKED:
            raise FileRefused("bomb", _BOMB)

    @staticmethod
    def _refuse(entry: zipfile.ZipInfo) -> None:
        if entry.flag_bits & 1:
            raise FileRefused("encrypted", "压缩包设有密码，请去掉密码后再交", value=name_of(entry))
        if any(mark in entry.filename or mark in name_of(entry) for mark in ("/", "\\", "..", ":")):
            raise FileRefused("path_in_zip", "压缩包里的文件带有路径，不予读取，请重新下载原文件", value=name_of(entry))
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise FileRefused("damaged_file", "压缩包用了不认识的压缩方式，请重新下载", value=name_of(entry))
        if entry.file_size > RATIO_FREE and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
            raise FileRefused("bomb", _BOMB, value=name_of(entry))

    def open(self, entry: zipfile.ZipInfo) -> BinaryIO:
        """An entry's bytes; what does not fit its declared size or checksum is refused while it is read."""
        try:
            return io.BufferedReader(_Entry(self._zip.open(entry)), 256 << 10)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError):
            raise FileRefused("damaged_file", "压缩包已损坏，请重新下载") from None


class _Entry(io.RawIOBase):
    def __init__(self, inside: BinaryIO) -> None:
        self._inside = inside

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:
        try:
            data = self._inside.read(len(buffer))
        except (zipfile.BadZipFile, zlib.error, EOFError):
            raise FileRefused("truncated_zip", "压缩包已损坏或没有传完整，请重新下载") from None
        buffer[: len(data)] = data
        return len(data)


def name_of(entry: zipfile.ZipInfo) -> str:
    """An entry's name: GBK where the zip does not say that it is UTF-8."""
    if entry.flag_bits & 0x800:
        return entry.filename
    return entry.filename.encode("cp437", "replace").decode("gbk", "replace")


def pieces(content: BinaryIO, size: int = MEGABYTE) -> Iterator[bytes]:
    """A seekable stream from its beginning, in pieces."""
    content.seek(0)
    while piece := content.read(size):
        yield piece


def stream_of(given: bytes | BinaryIO) -> BinaryIO:
    """A seekable stream of bytes, or the stream itself."""
    return io.BytesIO(given) if isinstance(given, bytes) else given
