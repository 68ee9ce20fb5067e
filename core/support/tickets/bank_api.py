"""Tickets in the bank's API: the queue of one's branches, one ticket with everything that was written, taking it, answering it."""

from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core import clock, paging
from core.database import Session
from core.identity.actor import Actor
from core.platform import Platform
from core.support.rights import ANSWER, QUEUE
from core.support.tickets import doors, lists, repository
from core.support.tickets.schemas import QueuedTicket, QueuePage, TicketAnswer, TicketStory

TAGS = ["工单 tickets"]
TICKETS = "/api/v1/clients/tickets"
TICKET = TICKETS + "/{ticket_id:uuid}"
READ, WRITE = {"permission": QUEUE, "side": "bank"}, {"permission": ANSWER, "side": "bank"}


@get(TICKETS, opt=READ, tags=TAGS)
async def list_queue(
    session: NamedDependency[Session], actor: NamedDependency[Actor], q: FromQuery[str] = "", status: FromQuery[str] = "",
    severity: FromQuery[str] = "", client_id: FromQuery[UUID | None] = None, mine: FromQuery[bool] = False,
    cursor: FromQuery[str | None] = None, limit: FromQuery[int] = paging.PAGE,
) -> QueuePage:  # fmt: skip
    """Tickets of one's branches' clients, the newest first; `status` may be `live` or `late`, `mine` are those one looks after."""
    size = paging.page_size(limit)
    asked = msgspec.structs.replace(
        lists.asked_of({"q": q, "status": status, "severity": severity}), client_id=client_id, owner_id=actor.id if mine else ""
    )
    rows = await repository.list_queue(session, actor.reach(QUEUE), asked, clock.now(), paging.read_id(cursor), size + 1)
    shown, more = paging.cut(rows, size, lambda row: str(row.id))
    return QueuePage([QueuedTicket(client_id=row.client_id, client_name=row.client_name, ticket=lists.read(row)) for row in shown], more)


@get(TICKET, opt=READ, tags=TAGS)
async def get_queued(asker: NamedDependency[Actor], platform: NamedDependency[Platform], ticket_id: FromPath[UUID]) -> TicketStory:
    """One ticket with everything that both sides wrote."""
    return (await doors.story(platform, asker, ticket_id))[1]


@post(TICKET + "/take", opt=WRITE, tags=TAGS, status_code=200)
async def take_ticket(asker: NamedDependency[Actor], platform: NamedDependency[Platform], ticket_id: FromPath[UUID]) -> TicketStory:
    """Look after it."""
    await doors.take(platform, asker, ticket_id)
    return (await doors.story(platform, asker, ticket_id))[1]


@post(TICKET + "/answers", opt=WRITE, tags=TAGS, status_code=201)
async def create_answer(
    asker: NamedDependency[Actor], platform: NamedDependency[Platform], ticket_id: FromPath[UUID], data: JSONBody[TicketAnswer]
) -> TicketStory:
    """Answer (`in_progress`), ask back (`waiting_client`), or say that it is solved (`resolved`); the client's person hears of it."""
    await doors.answer(platform, asker, ticket_id, data.target, data.text)
    return (await doors.story(platform, asker, ticket_id))[1]


ROUTES = [list_queue, get_queued, take_ticket, create_answer]
