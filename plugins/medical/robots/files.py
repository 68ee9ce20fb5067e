"""What a robot brought, before anybody reads it: too large, macros, bombs and pages in place of tables are told apart by their bytes."""

import datetime as dt
import hashlib
import zlib
from collections.abc import Mapping
from io import BytesIO
from zipfile import BadZipFile, ZipFile

import msgspec

from core.imports import errors, limits, sheets
from core.imports.xls import MAGIC as OLD_EXCEL
from plugins.medical.robots import layouts
from plugins.medical.robots.endings import FormatChanged, Refused
from plugins.medical.robots.layouts import ShopLine

MOST_BYTES = limits.MAX_FILE_BYTES
MACRO_NAMES = (".xlsm", ".xltm", ".xlsb", ".xlam", ".docm")
_INSIDE = ("vbaproject.bin", "vbadata.xml", "/macrosheets/", "/activex/", "/embeddings/", "/externallinks/")
_SAID = (b"macroenabled", b"vbaproject", b"intlmacrosheet", b"ms-excel.macrosheet")
MOST_PARTS = 5000
"""Of a workbook; a statement has a dozen."""
_DANGEROUS = {
    errors.FileTooLarge: "too_large", errors.FileBomb: "bomb", errors.ForbiddenXml: "forbidden_xml", errors.FileEncrypted: "encrypted",
    errors.TooManyRows: "too_many_rows", errors.TooManyColumns: "too_many_columns",
}  # fmt: skip


class Brought(msgspec.Struct, frozen=True):
    """A file as it came: its name is the outside's and only shown, without what cannot be."""

    name: str
    content: bytes

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "name", "".join(letter for letter in self.name if letter.isprintable())[:120])

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def read(platform: str, file: Brought, day: dt.date, stores: Mapping[str, object]) -> list[ShopLine]:
    """The orders of a file. Raises Refused, FormatChanged or NoOrders, each with its code."""
    check(file)
    suffix = layouts.LAYOUTS[platform].suffix
    try:
        found = sheets.read(file.content, f"statement{suffix}")
    except errors.FileRefused as error:
        code = _DANGEROUS.get(type(error))
        raise Refused(code) if code else FormatChanged(error.code.lower()) from None
    if found.typed != (suffix == ".xlsx"):
        raise FormatChanged("other_kind_of_file")
    return layouts.read(platform, found.rows, day, stores)


def check(file: Brought) -> None:
    """Refuse what may not be opened at all."""
    if len(file.content) > MOST_BYTES:
        raise Refused("too_large", size_mb=len(file.content) // limits.MEGABYTE)
    if file.name.lower().endswith(MACRO_NAMES):
        raise Refused("macro", file=file.name)
    if file.content.startswith(OLD_EXCEL):
        raise Refused("old_excel", file=file.name)
    if file.content.startswith(sheets.ZIP):
        if _has_macros(file.content):
            raise Refused("macro", file=file.name)
    elif file.content[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype", b"<html", b"<?xml", b"<")):
        raise FormatChanged("page_instead_of_file")


def _has_macros(content: bytes) -> bool:
    """Whether a workbook brings code: by its parts' names, and by what it says they are, for a part may be called anything."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_PARTS:
                raise Refused("bomb")
            said = b""
            for entry in entries:
                if entry.filename.lower() == "[content_types].xml":
                    with archive.open(entry) as part:
                        said += part.read(limits.MEGABYTE).replace(b"\0", b"").lower()
    except (BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError, EOFError, zlib.error):
        raise FormatChanged("file_damaged") from None
    names = [f"/{entry.filename.lower()}" for entry in entries]
    return any(sign in said for sign in _SAID) or any(sign in name for name in names for sign in _INSIDE)
