"""A vendor's statement in the API: its own with its own key; with HIS's key or a person's session any vendor's, or all together."""

import datetime as dt

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from core import paging
from core.billing import filters
from core.clock import today
from core.database import Session
from core.identity.actor import Actor
from plugins.medical.vendors import service, statements
from plugins.medical.vendors.errors import VendorNotFound
from plugins.medical.vendors.schemas import Statement

TAGS = ["医疗 medical"]


@get("/api/v1/medical/vendor-statements", opt={"permission": statements.READ}, tags=TAGS)
async def vendor_statement(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    on: FromQuery[str] = "",
    app_id: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> Statement:
    """What was paid and refunded on a day (`on`, today when left out) through a vendor's orders. A vendor that asks for another's gets 404."""
    vendor = await service.vendor_of(session, actor)
    if vendor and app_id not in ("", vendor.app_id):
        raise VendorNotFound()
    wanted = vendor or (await service.find_by_app_id(session, app_id) if app_id else None)
    day: dt.date = filters.day_of(on) or today()
    return await statements.read(session, day, wanted, cursor, paging.page_size(limit))


ROUTES = [vendor_statement]
