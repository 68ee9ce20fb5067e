"""The last step of binding, the same for pages and programs: the typed code was right, the consents were given."""

from collections.abc import Callable, Collection
from uuid import UUID

from core.database import Session
from core.identity.actor import Actor
from core.identity.vault import TenantKeys
from core.payers import binding, consents, guardians
from core.payers.access import Payer
from core.tenancy.directory import ClientProfile


async def complete(
    session: Session,
    keys: TenantKeys,
    client: ClientProfile,
    payer: Payer,
    ticket: binding.Ticket,
    subject: dict[str, str],
    agreed: Collection[str],
    by_of: Callable[[UUID], Actor],
    url: str,
) -> tuple[UUID, str]:
    """Tie the payer to the person; answers the payer's account and `bound`, or `manual_review` until the primary guardian agrees.

    The device has to be recognised as the account's next (`access.recognise`). `url` is where the primary guardian decides.
    """
    payer_id, method = await guardians.account_for(session, keys, payer, binding.sealed_phone(keys, subject))
    by = by_of(payer_id)
    claim = guardians.Claim(payer_id, ticket.party_id, ticket.plugin, subject["relation"], method)
    status = await guardians.bind(session, keys, client, claim, by, url)
    if consents.MARKETING.purpose in agreed:
        await consents.give(session, payer_id, consents.MARKETING, by)
    await binding.close_ticket(session, ticket.id)
    return payer_id, status
