"""What workers do for a club: bill everybody (a job), number cards (the pulse), see whose year is over (at night)."""

import datetime as dt
from uuid import UUID

from core import clock
from core.platform import Platform
from tests.plugins.specimen import repository, service

YEAR = dt.timedelta(days=365)


async def bill(context, params: dict[str, int]) -> dict[str, object]:
    """The job behind the button; resumed after a crash it changes nothing twice."""
    async with context.session() as session:
        issued = await service.bill_everybody(session, params["year"])
    await context.progress(1, 1)
    return {"counts": [["新开账单", issued.count, "/console/bills", "good"]]}


async def number_cards(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """New members get their card numbers; answers when to look again."""
    async with platform.database.tenant(tenant_id) as session:
        numbered = await repository.number_cards(session)
    return clock.now() if numbered == 100 else None


async def lapse(platform: Platform, tenant_id: UUID) -> None:
    """Whose year is over has to renew."""
    async with platform.database.tenant(tenant_id) as session:
        await repository.lapse(session, clock.today() - YEAR)
