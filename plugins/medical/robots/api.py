"""Runs, store days and till orders for programs."""

import datetime as dt
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core import paging
from core.database import Session
from core.identity.actor import Actor
from plugins.medical.robots import days, lists, service, tills
from plugins.medical.robots.schemas import DifferencePage, RunPage, RunRead, StoreDayPage, StoreDayRead, TillOrders, TillOrdersTaken

TAGS = ["医疗 medical"]
READ, IMPORT = {"permission": service.READ}, {"permission": tills.IMPORT}
BASE = "/api/v1/medical"


@get(BASE + "/robot-runs", opt=READ, tags=TAGS)
async def list_runs(
    session: NamedDependency[Session], actor: NamedDependency[Actor], platform_code: FromQuery[str] = "", status: FromQuery[str] = "",
    bill_on: FromQuery[dt.date | None] = None, since: FromQuery[dt.date | None] = None, until: FromQuery[dt.date | None] = None,
    cursor: FromQuery[str | None] = None, limit: FromQuery[int] = paging.PAGE,
) -> RunPage:
    """Runs, the latest day first, with how many brought their file and how many wait for a person; `since` and `until` are included."""
    return await lists.list_runs(session, _asked(actor, platform_code, status, bill_on, since, until), cursor, paging.page_size(limit))


@get(BASE + "/robot-runs/{task_id:uuid}", opt=READ, tags=TAGS)
async def get_run(session: NamedDependency[Session], actor: NamedDependency[Actor], task_id: FromPath[UUID]) -> RunRead:
    """One run."""
    return await lists.find_run(session, task_id, actor.reach(service.READ))


@get(BASE + "/store-days", opt=READ, tags=TAGS)
async def list_days(
    session: NamedDependency[Session], actor: NamedDependency[Actor], platform_code: FromQuery[str] = "", status: FromQuery[str] = "",
    bill_on: FromQuery[dt.date | None] = None, since: FromQuery[dt.date | None] = None, until: FromQuery[dt.date | None] = None,
    cursor: FromQuery[str | None] = None, limit: FromQuery[int] = paging.PAGE,
) -> StoreDayPage:
    """Store days, the latest first, with both sides' sums; `since` and `until` are included."""
    return await lists.list_days(session, _asked(actor, platform_code, status, bill_on, since, until), cursor, paging.page_size(limit))


@get(BASE + "/store-days/{day_id:uuid}", opt=READ, tags=TAGS)
async def get_day(session: NamedDependency[Session], actor: NamedDependency[Actor], day_id: FromPath[UUID]) -> StoreDayRead:
    """One store day."""
    return lists.read_day(await days.find(session, day_id, actor.reach(service.READ)))


@get(BASE + "/store-days/{day_id:uuid}/differences", opt=READ, tags=TAGS)
async def list_differences(
    session: NamedDependency[Session], actor: NamedDependency[Actor], day_id: FromPath[UUID], cursor: FromQuery[str] = "",
    limit: FromQuery[int] = paging.PAGE,
) -> DifferencePage:
    """The orders in which both sides differ, by number."""
    return await lists.list_differences(session, await days.find(session, day_id, actor.reach(service.READ)), cursor, paging.page_size(limit))


@post(BASE + "/till-orders", opt=IMPORT, status_code=200, tags=TAGS)
async def take_till_orders(session: NamedDependency[Session], actor: NamedDependency[Actor], data: JSONBody[TillOrders]) -> TillOrdersTaken:
    """Till orders of the stores; the same ones again change nothing, one bad row refuses all."""
    return await tills.take(session, data.orders, actor)


def _asked(by: Actor, platform: str, status: str, bill_on: dt.date | None, since: dt.date | None, until: dt.date | None) -> dict[str, object]:
    words = {name: value.replace("\0", "")[:40] for name, value in (("platform", platform), ("status", status))}
    return {**words, "typed": "", "bill_on": bill_on, "since": since, "until": until, "reach": by.reach(service.READ)}


ROUTES = [list_runs, get_run, list_days, get_day, list_differences, take_till_orders]
