"""Insurance in the API. The insurer's file comes through /api/v1/imports with kind `medical.clearing`."""

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core import paging
from core.database import Session
from plugins.medical.insurance import lists
from plugins.medical.insurance.schemas import ComparedPage, SettlementPage

TAGS = ["医疗 medical"]
READ = {"permission": lists.READ}


@get("/api/v1/medical/insurance-settlements", opt=READ, tags=TAGS)
async def list_settlements(
    session: NamedDependency[Session],
    q: FromQuery[str] = "",
    status: FromQuery[str] = "",
    clr_type: FromQuery[str] = "",
    period: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> SettlementPage:
    """Settlements, the newest first, with what the insurer owes; `period` is a month, `q` a settlement's, order's or visit's number."""
    asked = lists.asked_of({"q": q, "status": status, "clr_type": clr_type, "period": period})
    return await lists.list_settlements(session, asked, cursor, paging.page_size(limit))


@get("/api/v1/medical/insurance-clearings/{period:str}", opt=READ, tags=TAGS)
async def compare(
    session: NamedDependency[Session],
    period: FromPath[str],
    verdict: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> ComparedPage:
    """A month's settlements against the insurer's files: matched, refused, ours_only, insurer_only, differs."""
    return await lists.compare(session, period, verdict, cursor, paging.page_size(limit))


ROUTES = [list_settlements, compare]
