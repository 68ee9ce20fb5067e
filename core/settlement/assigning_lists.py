"""One bank entry as finance looks at it: what it is, what it may be, and what was said of it before; and what an arrival may be waiting for."""

import datetime as dt
from uuid import UUID

import msgspec

from core.approvals import lists as approvals
from core.database import Row, Session
from core.identity.actor import Actor
from core.identity.vault import Vault
from core.settlement import arrivals_lists as lists
from core.settlement import assigning_repository as repository
from core.settlement.arrivals_lists import ArrivalRow, EntryRow
from core.settlement.assigning import KIND, UNDO, WAITS
from core.settlement.assigning_errors import EntryNotFound
from core.settlement.payer_names import Payer, payers

SHOWN = 12
"""Candidates on a page, the likeliest first."""


class ArrivalCandidate(msgspec.Struct, frozen=True, kw_only=True):
    """An arrival that an entry may be: what it still waits for, and whether that is the very amount."""

    arrival: ArrivalRow
    owed_fen: int
    exact: bool


class EntryCandidate(msgspec.Struct, frozen=True, kw_only=True):
    """An unexplained entry that may be what an arrival waits for."""

    entry: EntryRow
    payer: Payer
    exact: bool


class SaidPart(msgspec.Struct, frozen=True, kw_only=True):
    """A part of an assignment: which arrival got how much."""

    arrival_id: UUID
    channel: str
    merchant_number: str
    bill_on: dt.date
    amount_fen: int


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What two people said an entry was, and who took it back."""

    id: UUID
    status: str
    reason: str
    made_by: str
    checked_by: str
    created_at: dt.datetime
    undone_by: str | None
    undone_at: dt.datetime | None
    undone_because: str | None
    parts: list[SaidPart]


class EntryRead(msgspec.Struct, frozen=True, kw_only=True):
    """One bank entry with its other side, its candidates while it is open, and its assignments."""

    entry: EntryRow
    payer: Payer
    difference_code: str | None
    difference_status: str | None
    open: bool
    candidates: list[ArrivalCandidate]
    assignments: list[Said]
    waiting_approval_id: UUID | None


async def find_entry(session: Session, vault: Vault, entry_id: UUID, by: Actor) -> EntryRead:
    """One entry; EntryNotFound outside this client."""
    lists.check_reach(by)
    row = await repository.find_entry(session, entry_id)
    if row is None:
        raise EntryNotFound()
    unexplained = row.status == "suspense" and row.difference_status in WAITS
    fen = int(row.amount_fen)
    found = await repository.arrivals_for(session, fen, row.booked_on, SHOWN) if unexplained else []
    asked = [each for each in await approvals.about(session, entry_id) if each.status == "waiting" and each.kind in (KIND, UNDO)]
    return EntryRead(
        entry=lists.entry_row(row), payer=(await payers(session, vault, [row])).get(row.id, Payer()), difference_code=row.difference_code,
        difference_status=row.difference_status, open=unexplained,
        candidates=[ArrivalCandidate(arrival=lists.arrival_row(each), owed_fen=int(each.owed_fen), exact=each.owed_fen == fen) for each in found],
        assignments=_said(await repository.list_of(session, entry_id)), waiting_approval_id=asked[0].id if asked else None,
    )  # fmt: skip


async def entries_for(session: Session, vault: Vault, arrival: ArrivalRow) -> list[EntryCandidate]:
    """Unexplained entries that may be what an arrival still waits for: by amount, then by day, each with its payer."""
    owed_fen = arrival.net_fen - arrival.arrived_fen
    if arrival.status == "arrived" or not owed_fen:
        return []
    rows = await repository.entries_for(session, owed_fen, arrival.due_on, SHOWN)
    names = await payers(session, vault, rows)
    return [EntryCandidate(entry=lists.entry_row(row), payer=names.get(row.id, Payer()), exact=row.amount_fen == owed_fen) for row in rows]


def _said(rows: list[Row]) -> list[Said]:
    parts: dict[UUID, list[SaidPart]] = {}
    for row in rows:
        parts.setdefault(row.id, []).append(SaidPart(**{name: getattr(row, name) for name in SaidPart.__struct_fields__}))
    heads = {row.id: row for row in rows}
    names = [name for name in Said.__struct_fields__ if name != "parts"]
    return [Said(parts=parts[key], **{name: getattr(row, name) for name in names}) for key, row in heads.items()]
