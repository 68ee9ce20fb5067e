"""Taking a consent back: for a child its binding ends, for the service all of them and the log-in (domain book §10)."""

from uuid import UUID

from core.database import Session
from core.errors import NotFound
from core.identity.actor import Actor
from core.payers import access, consents, guardians
from core.payers.access import Payer


async def withdraw(session: Session, payer: Payer, consent_id: UUID, by: Actor) -> str:
    """End what depends on a consent, then the consent; answers its purpose. NotFound for one that is over or is a switch of its own."""
    consent = await consents.find_consent(session, payer.payer_id, consent_id)
    if consent.purpose == "bank_marketing" or consent.withdrawn_at is not None:
        raise NotFound()
    for binding in await guardians.list_bindings(session, payer.payer_id):
        if consent.purpose == "service" or binding.party_id == consent.party_id:
            await guardians.end(session, payer.payer_id, binding.id, by)
    await consents.withdraw(session, payer.payer_id, by, purposes=(consent.purpose,), party_id=consent.party_id)
    if consent.purpose == "service":
        await access.forget(session, payer)
    return consent.purpose
