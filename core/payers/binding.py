"""How a payer comes to a person: the facts, then a code to a phone on the roster (domain book §3.5, architecture §11.8)."""

import base64
import datetime as dt
import unicodedata
from uuid import UUID

import msgspec

from core import clock, ids
from core.database import Session
from core.hookspecs import BindingFacts, BindingProposal
from core.identity.vault import TenantKeys
from core.masking import mask_lookup_class, mask_lookup_name
from core.payers import codes, codes_repository, service, tries
from core.payers.access import Payer
from core.payers.errors import PhoneNotOffered, TicketGone
from core.plugin_manager import PluginManager
from core.tenancy.directory import ClientProfile

TICKET_LIFE = dt.timedelta(minutes=15)
TICKET = "bind_ticket"


class Offer(msgspec.Struct, frozen=True):
    """A phone on the roster that may receive the code: masked, and whose it is."""

    masked: str
    relation: str


class Ticket(msgspec.Struct, frozen=True):
    """Facts that matched: the person, still masked, and the phones to choose from."""

    id: UUID
    party_id: UUID
    plugin: str
    party_name: str
    org_name: str
    offers: list[Offer]


def tidy(text: str) -> str:
    """What was typed, without blanks, full-width forms and invisible characters."""
    return "".join(character for character in unicodedata.normalize("NFKC", text) if character.isprintable() and not character.isspace())


async def match(
    session: Session, plugins: PluginManager, keys: TenantKeys, client: ClientProfile, payer: Payer, address: str, facts: BindingFacts
) -> UUID | None:
    """Find the person who fits all facts and open a ticket; None when nobody does, which counts as a failure.

    TooManyTries while the door is closed, whatever the facts. The caller lets the transaction commit, or failures would not count.
    """
    marks = tries.marks(keys, "bind", device=payer.device, address=address, subject=facts.number)
    await tries.check(session, marks)
    proposals: list[BindingProposal] = await plugins.ask("propose_binding", client.plugins, session=session, keys=keys, facts=facts)
    if not proposals:
        await tries.failed(session, marks)
        return None
    found = proposals[0]
    now, ticket_id = clock.now(), ids.uuid7()
    await codes_repository.end_codes(session, payer.device, TICKET, now)
    phones = [[masked, base64.b64encode(sealed).decode(), relation] for masked, sealed, relation in found.phones]
    row = {
        "id": ticket_id,
        "purpose": TICKET,
        "device": payer.device,
        "code_hash": b"",
        "subject": {"party_id": str(found.party_id), "number": facts.number, "phones": phones},
        "expires_at": now + TICKET_LIFE,
    }
    await codes_repository.insert_code(session, row)
    return ticket_id


async def read_ticket(session: Session, payer: Payer, ticket_id: UUID) -> Ticket:
    """A ticket of this device; TicketGone for anybody else's, an old or a used one."""
    subject = await _subject(session, payer, ticket_id)
    party = await service.find_party(session, UUID(subject["party_id"]))
    return Ticket(
        id=ticket_id,
        party_id=party.id,
        plugin=party.plugin,
        party_name=mask_lookup_name(party.name),
        org_name=mask_lookup_class(party.org_name),
        offers=[Offer(masked, relation) for masked, _, relation in subject["phones"]],
    )


async def send_code(
    session: Session, keys: TenantKeys, client: ClientProfile, payer: Payer, address: str, ticket_id: UUID, choice: int
) -> UUID:
    """Send the code to the chosen phone of the roster, and to no other."""
    subject = await _subject(session, payer, ticket_id)
    await tries.check(session, tries.marks(keys, "bind", device=payer.device, address=address, subject=subject["number"]))
    if not 0 <= choice < len(subject["phones"]):
        raise PhoneNotOffered()
    _, sealed, relation = subject["phones"][choice]
    party = await service.find_party(session, UUID(subject["party_id"]))
    return await codes.send(
        session,
        keys,
        purpose="bind",
        device=payer.device,
        phone=keys.open(base64.b64decode(sealed)),
        facts={"client": client.name, "name": mask_lookup_name(party.name)},
        subject={"ticket": str(ticket_id), "party_id": subject["party_id"], "sealed": sealed, "relation": relation},
    )


async def check_code(session: Session, keys: TenantKeys, payer: Payer, address: str, ticket_id: UUID, typed: str) -> codes.Checked:
    """Compare the code for a ticket; one whose tries are used up is a failure of this binding like wrong facts are."""
    subject = await _subject(session, payer, ticket_id)
    marks = tries.marks(keys, "bind", device=payer.device, address=address, subject=subject["number"])
    await tries.check(session, marks)
    code_id = await codes.newest(session, purpose="bind", device=payer.device)
    if code_id is None:
        return codes.Checked("expired")
    checked = await codes.check(session, keys, code_id, purpose="bind", device=payer.device, typed=typed)
    if checked.state == "wrong" and checked.tries_left == 0:
        await tries.failed(session, marks)
    if checked.state == "right" and checked.subject["ticket"] != str(ticket_id):
        return codes.Checked("expired")
    return checked


def sealed_phone(keys: TenantKeys, subject: dict[str, str]) -> str:
    """The phone that received a code, from what the code was sent for."""
    return keys.open(base64.b64decode(subject["sealed"]))


async def close_ticket(session: Session, ticket_id: UUID) -> None:
    """A ticket binds once."""
    await codes_repository.mark_used(session, ticket_id, clock.now())


async def _subject(session: Session, payer: Payer, ticket_id: UUID) -> dict[str, object]:
    row = await codes_repository.find_code(session, ticket_id)
    if row is None or row.purpose != TICKET or row.device != payer.device or row.used_at or row.expires_at <= clock.now():
        raise TicketGone()
    return row.subject
