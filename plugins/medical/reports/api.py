"""The hospital's reports in the API; nobody is named in them."""

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from core import paging
from core.database import Session
from core.identity.actor import Actor
from plugins.medical.reports import service
from plugins.medical.reports.service import DayRow, Revenue


class DayPage(msgspec.Struct, frozen=True):
    """Shifts, the newest first."""

    items: list[DayRow]
    next_cursor: str | None


TAGS = ["医疗 medical"]


@get("/api/v1/medical/revenue", opt={"permission": service.REVENUE}, tags=TAGS)
async def revenue(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Revenue:
    """What departments earned: `by` department, day, kind or scene; `from` and `to` days, `department`, `kind`, `scene`. Sums only."""
    return await service.revenue(session, dict(request.query_params), actor.reach(service.REVENUE))


@get("/api/v1/medical/shifts", opt={"permission": service.SHIFTS}, tags=TAGS)
async def shifts(
    session: NamedDependency[Session], actor: NamedDependency[Actor], status: FromQuery[str] = "", cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> DayPage:
    """Cashiers' shifts, the newest first, by way of paying."""
    return DayPage(*await service.list_days(session, actor, status.replace("\0", ""), cursor, paging.page_size(limit)))


ROUTES = [revenue, shifts]
