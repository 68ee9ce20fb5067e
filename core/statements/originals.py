"""The original of a statement, byte for byte as it came: sealed in pieces, so that no file has to fit into memory."""

import asyncio
import io
from collections.abc import AsyncIterator
from typing import BinaryIO
from uuid import UUID

from core.database import Session
from core.errors import NotFound
from core.identity.vault import TenantKeys, Vault
from core.statements import repository
from core.statements.packing import pack, unpack
from core.statements.protocol import FileRefused, StatementSource
from core.statements.unpacking import MEGABYTE, opened

AT_ONCE = 8
KEPT_OF_REFUSED = 20 * MEGABYTE
"""Of a refused file so much is kept to be looked at."""


class LineGone(NotFound):
    code = "STATEMENT_LINE_GONE"
    message = "原文件里没有第 {line} 行"


async def keep(session: Session, keys: TenantKeys, statement_id: UUID, content: BinaryIO, limit: int | None = None) -> bool:
    """Seal a file's bytes away; `limit` keeps only its beginning. Answers whether all of it was kept."""
    content.seek(0)
    number, left = 0, limit
    while True:
        sealed, read = await asyncio.to_thread(_sealed, keys, content, number, left)
        if not sealed:
            return not content.read(1)
        await repository.add_pieces(session, statement_id, sealed)
        number += len(sealed)
        left = None if left is None else left - read


def _sealed(keys: TenantKeys, content: BinaryIO, number: int, left: int | None) -> tuple[list[tuple[int, bytes]], int]:
    sealed: list[tuple[int, bytes]] = []
    total = 0
    while len(sealed) < AT_ONCE:
        size = MEGABYTE if left is None else min(MEGABYTE, left - total)
        piece = content.read(size) if size > 0 else b""
        if not piece:
            break
        total += len(piece)
        sealed.append((number + len(sealed), keys.seal(pack(piece))))
    return sealed, total


async def read_original(session: Session, vault: Vault, statement_id: UUID) -> AsyncIterator[bytes]:
    """The bytes of a statement's file as they came, piece by piece."""
    keys = await vault.keys(session)
    number = 0
    while (sealed := await repository.find_piece(session, statement_id, number)) is not None:
        yield unpack(keys.open_bytes(sealed))
        number += 1


async def raw_line(session: Session, vault: Vault, source: StatementSource, statement_id: UUID, line_no: int) -> str:
    """One line of the original's text, as a person reads it; LineGone when the file has no such line."""
    whole = io.BytesIO()
    async for piece in read_original(session, vault, statement_id):
        whole.write(piece)
    whole.seek(0)
    found = await asyncio.to_thread(_find_line, source, whole, line_no)
    if found is None:
        raise LineGone(line=line_no)
    return found


def _find_line(source: StatementSource, whole: BinaryIO, line_no: int) -> str | None:
    content = opened(whole)
    try:
        lines = source.lines(content) if source.lines else io.TextIOWrapper(content, "utf-8", "replace", newline="\n")
        for number, line in enumerate(lines, 1):
            if number == line_no:
                return line.rstrip("\r\n")
    except FileRefused:
        return None
    return None
