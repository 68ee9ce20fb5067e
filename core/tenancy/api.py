"""Branches, clients and their plugins in the API of the bank."""

from typing import Any
from uuid import UUID

from litestar import get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core.database import Row, Session
from core.identity.actor import Actor
from core.identity.schemas import Page
from core.platform import Platform
from core.tenancy import branches, doors, repository, service
from core.tenancy.api_schemas import (
    AdminCreate,
    AdminCreated,
    BranchCreate,
    BranchPatch,
    BranchRead,
    ClientCreate,
    ClientPatch,
    ClientRead,
    PluginDefault,
    PluginDefaultWrite,
    PluginRead,
    PluginSwitch,
)


def _bank(permission: str) -> dict[str, str]:
    return {"permission": permission, "side": "bank"}


def _taken(kind: type, row: Any, **more: object) -> Any:
    return kind(**{f: getattr(row, f) for f in kind.__struct_fields__ if f not in more}, **more)


def _client(row: Row, plugins: frozenset[str] | list[str] | None) -> ClientRead:
    return _taken(ClientRead, row, plugins=sorted(plugins or ()))


@get("/api/v1/branches", opt=_bank("tenancy.branch.read"))
async def list_branches(session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Page:
    """The branches within reach, parents first."""
    return Page([_taken(BranchRead, row) for row in await branches.within(session, actor.reach("tenancy.branch.read"))])


@post("/api/v1/branches", opt=_bank("tenancy.branch.manage"))
async def create_branch(session: NamedDependency[Session], actor: NamedDependency[Actor], data: JSONBody[BranchCreate]) -> BranchRead:
    """A branch under head office or a sub-branch under a branch."""
    branch_id = await branches.add(session, actor, data.parent_id, data.kind, data.code, data.name)
    return BranchRead(branch_id, data.parent_id, data.kind, data.code, data.name)


@patch("/api/v1/branches/{branch_id:uuid}", opt=_bank("tenancy.branch.manage"))
async def rename_branch(
    session: NamedDependency[Session], actor: NamedDependency[Actor], branch_id: FromPath[UUID], data: JSONBody[BranchPatch]
) -> BranchRead:
    """Another name for a branch."""
    await branches.rename(session, actor, branch_id, data.name)
    return next(_taken(BranchRead, row) for row in await branches.within(session, None) if row.id == branch_id)


@get("/api/v1/clients", opt=_bank("tenancy.client.read"))
async def list_clients(
    session: NamedDependency[Session], actor: NamedDependency[Actor],
    q: FromQuery[str] = "", status: FromQuery[str] = "", kind: FromQuery[str] = "", cursor: FromQuery[str] = "", limit: FromQuery[int] = 50,
) -> Page:
    """The clients of one's branches, by code."""
    limit = min(max(limit, 1), 200)
    reach = actor.reach("tenancy.client.read")
    rows = await repository.list_clients(session, reach, words=q, status=status, kind=kind, after=cursor, limit=limit + 1)
    return Page([_client(row, row.plugins) for row in rows[:limit]], rows[limit - 1].code if len(rows) > limit else None)


async def _read(platform: Platform, by: Actor, client_id: UUID) -> ClientRead:
    async with platform.database.tenant(by.tenant_id) as session:
        row = await service.find(session, by, client_id)
        return _client(row, (await repository.load_profile(session, client_id)).plugins)


@get("/api/v1/clients/{client_id:uuid}", opt=_bank("tenancy.client.read"))
async def get_client(asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID]) -> ClientRead:
    """One client."""
    return await _read(platform, asker, client_id)


@post("/api/v1/clients", opt=_bank("tenancy.client.manage"))
async def create_client(asker: NamedDependency[Actor], platform: NamedDependency[Platform], data: JSONBody[ClientCreate]) -> ClientRead:
    """Open a client from its kind's blueprint; it is a draft until it is activated."""
    client_id = await doors.open_client(
        platform, asker, code=data.code, name=data.name, kind=data.kind, branch=data.branch_id,
        legal_name=data.legal_name, uscc=data.uscc,
    )  # fmt: skip
    return await _read(platform, asker, client_id)


@patch("/api/v1/clients/{client_id:uuid}", opt=_bank("tenancy.client.manage"))
async def change_client(
    asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID], data: JSONBody[ClientPatch]
) -> ClientRead:
    """Activate, suspend, resume or close, with the reason."""
    await doors.change_state(platform, asker, client_id, data.status, data.reason)
    return await _read(platform, asker, client_id)


@post("/api/v1/clients/{client_id:uuid}/administrators", opt=_bank("tenancy.client.manage"))
async def hand_over(
    asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID], data: JSONBody[AdminCreate]
) -> AdminCreated:
    """The client's administrator; the one-time password is in this answer only."""
    user_id, password = await doors.hand_over(platform, asker, client_id, login=data.login, name=data.name)
    return AdminCreated(user_id, password)


@get("/api/v1/clients/{client_id:uuid}/plugins", opt=_bank("tenancy.client.read"))
async def list_plugins(asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID]) -> Page:
    """The plugins this kind of client may have, and which are on."""
    async with platform.database.tenant(asker.tenant_id) as session:
        row = await service.find(session, asker, client_id)
        on = (await repository.load_profile(session, client_id)).plugins
        offered = await service.offered(session, platform.plugins, row.kind)
    return Page([PluginRead(code, code in on) for code in sorted({*offered, *on})])


@put("/api/v1/clients/{client_id:uuid}/plugins/{plugin:str}", opt=_bank("tenancy.plugin.manage"))
async def switch_plugin(
    asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID], plugin: FromPath[str],
    data: JSONBody[PluginSwitch],
) -> PluginRead:
    """Turn a plugin on or off for a client."""
    await doors.switch(platform, asker, client_id, plugin, data.enabled)
    return PluginRead(plugin, data.enabled)


@get("/api/v1/plugin-defaults", opt=_bank("tenancy.plugin.default"))
async def list_defaults(session: NamedDependency[Session], platform: NamedDependency[Platform]) -> Page:
    """Every plugin for every kind of client it fits."""
    return Page([PluginDefault(*each) for each in await service.defaults(session, platform.plugins)])


@put("/api/v1/plugin-defaults/{plugin:str}/{kind:str}", opt=_bank("tenancy.plugin.default"))
async def set_default(
    session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform], plugin: FromPath[str],
    kind: FromPath[str], data: JSONBody[PluginDefaultWrite],
) -> PluginDefault:
    """Set both switches of a plugin for a kind of client; clients that exist keep what they have."""
    await service.set_default(session, platform.plugins, actor, plugin, kind, data.on_by_default, data.visible)
    return PluginDefault(plugin, kind, data.on_by_default and data.visible, data.visible)


ROUTES = [
    list_branches,
    create_branch,
    rename_branch,
    list_defaults,
    set_default,
    list_clients,
    get_client,
    create_client,
    change_client,
    hand_over,
    list_plugins,
    switch_plugin,
]
