"""The books in the console: trial balance, accounts, journals. For those who see the whole client."""

import datetime as dt
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core import clock
from core.database import Session
from core.errors import InvalidRequest
from core.identity.actor import Actor
from core.ledger import books
from core.ledger.books import JournalFilter
from core.web.templating import render

READ = {"permission": books.READ}
ABOUT = {"payment": "/console/payments/", "bill": "/console/bills/", "suspense": "/console/suspense/"}
"""Where the page of what a journal is about stands."""


class BadMoment(InvalidRequest):
    code = "BAD_MOMENT"
    message = "时间“{value}”无效，请按“2026-09-01T18:00”填写"


def moment_of(value: str) -> dt.datetime | None:
    """A moment as a person in Shanghai types it; its minute is included to the end."""
    try:
        typed = dt.datetime.fromisoformat(value) if value else None
    except ValueError:
        raise BadMoment(value=value[:40]) from None
    if typed is None:
        return None
    return (typed if typed.tzinfo else typed.replace(tzinfo=clock.SHANGHAI)) + dt.timedelta(seconds=59, microseconds=999_999)


@get("/console/ledger", opt=READ, include_in_schema=False)
async def trial_balance(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], at: FromQuery[str] = ""
) -> Response:
    """Every account, now or at a past moment; the sum is zero."""
    books.check_reach(actor)
    found = await books.trial_balance(session, moment_of(at))
    return render(request, "ledger/trial_balance.html", trial=found, typed_at=at)


@get("/console/ledger/accounts", opt=READ, include_in_schema=False)
async def account_list(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    prefix: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response:
    """The accounts of a class."""
    books.check_reach(actor)
    page = await books.accounts(session, prefix, cursor)
    return render(request, "ledger/accounts.html", found=page, prefix=prefix)


@get("/console/ledger/accounts/{code:str}", opt=READ, include_in_schema=False)
async def account_page(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    code: FromPath[str],
    cursor: FromQuery[str | None] = None,
) -> Response:
    """One account with its entries."""
    books.check_reach(actor)
    found = await books.account(session, code)
    page = await books.entries(session, code, cursor)
    return render(request, "ledger/account.html", account=found, found=page)


@get("/console/ledger/journals", opt=READ, include_in_schema=False)
async def journal_list(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    event: FromQuery[str] = "",
    start: FromQuery[str] = "",
    until: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response:
    """Journals, the newest first."""
    books.check_reach(actor)
    asked = JournalFilter(event=event.replace("\0", ""), start=_day(start), until=_day(until))
    page = await books.list_journals(session, asked, cursor)
    return render(request, "ledger/journals.html", found=page, asked=asked)


@get("/console/ledger/journals/{journal_id:uuid}", opt=READ, include_in_schema=False)
async def journal_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], journal_id: FromPath[UUID]
) -> Response:
    """One journal: its entries, what it is about, what undid it."""
    books.check_reach(actor)
    found = await books.journal(session, journal_id)
    about = ABOUT.get(found.biz_type)
    return render(request, "ledger/journal.html", journal=found, about_href=about and about + found.biz_id)


def _day(value: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value) if value else None
    except ValueError:
        raise BadMoment(value=value[:40]) from None


ROUTES = [trial_balance, account_list, account_page, journal_list, journal_page]
