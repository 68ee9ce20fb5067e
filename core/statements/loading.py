"""Lines into the database: a thread reads the next chunk while PostgreSQL stores the one before; memory holds two chunks, never the file."""

import asyncio
from collections.abc import Iterator
from uuid import UUID

import msgspec

from core.database import Session
from core.statements import repository
from core.statements.protocol import Line

ROWS_AT_ONCE = 20_000


class Totals(msgspec.Struct):
    """What a file's lines that take part add up to; amounts in fen."""

    rows: int = 0
    pay_count: int = 0
    pay_amount_fen: int = 0
    refund_count: int = 0
    refund_amount_fen: int = 0
    fee_fen: int = 0
    net_fen: int = 0

    def add(self, kind: str, rows: int, amount_fen: int, fee_fen: int, net_fen: int) -> None:
        """Count lines of one kind; only payments and refunds are trades."""
        self.rows += rows
        self.fee_fen += fee_fen
        self.net_fen += net_fen
        if kind == "pay":
            self.pay_count += rows
            self.pay_amount_fen += amount_fen
        elif kind == "refund":
            self.refund_count += rows
            self.refund_amount_fen += amount_fen


async def load(session: Session, statement_id: UUID, lines: Iterator[list[Line]]) -> None:
    """Store every line of a reader; what the reader raises comes out here, and the caller puts the file back."""
    upcoming = asyncio.create_task(asyncio.to_thread(_gather, lines))
    try:
        while chunk := await upcoming:
            upcoming = asyncio.create_task(asyncio.to_thread(_gather, lines))
            await repository.add_lines(session, statement_id, chunk)
    finally:
        if not upcoming.done():
            await asyncio.wait([upcoming])
        if not upcoming.cancelled():
            upcoming.exception()


def _gather(lines: Iterator[list[Line]]) -> list[Line]:
    """The next chunk, made of as many of the reader's as it takes; empty at the end."""
    chunk: list[Line] = []
    for some in lines:
        chunk += some
        if len(chunk) >= ROWS_AT_ONCE:
            break
    return chunk


async def add_up(session: Session, statement_id: UUID) -> tuple[Totals, dict[str, Totals]]:
    """The totals of a loaded statement: all of it, and each channel's."""
    whole, by_channel = Totals(), {}
    for row in await repository.totals(session, statement_id):
        figures = (row.kind, row.rows, row.amount_fen, row.fee_fen, row.net_fen)
        whole.add(*figures)
        by_channel.setdefault(row.channel, Totals()).add(*figures)
    return whole, by_channel
