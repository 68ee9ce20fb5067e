"""Returns for HIS and the hospital's vendors; a vendor gives back and sees its own orders only."""

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core import paging
from core.database import Session
from core.identity.actor import Actor
from core.tenancy.directory import ClientProfile
from plugins.medical.returns import lists, service
from plugins.medical.returns.schemas import ReturnAsk, ReturnPage, ReturnRead
from plugins.medical.vendors.service import vendor_of

READ, MAKE = {"permission": service.READ}, {"permission": service.MAKE}
TAGS = ["退费 returns"]


@post("/api/v1/medical/returns", opt=MAKE, status_code=201, tags=TAGS)
async def make_return(
    session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile], data: JSONBody[ReturnAsk]
) -> ReturnRead:
    """Give back an order or a part of its cash; the same `his_refund_no` with the same content is the same return."""
    return await service.request(session, client.settings, data, actor, await vendor_of(session, actor))


@get("/api/v1/medical/returns", opt=READ, tags=TAGS)
async def list_returns(
    session: NamedDependency[Session], actor: NamedDependency[Actor], q: FromQuery[str] = "", status: FromQuery[str] = "",
    order_number: FromQuery[str] = "", cursor: FromQuery[str | None] = None, limit: FromQuery[int] = paging.PAGE,
) -> ReturnPage:
    """Returns, the newest first; `q` is a number of the return, of HIS, of the order, or a patient's number."""
    asked = lists.asked_of({"q": q, "status": status, "order_number": order_number}, await vendor_of(session, actor))
    return await lists.list_returns(session, asked, cursor, paging.page_size(limit))


@get("/api/v1/medical/returns/{number:str}", opt=READ, tags=TAGS)
async def get_return(session: NamedDependency[Session], actor: NamedDependency[Actor], number: FromPath[str]) -> ReturnRead:
    """One return and how far it is."""
    return await service.find(session, number, await vendor_of(session, actor))


ROUTES = [make_return, list_returns, get_return]
