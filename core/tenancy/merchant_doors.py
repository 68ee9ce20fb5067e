"""The bank's people, and a client's own finance, act on merchants and settlement accounts; the bank's tasks follow.

CROSSES TENANTS: bank ↔ client; grep for this mark to find every such door.
The client's row is written first; the bank's note and its tasks come after and are mended whenever a client's page is opened.
"""

from uuid import UUID

import msgspec

from core.database import Row
from core.errors import NotFound
from core.identity import audit
from core.identity.actor import Actor
from core.masking import mask_card
from core.platform import Platform
from core.tenancy import merchants, merchants_repository, tasks_repository
from core.tenancy.threshold import admit, bank_rows, visiting

TASKS = ("account_check", "merchant_activate")


async def _admitted(platform: Platform, by: Actor, client_id: UUID, permission: str) -> None:
    """The bank's people by their branch; a client's own by their right."""
    if by.tenant_id == client_id:
        by.need(permission)
    else:
        await admit(platform, by, client_id, permission)


async def _noted(platform: Platform, by: Actor, client_id: UUID, action: str, after: dict[str, object], why: str | None = None) -> None:
    if by.tenant_id != client_id:
        async with bank_rows(platform) as session:
            await audit.record(session, by, action, "client", client_id, after=after, reason=why)
    await sync_tasks(platform, client_id)


async def register_merchant(platform: Platform, by: Actor, client_id: UUID, **facts: str) -> UUID:
    """Register a merchant for a client."""
    await _admitted(platform, by, client_id, "tenancy.merchant.manage")
    async with platform.database.tenant(client_id) as session:
        merchant_id = await merchants.register(session, visiting(by, client_id), **facts)
    await _noted(platform, by, client_id, "tenancy.merchant.register", {"merchant": facts["code"], "name": facts["name"]})
    return merchant_id


async def activate_merchant(platform: Platform, by: Actor, client_id: UUID, merchant_id: UUID) -> None:
    """Let a merchant collect."""
    await _admitted(platform, by, client_id, "tenancy.merchant.manage")
    async with platform.database.tenant(client_id) as session:
        code = await merchants.activate(session, visiting(by, client_id), merchant_id)
    await _noted(platform, by, client_id, "tenancy.merchant.activate", {"merchant": code})


async def stop_merchant(platform: Platform, by: Actor, client_id: UUID, merchant_id: UUID, target: str, why: str) -> None:
    """Suspend or close a merchant."""
    await _admitted(platform, by, client_id, "tenancy.merchant.manage")
    async with platform.database.tenant(client_id) as session:
        code = await merchants.stop(session, visiting(by, client_id), merchant_id, target, why)
    await _noted(platform, by, client_id, f"tenancy.merchant.{target}", {"merchant": code}, why)


async def add_account(platform: Platform, by: Actor, client_id: UUID, merchant_id: UUID, **facts: str) -> UUID:
    """Enter a settlement account; a second person must check it."""
    await _admitted(platform, by, client_id, "tenancy.account.make")
    async with platform.database.tenant(client_id) as session:
        keys = await platform.vault.keys(session)
        account_id = await merchants.add_account(session, keys, visiting(by, client_id), merchant_id, **facts)
    await _noted(platform, by, client_id, "tenancy.account.make", {"account": mask_card(facts["number"])})
    return account_id


async def check_account(
    platform: Platform, by: Actor, client_id: UUID, account_id: UUID, *, approve: bool, why: str | None = None
) -> None:
    """The second person's word on a settlement account."""
    await _admitted(platform, by, client_id, "tenancy.account.check")
    async with platform.database.tenant(client_id) as session:
        masked = await merchants.check_account(session, visiting(by, client_id), account_id, approve=approve, why=why)
    await _noted(platform, by, client_id, "tenancy.account.check", {"account": masked, "approved": approve}, why)


async def retire_account(platform: Platform, by: Actor, client_id: UUID, account_id: UUID, why: str) -> None:
    """Settle to this account no more."""
    await _admitted(platform, by, client_id, "tenancy.account.make")
    async with platform.database.tenant(client_id) as session:
        masked = await merchants.retire_account(session, visiting(by, client_id), account_id, why)
    await _noted(platform, by, client_id, "tenancy.account.retire", {"account": masked}, why)


class Money(msgspec.Struct, frozen=True):
    """A client's merchants with their accounts, as the bank's pages show them."""

    merchants: list
    accounts: dict[UUID, list]


async def money(platform: Platform, client_id: UUID) -> Money:
    """Read a client's merchants and accounts; whoever calls this has admitted the asker."""
    async with platform.database.tenant(client_id) as session:
        found = list(await merchants_repository.list_merchants(session))
        held: dict[UUID, list] = {merchant.id: [] for merchant in found}
        for account in await merchants_repository.list_accounts(session):
            held[account.merchant_id].append(account)
    return Money(found, held)


async def merchant(platform: Platform, client_id: UUID, merchant_id: UUID) -> Row:
    """One merchant; whoever calls this has admitted the asker."""
    async with platform.database.tenant(client_id) as session:
        row = await merchants_repository.find_merchant(session, merchant_id)
    if row is None:
        raise NotFound()
    return row


async def sync_tasks(platform: Platform, client_id: UUID) -> None:
    """Make the branch's tasks about a client what its rows say; also mends what a crash left behind."""
    held = await money(platform, client_id)
    wanted: dict[tuple[str, UUID], tuple[str, str]] = {}
    for merchant in held.merchants:
        if merchant.status in ("bank_review", "channel_review", "signing") and merchant.active_accounts and not merchant.by_case:
            wanted["merchant_activate", merchant.id] = (merchant.name, "")
        for account in held.accounts[merchant.id]:
            if account.status == "pending":
                wanted["account_check", account.id] = (f"{merchant.name} {account.number_masked}", account.made_by)
    async with bank_rows(platform) as session:
        known = {(row.kind, row.object_id) for row in await tasks_repository.list_tasks_of(session, client_id) if row.kind in TASKS}
        for kind, object_id in known - wanted.keys():
            await tasks_repository.end_task(session, client_id, kind, object_id)
        for kind, object_id in wanted.keys() - known:
            title, made_by = wanted[kind, object_id]
            row = {"client_id": client_id, "kind": kind, "object_id": object_id, "title": title, "made_by": made_by}
            await tasks_repository.add_task(session, row)
