"""Arrivals, bank entries and clearing accounts in the API. Files and the bank alone change what came; a program may have it compared again."""

import datetime as dt
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core import paging
from core.billing.story_schemas import Proposed
from core.database import Session
from core.identity import audit
from core.identity.actor import Actor
from core.once import once
from core.platform import Platform
from core.settlement import arrivals, bank_accounts, bank_accounts_repository, bank_connecting
from core.settlement import arrivals_lists as lists
from core.settlement.arrivals_lists import ArrivalPage, ArrivalRead, EntryPage

READ, MAKE = {"permission": lists.READ}, {"permission": lists.MAKE}
TAGS = ["结算 settlement"]


class ClearingAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account of ours that channels pay into, without its keys; its number is masked."""

    id: UUID
    account: str
    account_name: str
    bank_name: str
    base_url: str
    customer: str
    status: str


class ClearingPage(msgspec.Struct, frozen=True):
    """Every clearing account, and between which days the bank has told everything."""

    items: list[ClearingAccount]
    told_from: dt.date | None
    told_until: dt.date | None


class Connecting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the bank handed over for an account, keys in PEM, and why; the same account again gets new keys."""

    base_url: str
    customer: str
    key_id: str
    private_key: str
    bank_public_key: str
    account_number: str
    account_name: str
    reason: str
    bank_name: str = ""


class Compared(msgspec.Struct, frozen=True):
    """Arrivals that differ or are missing after comparing."""

    open: int


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


@post("/api/v1/channel-arrivals/match", opt=MAKE, status_code=200, tags=TAGS)
async def match_arrivals(session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Compared:
    """Compare what is there now; files that come do it by themselves, and again changes nothing."""
    lists.check_reach(actor, lists.MAKE)
    await arrivals.match(session, actor)
    await audit.record(session, actor, "settlement.arrivals.match", "channel_arrival", session.tenant_id)
    return Compared(await lists.count_open(session, actor) or 0 if actor.may(lists.READ) else 0)


@get("/api/v1/clearing-accounts", opt=READ, tags=TAGS)
async def list_clearing_accounts(session: NamedDependency[Session], actor: NamedDependency[Actor]) -> ClearingPage:
    """Our clearing accounts, without their keys."""
    lists.check_reach(actor)
    rows = await bank_accounts.list_accounts(session)
    told = await bank_accounts_repository.covered(session) or (None, None)
    names = ("id", "account_name", "bank_name", "base_url", "customer", "status")
    items = [ClearingAccount(account=bank_accounts.masked(row.account_number), **{name: getattr(row, name) for name in names}) for row in rows]
    return ClearingPage(items, *told)


@post("/api/v1/clearing-accounts", opt=MAKE, status_code=201, tags=TAGS)
async def connect_account(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform],
    data: JSONBody[Connecting],
) -> Response[Proposed]:
    """Ask a second person to connect an account, or to take new keys for one; needs an `Idempotency-Key`."""
    lists.check_reach(actor, lists.MAKE)

    async def work() -> Proposed:
        given = bank_accounts.Given(**{name: getattr(data, name) for name in bank_accounts.Given.__struct_fields__})
        keys = await platform.vault.keys(session)
        return Proposed(await bank_connecting.propose(session, keys, given, data.reason, actor, platform.settings.sandbox_url))

    return await once(request, session, actor, 201, work)


def _day(day: dt.date | None) -> str:
    return day.isoformat() if day else ""


ROUTES = [list_arrivals, get_arrival, list_entries, match_arrivals, list_clearing_accounts, connect_account]
