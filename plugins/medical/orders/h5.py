"""What the patient sees on the phone: every order of the people bound to this payer, and one line by line; paying goes on in core's cashier."""

from uuid import UUID

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core import paging
from core.database import Session
from core.payers import guardians
from core.payers.access import Payer
from core.payers.pages import home, page
from core.platform import Platform
from core.web.templating import render
from plugins.medical.orders import repository, service, words
from plugins.medical.orders.errors import OrderNotFound

WORDS = words
BASE = "/medical/orders"
AT_ONCE = 20


@page(BASE, permission="payer")
async def orders_page(
    request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer], cursor: FromQuery[str | None] = None
) -> Response[str]:
    """Orders of the people this payer is bound to, the newest first."""
    rows = await repository.list_of_patients(session, await _own(session, payer), paging.read_id(cursor), AT_ONCE + 1)
    shown, more = paging.cut(rows, AT_ONCE, lambda row: str(row.id))
    return render(request, "medical/h5_orders.html", home=home(request), orders=shown, next_cursor=more)


@page(BASE + "/{number:str}", permission="payer")
async def order_page(
    request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer], platform: NamedDependency[Platform], number: FromPath[str]
) -> Response[str]:
    """One order line by line, with who bears how much: the patient's own page."""
    row = await repository.find(session, number.replace("\0", "")[:64])
    if row is None or row.patient_id not in await _own(session, payer):
        raise OrderNotFound()
    opened = service.opened(await platform.vault.keys(session), row)
    groups = [(category, fen, [item for item in opened.items if item.category == category]) for category, fen in row.categories.items()]
    payable = row.status == "awaiting_payment" and row.bill_status not in ("void", "written_off")
    return render(request, "medical/h5_order.html", home=home(request), order=row, groups=groups, payable=payable)


async def _own(session: Session, payer: Payer) -> list[UUID]:
    bound = await guardians.list_bindings(session, payer.payer_id) if payer.payer_id else []
    return [binding.party_id for binding in bound if binding.status == "bound"]


ROUTES = [orders_page, order_page]
