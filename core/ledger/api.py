"""The books in the API: read only. Money is written by the business verbs alone."""

import datetime as dt
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core import paging
from core.database import Session
from core.identity.actor import Actor
from core.ledger import books
from core.ledger.book_schemas import AccountPage, AccountRead, EntryPage, JournalPage, JournalRead, TrialBalance
from core.ledger.books import JournalFilter

READ = {"permission": books.READ}
TAGS = ["账务 ledger"]


@get("/api/v1/ledger/trial-balance", opt=READ, tags=TAGS)
async def get_trial_balance(
    session: NamedDependency[Session], actor: NamedDependency[Actor], at: FromQuery[dt.datetime | None] = None
) -> TrialBalance:
    """Every account now, or as it stood at a past moment (RFC 3339)."""
    books.check_reach(actor)
    return await books.trial_balance(session, at)


@get("/api/v1/ledger/accounts", opt=READ, tags=TAGS)
async def list_accounts(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    prefix: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> AccountPage:
    """Accounts by code; `prefix` narrows to a class, such as `L.MER`."""
    books.check_reach(actor)
    return await books.accounts(session, prefix, cursor, paging.page_size(limit))


@get("/api/v1/ledger/accounts/{code:str}", opt=READ, tags=TAGS)
async def get_account(
    session: NamedDependency[Session], actor: NamedDependency[Actor], code: FromPath[str], at: FromQuery[dt.datetime | None] = None
) -> AccountRead:
    """One account with its balance."""
    books.check_reach(actor)
    return await books.account(session, code, at)


@get("/api/v1/ledger/accounts/{code:str}/entries", opt=READ, tags=TAGS)
async def list_account_entries(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    code: FromPath[str],
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> EntryPage:
    """What was written on an account, the newest first."""
    books.check_reach(actor)
    return await books.entries(session, code, cursor, paging.page_size(limit))


@get("/api/v1/ledger/journals", opt=READ, tags=TAGS)
async def list_journals(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    event: FromQuery[str] = "",
    biz_type: FromQuery[str] = "",
    biz_id: FromQuery[str] = "",
    accounting_from: FromQuery[dt.date | None] = None,
    accounting_to: FromQuery[dt.date | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> JournalPage:
    """Journals with their entries, the newest first."""
    books.check_reach(actor)
    asked = JournalFilter(
        event=event.replace("\0", ""),
        biz_type=biz_type.replace("\0", ""),
        biz_id=biz_id.replace("\0", ""),
        start=accounting_from,
        until=accounting_to,
    )
    return await books.list_journals(session, asked, cursor, paging.page_size(limit))


@get("/api/v1/ledger/journals/{journal_id:uuid}", opt=READ, tags=TAGS)
async def get_journal(session: NamedDependency[Session], actor: NamedDependency[Actor], journal_id: FromPath[UUID]) -> JournalRead:
    """One journal with its entries."""
    books.check_reach(actor)
    return await books.journal(session, journal_id)


ROUTES = [get_trial_balance, list_accounts, get_account, list_account_entries, list_journals, get_journal]
