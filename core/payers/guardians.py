"""Who may see and pay for a person: payer accounts, the primary guardian, the others, and how a binding ends (annex A.2)."""

from uuid import UUID

import msgspec

from core import ids
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import TenantKeys
from core.masking import mask_name, mask_phone
from core.notices import service as notices
from core.notices.defaults import EVENTS
from core.notices.schemas import PhoneNotice
from core.payers import bindings_repository as repository
from core.payers import consents, service
from core.payers.access import Payer
from core.payers.errors import BindingNotFound, NotPrimary
from core.payers.schemas import BindingRead
from core.payers.states import BINDING
from core.tenancy.directory import ClientProfile

LIVING = ("bound", "manual_review")


async def account_for(session: Session, keys: TenantKeys, payer: Payer, phone: str) -> tuple[UUID, str]:
    """The account that a typed code is for, and how it was proven.

    A known device keeps its account, so that a family has one basket: the code is then `roster_phone` when it went to the account's own
    phone, `other_phone` when to another guardian's. A new device gets the account of the phone, made on first use.
    """
    phone_index = keys.index("phone", phone)
    if payer.payer_id is not None:
        known = await repository.find_payer(session, payer.payer_id)
        return payer.payer_id, "roster_phone" if known.phone_index == phone_index else "other_phone"
    row = {
        "id": ids.uuid7(),
        "phone_sealed": keys.seal(phone),
        "phone_index": phone_index,
        "phone_masked": mask_phone(phone),
    }
    return await repository.find_or_add_payer(session, row), "roster_phone"


class Claim(msgspec.Struct, frozen=True):
    """A payer who proved to be a person's guardian by a code to a phone on the roster."""

    payer_id: UUID
    party_id: UUID
    plugin: str
    relation: str
    method: str


async def bind(session: Session, keys: TenantKeys, client: ClientProfile, claim: Claim, by: Actor, url: str) -> str:
    """Tie a payer to a person; answers `bound`, or `manual_review` until the primary guardian agrees (he gets a message with `url`).

    The first is the primary. A client may trust its roster (`second_guardian = "roster"` in its settings): then a guardian whose own
    phone is on it needs nobody's word.
    """
    payer_id, party_id = claim.payer_id, claim.party_id
    await repository.hold_party(session, party_id)
    others = await repository.list_party_bindings(session, party_id)
    mine = next((row for row in others if row.payer_id == payer_id), None)
    if mine is not None and mine.status in LIVING:
        return mine.status
    primary = next((row for row in others if row.is_primary and row.status == "bound"), None)
    trusted = client.settings.get("second_guardian", "approval") == "roster" and claim.method == "roster_phone"
    waits = primary is not None and not trusted
    status = BINDING.check("matched", "manual_review" if waits else "bound")
    values = {"relation": claim.relation, "method": claim.method, "is_primary": primary is None, "status": status}
    if mine is None:
        binding_id = ids.uuid7()
        await repository.insert_binding(session, {"id": binding_id, "payer_id": payer_id, "party_id": party_id, **values})
    else:
        binding_id = mine.id
        BINDING.check(mine.status, "matched")
        await repository.change_binding(session, binding_id, **values)
    await audit.record(session, by, f"payers.binding.{status}", "binding", binding_id, after={"relation": claim.relation, "status": status})
    for words in consents.for_binding(claim.plugin):
        await consents.give(session, payer_id, words, by, None if words is consents.SERVICE else party_id)
    if waits:
        await _ask_primary(session, keys, client, primary.payer_id, claim, binding_id, url)
    return status


async def decide(session: Session, payer_id: UUID, binding_id: UUID, *, agree: bool, by: Actor) -> str:
    """The primary's word on another guardian; answers the new status."""
    held = await repository.lock_binding(session, binding_id)
    if held is None:
        raise BindingNotFound()
    if binding_id not in {row.id for row in await repository.list_to_decide(session, payer_id)}:
        mine = {row.party_id for row in await repository.list_bindings(session, payer_id)}
        raise NotPrimary() if held.party_id in mine else BindingNotFound()
    status = BINDING.check(held.status, "bound" if agree else "rejected")
    await repository.change_binding(session, binding_id, status=status)
    await audit.record(
        session, by, f"payers.binding.{status}", "binding", binding_id, before={"status": held.status}, after={"status": status}
    )
    if not agree:
        await consents.withdraw_person(session, held.payer_id, by, held.party_id)
    return status


async def end(session: Session, payer_id: UUID, binding_id: UUID, by: Actor) -> BindingRead:
    """Let go of a person; the consent for the child ends with it, and the eldest other guardian becomes the primary."""
    mine = {binding.id: binding for binding in await list_bindings(session, payer_id)}
    if binding_id not in mine:
        raise BindingNotFound()
    ended = mine[binding_id]
    await let_go(session, await repository.lock_binding(session, binding_id), by)
    return ended


async def let_go(session: Session, held: Row, by: Actor, reason: str | None = None) -> None:
    """End a binding, whoever wants it; the caller holds it and has looked whether he may."""
    await repository.hold_party(session, held.party_id)
    BINDING.check(held.status, "ended")
    await repository.change_binding(session, held.id, status="ended", is_primary=False)
    if held.is_primary:
        await repository.name_heir(session, held.party_id)
    await consents.withdraw_person(session, held.payer_id, by, held.party_id)
    await audit.record(
        session, by, "payers.binding.ended", "binding", held.id, before={"status": held.status}, after={"status": "ended"}, reason=reason
    )


async def list_bindings(session: Session, payer_id: UUID) -> list[BindingRead]:
    """A payer's living bindings, the first bound first."""
    return [BindingRead(**row._mapping) for row in await repository.list_bindings(session, payer_id)]


async def list_to_decide(session: Session, payer_id: UUID) -> list[BindingRead]:
    """Guardians who wait for this payer's word."""
    return [BindingRead(**row._mapping) for row in await repository.list_to_decide(session, payer_id)]


async def list_beside(session: Session, payer_id: UUID) -> list[BindingRead]:
    """The other guardians of the people this payer is bound to, their phones masked."""
    return [BindingRead(**row._mapping) for row in await repository.list_beside(session, payer_id)]


async def _ask_primary(
    session: Session, keys: TenantKeys, client: ClientProfile, primary_id: UUID, claim: Claim, binding_id: UUID, url: str
) -> None:
    primary = await repository.find_payer(session, primary_id)
    asking = await repository.find_payer(session, claim.payer_id)
    party = await service.find_party(session, claim.party_id)
    facts = {"phone": asking.phone_masked, "name": mask_name(party.name), "url": url}
    told = PhoneNotice(
        key=f"guardian:{binding_id}:{ids.uuid7()}", event=EVENTS["guardian_request"], to=keys.open(primary.phone_sealed), facts=facts,
        party_id=claim.party_id,
    )  # fmt: skip
    await notices.queue(session, keys, told)
