"""Reports in the API."""

import datetime as dt
from uuid import UUID

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from core import clock, paging
from core.billing import filters, units
from core.billing.filters import BillFilter
from core.database import Session
from core.identity.actor import Actor
from core.payments.lists import begin_of, end_of
from core.reports import charts, collection, daily, ledgers
from core.reports.charts import Age, Funnel, Place, Progress
from core.reports.schemas import CollectionReport, DailyReport, DebtorPage, DetailPage, DiscountPage

READ = {"permission": collection.READ}
TAGS = ["报表 reports"]


class ChannelShare(msgspec.Struct, frozen=True):
    """What came in by one channel."""

    channel: str
    paid_fen: int


class ChartsRead(msgspec.Struct, frozen=True, kw_only=True):
    """What the charts of collection draw; `by` is the kind of unit of `places`."""

    today: dt.date
    progress: list[Progress]
    by: str
    places: list[Place]
    channels: list[ChannelShare]
    ages: list[Age]
    funnel: Funnel
    written_at: dt.datetime | None


def _asked(status: str, item: str, period: str, org: UUID | None, due_from: dt.date | None, due_to: dt.date | None) -> BillFilter:
    given = filters.read({"status": status, "item": item, "period": period})
    return msgspec.structs.replace(given, org_id=org, due_from=due_from, due_to=due_to)


@get("/api/v1/reports/collection", opt=READ, tags=TAGS)
async def get_collection(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    by: FromQuery[str] = "",
    org: FromQuery[UUID | None] = None,
    item: FromQuery[str] = "",
    period: FromQuery[str] = "",
    due_from: FromQuery[dt.date | None] = None,
    due_to: FromQuery[dt.date | None] = None,
) -> CollectionReport:
    """What is owed, discounted, paid and open; `by` is a kind of org unit, or `item`."""
    tree = await units.load(session, actor.reach(collection.READ))
    return await collection.report(session, tree, _asked("", item, period, org, due_from, due_to), by)


@get("/api/v1/reports/charts", opt=READ, tags=TAGS)
async def get_charts(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    org: FromQuery[UUID | None] = None,
    period: FromQuery[str] = "",
) -> ChartsRead:
    """What the charts of collection draw: against what is due day by day, by unit, by channel, by age, from issued to paid."""
    tree = await units.load(session, actor.reach(collection.READ))
    drawn = await charts.draw(session, tree, _asked("", "", period, org, None, None))
    facts = {name: getattr(drawn, name) for name in ChartsRead.__struct_fields__}
    return ChartsRead(**facts | {"channels": [ChannelShare(channel, fen) for channel, fen in drawn.channels]})


@get("/api/v1/reports/daily", opt=READ, tags=TAGS)
async def get_daily(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    start: FromQuery[dt.date | None] = None,
    until: FromQuery[dt.date | None] = None,
    org: FromQuery[UUID | None] = None,
    by: FromQuery[str] = "",
) -> DailyReport:
    """What was booked, item by unit, between two days (today when none is given)."""
    tree = await units.load(session, actor.reach(collection.READ))
    first = start or until or clock.today()
    return await daily.report(session, tree, first, until or max(first, clock.today()), org, by)


@get("/api/v1/reports/unpaid", opt=READ, tags=TAGS)
async def list_unpaid(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    org: FromQuery[UUID | None] = None,
    period: FromQuery[str] = "",
    overdue: FromQuery[bool] = False,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> DebtorPage:
    """Who owes, by number."""
    tree = await units.load(session, actor.reach(collection.READ))
    asked = _asked("overdue" if overdue else "", "", period, org, None, None)
    return await ledgers.debtors(session, tree, asked, cursor, paging.page_size(limit))


@get("/api/v1/reports/discounts", opt=READ, tags=TAGS)
async def list_discounts(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    org: FromQuery[UUID | None] = None,
    item: FromQuery[str] = "",
    period: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> DiscountPage:
    """The discount ledger."""
    tree = await units.load(session, actor.reach(collection.READ))
    return await ledgers.discounts(session, tree, _asked("", item, period, org, None, None), cursor, paging.page_size(limit))


@get("/api/v1/reports/payment-details", opt=READ, tags=TAGS)
async def list_details(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    status: FromQuery[str] = "",
    org: FromQuery[UUID | None] = None,
    item: FromQuery[str] = "",
    period: FromQuery[str] = "",
    booked_from: FromQuery[dt.date | None] = None,
    booked_to: FromQuery[dt.date | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> DetailPage:
    """Bill lines with the payments on them; with days, only what was booked between them."""
    tree = await units.load(session, actor.reach(collection.READ))
    asked, span = _asked(status, item, period, org, None, None), (begin_of(booked_from), end_of(booked_to))
    return await ledgers.details(session, tree, asked, span, cursor, paging.page_size(limit))


ROUTES = [get_collection, get_charts, get_daily, list_unpaid, list_discounts, list_details]
