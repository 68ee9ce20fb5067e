"""How far a right of somebody reaches, also in a job, where whoever started it comes without rights (architecture §4, data scope)."""

from uuid import UUID

from core.database import Session
from core.identity import accounts, org
from core.identity.actor import Actor
from core.identity.sessions import rights_of, roles_of
from core.plugin_manager import PluginManager


async def reach_of(session: Session, plugins: PluginManager, by: Actor, permission: str) -> frozenset[UUID] | None:
    """The org units within reach; None for the whole school. A person whose role was taken away meanwhile reaches nothing."""
    if permission in by.rights:
        reach = by.rights[permission]
        return None if reach is None else frozenset(reach)
    if by.kind != "user":
        return None
    held = (await accounts.grants_of(session, [UUID(by.id)]))[UUID(by.id)]
    grants = [(row.role, row.org_id, await org.subtree_ids(session, row.org_id) if row.org_id else []) for row in held]
    return rights_of(roles_of(plugins), grants).get(permission, frozenset())
