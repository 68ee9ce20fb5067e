"""The steps of taking receipts back: void or red-flush what no longer tells the truth, write what remains, and note who took what."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from core import ids
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from core.receipts import flush_repository, repository
from core.receipts.models import RECEIPT
from core.receipts.schemas import Content, Flushed
from core.receipts.writing import write

DONE, UNDER_WAY = "done", "under_way"
Lines = dict[int, tuple[str, int]]
"""Name and fen by the bill's line number."""


async def flush(
    session: Session, payment_id: UUID, bill_id: UUID, standing: Sequence[Row], amount_fen: int, lines: Mapping[int, int] | None,
    reason: str, by: Actor, key: str,
) -> Flushed:
    """Take an amount out of receipts that stand: each touched one goes whole, what remains of it is written anew."""
    taken = _take(standing, amount_fen, lines)
    flush_id = await note(session, payment_id, bill_id, key, amount_fen, taken, reason, by)
    reds = []
    for blue in standing:
        if taken[blue.ticket]:
            left = less(content_of(blue).by_line, taken[blue.ticket])
            red_id = await take_back(session, blue, reason, flush_id)
            await write_anew(session, blue, content_of(blue), left, flush_id, red_id)
            reds += [(red_id, blue.ticket)] if red_id else []
    flushed_fen = sum(fen for found in taken.values() for _name, fen in found.values())
    state = UNDER_WAY if any(ticket != "receipt" for _id, ticket in reds) else DONE
    return Flushed(key=key, state=state, flushed_fen=flushed_fen, receipt_ids=tuple(red_id for red_id, _ticket in reds))


async def take_back(session: Session, blue: Row, reason: str, flush_id: UUID) -> UUID | None:
    """Void what nobody was given; a red one for everything else. Our own are taken back at once, an outside issuer has to confirm."""
    if blue.unissued:
        await repository.set_status(session, blue.id, RECEIPT.check(blue.status, "voided"), next_query_at=None, last_error=None)
        return None
    content = content_of(blue)
    minus = {no: (name, -fen) for no, (name, fen) in content.by_line.items()}
    red = content.with_lines(minus, reason=reason, takes_back=blue.number)
    place = {"kind": "red", "sequence": blue.sequence, "follows_id": blue.id, "flush_id": flush_id}
    red_id = await write(session, blue.payment_id, blue.bill_id, blue.ticket, red, **place)
    if blue.ticket == "receipt":
        await repository.set_status(session, blue.id, RECEIPT.check(blue.status, "red_flushed"))
    return red_id


async def write_anew(session: Session, old: Row, content: Content, lines: Lines, flush_id: UUID, after: UUID | None) -> None:
    """A new blue receipt for what remains, if anything does; `old` is the newest of its kind."""
    if not lines:
        return
    place = {"sequence": old.sequence + 1, "follows_id": after, "flush_id": flush_id}
    document = content.with_lines(lines, client="", seal="", reason="", takes_back="")
    await write(session, old.payment_id, old.bill_id, old.ticket, document, **place)


async def note(
    session: Session, payment_id: UUID, bill_id: UUID, key: str, amount_fen: int, lines: Mapping[str, Lines], reason: str, by: Actor
) -> UUID:
    """Write down, once under its key, what is taken back (or restored, then negative)."""
    session.has_work = True
    flush_id = ids.uuid7()
    noted = {ticket: [[no, name, fen] for no, (name, fen) in sorted(found.items())] for ticket, found in lines.items()}
    row = {
        "id": flush_id, "key": key, "payment_id": payment_id, "bill_id": bill_id, "amount_fen": amount_fen, "lines": noted,
        "reason": reason, "made_by": by.name,
    }  # fmt: skip
    await flush_repository.add_flush(session, row)
    after = {"key": key, "amount_fen": amount_fen}
    await audit.record(session, by, "receipts.receipt.red_flush", "bill", bill_id, after=after, reason=reason)
    return flush_id


async def told(session: Session, flush: Row) -> Flushed:
    """What a taking back has come to by now."""
    reds = await flush_repository.list_reds(session, flush.id)
    open_outside = any(red.ticket != "receipt" and red.status in ("to_issue", "issuing") for red in reds)
    return Flushed(
        key=flush.key,
        state=UNDER_WAY if open_outside else DONE,
        flushed_fen=sum(fen for found in flush.lines.values() for _no, _name, fen in found),
        receipt_ids=tuple(red.id for red in reds),
    )


def _take(standing: Sequence[Row], amount_fen: int, lines: Mapping[int, int] | None) -> dict[str, Lines]:
    """How much of which line of which ticket goes."""
    taken: dict[str, Lines] = defaultdict(dict)
    on_lines = [(no, blue.ticket, name, fen) for blue in standing for no, (name, fen) in content_of(blue).by_line.items()]
    for no, ticket, name, fen in sorted(on_lines, reverse=True):
        part = min(fen, amount_fen if lines is None else lines.get(no, 0))
        if part > 0:
            taken[ticket][no] = (name, part)
            amount_fen -= part
    return taken


def less(lines: Lines, taken: Lines) -> Lines:
    """The lines without what was taken; empty ones go."""
    left = {no: (name, fen - taken.get(no, ("", 0))[1]) for no, (name, fen) in lines.items()}
    return {no: line for no, line in left.items() if line[1] > 0}


def more(lines: Lines, back: Lines) -> Lines:
    """The lines with what comes back."""
    return {no: (name, fen + lines.get(no, ("", 0))[1]) for no, (name, fen) in back.items()} | {
        no: line for no, line in lines.items() if no not in back
    }


def lines_of(found: list[list]) -> Lines:
    """The lines of a note."""
    return {no: (name, fen) for no, name, fen in found}


def content_of(row: Row) -> Content:
    """What a receipt says."""
    return msgspec.convert(row.content, Content)
