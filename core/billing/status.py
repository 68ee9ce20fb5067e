"""What a class teacher may know: who has paid. Names and states; no amount, discount, identity number or phone (domain book §3.3)."""

from uuid import UUID

import msgspec

from core import clock, paging
from core.billing import status_repository as repository
from core.billing.filters import BadFilter
from core.billing.units import Units, load
from core.database import Session
from core.errors import Conflict, NotFound
from core.identity import audit
from core.identity.actor import Actor
from core.notifications.service import after_quiet_hours

READ, REMIND = "billing.status.read", "notifications.remind"
STATES = ("owing", "overdue", "partial", "unpaid", "paid", "all")


class NothingToRemind(Conflict):
    code = "NOTHING_TO_REMIND"
    message = "没有需要提醒的人：都已缴清"


class RemindedToday(Conflict):
    code = "REMINDED_TODAY"
    message = "今天已经提醒过了，每人每天最多提醒一次"


class NobodyBound(Conflict):
    code = "NOBODY_BOUND"
    message = "还没有缴费人绑定他们，请把缴费码交给本人或家人"


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


class Reminded(msgspec.Struct, frozen=True):
    """How many were reminded now, and how many who owe have no bound payer."""

    reminded: int
    unreachable: int


async def people(
    session: Session, units: Units, org_id: UUID | None, state: str, cursor: str | None, limit: int = paging.PAGE
) -> StatePage:
    """Who has paid within the asker's units."""
    if state not in STATES:
        raise BadFilter(value=state[:40])
    org_ids, after = units.scope(org_id), paging.read_cursor(cursor, tuple[str, UUID])
    now, today = clock.now(), clock.today()
    rows = await repository.list_people(session, org_ids, state, after, now, today, limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: paging.write_cursor(row.name, row.id))
    counts = await repository.count_states(session, org_ids, now, today)
    return StatePage([PersonState(row.id, row.name, units.path(row.org_id, last=2), row.state) for row in shown], more, counts)


async def count_owing(session: Session, actor: Actor) -> int:
    """How many people of the asker's classes owe something, for the work list."""
    tree = await load(session, actor.reach(REMIND))
    counts = await repository.count_states(session, tree.scope(None), clock.now(), clock.today())
    return sum(number for state, number in counts.items() if state != "paid")


async def remind(session: Session, units: Units, org_id: UUID | None, party_id: UUID | None, by: Actor) -> Reminded:
    """Write to the payers of those who owe, once a day each; in the evening it goes out the next morning."""
    now = clock.now()
    done = await repository.remind(session, units.scope(org_id), party_id, now, clock.business_day(now), after_quiet_hours(now))
    if not done.owing:
        raise NotFound() if party_id else NothingToRemind()
    if not done.reachable:
        raise NobodyBound()
    if not done.reminded:
        raise RemindedToday()
    session.has_work = True
    facts = {"org_id": org_id and str(org_id), "reminded": done.reminded}
    await audit.record(session, by, "billing.status.remind", "party", party_id or "many", after=facts)
    return Reminded(done.reminded, done.owing - done.reachable)
