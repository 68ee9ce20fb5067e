"""到账 in the console: what channels owe and what came, by day or one by one, and every entry of the clearing account."""

from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core.database import Session
from core.identity import audit
from core.identity.actor import Actor
from core.ledger import books
from core.platform import Platform
from core.reconciliation import rights
from core.settlement import arrivals, assigning_lists, bank_accounts
from core.settlement import arrivals_lists as lists
from core.settlement.arrivals_words import ARRIVAL_STATES, ENTRY_KINDS, ENTRY_STATES
from core.settlement.bank_accounts import masked
from core.web.filters import status_label
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

PATH, ENTRIES = "/console/channel-arrivals", "/console/bank-entries"
READ, MAKE = {"permission": lists.READ}, {"permission": lists.MAKE}
CHANNELS = ("wechatpay", "alipay", "unionpay", "stripe")


@get(PATH, opt=READ, include_in_schema=False)
async def arrival_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[str | None] = None, view: FromQuery[str] = ""
) -> Response:
    """Expected against arrived: one line a merchant number and day, or one a channel and day."""
    asked = lists.asked_of(request.query_params)
    days = await lists.list_days(session, asked, actor, cursor) if view == "days" else None
    return render(
        request, "settlement/arrivals.html", found=await lists.list_arrivals(session, asked, actor, None if days else cursor), days=days,
        asked=asked, view="days" if days else "", channels=[(code, status_label(code, "channel")) for code in CHANNELS],
        states=[(lists.OPEN, _("待处理（不符或未到）")), *((code, _(label)) for code, label, _tone in ARRIVAL_STATES)],
        connected=bool(await bank_accounts.list_accounts(session)), may_make=actor.may(lists.MAKE),
    )  # fmt: skip


@get(PATH + "/{arrival_id:uuid}", opt=READ, include_in_schema=False)
async def arrival_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform],
    arrival_id: FromPath[UUID],
) -> Response:  # fmt: skip
    """One arrival: what the channel's file says, what came, what was booked, and which unexplained money it may be waiting for."""
    found = await lists.find_arrival(session, arrival_id, actor)
    may_read_books = actor.may(books.READ)
    return render(
        request, "settlement/arrival.html", found=found, arrival=found.arrival,
        candidates=await assigning_lists.entries_for(session, platform.vault, found.arrival),
        journals=await books.journals(session, found.journal_ids) if may_read_books else [],
        books_linked=may_read_books and actor.reach(books.READ) is None, may_see_difference=actor.may(rights.READ),
    )  # fmt: skip


@get(ENTRIES, opt=READ, include_in_schema=False)
async def entry_list(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[str | None] = None) -> Response:
    """Every entry of the clearing accounts and what it was found to be."""
    asked = lists.entries_asked_of(request.query_params)
    accounts = await bank_accounts.list_accounts(session)
    return render(
        request, "settlement/bank_entries.html", found=await lists.list_entries(session, asked, actor, cursor), asked=asked,
        accounts=[(row.account_number, masked(row.account_number)) for row in accounts],
        kinds=[(code, _(label)) for code, label, _tone in ENTRY_KINDS], states=[(code, _(label)) for code, label, _tone in ENTRY_STATES],
        may_see_difference=actor.may(rights.READ), masked=masked,
    )  # fmt: skip


@post(PATH + "/match", opt=MAKE, include_in_schema=False)
async def match(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Compare what is there now; files that come do it by themselves."""
    lists.check_reach(actor, lists.MAKE)
    await arrivals.match(session, actor)
    await audit.record(session, actor, "settlement.arrivals.match", "channel_arrival", session.tenant_id)
    return redirect(request, PATH, success=_("已重新核对到账"))


ROUTES = [arrival_list, arrival_page, entry_list, match]
