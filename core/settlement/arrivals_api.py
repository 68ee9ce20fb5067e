"""Arrivals and bank entries in the API: read only, because files and the bank alone change them."""

import datetime as dt
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core import paging
from core.database import Session
from core.identity.actor import Actor
from core.settlement import arrivals_lists as lists
from core.settlement.arrivals_lists import ArrivalPage, ArrivalRead, EntryPage

READ = {"permission": lists.READ}
TAGS = ["结算 settlement"]


@get("/api/v1/channel-arrivals", opt=READ, tags=TAGS)
async def list_arrivals(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    q: FromQuery[str] = "",
    channel: FromQuery[str] = "",
    status: FromQuery[str] = "",
    bill_from: FromQuery[dt.date | None] = None,
    bill_to: FromQuery[dt.date | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> ArrivalPage:
    """What channels owe and what came, the newest bill day first; `status` is a state, or `open` for all that want a person."""
    asked = lists.asked_of({"q": q, "channel": channel, "status": status, "start": _day(bill_from), "until": _day(bill_to)})
    return await lists.list_arrivals(session, asked, actor, cursor, paging.page_size(limit))


@get("/api/v1/channel-arrivals/{arrival_id:uuid}", opt=READ, tags=TAGS)
async def get_arrival(session: NamedDependency[Session], actor: NamedDependency[Actor], arrival_id: FromPath[UUID]) -> ArrivalRead:
    """One arrival with its bank entries, journals and difference."""
    return await lists.find_arrival(session, arrival_id, actor)


@get("/api/v1/bank-entries", opt=READ, tags=TAGS)
async def list_entries(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    q: FromQuery[str] = "",
    account: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    status: FromQuery[str] = "",
    booked_from: FromQuery[dt.date | None] = None,
    booked_to: FromQuery[dt.date | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> EntryPage:
    """Every entry of the clearing accounts and what it was found to be, the newest day first."""
    given = {"q": q, "account": account, "kind": kind, "status": status, "start": _day(booked_from), "until": _day(booked_to)}
    return await lists.list_entries(session, lists.entries_asked_of(given), actor, cursor, paging.page_size(limit))


def _day(day: dt.date | None) -> str:
    return day.isoformat() if day else ""


ROUTES = [list_arrivals, get_arrival, list_entries]
