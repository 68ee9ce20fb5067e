"""Letting go of a binding for a guardian who lost the bound phone: one member of staff asks, another agrees (two people, audited).

The guardian then binds again with the phone the roster has now. What was paid stays paid; the old phone sees this person no more.
"""

from uuid import UUID

from core.approvals import service as approvals
from core.database import Session
from core.errors import NotFound
from core.identity.actor import Actor
from core.masking import mask_name
from core.payers import bindings_repository as repository
from core.payers import guardians, service
from core.payers.errors import BindingNotFound
from core.payers.guardians import LIVING
from core.payers.schemas import BindingRead, PartyRead

READ, RELEASE, CHECK = "payers.binding.read", "payers.binding.release", "payers.binding.check"
KIND = "payers.release"


async def person(session: Session, party_id: UUID, by: Actor, permission: str = READ) -> PartyRead:
    """Somebody within the asker's reach; NotFound otherwise."""
    found = await service.find_party(session, party_id)
    if not by.reaches(permission, found.org_id):
        raise NotFound()
    return found


async def bindings_of(session: Session, party_id: UUID, by: Actor) -> list[BindingRead]:
    """Who is bound to a person, phones masked."""
    await person(session, party_id, by)
    return [BindingRead(**row._mapping) for row in await repository.list_living(session, party_id)]


async def propose(session: Session, binding_id: UUID, reason: str, by: Actor) -> UUID:
    """Ask that a binding be released; answers the proposal."""
    held = await repository.lock_binding(session, binding_id)
    if held is None or held.status not in LIVING:
        raise BindingNotFound()
    whose = await person(session, held.party_id, by, RELEASE)
    shown = next(row for row in await repository.list_living(session, held.party_id) if row.id == binding_id)
    proposal = {"person": f"{mask_name(whose.name)} {whose.number}", "phone": shown.phone_masked, "relation": held.relation}
    return await approvals.propose(
        session, by, kind=KIND, title=f"解除绑定 {mask_name(whose.name)} · {shown.phone_masked}", subject_id=binding_id, proposal=proposal,
        reason=reason, org_id=whose.org_id,
    )  # fmt: skip


async def release(session: Session, binding_id: UUID, proposal: dict, by: Actor) -> None:
    """The second person agreed: the binding ends, the eldest other guardian becomes the primary."""
    found = await repository.lock_binding(session, binding_id)
    if found is None or found.status not in LIVING:
        raise BindingNotFound()
    await guardians.let_go(session, found, by, proposal["reason"])


def describe(proposal: dict) -> list[tuple[str, str, str]]:
    """What a proposal would end, for the second person."""
    return [("解除绑定", f"{proposal['person']} · {proposal['relation']} {proposal['phone']}", "可用登记的手机号重新绑定")]
