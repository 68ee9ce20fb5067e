"""What a class teacher may know: who has paid. Names and states; no amount, discount, identity number or phone (domain book §3.3)."""

from uuid import UUID

import msgspec

from core import clock, paging
from core.billing import status_repository as repository
from core.billing.filters import BadFilter
from core.billing.units import Units, load
from core.database import Session
from core.identity.actor import Actor

READ, REMIND = "billing.status.read", "notices.remind"
STATES = ("owing", "overdue", "partial", "unpaid", "paid", "all")


class PersonState(msgspec.Struct, frozen=True):
    """One person: `state` is paid, partial, unpaid or overdue."""

    id: UUID
    name: str
    org: str
    state: str


class StatePage(msgspec.Struct, frozen=True):
    """People by name; `counts` is how many stand in each state."""

    items: list[PersonState]
    next_cursor: str | None
    counts: dict[str, int]


async def people(
    session: Session, units: Units, org_id: UUID | None, state: str, cursor: str | None, limit: int = paging.PAGE
) -> StatePage:
    """Who has paid within the asker's units."""
    if state not in STATES:
        raise BadFilter(value=state[:40])
    org_ids, after = units.scope(org_id), paging.read_cursor(cursor, tuple[str, UUID])
    now, today = clock.now(), clock.today()
    rows, counts = await repository.list_people(session, org_ids, state, after, now, today, limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: paging.write_cursor(row.name, row.id))
    return StatePage([PersonState(row.id, row.name, units.path(row.org_id, last=2), row.state) for row in shown], more, counts)


async def count_owing(session: Session, actor: Actor) -> int:
    """How many people of the asker's classes owe something, for the work list."""
    tree = await load(session, actor.reach(REMIND))
    return await repository.count_owing(session, tree.scope(None), clock.now())
