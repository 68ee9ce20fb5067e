"""Whoever may decide on a proposal finds it in the bell within seconds; its maker does not."""

from uuid import UUID

from core.approvals import service
from core.approvals import telling_repository as repository
from core.identity import sessions
from core.notices import service as notices
from core.notices.defaults import EVENTS
from core.notices.schemas import StaffTold
from core.platform import Platform


async def tell(platform: Platform, tenant_id: UUID) -> None:
    """Tell those who may decide, once each."""
    client = await platform.directory.profile(tenant_id)
    kinds = service.kinds_of(platform.plugins, client.plugins)
    roles = sessions.roles_for(platform.plugins, "client", client.plugins)
    pairs = [(kind.kind, role) for kind in kinds.values() for role in roles.values() if kind.permission in role.permissions]
    async with platform.database.tenant(tenant_id) as session:
        asked = [kind for kind, _role in pairs], [role.code for _kind, role in pairs], [role.scope for _kind, role in pairs]
        untold = await repository.list_untold(session, *asked)
        told = [
            StaffTold(
                occasion=str(row.id), user_id=row.user_id,
                facts={"title": row.title, "kind": kinds[row.kind].title, "by": row.made_by, "path": f"/console/approvals/{row.id}"},
            )
            for row in untold
        ]  # fmt: skip
        await notices.tell_staff(session, EVENTS["approval_pending"], told)
