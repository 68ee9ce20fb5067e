"""The window's page for pay codes: one field that a scanner types into, then the payer's yes is waited for."""

from collections.abc import Sequence
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.billing.schemas import BillRead
from core.counter import scanning, shifts, window
from core.counter.console import PATH
from core.database import Session
from core.errors import InvalidRequest, PlatformError
from core.identity.actor import Actor
from core.payers.pages import address_of
from core.payments.channels.errors import ChannelRefused
from core.payments.errors import AlreadyPaidMeanwhile
from core.payments.lists import READ_PAYMENTS
from core.payments.schemas import PayItem
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

RUN, ANY = {"permission": shifts.RUN}, {"permission": "any"}


@get(PATH + "/scan", opt=RUN, include_in_schema=False)
async def scan_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform]
) -> Response:
    """What is to be paid, and the field for the code."""
    asked = request.query_params
    q, amount, ticked = asked.get("q", ""), asked.get("amount", "")[:32], asked.getall("bill", [])
    return await _page(request, session, platform, actor, q, amount, ticked)


async def _page(
    request: Request, session: Session, platform: Platform, by: Actor, q: str, amount: str, ticked: Sequence[str], fault: str = ""
) -> Response:
    try:
        await shifts.working(session, by)
        chosen, items = await _chosen(session, by, q, amount, ticked)
    except PlatformError as error:
        return redirect(request, PATH, danger=fault or error.message)
    offered = await scanning.ways(platform, session)
    context = {
        "q": q, "amount": amount, "bills": chosen, "items": items, "amount_fen": sum(item.amount_fen for item in items), "fault": fault,
        "offered": [_(way.title) for way in offered], "refused": [_(title) for title in scanning.NOT_TAKEN],
    }  # fmt: skip
    return render(request, "counter/scan.html", status=422 if fault else 200, **context)


@post(PATH + "/scan", opt=RUN, include_in_schema=False)
async def scan(
    request: Request, asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform]
) -> Response:
    """Enter, as a scanner presses it: one code is one payment, however often it is read."""
    form = await request.form()
    q, amount = (str(form.get(name, ""))[:40].replace("\0", "") for name in ("q", "amount"))
    ticked = [str(value) for value in form.getall("bill", [])]
    try:
        items = [_item(str(value)) for value in form.getall("item", [])]
        found = await scanning.scan(platform, client, asker, items, str(form.get("auth_code", "")), address_of(request))
    except AlreadyPaidMeanwhile as error:
        return redirect(request, PATH, success=error.message)
    except PlatformError as error:
        told = scanning.words_of(error) if isinstance(error, ChannelRefused) else error.message
        async with platform.database.tenant(client.id) as session:
            return await _page(request, session, platform, asker, q, amount, ticked, told)
    return redirect(request, f"{PATH}/scans/{found.number}")


@get(PATH + "/scans/{number:str}", opt=ANY, include_in_schema=False)
async def result_page(
    request: Request,
    asker: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    number: FromPath[str],
) -> Response:
    """Paid, not paid, or waiting for the payer; looks again by itself."""
    found = await scanning.check(platform, client, asker, number)
    return render(request, "counter/scanned.html", scan=found, may_see_payment=asker.may(READ_PAYMENTS), may_run=asker.may(shifts.RUN))


@post(PATH + "/scans/{number:str}/cancel", opt=RUN, include_in_schema=False)
async def cancel(
    request: Request,
    asker: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    number: FromPath[str],
) -> Response:
    """The payer goes away without paying."""
    here = f"{PATH}/scans/{number}"
    try:
        found = await scanning.cancel(platform, client, asker, number)
    except AlreadyPaidMeanwhile:
        return redirect(request, here)
    except PlatformError as error:
        return redirect(request, here, danger=error.message)
    return redirect(request, here, info=_("已取消，没有收款") if found.status == "closed" else "")


async def _chosen(session: Session, by: Actor, q: str, amount: str, ticked: Sequence[str]) -> tuple[list[BillRead], list[PayItem]]:
    chosen = [bill for bill in await window.owed(session, by, q) if str(bill.id) in ticked]
    return chosen, window.items_of(chosen, amount)


def _item(value: str) -> PayItem:
    """A bill and its amount as the page kept them, so that the same press means the same when the bill is paid by then."""
    bill, _, fen = value.partition(":")
    try:
        return PayItem(UUID(bill), int(fen))
    except ValueError:
        raise InvalidRequest(_("页面已过期，请重新查询账单")) from None


ROUTES = [scan_page, scan, result_page, cancel]
