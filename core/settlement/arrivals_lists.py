"""Arrivals and bank entries as finance looks at them. They are the client's as a whole: who reaches only part of it does not find them."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

import msgspec

from core import paging
from core.billing.filters import BadFilter, day_of, word_of
from core.database import Row, Session
from core.errors import NotFound
from core.identity.actor import Actor
from core.settlement import arrivals_lists_repository as repository
from core.settlement.arrival_states import ARRIVALS, BANK_ENTRIES
from core.settlement.arrivals_lists_repository import Asked, EntriesAsked

READ, MAKE = "settlement.batch.read", "settlement.batch.make"
OPEN = "open"
ENTRY_STATES = ("new", "matched", "suspense", "withdrawn")


class ArrivalNotFound(NotFound):
    code = "ARRIVAL_NOT_FOUND"
    message = "没有找到这笔到账"


class FundsOutOfReach(NotFound):
    code = "FUNDS_OUT_OF_REACH"
    message = "到账与银行流水按全单位核算，只对全单位权限开放"


class ArrivalRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel owes for a merchant number's bill day (less what it shared on to receivers), and what came; fen."""

    id: UUID
    channel: str
    merchant_number: str
    bill_on: dt.date
    due_on: dt.date
    gross_fen: int
    fee_fen: int
    shared_fen: int
    net_fen: int
    arrived_fen: int
    difference_fen: int
    stated: bool
    status: str
    arrived_on: dt.date | None
    bank_serial: str | None

    @property
    def shown(self) -> str:
        """Its state on pages: where nothing was traded there is nothing to arrive."""
        nothing = self.stated and self.status == "arrived" and not (self.gross_fen or self.fee_fen or self.net_fen or self.arrived_fen)
        return "nothing" if nothing else self.status


class EntryRow(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of a clearing account and what it was found to be; money in is positive."""

    id: UUID
    account_number: str
    serial: str
    booked_on: dt.date
    booked_at: dt.datetime
    amount_fen: int
    reference: str
    kind: str
    channel: str
    merchant_number: str
    bill_on: dt.date | None
    status: str
    matched_by: str
    arrival_id: UUID | None
    payout_id: UUID | None
    assignment_id: UUID | None = None
    payout_number: str | None = None
    batch_id: UUID | None = None
    difference_id: UUID | None
    journal_id: UUID | None
    statement_id: UUID
    row_no: int


class DayRow(msgspec.Struct, frozen=True, kw_only=True):
    """A bill day of a channel over all merchant numbers."""

    bill_on: dt.date
    channel: str
    due_on: dt.date
    arrivals: int
    gross_fen: int
    fee_fen: int
    net_fen: int
    arrived_fen: int
    waiting: int
    open: int


class ArrivalPage(msgspec.Struct, frozen=True):
    """Arrivals, the newest bill day first, with the sums of everything the filter means."""

    items: list[ArrivalRow]
    next_cursor: str | None
    arrivals: int
    gross_fen: int
    fee_fen: int
    net_fen: int
    arrived_fen: int
    open: int


class DayPage(msgspec.Struct, frozen=True):
    """The same by bill day and channel."""

    items: list[DayRow]
    next_cursor: str | None


class EntryPage(msgspec.Struct, frozen=True):
    """Bank entries, the newest day first, with what came in and went out."""

    items: list[EntryRow]
    next_cursor: str | None
    entries: int
    in_fen: int
    out_fen: int


class ArrivalRead(msgspec.Struct, frozen=True, kw_only=True):
    """One arrival with its bank entries, its journals, and its difference if it has one."""

    arrival: ArrivalRow
    entries: list[EntryRow]
    journal_ids: list[UUID]
    difference_id: UUID | None
    difference_code: str
    difference_status: str


def asked_of(values: Mapping[str, str]) -> Asked:
    """What a page's address or an export asks for."""
    return Asked(
        typed=word_of(values, "q"), channel=word_of(values, "channel"), status=_one_of(values, "status", (*ARRIVALS, OPEN)),
        start=day_of(values.get("start")), until=day_of(values.get("until")),
    )  # fmt: skip


def entries_asked_of(values: Mapping[str, str]) -> EntriesAsked:
    """The same for bank entries."""
    return EntriesAsked(
        typed=word_of(values, "q"), account=word_of(values, "account"), kind=_one_of(values, "kind", BANK_ENTRIES),
        status=_one_of(values, "status", ENTRY_STATES), start=day_of(values.get("start")), until=day_of(values.get("until")),
    )  # fmt: skip


def check_reach(by: Actor, permission: str = READ) -> None:
    """FundsOutOfReach for who reaches only part of the client."""
    if by.reach(permission) is not None:
        raise FundsOutOfReach()


async def list_arrivals(session: Session, asked: Asked, by: Actor, cursor: str | None, limit: int = paging.PAGE) -> ArrivalPage:
    """Arrivals, the newest bill day first."""
    check_reach(by)
    rows = await repository.list_page(session, asked, paging.read_cursor(cursor, tuple[dt.date, UUID]), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: paging.write_cursor(row.bill_on, row.id))
    sums = await repository.sum_page(session, asked)
    totals = (sums.arrivals, sums.gross_fen, sums.fee_fen, sums.net_fen, sums.arrived_fen, sums.open)
    return ArrivalPage([arrival_row(row) for row in shown], more, *map(int, totals))


async def list_days(session: Session, asked: Asked, by: Actor, cursor: str | None, limit: int = paging.PAGE) -> DayPage:
    """What was expected and what came, by bill day and channel."""
    check_reach(by)
    rows = await repository.list_days(session, asked, paging.read_cursor(cursor, tuple[dt.date, str]), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: paging.write_cursor(row.bill_on, row.channel))
    return DayPage([DayRow(**{name: getattr(row, name) for name in DayRow.__struct_fields__}) for row in shown], more)


async def find_arrival(session: Session, arrival_id: UUID, by: Actor) -> ArrivalRead:
    """One arrival; ArrivalNotFound outside this client."""
    check_reach(by)
    row = await repository.find(session, arrival_id)
    if row is None:
        raise ArrivalNotFound()
    difference = await repository.difference_of(session, row)
    return ArrivalRead(
        arrival=arrival_row(row),
        entries=sorted(
            [entry_row(entry) for entry in await repository.entries_of(session, arrival_id)]
            + [msgspec.structs.replace(entry_row(part), amount_fen=part.part_fen) for part in await repository.parts_of(session, arrival_id)],
            key=lambda entry: (entry.booked_at, entry.id),
        ),
        journal_ids=await repository.journals_of(session, arrival_id),
        difference_id=difference.id if difference else None,
        difference_code=difference.code if difference else "",
        difference_status=difference.status if difference else "",
    )


async def list_entries(session: Session, asked: EntriesAsked, by: Actor, cursor: str | None, limit: int = paging.PAGE) -> EntryPage:
    """Entries of the clearing accounts, the newest day first."""
    check_reach(by)
    rows = await repository.list_entries(session, asked, paging.read_cursor(cursor, tuple[dt.date, UUID]), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: paging.write_cursor(row.booked_on, row.id))
    sums = await repository.sum_entries(session, asked)
    return EntryPage([entry_row(row) for row in shown], more, int(sums.entries), int(sums.in_fen), int(sums.out_fen))


async def count_open(session: Session, by: Actor) -> int | None:
    """The work list's count of arrivals that differ or are missing; no line for who reaches only part of the client."""
    return await repository.count_open(session) if by.reach(READ) is None else None


async def count_unexplained(session: Session, by: Actor) -> int | None:
    """The work list's count of bank entries that nobody explained yet."""
    return await repository.count_unexplained(session) if by.reach(READ) is None else None


def arrival_row(row: Row) -> ArrivalRow:
    """A row of a list."""
    facts = {name: getattr(row, name) for name in ArrivalRow.__struct_fields__ if name != "difference_fen"}
    return ArrivalRow(**facts, difference_fen=row.arrived_fen - row.net_fen)


def entry_row(row: Row) -> EntryRow:
    """A row of a list; its payout's number where the query has it."""
    known = ("payout_number", "batch_id")
    facts = {name: getattr(row, name) for name in EntryRow.__struct_fields__ if name not in known}
    return EntryRow(**facts, **{name: getattr(row, name, None) for name in known})


def _one_of(values: Mapping[str, str], name: str, known: tuple[str, ...]) -> str:
    value = word_of(values, name)
    if value and value not in known:
        raise BadFilter(value=value[:40])
    return value
