"""The bank's clients and their plugin switches. Every function runs in the bank's transaction."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from core.database import Session
from core.tenancy.models import branch, client, client_plugin, plugin_default
from core.tenancy.schemas import ClientProfile

_PROFILE = text("""
    SELECT c.id, c.code, c.name, c.kind, c.status, c.branding, c.settings,
           coalesce((SELECT array_agg(p.plugin) FROM core.client_plugin p WHERE p.client_id = c.id AND p.enabled), '{}') AS plugins,
           coalesce((SELECT array_agg(p.plugin) FROM core.client_plugin p WHERE p.client_id = c.id AND NOT p.enabled), '{}') AS paused,
           coalesce((SELECT b.name FROM core.branch b WHERE b.kind = 'hq' ORDER BY b.id LIMIT 1), '') AS bank_name
    FROM core.client c WHERE c.id = :client_id
""")


async def load_profile(session: Session, client_id: UUID) -> ClientProfile | None:
    """A client with its enabled plugins and the bank's name, in one query."""
    row = await session.one_or_none(_PROFILE, {"client_id": client_id})
    return ClientProfile(**{**row._mapping, "plugins": frozenset(row.plugins), "paused": frozenset(row.paused)}) if row else None


async def add_client(session: Session, row: dict[str, object]) -> bool:
    """A new client; False when its code is taken."""
    result = await session.execute(upsert(client).values(row).on_conflict_do_nothing())
    return result.rowcount == 1


async def find_client(session: Session, client_id: UUID, reach: list[UUID] | None, *, lock: bool = False) -> Row | None:
    """One client with its branch's name, if it lies within reach; `lock` holds it against other changes until the commit."""
    query = (
        select(client, branch.c.name.label("branch_name"))
        .join(branch, branch.c.id == client.c.branch_id)
        .where(client.c.id == client_id)
    )
    if reach is not None:
        query = query.where(client.c.branch_id.in_(reach))
    return await session.one_or_none(query.with_for_update(of=client) if lock else query)


async def find_client_by_code(session: Session, code: str) -> Row | None:
    """One client by its code."""
    return await session.one_or_none(select(client).where(client.c.code == code))


async def list_clients(
    session: Session,
    reach: list[UUID] | None,
    *,
    words: str = "",
    status: str = "",
    kind: str = "",
    branch_ids: list[UUID] | None = None,
    after: str = "",
    limit: int = 50,
) -> Sequence[Row]:
    """Clients within reach in the order of their codes, after a code."""
    plugins = select(func.array_agg(client_plugin.c.plugin)).where(client_plugin.c.client_id == client.c.id, client_plugin.c.enabled)
    query = (
        select(client, branch.c.name.label("branch_name"), plugins.scalar_subquery().label("plugins"))
        .join(branch, branch.c.id == client.c.branch_id)
        .order_by(client.c.code)
        .limit(limit)
    )
    for wanted in (reach, branch_ids):
        if wanted is not None:
            query = query.where(client.c.branch_id.in_(wanted))
    if words:
        query = query.where(or_(client.c.name.contains(words, autoescape=True), client.c.code.contains(words.lower(), autoescape=True)))
    if status:
        query = query.where(client.c.status == status)
    if kind:
        query = query.where(client.c.kind == kind)
    if after:
        query = query.where(client.c.code > after)
    return await session.all(query)


async def count_clients(session: Session, reach: list[UUID] | None, status: str) -> int:
    """How many clients within reach are in a state."""
    query = select(func.count()).select_from(client).where(client.c.status == status)
    if reach is not None:
        query = query.where(client.c.branch_id.in_(reach))
    return await session.scalar(query)


async def change_client(session: Session, client_id: UUID, values: dict[str, object]) -> None:
    """Change a client's row; its version goes up."""
    await session.execute(update(client).where(client.c.id == client_id).values(**values, version=client.c.version + 1))


async def list_switches(session: Session, client_id: UUID) -> Sequence[Row]:
    """The switches of one client that were ever set."""
    return await session.all(select(client_plugin).where(client_plugin.c.client_id == client_id))


async def set_switch(session: Session, client_id: UUID, plugin: str, enabled: bool, by: str) -> bool:
    """Set a switch; False when it was so already."""
    row = {"client_id": client_id, "plugin": plugin, "enabled": enabled, "changed_by": by}
    put = upsert(client_plugin).values(row)
    put = put.on_conflict_do_update(
        index_elements=["tenant_id", "client_id", "plugin"],
        set_={"enabled": enabled, "changed_by": by, "changed_at": func.now()},
        where=client_plugin.c.enabled != enabled,
    )
    return (await session.execute(put)).rowcount == 1


async def list_defaults(session: Session) -> Sequence[Row]:
    """What is on by default and visible for each kind of client."""
    return await session.all(select(plugin_default).order_by(plugin_default.c.plugin, plugin_default.c.client_kind))


async def set_default(session: Session, plugin: str, client_kind: str, on_by_default: bool, visible: bool) -> None:
    """Say what a kind of client gets."""
    row = {"plugin": plugin, "client_kind": client_kind, "on_by_default": on_by_default, "visible": visible}
    put = upsert(plugin_default).values(row)
    changed = {"on_by_default": on_by_default, "visible": visible}
    await session.execute(put.on_conflict_do_update(index_elements=["tenant_id", "plugin", "client_kind"], set_=changed))
