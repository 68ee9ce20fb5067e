"""A static QR on a wall or a notice: scanned, it opens the cashier where this payer can go on."""

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.cashier import family
from core.database import Session
from core.payers.access import Payer
from core.payers.pages import home, page
from core.payments.static_codes import service as static_codes
from core.web.i18n import gettext as _
from core.web.templating import redirect


@page("/q/{code:str}")
async def by_code(request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer], code: FromPath[str]) -> Response:
    """Remember the code for the daily cap, then lead on: to what is owed, to the bills of the code's fee, or to the pay code."""
    row = await static_codes.find(session, code[:40].replace("\0", ""))
    await static_codes.visited(session, payer, row.id)
    known = await family.load(session, payer)
    due = [bill for member in known.members for bill in member.open_bills]
    if row.item_code:
        due = [bill for bill in due if any(line.item_code == row.item_code and line.chosen for line in bill.lines)]
    if not due:
        return redirect(request, f"{home(request)}/code", info=_("%(title)s：请输入通知单上的缴费码", title=row.title))
    if row.item_code:
        return redirect(request, f"{home(request)}/pay?" + "&".join(f"bill={bill.id}" for bill in due))
    return redirect(request, home(request))


ROUTES = [by_code]
