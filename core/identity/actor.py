"""Who is acting: a member of staff, a payer, an API key or the system itself, with rights and the reach of each."""

from typing import Any
from uuid import UUID

import msgspec

from core.errors import NotPermitted, SelfApproval


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """`rights` maps a permission to the org units it reaches (each with its whole subtree); None reaches the whole tenant."""

    kind: str
    id: str
    name: str
    tenant_id: UUID
    rights: dict[str, frozenset[UUID] | None] = {}
    roles: frozenset[str] = frozenset()
    ip: str = ""
    request_id: str = ""
    csrf: str = ""
    session_id: UUID | None = None
    lists: dict[str, Any] = {}
    """Views and columns as the session's query brought them (`core.web.lists.read`)."""

    def may(self, permission: str) -> bool:
        """Whether the right is held anywhere."""
        return permission in self.rights

    def need(self, permission: str) -> None:
        """Raise NotPermitted (403) without the right."""
        if permission not in self.rights:
            raise NotPermitted(permission=permission)

    def reach(self, permission: str) -> list[UUID] | None:
        """The org ids the right reaches, or None for the whole tenant; raises NotPermitted without the right."""
        self.need(permission)
        reach = self.rights[permission]
        return None if reach is None else sorted(reach)

    def reaches(self, permission: str, org_id: UUID | None) -> bool:
        """Whether one object's org unit lies within the right's reach."""
        if permission not in self.rights:
            return False
        reach = self.rights[permission]
        return reach is None or org_id in reach

    def check_other(self, maker_id: str) -> None:
        """The second pair of eyes: SelfApproval (409) when checker and maker are one person."""
        if maker_id == self.id:
            raise SelfApproval()


def system(tenant_id: UUID, name: str = "系统") -> Actor:
    """The platform itself, in jobs and callbacks."""
    return Actor(kind="system", id="system", name=name, tenant_id=tenant_id)
