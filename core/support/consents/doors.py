"""Where support asks and a client answers: the client's rows first, then the bank's copies.

CROSSES TENANTS: bank ↔ client; grep for this mark to find every such door.
"""

import datetime as dt
from uuid import UUID

from core.identity import accounts_repository
from core.identity.actor import Actor
from core.identity.sessions import roles_for
from core.notices import service as notices
from core.notices.schemas import StaffTold
from core.platform import Platform
from core.support import copying
from core.support.consents import service
from core.support.errors import OnlyPeopleLook, PersonUnknown
from core.support.notices import CONSENT_ASKED
from core.support.rights import GRANT, VIEW
from core.tenancy.threshold import admit, bank_rows, visiting


async def desk(platform: Platform) -> dict[UUID, str]:
    """The people of the support desk by name: who holds a role that may look in."""
    found: dict[UUID, str] = {}
    async with bank_rows(platform) as session:
        for role in roles_for(platform.plugins, "bank", ()).values():
            if VIEW in role.permissions:
                found |= {row.id: row.name for row in await accounts_repository.list_holders(session, role.code)}
    return found


async def grant(
    platform: Platform, by: Actor, *, purpose: str, person_id: UUID | None, from_on: dt.date, until_on: dt.date, ticket_id: UUID | None = None
) -> UUID:
    """The client's administrator lets support look."""
    by.need(GRANT)
    names = await desk(platform) if person_id else {}
    if person_id and person_id not in names:
        raise PersonUnknown()
    person = (person_id, names[person_id]) if person_id else None
    async with platform.database.tenant(by.tenant_id) as session:
        consent_id = await service.grant(session, by, purpose=purpose, person=person, from_on=from_on, until_on=until_on, ticket_id=ticket_id)
    await copying.copy(platform, by.tenant_id)
    return consent_id


async def answer(platform: Platform, by: Actor, consent_id: UUID, *, yes: bool) -> None:
    """The client answers a request."""
    by.need(GRANT)
    async with platform.database.tenant(by.tenant_id) as session:
        await service.answer(session, by, consent_id, yes=yes)
    await copying.copy(platform, by.tenant_id)


async def end(platform: Platform, by: Actor, consent_id: UUID) -> None:
    """The client takes its consent back."""
    by.need(GRANT)
    async with platform.database.tenant(by.tenant_id) as session:
        await service.end(session, by, consent_id)
    await copying.copy(platform, by.tenant_id)


async def ask(platform: Platform, by: Actor, client_id: UUID, *, purpose: str, days: int, ticket_id: UUID | None = None) -> UUID:
    """A support person asks a client of its branches; the client's administrators hear of it."""
    if by.session_id is None:
        raise OnlyPeopleLook()
    await admit(platform, by, client_id, VIEW)
    granting = [role.code for _, role in platform.plugins.collect_all("register_roles") if GRANT in role.permissions]
    async with platform.database.tenant(client_id) as session:
        consent_id = await service.ask(session, visiting(by, client_id), purpose=purpose, days=days, ticket_id=ticket_id)
        people = {row.id for role in granting for row in await accounts_repository.list_holders(session, role)}
        facts = {"by": by.name, "purpose": purpose[:100], "path": f"/console/support/{consent_id}"}
        await notices.tell_staff(session, CONSENT_ASKED, [StaffTold(occasion=str(consent_id), user_id=each, facts=facts) for each in people])
    await copying.copy(platform, client_id)
    return consent_id


async def withdraw(platform: Platform, by: Actor, client_id: UUID, consent_id: UUID) -> None:
    """The one who asked takes the request back."""
    await admit(platform, by, client_id, VIEW)
    async with platform.database.tenant(client_id) as session:
        await service.withdraw(session, visiting(by, client_id), consent_id)
    await copying.copy(platform, client_id)
