"""Tickets between the houses: the client's rows first, then the bank's copies; each side hears of the other.

CROSSES TENANTS: bank ↔ client; grep for this mark to find every such door.
"""

from uuid import UUID

from core.database import Row
from core.identity.actor import Actor
from core.notices import service as notices
from core.notices.schemas import StaffTold
from core.platform import Platform
from core.support import copying
from core.support.errors import TicketNotFound
from core.support.notices import TICKET_ANSWERED
from core.support.rights import ANSWER, QUEUE
from core.support.tickets import lists, repository, service
from core.support.tickets.schemas import TicketStory
from core.support.tickets.service import Paper, Raise
from core.tenancy.threshold import visiting


async def raise_ticket(platform: Platform, by: Actor, said: Raise, paper: Paper | None = None) -> UUID:
    """A client's member of staff reports a problem."""
    async with platform.database.tenant(by.tenant_id) as session:
        ticket_id = await service.raise_ticket(session, platform.vault, by, said, paper)
    await copying.copy(platform, by.tenant_id)
    return ticket_id


async def reply(platform: Platform, by: Actor, ticket_id: UUID, text: str, paper: Paper | None = None) -> None:
    """The client's side writes."""
    async with platform.database.tenant(by.tenant_id) as session:
        await lists.mine(session, by, ticket_id)
        await service.reply(session, platform.vault, by, ticket_id, text, paper)
    await copying.copy(platform, by.tenant_id)


async def close(platform: Platform, by: Actor, ticket_id: UUID) -> None:
    """The client's side is content."""
    async with platform.database.tenant(by.tenant_id) as session:
        await lists.mine(session, by, ticket_id)
        await service.close(session, platform.vault, by, ticket_id)
    await copying.copy(platform, by.tenant_id)


async def copy_of(platform: Platform, by: Actor, ticket_id: UUID, permission: str = QUEUE) -> Row:
    """The bank's copy, if the ticket's client is within the asker's branches."""
    async with platform.database.tenant(by.tenant_id) as session:
        row = await repository.find_copy(session, ticket_id, by.reach(permission))
    if row is None:
        raise TicketNotFound()
    return row


async def story(platform: Platform, by: Actor, ticket_id: UUID) -> tuple[Row, TicketStory]:
    """A ticket as the bank's people read it: its copy, and what was written, from the client's rows."""
    copy = await copy_of(platform, by, ticket_id)
    async with platform.database.tenant(copy.client_id) as session:
        return copy, await lists.story(session, platform.vault, ticket_id)


async def take(platform: Platform, by: Actor, ticket_id: UUID) -> None:
    """A support person looks after it."""
    copy = await copy_of(platform, by, ticket_id, ANSWER)
    async with platform.database.tenant(copy.client_id) as session:
        await service.take(session, platform.vault, visiting(by, copy.client_id), ticket_id)
    await copying.copy(platform, copy.client_id)


async def answer(platform: Platform, by: Actor, ticket_id: UUID, target: str, text: str, paper: Paper | None = None) -> None:
    """Support writes; whoever raised the ticket hears of it in the bell."""
    copy = await copy_of(platform, by, ticket_id, ANSWER)
    async with platform.database.tenant(copy.client_id) as session:
        await service.answer(session, platform.vault, visiting(by, copy.client_id), ticket_id, target, text, paper)
        row = await repository.find(session, ticket_id)
        facts = {"number": row.number, "title": row.title, "by": by.name, "path": f"/console/tickets/{ticket_id}"}
        people = await lists.people_of(session, row)
        told = [StaffTold(occasion=f"{ticket_id}:{row.version}", user_id=each, facts=facts) for each in people]
        await notices.tell_staff(session, TICKET_ANSWERED, told)
    await copying.copy(platform, copy.client_id)


async def papers(platform: Platform, by: Actor, ticket_id: UUID, entry_id: UUID) -> object:
    """A file beside a ticket, for the bank's people."""
    copy = await copy_of(platform, by, ticket_id)
    async with platform.database.tenant(copy.client_id) as session:
        return await service.papers(session, platform.vault, visiting(by, copy.client_id), ticket_id, entry_id)
