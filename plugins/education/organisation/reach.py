"""How far a right of somebody reaches, also in a job, where whoever started it comes without rights (architecture §4, data scope)."""

from collections.abc import Collection
from uuid import UUID

from core.database import Session
from core.identity.actor import Actor
from core.identity.sessions import rights_now, roles_for
from core.plugin_manager import PluginManager


async def reach_of(
    session: Session, plugins: PluginManager, enabled: Collection[str], by: Actor, permission: str
) -> frozenset[UUID] | None:
    """The org units within reach; None for the whole school. A person or key whose role was taken away meanwhile reaches nothing."""
    if permission in by.rights:
        reach = by.rights[permission]
        return None if reach is None else frozenset(reach)
    if by.kind not in ("user", "api_key"):
        return None
    rights = await rights_now(session, roles_for(plugins, "client", enabled), by)
    return rights.get(permission, frozenset())
