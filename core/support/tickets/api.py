"""Tickets in the API: report, read, reply, close."""

from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core import paging
from core.database import Session
from core.identity.actor import Actor
from core.platform import Platform
from core.support.tickets import doors, lists
from core.support.tickets.console import said_of
from core.support.tickets.schemas import TicketCreate, TicketPage, TicketReply, TicketStory
from core.tenancy.directory import ClientProfile

TAGS = ["工单 tickets"]
TICKETS = "/api/v1/tickets"
TICKET = TICKETS + "/{ticket_id:uuid}"
ANYBODY = {"permission": "any"}


async def _story(platform: Platform, by: Actor, ticket_id: UUID) -> TicketStory:
    async with platform.database.tenant(by.tenant_id) as session:
        await lists.mine(session, by, ticket_id)
        return await lists.story(session, platform.vault, ticket_id)


@get(TICKETS, opt=ANYBODY, tags=TAGS)
async def list_tickets(
    session: NamedDependency[Session], actor: NamedDependency[Actor], q: FromQuery[str] = "", status: FromQuery[str] = "",
    severity: FromQuery[str] = "", cursor: FromQuery[str | None] = None, limit: FromQuery[int] = paging.PAGE,
) -> TicketPage:  # fmt: skip
    """One's own tickets, for administrators all of the client's; `status` may be `live` or `late`, `q` is a number, words of the title, a name."""
    asked = lists.asked_of({"q": q, "status": status, "severity": severity})
    return await lists.list_own(session, actor, asked, cursor, paging.page_size(limit))


@post(TICKETS, opt=ANYBODY, tags=TAGS, status_code=201)
async def create_ticket(
    request: Request, asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform],
    data: JSONBody[TicketCreate],
) -> TicketStory:
    """Report a problem."""
    said = said_of(platform, client, data.title, data.text, data.severity, data.page)
    return await _story(platform, asker, await doors.raise_ticket(platform, asker, said))


@get(TICKET, opt=ANYBODY, tags=TAGS)
async def get_ticket(asker: NamedDependency[Actor], platform: NamedDependency[Platform], ticket_id: FromPath[UUID]) -> TicketStory:
    """One ticket with everything that was written."""
    return await _story(platform, asker, ticket_id)


@post(TICKET + "/replies", opt=ANYBODY, tags=TAGS, status_code=201)
async def create_reply(
    asker: NamedDependency[Actor], platform: NamedDependency[Platform], ticket_id: FromPath[UUID], data: JSONBody[TicketReply]
) -> TicketStory:
    """Write to support; a solved ticket is opened again, 409 TICKET_TOO_OLD when it was solved long ago."""
    await doors.reply(platform, asker, ticket_id, data.text)
    return await _story(platform, asker, ticket_id)


@post(TICKET + "/close", opt=ANYBODY, tags=TAGS, status_code=200)
async def close_ticket(asker: NamedDependency[Actor], platform: NamedDependency[Platform], ticket_id: FromPath[UUID]) -> TicketStory:
    """Content with it, or not needed any more."""
    await doors.close(platform, asker, ticket_id)
    return await _story(platform, asker, ticket_id)


ROUTES = [list_tickets, create_ticket, get_ticket, create_reply, close_ticket]
