"""Where the bank's people act on a client's own rows: first the bank's transaction, then the client's, each audited.

CROSSES TENANTS: bank → client; grep for this mark to find every such door.
One transaction touches one tenant, so a crash can fall between two. Each verb is ordered so that repeating it finishes what is left:
what opens something writes the bank's row first, what needs the bank's attention writes the client's row first.
"""

from uuid import UUID

import msgspec

from core import clock
from core.database import Row, Session
from core.identity import accounts, accounts_repository, audit, grants, keys_repository, sessions_repository
from core.identity.actor import Actor
from core.identity.roles import CLIENT_ADMIN
from core.identity.sessions import roles_for
from core.outbox import service as outbox
from core.platform import Platform
from core.tenancy import merchant_doors, merchants, merchants_repository, numbers, service
from core.tenancy.text import code_of_company, place_of
from core.tenancy.threshold import admit, bank_rows, visiting


async def open_client(
    platform: Platform, by: Actor, *, code: str, name: str, kind: str, branch: str | UUID, legal_name: str = "", uscc: str = ""
) -> UUID:
    """Open a client as a draft and prepare what its blueprint promises; what a crash left out, the client's page offers again."""
    code_of_company(uscc)
    branch_id = place_of(branch)
    async with bank_rows(platform) as session:
        client_id = await service.open_client(
            session, platform.routes, platform.plugins, by, code=code, name=name, kind=kind, branch_id=branch_id
        )
    await prepare(platform, by, client_id, legal_name=legal_name, uscc=uscc)
    return client_id


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
    await merchant_doors.sync_tasks(platform, client_id)


async def change_state(platform: Platform, by: Actor, client_id: UUID, target: str, why: str | None = None) -> None:
    """Activate, suspend, resume or close a client; closing also ends its people's sessions and its keys, again if need be."""
    before = (await admit(platform, by, client_id, "tenancy.client.manage")).status
    if not before == target == "closed":
        async with bank_rows(platform) as session:
            before = await service.change_state(session, by, client_id, target, why)
    platform.directory.forget(client_id)
    async with platform.database.tenant(client_id) as session:
        if target == "closed":
            await sessions_repository.end_all_sessions(session, clock.now())
            await keys_repository.end_all_keys(session, clock.now())
            await numbers.give_back(session)
        await audit.record(
            session, visiting(by, client_id), f"tenancy.client.{target}", "client", client_id,
            before={"status": before}, after={"status": target}, reason=why,
        )


async def switch(platform: Platform, by: Actor, client_id: UUID, plugin: str, enabled: bool) -> None:
    """Turn a plugin on or off; the client's own audit trail says so too."""
    async with bank_rows(platform) as session:
        changed = await service.switch(session, platform.plugins, by, client_id, plugin, enabled)
    platform.directory.forget(client_id)
    if changed:
        async with platform.database.tenant(client_id) as session:
            action = "tenancy.plugin.enable" if enabled else "tenancy.plugin.disable"
            await audit.record(session, visiting(by, client_id), action, "plugin", plugin)
            if enabled:
                await outbox.release(session, plugin)


async def hand_over(platform: Platform, by: Actor, client_id: UUID, *, login: str, name: str) -> tuple[UUID, str]:
    """The client's administrator, and the one-time password to hand over; it is shown this once.

    Someone who never used the password handed over earlier gets a new one.
    """
    row = await admit(platform, by, client_id, "tenancy.client.manage")
    blueprint = service.blueprints(platform.plugins).get(row.kind)
    profile = await platform.directory.profile(client_id)
    offered = roles_for(platform.plugins, "client", profile.plugins)
    wanted = [CLIENT_ADMIN, *(role for role in (blueprint.admin_roles if blueprint else ()) if role in offered and role != CLIENT_ADMIN)]
    granting = msgspec.structs.replace(visiting(by, client_id), rights={grants.GRANTING: None, "identity.user.manage": None})
    async with platform.database.tenant(client_id) as session:
        user_id, password = await _first_person(session, platform, granting, login, name)
        for role in wanted:
            await grants.grant(session, offered, granting, user_id, role, None)
    async with bank_rows(platform) as session:
        after = {"user": str(user_id), "login": accounts.login_name(login), "roles": wanted}
        await audit.record(session, by, "tenancy.client.hand_over", "client", client_id, after=after)
    return user_id, password


async def _first_person(session: Session, platform: Platform, by: Actor, login: str, name: str) -> tuple[UUID, str]:
    known = await accounts_repository.find_user_by_login(session, accounts.login_name(login))
    if known is not None and known.must_change_password:
        return known.id, await accounts.reset_password(session, by, known.id)
    return await accounts.create(session, platform.routes, by, login=login, name=name)


async def administrators(platform: Platform, client_id: UUID) -> list[Row]:
    """The client's administrators; whoever calls this has admitted the asker."""
    async with platform.database.tenant(client_id) as session:
        return list(await accounts_repository.list_holders(session, CLIENT_ADMIN))


async def note_channel(session: Session, by: Actor, channel: str, mchid: str) -> None:
    """The client's trail says that it collects at a channel from now on."""
    await audit.record(session, by, "tenancy.channel.connect", "channel_account", mchid, after={"channel": channel, "mchid": mchid})
