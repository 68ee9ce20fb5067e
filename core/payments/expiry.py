"""Certificates end: a line in the work list from thirty days before, and a message thirty, seven and one day before."""

import datetime as dt
from uuid import UUID

from core import clock
from core.database import Session
from core.identity.actor import Actor
from core.notices import service as notices
from core.notices.defaults import EVENTS
from core.notices.schemas import PhoneNotice
from core.payments.accounts import desk as accounts_desk
from core.payments.accounts import repository
from core.platform import Platform

WARN_DAYS = (30, 7, 1)
WARNING = dt.timedelta(days=max(WARN_DAYS))


async def look(platform: Platform, tenant_id: UUID) -> None:
    """The night's look: warn of certificates that end, forget keys that have had their time."""
    async with platform.database.tenant(tenant_id) as session:
        await accounts_desk.tidy(session)
        await accounts_desk.adopt(session, platform.vault, platform.channels)
        await warn(platform, session)


async def warn(platform: Platform, session: Session) -> int:
    """One message for each account and step (30, 7, 1 days), to the phone that was given for it; answers how many are new."""
    now, told = clock.now(), []
    keys = await platform.vault.keys(session)
    for row in await repository.list_ending(session, now + WARNING):
        if row.alert_phone_sealed is None:
            continue
        left = max(0, (row.expires_at - now).days)
        step = min(days for days in WARN_DAYS if left <= days)
        told.append(
            PhoneNotice(
                key=f"channel_expiry:{row.id}:{row.expires_at.date()}:{step}",
                event=EVENTS["channel_expiry"],
                to=keys.open(row.alert_phone_sealed),
                facts={"mchid": row.mchid, "days": str(left), "expires_on": row.expires_at.astimezone(clock.SHANGHAI).date().isoformat()},
            )
        )
    return len(await notices.queue_many(session, keys, told))


async def count(session: Session, by: Actor) -> int:
    """How many merchant numbers have a certificate that ends within thirty days."""
    return await repository.count_ending(session, clock.now() + WARNING)
