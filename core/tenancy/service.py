"""A client's life in the bank's books: opened from a blueprint, switched on, suspended, resumed, closed.

Every function runs in the bank's transaction and reaches only clients of the asker's branches; others are not found.
What also touches the client's own rows is told in `doors.py`.
"""

from uuid import UUID

from core.database import Session
from core.database.routes import Routes
from core.database.tables import new_tenant_id
from core.errors import NotFound
from core.hookspecs import Blueprint
from core.identity import audit
from core.identity.actor import Actor
from core.plugin_manager import PluginManager
from core.tenancy import repository
from core.tenancy.errors import CodeTaken, PluginDoesNotFit, UnknownKind, UnknownPlugin
from core.tenancy.kinds import KINDS
from core.tenancy.states import CLIENT
from core.tenancy.text import client_code, reason, required


def blueprints(plugins: PluginManager) -> dict[str, Blueprint]:
    """The starting point for each kind of client; a plugin's replaces core's plain one."""
    return {blueprint.kind: blueprint for _, blueprint in plugins.collect_all("register_blueprints")}


async def find(session: Session, by: Actor, client_id: UUID, permission: str = "tenancy.client.read", *, lock: bool = False):
    """One client within reach."""
    row = await repository.find_client(session, client_id, by.reach(permission), lock=lock)
    if row is None:
        raise NotFound()
    return row


async def open_client(
    session: Session, routes: Routes, plugins: PluginManager, by: Actor, *, code: str, name: str, kind: str, branch_id: UUID
) -> UUID:
    """Register a client as a draft, with the plugins its blueprint and the bank's defaults switch on."""
    if not by.reaches("tenancy.client.manage", branch_id):
        raise NotFound()
    blueprint = blueprints(plugins).get(kind)
    if kind not in KINDS or blueprint is None:
        raise UnknownKind(kind=kind)
    client_id = new_tenant_id()
    facts = {"code": client_code(code), "name": required(name, "客户名称"), "kind": kind}
    row = {"id": client_id, "branch_id": branch_id, "status": "draft", "settings": dict(blueprint.settings), **facts}
    if not await routes.add(session, "client", facts["code"], client_id) or not await repository.add_client(session, row):
        raise CodeTaken(code=facts["code"])
    await audit.record(session, by, "tenancy.client.open", "client", client_id, after={**facts, "branch_id": str(branch_id)})
    for plugin in await starting_plugins(session, plugins, blueprint):
        await switch(session, plugins, by, client_id, plugin, True)
    return client_id


async def starting_plugins(session: Session, plugins: PluginManager, blueprint: Blueprint) -> list[str]:
    """What is on from the first day: the blueprint's plugins, unless the bank's default says no, and the bank's own defaults."""
    defaults = {row.plugin: row.on_by_default for row in await repository.list_defaults(session) if row.client_kind == blueprint.kind}
    wanted = {plugin for plugin in blueprint.plugins if defaults.get(plugin, True)} | {p for p, on in defaults.items() if on}
    return sorted(plugin for plugin in wanted if plugin in plugins.info and blueprint.kind in plugins.info[plugin].client_kinds)


async def offered(session: Session, plugins: PluginManager, kind: str) -> list[str]:
    """The plugins a branch may see for a kind of client: installed, fitting, and not hidden by the bank."""
    hidden = {row.plugin for row in await repository.list_defaults(session) if row.client_kind == kind and not row.visible}
    return [code for code, info in plugins.info.items() if kind in info.client_kinds and code not in hidden]


async def defaults(session: Session, plugins: PluginManager) -> list[tuple[str, str, bool, bool]]:
    """Each plugin with each kind of client it fits: on from the first day, visible to branches."""
    kept = {(row.plugin, row.client_kind): row for row in await repository.list_defaults(session)}
    known = blueprints(plugins)
    found = []
    for code, info in plugins.info.items():
        for kind in info.client_kinds:
            row = kept.get((code, kind))
            begins = kind in known and code in known[kind].plugins
            found.append((code, kind, row.on_by_default if row else begins, row.visible if row else True))
    return found


async def switch(session: Session, plugins: PluginManager, by: Actor, client_id: UUID, plugin: str, enabled: bool) -> bool:
    """Turn a plugin on or off for a client; off takes its routes, menus, jobs and hooks away and keeps its data."""
    row = await find(session, by, client_id, "tenancy.plugin.manage", lock=True)
    info = plugins.info.get(plugin)
    if info is None:
        raise UnknownPlugin(plugin=plugin)
    if enabled and row.kind not in info.client_kinds:
        raise PluginDoesNotFit(plugin=info.title, kind=KINDS.get(row.kind, row.kind))
    changed = await repository.set_switch(session, client_id, plugin, enabled, by.id)
    if changed:
        action = "tenancy.plugin.enable" if enabled else "tenancy.plugin.disable"
        await audit.record(session, by, action, "client", client_id, before={plugin: not enabled}, after={plugin: enabled})
    return changed


async def set_default(session: Session, plugins: PluginManager, by: Actor, plugin: str, kind: str, on: bool, visible: bool) -> None:
    """Say what a kind of client gets from its first day, and whether branches see the plugin at all."""
    by.need("tenancy.plugin.default")
    if plugin not in plugins.info:
        raise UnknownPlugin(plugin=plugin)
    if kind not in plugins.info[plugin].client_kinds:
        raise PluginDoesNotFit(plugin=plugins.info[plugin].title, kind=KINDS.get(kind, kind))
    await repository.set_default(session, plugin, kind, on and visible, visible)
    after = {"kind": kind, "on_by_default": on and visible, "visible": visible}
    await audit.record(session, by, "tenancy.plugin.default", "plugin", plugin, after=after)


async def change_state(session: Session, by: Actor, client_id: UUID, target: str, why: str | None = None) -> str:
    """Activate, suspend, resume or close a client; answers its former state. All but the first activation say why."""
    row = await find(session, by, client_id, "tenancy.client.manage", lock=True)
    CLIENT.check(row.status, target)
    why = None if row.status == "draft" else reason(why)
    await repository.change_client(session, client_id, {"status": target})
    await audit.record(
        session, by, f"tenancy.client.{target}", "client", client_id,
        before={"status": row.status}, after={"status": target}, reason=why,
    )
    return row.status


async def change_face(session: Session, by: Actor, client_id: UUID, values: dict[str, object]) -> None:
    """Change a client's name, branding or settings."""
    row = await find(session, by, client_id, "tenancy.client.manage", lock=True)
    changed = {key: value for key, value in values.items() if getattr(row, key) != value}
    if changed:
        await repository.change_client(session, client_id, changed)
        before = {key: getattr(row, key) for key in changed}
        await audit.record(session, by, "tenancy.client.change", "client", client_id, before=before, after=changed)
