"""A payer's own side for programs (a mini-app, a bank's app): begin a session, bind, log in, let go.

The session's token goes in `Authorization: Bearer`. It is a payer's, good for one client, and changes when a phone was verified.
What a guess costs must stay when the answer is no, so these handlers commit before they refuse.
"""

from typing import Any
from uuid import UUID

from litestar import Request, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from core import ids
from core.database import Session
from core.hookspecs import BindingFacts
from core.payers import access, binding, codes, consents, guardians, login
from core.payers.access import LIFETIME, Payer
from core.payers.completing import complete
from core.payers.errors import CodeExpired, CodeWrong, ConsentMissing, FactsDoNotMatch
from core.payers.pages import actor_of, address_of
from core.payers.schemas import (
    BindingConfirm,
    BindingDecision,
    BindingDone,
    BindingList,
    BindingStart,
    ConsentTextRead,
    LoginConfirm,
    LoginStart,
    PhoneChoice,
    PhoneOffer,
    SessionRead,
    TicketRead,
)
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.i18n import gettext as _
from core.web.i18n import listed

ROOT = "/api/v1/payer/{client_code:str}"
TAGS = ["缴费人 payer"]
SECONDS = int(LIFETIME.total_seconds())


def opt(permission: str) -> dict[str, str]:
    """`device` for any session, `payer` for one whose phone was verified, `public` for nobody in particular."""
    return {"side": "payer", "permission": permission}


@post(ROOT + "/session", opt=opt("public"), tags=TAGS)
async def begin_session(client: NamedDependency[ClientProfile], platform: NamedDependency[Platform]) -> SessionRead:
    """Begin an unnamed session of this client's payers."""
    token = ids.token()
    async with platform.database.tenant(client.id) as session:
        await access.begin(session, platform.vault.route_hash("payer", token))
    return SessionRead(token, SECONDS)


@delete(ROOT + "/session", opt=opt("device"), tags=TAGS)
async def end_session(session: NamedDependency[Session], payer: NamedDependency[Payer]) -> None:
    """Log this session out; bindings stay."""
    await access.forget(session, payer)


@get(ROOT + "/consent-texts", opt=opt("public"), tags=TAGS)
async def list_texts(client: NamedDependency[ClientProfile]) -> list[ConsentTextRead]:
    """The texts to be shown before a binding; the required ones have to be agreed to."""
    return [
        ConsentTextRead(purpose=t.purpose, version=t.version, title=_(t.title), text=_(t.text), required=t.required)
        for t in consents.offered(client.plugins)
    ]


@post(ROOT + "/binding-tickets", opt=opt("device"), tags=TAGS)
async def start_binding(
    request: Request,
    paying: NamedDependency[Payer],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    data: JSONBody[BindingStart],
) -> TicketRead:
    """Facts that fit one person send a code to a phone of the roster; 422 FACTS_DO_NOT_MATCH says no more than that, and counts."""
    facts = BindingFacts(name=binding.tidy(data.name), number=binding.tidy(data.number), id_tail=binding.tidy(data.id_tail).upper())
    async with platform.database.tenant(client.id) as session:
        keys = await platform.vault.keys(session)
        ticket_id = await binding.match(session, platform.plugins, keys, client, paying, address_of(request), facts)
    if ticket_id is None:
        raise FactsDoNotMatch()
    return await _sent(request, platform, client, paying, ticket_id, data.phone)


@post(ROOT + "/binding-tickets/{ticket_id:uuid}/code", opt=opt("device"), tags=TAGS, status_code=200)
async def send_again(
    request: Request,
    paying: NamedDependency[Payer],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
    data: JSONBody[PhoneChoice],
) -> TicketRead:
    """Send another code, to the same or another of the phones; 409 TOO_MANY_CODES says when."""
    return await _sent(request, platform, client, paying, ticket_id, data.phone)


async def _sent(request: Request, platform: Platform, client: ClientProfile, payer: Payer, ticket_id: UUID, choice: int) -> TicketRead:
    async with platform.database.tenant(client.id) as session:
        keys = await platform.vault.keys(session)
        ticket = await binding.read_ticket(session, payer, ticket_id)
        await binding.send_code(session, keys, client, payer, address_of(request), ticket_id, choice)
    phones = [PhoneOffer(at, offer.masked, offer.relation) for at, offer in enumerate(ticket.offers)]
    return TicketRead(ticket_id=ticket_id, name=ticket.party_name, org_name=ticket.org_name, phones=phones, sent_to=choice)


@post(ROOT + "/binding-tickets/{ticket_id:uuid}/confirm", opt=opt("device"), tags=TAGS, status_code=200)
async def confirm_binding(
    request: Request,
    paying: NamedDependency[Payer],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
    data: JSONBody[BindingConfirm],
) -> BindingDone:
    """The right code binds. Consent is asked for first and costs no try; a wrong code counts."""
    url = f"{platform.settings.public_url}/h5/{client.code}/bindings"
    async with platform.database.tenant(client.id) as session:
        keys = await platform.vault.keys(session)
        ticket = await binding.read_ticket(session, paying, ticket_id)
        missing = [words for words in consents.for_binding(ticket.plugin) if words.purpose not in data.agreed]
        if missing:
            raise ConsentMissing(purposes=listed(_(words.title) for words in missing))
        checked = await binding.check_code(session, keys, paying, address_of(request), ticket_id, data.code)
        if checked.state == "right":
            payer_id, status = await complete(
                session, keys, client, paying, ticket, checked.subject, data.agreed,
                lambda known: actor_of(request, paying, client.id, known), url,
            )  # fmt: skip
            return BindingDone(status=status, token=await _recognised(session, platform, paying, payer_id), expires_in_seconds=SECONDS)
    raise _refused(checked)


@post(ROOT + "/login", opt=opt("device"), tags=TAGS, status_code=202)
async def start_login(
    request: Request,
    paying: NamedDependency[Payer],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    data: JSONBody[LoginStart],
) -> dict[str, Any]:
    """Send a code to a phone that was bound before; whether it is known is not told."""
    phone = login.phone_of(data.phone)
    async with platform.database.tenant(client.id) as session:
        await login.send_code(session, await platform.vault.keys(session), client, paying, address_of(request), phone)
    return {"sent": True}


@post(ROOT + "/login/confirm", opt=opt("device"), tags=TAGS, status_code=200)
async def confirm_login(
    request: Request,
    paying: NamedDependency[Payer],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    data: JSONBody[LoginConfirm],
) -> SessionRead:
    """The right code makes this session the payer's, under a new token."""
    async with platform.database.tenant(client.id) as session:
        checked = await login.check_code(session, await platform.vault.keys(session), paying, address_of(request), data.code)
        if checked.state == "right":
            return SessionRead(await _recognised(session, platform, paying, UUID(checked.subject["payer_id"])), SECONDS)
    raise _refused(checked)


@get(ROOT + "/bindings", opt=opt("payer"), tags=TAGS)
async def list_bindings(session: NamedDependency[Session], payer: NamedDependency[Payer]) -> BindingList:
    """Whom the payer is bound to, other guardians who wait for this payer's word, and those who are bound beside."""
    return await _bindings(session, payer.payer_id)


@delete(ROOT + "/bindings/{binding_id:uuid}", opt=opt("payer"), tags=TAGS)
async def end_binding(
    request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer], binding_id: FromPath[UUID]
) -> None:
    """Let go of a person."""
    await guardians.end(session, payer.payer_id, binding_id, actor_of(request, payer, session.tenant_id))


@post(ROOT + "/bindings/{binding_id:uuid}/decide", opt=opt("payer"), tags=TAGS, status_code=200)
async def decide_binding(
    request: Request,
    session: NamedDependency[Session],
    payer: NamedDependency[Payer],
    binding_id: FromPath[UUID],
    data: JSONBody[BindingDecision],
) -> BindingList:
    """The primary guardian's word on another."""
    by = actor_of(request, payer, session.tenant_id)
    await guardians.decide(session, payer.payer_id, binding_id, agree=data.agree, by=by)
    return await _bindings(session, payer.payer_id)


async def _bindings(session: Session, payer_id: UUID) -> BindingList:
    mine = await guardians.list_bindings(session, payer_id)
    return BindingList(mine, await guardians.list_to_decide(session, payer_id), await guardians.list_beside(session, payer_id))


async def _recognised(session: Session, platform: Platform, payer: Payer, payer_id: UUID) -> str:
    token = ids.token()
    await access.recognise(session, payer, payer_id, platform.vault.route_hash("payer", token))
    return token


def _refused(checked: codes.Checked) -> CodeWrong | CodeExpired:
    return CodeWrong(tries_left=checked.tries_left) if checked.state == "wrong" and checked.tries_left else CodeExpired()


ROUTES = [
    begin_session, end_session, list_texts, start_binding, send_again, confirm_binding, start_login, confirm_login, list_bindings,
    end_binding, decide_binding,
]  # fmt: skip
