"""What a payer agreed to and what they want to be told, for programs: consents read and taken back, kinds of messages left out."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Request, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from core.database import Session
from core.notices import inbox, templates
from core.payers import consents, privacy
from core.payers.access import Payer
from core.payers.api import ROOT, TAGS, opt
from core.payers.pages import actor_of
from core.payers.schemas import ConsentRead
from core.platform import Platform
from core.tenancy.directory import ClientProfile


class ConsentList(msgspec.Struct, frozen=True):
    """Everything a payer agreed to, also what was taken back; `marketing`: whether the bank may write."""

    items: list[ConsentRead]
    marketing: bool


class Switch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """On or off."""

    on: bool


class Kind(msgspec.Struct, frozen=True):
    """A kind of message; what is left out comes neither by text message nor by WeChat, `inbox`: it stays in the inbox all the same."""

    kind: str
    title: str
    wanted: bool
    inbox: bool


class KindList(msgspec.Struct, frozen=True):
    """Every kind there is."""

    items: list[Kind]


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether a kind is wanted."""

    kind: Annotated[str, msgspec.Meta(max_length=80)]
    wanted: bool


@get(ROOT + "/consents", opt=opt("payer"), tags=TAGS)
async def list_consents(session: NamedDependency[Session], payer: NamedDependency[Payer]) -> ConsentList:
    """What was agreed to, in which words, and when it was taken back."""
    return await _consents(session, payer)


@post(ROOT + "/consents/{consent_id:uuid}/withdraw", opt=opt("payer"), tags=TAGS, status_code=200)
async def withdraw_consent(
    request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer], consent_id: FromPath[UUID]
) -> ConsentList:
    """Take a consent back: for a child it ends the binding; for the service it ends all of them and this session."""
    await privacy.withdraw(session, payer, consent_id, actor_of(request, payer, session.tenant_id))
    return await _consents(session, payer)


@put(ROOT + "/consents/marketing", opt=opt("payer"), tags=TAGS)
async def switch_marketing(
    request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer], data: JSONBody[Switch]
) -> ConsentList:
    """The bank may write, or may not: nothing else depends on it."""
    by = actor_of(request, payer, session.tenant_id)
    if data.on:
        await consents.give(session, payer.payer_id, consents.MARKETING, by)
    else:
        await consents.withdraw(session, payer.payer_id, by, purposes=("bank_marketing",))
    return await _consents(session, payer)


@get(ROOT + "/message-kinds", opt=opt("payer"), tags=TAGS)
async def list_kinds(
    session: NamedDependency[Session], payer: NamedDependency[Payer], client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
) -> KindList:
    """Which kinds of messages come, and which were left out."""
    return await _kinds(session, platform, client, payer)


@put(ROOT + "/message-kinds", opt=opt("payer"), tags=TAGS)
async def choose_kind(
    request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer], client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform], data: JSONBody[Wanted],
) -> KindList:
    """Leave a kind out, or have it again."""
    by = actor_of(request, payer, session.tenant_id)
    await inbox.choose(session, templates.events_of(platform, client), payer.payer_id, data.kind, data.wanted, by)
    return await _kinds(session, platform, client, payer)


async def _consents(session: Session, payer: Payer) -> ConsentList:
    given = await consents.list_consents(session, payer.payer_id)
    return ConsentList(given, any(each.purpose == "bank_marketing" and each.withdrawn_at is None for each in given))


async def _kinds(session: Session, platform: Platform, client: ClientProfile, payer: Payer) -> KindList:
    return KindList([Kind(*each) for each in await inbox.choices(session, templates.events_of(platform, client), payer.payer_id)])


ROUTES = [list_consents, withdraw_consent, switch_marketing, list_kinds, choose_kind]
