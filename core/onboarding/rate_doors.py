"""Where the bank's people propose and agree to other rates for a client's merchant: the client's rows first, then the bank's note and its task.

CROSSES TENANTS: bank ↔ client; grep for this mark to find every such door.
What a crash leaves out is mended whenever the merchant's rates are opened again by the branch.
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from core.approvals import service as approvals
from core.database import Row
from core.errors import NotFound
from core.identity import audit
from core.identity.actor import Actor
from core.onboarding import rate_changes, rates
from core.onboarding.rate_changes import CHECK, MAKE
from core.onboarding.schemas import RateChangeAsk, RateChangeCheck, RateChangeRead
from core.platform import Platform
from core.tenancy import merchants_repository, tasks_repository
from core.tenancy.threshold import admit, bank_rows, visiting

LOOK = "tenancy.merchant.read"
TASK = "rate_check"


class Book(msgspec.Struct, frozen=True):
    """A merchant with its rates and with what was proposed for them."""

    merchant: Row
    rates: Sequence[Row]
    changes: list[RateChangeRead]


async def book(platform: Platform, client_id: UUID, merchant_id: UUID) -> Book:
    """Read a merchant's rates; whoever calls this has admitted the asker."""
    async with platform.database.tenant(client_id) as session:
        merchant = await merchants_repository.find_merchant(session, merchant_id)
        if merchant is None:
            raise NotFound()
        return Book(merchant, await rates.listed(session, merchant_id), await rate_changes.listed(session, merchant_id))


async def read(platform: Platform, by: Actor, client_id: UUID, merchant_id: UUID) -> tuple[Row, Book]:
    """The client, and its merchant's rates as the branch sees them; also mends the branch's task."""
    client = await admit(platform, by, client_id, LOOK)
    found = await book(platform, client_id, merchant_id)
    await sync(platform, client_id)
    return client, found


async def merchant_of(platform: Platform, by: Actor, client_id: UUID, change_id: UUID) -> UUID:
    """Whose rates a proposal is about."""
    await admit(platform, by, client_id, LOOK)
    async with platform.database.tenant(client_id) as session:
        return await rate_changes.merchant_of(session, change_id)


async def propose(platform: Platform, by: Actor, client_id: UUID, merchant_id: UUID, ask: RateChangeAsk) -> UUID:
    """Ask for other rates; a second person of the bank decides."""
    await admit(platform, by, client_id, MAKE)
    async with platform.database.tenant(client_id) as session:
        change_id = await rate_changes.propose(session, visiting(by, client_id), merchant_id, ask, list(platform.channels))
    after = {"change": str(change_id), "channel": ask.channel, "from_on": ask.from_on.isoformat()}
    await _noted(platform, by, client_id, "onboarding.rate.propose", after, ask.reason)
    return change_id


async def check(platform: Platform, by: Actor, client_id: UUID, merchant_id: UUID, change_id: UUID, word: RateChangeCheck) -> None:
    """The second person's word; SelfApproval for whoever proposed it."""
    await admit(platform, by, client_id, CHECK)
    kinds = approvals.kinds_of(platform.plugins, frozenset())
    visitor = msgspec.structs.replace(visiting(by, client_id), rights={CHECK: None})  # whose right reached the client at this door
    async with platform.database.tenant(client_id) as session:
        await rate_changes.of_merchant(session, merchant_id, change_id)
        if word.approve:
            await approvals.approve(session, kinds, change_id, visitor, word.remark.strip())
        else:
            await approvals.reject(session, kinds, change_id, visitor, word.remark)
    action = "onboarding.rate.approve" if word.approve else "onboarding.rate.reject"
    await _noted(platform, by, client_id, action, {"change": str(change_id)}, word.remark)


async def withdraw(platform: Platform, by: Actor, client_id: UUID, merchant_id: UUID, change_id: UUID) -> None:
    """Whoever proposed it takes it back, as long as nobody has decided."""
    await admit(platform, by, client_id, MAKE)
    async with platform.database.tenant(client_id) as session:
        await rate_changes.of_merchant(session, merchant_id, change_id)
        await approvals.withdraw(session, {}, change_id, visiting(by, client_id))
    await _noted(platform, by, client_id, "onboarding.rate.withdraw", {"change": str(change_id)}, "")


async def sync(platform: Platform, client_id: UUID) -> None:
    """Make the branch's tasks about a client's rates what the proposals say."""
    async with platform.database.tenant(client_id) as session:
        waiting = {row.id: row for row in await rate_changes.waiting(session)}
    async with bank_rows(platform) as session:
        known = {row.object_id for row in await tasks_repository.list_tasks_of(session, client_id) if row.kind == TASK}
        for change_id in known - waiting.keys():
            await tasks_repository.end_task(session, client_id, TASK, change_id)
        for change_id in waiting.keys() - known:
            row = waiting[change_id]
            task = {"client_id": client_id, "kind": TASK, "object_id": change_id, "title": row.title, "made_by": row.made_by_id}
            await tasks_repository.add_task(session, task)


async def _noted(platform: Platform, by: Actor, client_id: UUID, action: str, after: dict[str, object], why: str) -> None:
    async with bank_rows(platform) as session:
        await audit.record(session, by, action, "client", client_id, after=after, reason=why.strip() or None)
    await sync(platform, client_id)
