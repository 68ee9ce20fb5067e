"""A support person looks at a client's console: entering, every single look, leaving.

CROSSES TENANTS: bank → client; grep for this mark to find every such door.
Each look asks anew: is the person still support and in reach of the client, does the consent stand. What was looked at is written into the
client's audit trail before the page is drawn, and from then on the request can write nothing anywhere (`core.database.looking`).
"""

import datetime as dt
from collections.abc import Collection
from uuid import UUID

import msgspec

from core import clock, ids
from core.database import Row, Session
from core.database.looking import OnlyLooking
from core.errors import NotFound
from core.identity import audit
from core.identity.actor import Actor
from core.platform import Platform
from core.support.consents import repository as consents
from core.support.consents.repository import OBJECT
from core.support.consents.service import stands
from core.support.errors import ConsentNotFound, ViewOver
from core.support.rights import SUPPORT_ROLE, VIEW, seen_of
from core.support.viewing import pages, repository
from core.tenancy import service as tenancy
from core.tenancy.schemas import ClientProfile
from core.tenancy.threshold import visiting

ONE_LOOK = dt.timedelta(minutes=1)
SAFE = ("GET", "HEAD")


class Visitor(msgspec.Struct, frozen=True):
    """Who looks, at whose console, until when and why: for the banner on every page."""

    name: str
    until_at: dt.datetime
    purpose: str


class Visit(msgspec.Struct, frozen=True):
    """One look that was let in: the actor has rights to read in the client's tenant, nothing else."""

    actor: Actor
    profile: ClientProfile
    visitor: Visitor


class Look(msgspec.Struct, frozen=True):
    """What is asked for: address and the names of what the page was asked to search or filter by (never what was typed)."""

    method: str
    path: str
    asked: Collection[str] = ()


async def begin(platform: Platform, by: Actor, consent_id: UUID) -> UUID:
    """Enter a client's console under a consent; one view per log-in at a time. Answers the client."""
    async with platform.database.tenant(by.tenant_id) as session:
        copy = await consents.find(session, consent_id)
        if copy is None or by.session_id is None:
            raise ConsentNotFound()
        await tenancy.find(session, by, copy.client_id, VIEW)
    async with platform.database.tenant(copy.client_id) as session:
        if not stands(await consents.find(session, consent_id), by.id, clock.now()):
            raise ViewOver()
        await audit.record(session, visiting(by, copy.client_id), "support.view.begin", OBJECT, consent_id)
    async with platform.database.tenant(by.tenant_id) as session:
        await repository.end_open(session, by.session_id, clock.now())
        row = {"id": ids.uuid7(), "session_id": by.session_id, "user_id": UUID(by.id), "client_id": copy.client_id, "consent_id": consent_id}
        await repository.begin(session, row)
        await audit.record(session, by, "support.view.begin", "client", copy.client_id, after={"purpose": copy.purpose})
    return copy.client_id


async def leave(platform: Platform, by: Actor) -> None:
    """Leave; again without effect."""
    async with platform.database.tenant(by.tenant_id) as session:
        ended = by.session_id and await repository.end_open(session, by.session_id, clock.now())
        if ended:
            await audit.record(session, by, "support.view.end", "client", ended.client_id)
    if ended:
        async with platform.database.tenant(ended.client_id) as session:
            await audit.record(session, visiting(by, ended.client_id), "support.view.end", OBJECT, ended.consent_id)


async def open_view(session: Session, by: Actor) -> Row:
    """The view of this log-in, in the bank's transaction; NotFound without one, NotPermitted without the right, NotFound out of reach."""
    row = by.session_id and await repository.find_open(session, by.session_id)
    if not row or str(row.user_id) != by.id:
        raise NotFound()
    await tenancy.find(session, by, row.client_id, VIEW)
    return row


async def look(platform: Platform, by: Actor, view: Row, asked: Look) -> Visit:
    """Let one look in, or refuse it; either way the client's trail says so. ViewOver, OnlyLooking."""
    profile, now = await platform.directory.profile(view.client_id), clock.now()
    rights = seen_of(platform.plugins, profile)
    actor = msgspec.structs.replace(visiting(by, view.client_id), rights=rights, roles=frozenset({SUPPORT_ROLE}), session_id=None)
    async with platform.database.tenant(view.client_id) as session:
        consent = await consents.find(session, view.consent_id)
        if stands(consent, by.id, now):
            await _write_down(session, platform, actor, view.consent_id, profile, asked)
            await platform.vault.keys(session)
    if not stands(consent, by.id, now):
        await leave(platform, by)
        raise ViewOver()
    if asked.method not in SAFE:
        raise OnlyLooking()
    return Visit(actor, profile, Visitor(by.name, consent.until_at, consent.purpose))


async def _write_down(session: Session, platform: Platform, actor: Actor, consent_id: UUID, profile: ClientProfile, asked: Look) -> None:
    """One entry a look; a page that renews itself within a minute is one look."""
    refused = asked.method not in SAFE
    if not refused and not asked.asked and await consents.seen_lately(session, consent_id, actor.id, asked.path, clock.now() - ONE_LOOK):
        return
    after: dict[str, object] = {"page": pages.title_of(platform.plugins, profile, asked.path), "path": asked.path}
    if asked.asked:
        after["asked"] = sorted(asked.asked)
    await audit.record(session, actor, "support.page.refuse" if refused else "support.page.view", OBJECT, consent_id, after=after)
