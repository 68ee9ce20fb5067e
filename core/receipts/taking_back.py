"""The steps of taking receipts back: void or red-flush what no longer tells the truth, write what remains, and note who took what."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from core import clock, ids
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from core.receipts import flush_repository
from core.receipts.models import RECEIPT
from core.receipts.schemas import Content, Flushed
from core.receipts.writing import new

DONE, UNDER_WAY = "done", "under_way"
Lines = dict[int, tuple[str, int]]
"""Name and fen by the bill's line number."""


class Papers:
    """One taking back (or restoring) being put together; it is written as a whole, in one statement."""

    def __init__(self, payment_id: UUID, bill_id: UUID, key: str, reason: str) -> None:
        self.id = ids.uuid7()
        self._of = {"payment_id": payment_id, "bill_id": bill_id}
        self._key = key
        self._reason = reason
        self._changed: list[dict[str, object]] = []
        self._added: list[dict[str, object]] = []

    def take_back(self, blue: Row) -> UUID | None:
        """Void what nobody was given; a red one for everything else. Our own are taken back at once, an outside issuer has to confirm."""
        if blue.unissued:
            self._changed.append({"id": blue.id, "status": RECEIPT.check(blue.status, "voided"), "over": True})
            return None
        content = content_of(blue)
        minus = {no: (name, -fen) for no, (name, fen) in content.by_line.items()}
        red = content.with_lines(minus, reason=self._reason, takes_back=blue.number)
        if blue.ticket == "receipt":
            self._changed.append({"id": blue.id, "status": RECEIPT.check(blue.status, "red_flushed"), "over": False})
        return self._add(blue, red, kind="red", sequence=blue.sequence, follows_id=blue.id)

    def write_anew(self, old: Row, content: Content, lines: Lines, after: UUID | None) -> None:
        """A new blue receipt for what remains, if anything does; `old` is the newest of its kind."""
        if lines:
            document = content.with_lines(lines, client="", seal="", reason="", takes_back="")
            self._add(old, document, kind="blue", sequence=old.sequence + 1, follows_id=after)

    async def write(self, session: Session, amount_fen: int, lines: Mapping[str, Lines], by: Actor) -> None:
        """Write it down, once under its key, with what is taken back (or restored, then negative)."""
        noted = {ticket: [[no, name, fen] for no, (name, fen) in sorted(found.items())] for ticket, found in lines.items()}
        flush = {
            "id": self.id, "key": self._key, "amount_fen": amount_fen, "lines": noted, "reason": self._reason, "made_by": by.name, **self._of,
        }  # fmt: skip
        told = {"key": self._key, "amount_fen": amount_fen}
        action = "receipts.receipt.red_flush"
        await session.together(
            flush_repository.papers(flush, self._added, self._changed, session.tenant_id, clock.now()),
            audit.recording(session, by, action, "bill", self._of["bill_id"], after=told, reason=self._reason),
        )

    def _add(self, like: Row, content: Content, **place: object) -> UUID:
        row = new(like.payment_id, like.bill_id, like.ticket, content)
        self._added.append({**row, **place, "flush_id": self.id})
        return row["id"]


async def flush(
    session: Session, payment_id: UUID, bill_id: UUID, standing: Sequence[Row], amount_fen: int, lines: Mapping[int, int] | None,
    reason: str, by: Actor, key: str,
) -> Flushed:
    """Take an amount out of receipts that stand: each touched one goes whole, what remains of it is written anew."""
    taken = _take(standing, amount_fen, lines)
    papers, reds = Papers(payment_id, bill_id, key, reason), []
    for blue in standing:
        if taken[blue.ticket]:
            left = less(content_of(blue).by_line, taken[blue.ticket])
            red_id = papers.take_back(blue)
            papers.write_anew(blue, content_of(blue), left, red_id)
            reds += [(red_id, blue.ticket)] if red_id else []
    await papers.write(session, amount_fen, taken, by)
    flushed_fen = sum(fen for found in taken.values() for _name, fen in found.values())
    state = UNDER_WAY if any(ticket != "receipt" for _id, ticket in reds) else DONE
    return Flushed(key=key, state=state, flushed_fen=flushed_fen, receipt_ids=tuple(red_id for red_id, _ticket in reds))


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
