"""Where the bank's people act on a client's own rows: first the bank's transaction, then the client's, each audited.

CROSSES TENANTS: bank → client; grep for this mark to find every such door.
One transaction touches one tenant, so a crash can fall between two. Each verb is ordered so that repeating it finishes what is left:
what opens something writes the bank's row first, what needs the bank's attention writes the client's row first.
"""

import contextlib
from collections.abc import AsyncIterator
from uuid import UUID

import msgspec

from core import clock
from core.database import Row, Session
from core.identity import accounts, accounts_repository, audit, grants, keys_repository, sessions_repository
from core.identity.actor import Actor
from core.identity.roles import CLIENT_ADMIN
from core.identity.sessions import roles_for
from core.platform import Platform
from core.tenancy import merchants, merchants_repository, service, tasks_repository
from core.tenancy.text import required


def visiting(by: Actor, client_id: UUID) -> Actor:
    """The bank's person as the client's audit trail names them."""
    return msgspec.structs.replace(by, kind="bank", tenant_id=client_id)


async def admit(platform: Platform, by: Actor, client_id: UUID, permission: str) -> Row:
    """The client, if the asker's right reaches it; not found otherwise."""
    async with platform.database.tenant(by.tenant_id) as session:
        return await service.find(session, by, client_id, permission)


@contextlib.asynccontextmanager
async def _note(platform: Platform) -> AsyncIterator[Session]:
    async with platform.database.tenant(await platform.directory.bank_id()) as session:
        yield session


async def prepare(platform: Platform, by: Actor, client_id: UUID, *, legal_name: str = "", uscc: str = "") -> None:
    """What the blueprint promises inside the client: its keys and its merchants. Repeating adds only what is missing."""
    row = await admit(platform, by, client_id, "tenancy.client.manage")
    blueprint = service.blueprints(platform.plugins)[row.kind]
    async with platform.database.tenant(client_id) as session:
        await platform.vault.keys(session)
        known = {merchant.code for merchant in await merchants_repository.list_merchants(session)}
        for code, name in blueprint.merchants:
            if code not in known:
                legal = legal_name or row.name
                await merchants.register(session, visiting(by, client_id), code=code, name=name, legal_name=legal, uscc=uscc)
    await sync_tasks(platform, client_id)


async def change_state(platform: Platform, by: Actor, client_id: UUID, target: str, why: str | None = None) -> None:
    """Activate, suspend, resume or close a client; closing also ends its people's sessions and its keys, again if need be."""
    before = (await admit(platform, by, client_id, "tenancy.client.manage")).status
    if not before == target == "closed":
        async with _note(platform) as session:
            before = await service.change_state(session, by, client_id, target, why)
    platform.directory.forget(client_id)
    async with platform.database.tenant(client_id) as session:
        if target == "closed":
            await sessions_repository.end_all_sessions(session, clock.now())
            await keys_repository.end_all_keys(session, clock.now())
        await audit.record(
            session, visiting(by, client_id), f"tenancy.client.{target}", "client", client_id,
            before={"status": before}, after={"status": target}, reason=why,
        )


async def switch(platform: Platform, by: Actor, client_id: UUID, plugin: str, enabled: bool) -> None:
    """Turn a plugin on or off; the client's own audit trail says so too."""
    async with _note(platform) as session:
        changed = await service.switch(session, platform.plugins, by, client_id, plugin, enabled)
    platform.directory.forget(client_id)
    if changed:
        async with platform.database.tenant(client_id) as session:
            action = "tenancy.plugin.enable" if enabled else "tenancy.plugin.disable"
            await audit.record(session, visiting(by, client_id), action, "plugin", plugin)


async def hand_over(platform: Platform, by: Actor, client_id: UUID, *, login: str, name: str) -> tuple[UUID, str]:
    """The client's administrator, and the one-time password to hand over; it is shown this once.

    Someone who never used the password handed over earlier gets a new one.
    """
    row = await admit(platform, by, client_id, "tenancy.client.manage")
    blueprint = service.blueprints(platform.plugins).get(row.kind)
    profile = await platform.directory.profile(client_id)
    offered = roles_for(platform.plugins, "client", profile.plugins)
    wanted = [CLIENT_ADMIN, *(role for role in (blueprint.admin_roles if blueprint else ()) if role in offered and role != CLIENT_ADMIN)]
    granting = msgspec.structs.replace(visiting(by, client_id), rights={grants.GRANTING: None})
    async with platform.database.tenant(client_id) as session:
        user_id, password = await _first_person(session, platform, visiting(by, client_id), login, name)
        for role in wanted:
            await grants.grant(session, offered, granting, user_id, role, None)
    async with _note(platform) as session:
        after = {"user": str(user_id), "login": accounts.login_name(login), "roles": wanted}
        await audit.record(session, by, "tenancy.client.hand_over", "client", client_id, after=after)
    return user_id, password


async def _first_person(session: Session, platform: Platform, by: Actor, login: str, name: str) -> tuple[UUID, str]:
    known = await accounts_repository.find_user_by_login(session, accounts.login_name(login))
    if known is not None and known.must_change_password:
        return known.id, await accounts.reset_password(session, by, known.id)
    return await accounts.create(session, platform.routes, by, login=login, name=name)


async def register_merchant(platform: Platform, by: Actor, client_id: UUID, **facts: str) -> UUID:
    """Register a merchant for a client."""
    await admit(platform, by, client_id, "tenancy.merchant.manage")
    async with platform.database.tenant(client_id) as session:
        merchant_id = await merchants.register(session, visiting(by, client_id), **facts)
    async with _note(platform) as session:
        await audit.record(session, by, "tenancy.merchant.register", "client", client_id, after={"merchant": facts["code"]})
    await sync_tasks(platform, client_id)
    return merchant_id


async def activate_merchant(platform: Platform, by: Actor, client_id: UUID, merchant_id: UUID) -> None:
    """Let a merchant collect."""
    await admit(platform, by, client_id, "tenancy.merchant.manage")
    async with platform.database.tenant(client_id) as session:
        name = await merchants.activate(session, visiting(by, client_id), merchant_id)
    async with _note(platform) as session:
        await audit.record(session, by, "tenancy.merchant.activate", "client", client_id, after={"merchant": name})
    await sync_tasks(platform, client_id)


async def stop_merchant(platform: Platform, by: Actor, client_id: UUID, merchant_id: UUID, target: str, why: str) -> None:
    """Suspend or close a merchant."""
    await admit(platform, by, client_id, "tenancy.merchant.manage")
    async with platform.database.tenant(client_id) as session:
        await merchants.stop(session, visiting(by, client_id), merchant_id, target, why)
    async with _note(platform) as session:
        after = {"merchant": str(merchant_id)}
        await audit.record(session, by, f"tenancy.merchant.{target}", "client", client_id, after=after, reason=why)


async def add_account(platform: Platform, by: Actor, client_id: UUID, merchant_id: UUID, **facts: str) -> UUID:
    """Enter a settlement account; a second person must check it."""
    await admit(platform, by, client_id, "tenancy.account.make")
    async with platform.database.tenant(client_id) as session:
        keys = await platform.vault.keys(session)
        account_id = await merchants.add_account(session, keys, visiting(by, client_id), merchant_id, **facts)
    async with _note(platform) as session:
        await audit.record(session, by, "tenancy.account.make", "client", client_id, after={"account": str(account_id)})
    await sync_tasks(platform, client_id)
    return account_id


async def check_account(
    platform: Platform, by: Actor, client_id: UUID, account_id: UUID, *, approve: bool, why: str | None = None
) -> None:
    """The second person's word on a settlement account."""
    await admit(platform, by, client_id, "tenancy.account.check")
    async with platform.database.tenant(client_id) as session:
        await merchants.check_account(session, visiting(by, client_id), account_id, approve=approve, why=why)
    async with _note(platform) as session:
        after = {"account": str(account_id), "approved": approve}
        await audit.record(session, by, "tenancy.account.check", "client", client_id, after=after, reason=why)
    await sync_tasks(platform, client_id)


async def retire_account(platform: Platform, by: Actor, client_id: UUID, account_id: UUID, why: str) -> None:
    """Settle to this account no more."""
    await admit(platform, by, client_id, "tenancy.account.make")
    async with platform.database.tenant(client_id) as session:
        await merchants.retire_account(session, visiting(by, client_id), account_id, why)
    async with _note(platform) as session:
        await audit.record(session, by, "tenancy.account.retire", "client", client_id, after={"account": str(account_id)}, reason=why)


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


async def sync_tasks(platform: Platform, client_id: UUID) -> None:
    """Make the branch's tasks about a client what its rows say; also mends what a crash left behind."""
    held = await money(platform, client_id)
    wanted: dict[tuple[str, UUID], tuple[str, str]] = {}
    for merchant in held.merchants:
        if merchant.status in ("bank_review", "channel_review", "signing") and merchant.active_accounts:
            wanted["merchant_activate", merchant.id] = (merchant.name, "")
        for account in held.accounts[merchant.id]:
            if account.status == "pending":
                wanted["account_check", account.id] = (f"{merchant.name} {account.number_masked}", account.made_by)
    async with _note(platform) as session:
        known = {(row.kind, row.object_id) for row in await tasks_repository.list_tasks_of(session, client_id)}
        for kind, object_id in known - wanted.keys():
            await tasks_repository.end_task(session, client_id, kind, object_id)
        for kind, object_id in wanted.keys() - known:
            title, made_by = wanted[kind, object_id]
            row = {"client_id": client_id, "kind": kind, "object_id": object_id, "title": required(title, "标题", 200), "made_by": made_by}
            await tasks_repository.add_task(session, row)
