"""Lines into the database: a thread reads the next chunk while PostgreSQL stores the one before; memory holds two chunks, never the file."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from operator import itemgetter
from uuid import UUID

import msgspec

from core.database import Session
from core.statements import repository
from core.statements.protocol import COLUMNS, Line

ROWS_AT_ONCE = 20_000
Beside = Callable[[Session], Awaitable[None]]
CHANNEL, AMOUNT, FEE, NET = (itemgetter(COLUMNS.index(name)) for name in ("channel", "amount_fen", "fee_fen", "net_fen"))


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


class Sums:
    """Totals of lines as they pass by: the whole and each channel's. `every` counts all lines of a source that is not matched."""

    def __init__(self, every: bool = False) -> None:
        self._every = every
        self.whole = Totals()
        self.by_channel: dict[str, Totals] = {}

    def add(self, lines: list[Line]) -> None:
        """Count the lines that take part. Lines of one channel with fee and net, the usual case, are summed without looking at each."""
        channels = set(map(CHANNEL, lines))
        try:
            sums = [len(lines), sum(map(AMOUNT, lines)), sum(map(FEE, lines)), sum(map(NET, lines))]
        except TypeError:  # lines without a fee or net
            channels.clear()
        if len(channels) != 1:
            self._one_by_one(lines)
            return
        special = [line for line in lines if line[3] != "pay" or not line[4]]
        for line in special:
            for place, value in enumerate((1, line[9], line[10], line[11])):
                sums[place] -= value
        self._count(channels.pop(), "pay", *sums)
        self._one_by_one(special)

    def _one_by_one(self, lines: list[Line]) -> None:
        for line in lines:
            if line[4] or self._every:
                self._count(line[2], line[3], 1, line[9], line[10] or 0, line[11] or 0)

    def _count(self, channel: str, kind: str, *figures: int) -> None:
        if figures[0]:
            self.whole.add(kind, *figures)
            self.by_channel.setdefault(channel, Totals()).add(kind, *figures)


async def load(session: Session, statement_id: UUID, lines: Iterator[list[Line]], sums: Sums, beside: Beside) -> None:
    """Store every line of a reader and add them up; what the reader raises comes out here, and the caller puts the file back.

    `beside(session)` is called between two chunks: other work of the same transaction that is partly done elsewhere.
    """
    upcoming = asyncio.create_task(asyncio.to_thread(_gather, lines, sums))
    try:
        while chunk := await upcoming:
            upcoming = asyncio.create_task(asyncio.to_thread(_gather, lines, sums))
            await repository.add_lines(session, statement_id, chunk)
            await beside(session)
    finally:
        if not upcoming.done():
            await asyncio.wait([upcoming])
        if not upcoming.cancelled():
            upcoming.exception()


def _gather(lines: Iterator[list[Line]], sums: Sums) -> list[Line]:
    """The next chunk, made of as many of the reader's as it takes; empty at the end."""
    chunk: list[Line] = []
    for some in lines:
        chunk += some
        if len(chunk) >= ROWS_AT_ONCE:
            break
    if chunk:
        sums.add(chunk)
    return chunk
