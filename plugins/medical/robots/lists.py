"""Runs and store days as people and programs list them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from core import clock, paging
from core.billing.filters import day_of, word_of
from core.database import Row, Session
from core.identity.actor import Actor
from plugins.medical.robots import authorising, days_repository, repository, service
from plugins.medical.robots.errors import RunNotFound
from plugins.medical.robots.schemas import Difference, DifferencePage, RunPage, RunRead, StoreDayPage, StoreDayRead

WAITING = ("dead", "captcha_required", "unauthorised")
"""Runs that only a person ends; the others that failed are still tried by themselves."""
FOR_PEOPLE = "for_people"
"""The filter of a list that means all of them."""


def asked_of(given: Mapping[str, str], reach: Sequence[UUID] | None) -> dict[str, object]:
    """What a page's address, an export or a program asks for, within the asker's reach; `from` and `to` are days, both included."""
    typed = {name: word_of(given, name)[:40] for name in ("platform", "status")}
    search = word_of(given, "q")[:60].replace("%", "").replace("_", "")
    days = {"bill_on": day_of(given.get("bill_on")), "since": day_of(given.get("from")), "until": day_of(given.get("to"))}
    return {**typed, **days, "typed": search, "reach": reach}


async def list_runs(session: Session, asked: Mapping[str, object], cursor: str | None, limit: int = paging.PAGE) -> RunPage:
    """A page of runs, the latest day first."""
    shown, more = await read_runs(session, asked, cursor, limit)
    sums = await repository.sum_runs(session, _runs_of(asked, None), WAITING)
    return RunPage(shown, more, sums.runs, sums.good, sums.dead, sums.waiting)


async def sum_runs(session: Session, asked: Mapping[str, object]) -> Row:
    """How many runs there are, how many brought their file and how many wait for a person, whichever state the list shows."""
    return await repository.sum_runs(session, _runs_of({**asked, "status": ""}, None), WAITING)


async def read_runs(
    session: Session, asked: Mapping[str, object], cursor: str | None, limit: int, robot_id: UUID | None = None
) -> tuple[list[RunRead], str | None]:
    """The same without counts, of one robot or of all."""
    after = paging.read_cursor(cursor, tuple[dt.date, UUID])
    rows = await repository.list_runs(session, _runs_of(asked, robot_id), after, limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: paging.write_cursor(row.bill_on, row.id))
    return [read_run(row) for row in shown], more


def _runs_of(asked: Mapping[str, object], robot_id: UUID | None) -> dict[str, object]:
    for_people = asked["status"] == FOR_PEOPLE
    return {**asked, "robot_id": robot_id, "waiting": list(WAITING) if for_people else None, "status": "" if for_people else asked["status"]}


async def find_run(session: Session, task_id: UUID, reach: Sequence[UUID] | None) -> RunRead:
    """One run; RunNotFound outside the reach."""
    found = await repository.find_run(session, task_id, reach)
    if found is None:
        raise RunNotFound()
    return read_run(found)


async def list_days(session: Session, asked: Mapping[str, object], cursor: str | None, limit: int = paging.PAGE) -> StoreDayPage:
    """A page of store days, the latest first."""
    shown, more = await read_days(session, asked, cursor, limit)
    sums = await days_repository.sum_days(session, asked)
    return StoreDayPage(shown, more, sums.days, sums.different, sums.waiting, sums.shop_fen, sums.till_fen, sums.gap_fen)


async def read_days(session: Session, asked: Mapping[str, object], cursor: str | None, limit: int) -> tuple[list[StoreDayRead], str | None]:
    """The same without sums."""
    after = paging.read_cursor(cursor, tuple[dt.date, UUID])
    rows = await days_repository.list_days(session, asked, after, limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: paging.write_cursor(row.bill_on, row.id))
    return [read_day(row) for row in shown], more


async def list_differences(session: Session, day: Row, cursor: str = "", limit: int = paging.PAGE) -> DifferencePage:
    """A page of the orders in which both sides of a day differ, by number."""
    rows = await days_repository.list_differences(session, day, cursor.replace("\0", "")[:64], limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: row.order_no)
    return DifferencePage([Difference(row.order_no, row.shop_fen, row.till_fen) for row in shown], more)


def read_run(row: Row) -> RunRead:
    """A run as it is shown."""
    return RunRead(**{name: getattr(row, name) for name in RunRead.__struct_fields__})


def read_day(row: Row) -> StoreDayRead:
    """A store day as it is shown."""
    return StoreDayRead(**{name: getattr(row, name) for name in StoreDayRead.__struct_fields__})


async def count_waiting(session: Session, by: Actor) -> int:
    """The work list's count of runs that wait for a person."""
    return await repository.count_runs(session, WAITING, by.reach(service.READ))


async def count_unsigned(session: Session, by: Actor) -> int:
    """The work list's count of authorisations that wait for a signature."""
    return await repository.count_unsigned(session, by.reach(authorising.SIGN), clock.today())


async def count_different(session: Session, by: Actor) -> int:
    """The work list's count of store days that differ."""
    return await days_repository.count_different(session, by.reach(service.READ))
