"""The club's page and its API: thin, both call the same functions."""

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from msgspec import Struct

from core import clock
from core.database import Session
from core.identity.actor import Actor
from core.jobs import service as jobs
from core.web.i18n import gettext as _
from core.web.templating import redirect, render
from tests.plugins.specimen import repository


class MemberRead(Struct, frozen=True):
    """A member as programs see one."""

    number: str
    name: str
    due_fen: int
    card_no: int | None


@get("/console/club/members", opt={"permission": "club.member.read"}, include_in_schema=False)
async def member_page(request: Request, session: NamedDependency[Session]) -> Response:
    """Everybody, with their cards."""
    return render(request, "club/members.html", members=await repository.list_members(session))


@post("/console/club/bill", opt={"permission": "club.member.bill"}, include_in_schema=False)
async def bill(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Bill everybody for this year, as a job to watch."""
    job_id = await jobs.start(session, "club.bill", _("开具年费账单"), {"year": clock.today().year}, by=actor)
    return redirect(request, f"/console/jobs/{job_id}")


@get("/api/v1/club/members", opt={"permission": "club.member.read"})
async def list_members(session: NamedDependency[Session]) -> list[MemberRead]:
    """The members."""
    return [MemberRead(row.number, row.name, row.due_fen, row.card_no) for row in await repository.list_members(session)]


ROUTES = [member_page, bill, list_members]
