"""The original of a statement, byte for byte as it came: sealed in pieces, so that no file has to fit into memory."""

import asyncio
import io
import zlib
from collections.abc import AsyncIterator
from typing import BinaryIO
from uuid import UUID

from core.database import Session
from core.errors import NotFound
from core.identity.vault import TenantKeys, Vault
from core.statements import repository
from core.statements.packing import pack, unpack
from core.statements.protocol import FileRefused, StatementSource
from core.statements.unpacking import GZIP, MAX_RATIO, MEGABYTE, RATIO_FREE, opened

AT_ONCE = 8
_GZIP_BITS = 16 + zlib.MAX_WBITS
KEPT_OF_REFUSED = 20 * MEGABYTE
"""Of a refused file so much is kept to be looked at."""


class LineGone(NotFound):
    code = "STATEMENT_LINE_GONE"
    message = "原文件里没有第 {line} 行"


class Keeping:
    """Seals a file's bytes away, a few pieces at a time: a thread packs and seals while the transaction has other work.

    `alone` says that nobody else reads this stream, so that pieces may be taken between two chunks of lines; `limit` keeps the beginning.
    """

    def __init__(self, keys: TenantKeys, statement_id: UUID, content: BinaryIO, *, alone: bool = False, limit: int | None = None) -> None:
        self._keys, self._statement_id, self._content, self._alone, self._left = keys, statement_id, content, alone, limit
        self._number = 0
        self._job: asyncio.Task[list[tuple[int, bytes]]] | None = None
        self._ended = False

    async def step(self, session: Session) -> None:
        """Store what is ready, if anything is, and let the thread go on."""
        if self._alone and not self._ended and (self._job is None or self._job.done()):
            await self._store(session)

    async def finish(self, session: Session) -> None:
        """Store the rest."""
        while not self._ended:
            await self._store(session)

    async def stop(self) -> None:
        """Wait for the thread and forget what it did: the file is put back."""
        self._ended = True
        if self._job is not None:
            await asyncio.wait([self._job])
            self._job.exception()

    async def _store(self, session: Session) -> None:
        if self._job is None:
            self._content.seek(0)
        else:
            sealed = await self._job
            self._ended = not sealed
            if sealed:
                await repository.add_pieces(session, self._statement_id, sealed)
        if not self._ended:
            self._job = asyncio.create_task(asyncio.to_thread(self._sealed))

    def _sealed(self) -> list[tuple[int, bytes]]:
        sealed: list[tuple[int, bytes]] = []
        while len(sealed) < AT_ONCE:
            size = MEGABYTE if self._left is None else min(MEGABYTE, self._left)
            piece = self._content.read(size) if size > 0 else b""
            if not piece:
                break
            self._left = None if self._left is None else self._left - len(piece)
            sealed.append((self._number, self._keys.seal(pack(piece))))
            self._number += 1
        return sealed


async def read_original(session: Session, vault: Vault, statement_id: UUID) -> AsyncIterator[bytes]:
    """The bytes of a statement's file as they came, piece by piece."""
    keys = await vault.keys(session)
    number = 0
    while (sealed := await repository.find_piece(session, statement_id, number)) is not None:
        yield unpack(keys.open_bytes(sealed))
        number += 1


async def raw_line(session: Session, vault: Vault, source: StatementSource, statement_id: UUID, line_no: int) -> str:
    """One line of the original's text, as a person reads it; LineGone when the file has no such line. A text is not held whole."""
    pieces = read_original(session, vault, statement_id)
    found = await (_line_of_text(pieces, line_no) if source.lines is None else _line_of_container(pieces, source, line_no))
    if found is None:
        raise LineGone(line=line_no)
    return found


async def _line_of_text(pieces: AsyncIterator[bytes], line_no: int) -> str | None:
    number, kept, unpacked = 1, b"", _unpacked(pieces)
    async for text in unpacked:
        ends = text.count(b"\n")
        if number + ends < line_no:
            number += ends
            continue
        lines = text.split(b"\n")
        if number <= line_no:
            kept += lines[line_no - number]
        number += ends
        if number > line_no:
            break
    await unpacked.aclose()
    return kept.decode("utf-8", "replace").rstrip("\r") if number > line_no or kept else None


async def _unpacked(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The text of an original, unpacked where it came as a gzip, under the limits it came in with."""
    stream, packed, given = None, 0, 0
    async for piece in pieces:
        if not packed and piece.startswith(GZIP):
            stream = zlib.decompressobj(_GZIP_BITS)
        packed += len(piece)
        if stream is None:
            yield piece
            continue
        left, text = piece, b""
        while (left or len(text) == MEGABYTE) and given <= max(packed * MAX_RATIO, RATIO_FREE):
            try:
                text = stream.decompress(left, MEGABYTE)
            except zlib.error:
                return
            given += len(text)
            yield text
            left = stream.unconsumed_tail
            if stream.eof:
                left, stream = stream.unused_data, zlib.decompressobj(_GZIP_BITS)


async def _line_of_container(pieces: AsyncIterator[bytes], source: StatementSource, line_no: int) -> str | None:
    whole = io.BytesIO()
    async for piece in pieces:
        whole.write(piece)
    whole.seek(0)
    return await asyncio.to_thread(_find_line, source, whole, line_no)


def _find_line(source: StatementSource, whole: BinaryIO, line_no: int) -> str | None:
    try:
        for number, line in enumerate(source.lines(opened(whole)), 1):
            if number == line_no:
                return line.rstrip("\r\n")
    except FileRefused:
        return None
    return None
