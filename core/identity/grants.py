"""Role grants: who gets which role where, by whom; nobody grants to himself, and what conflicts is refused."""

from uuid import UUID

from core import clock, ids
from core.database import Session
from core.errors import NotFound
from core.hookspecs import Role
from core.identity import accounts, audit, sessions_repository
from core.identity import accounts_repository as repository
from core.identity import org_repository as places
from core.identity.actor import Actor
from core.identity.errors import LastAdministrator, RoleForKeys, RoleNeedsPlace, RolesConflict, RoleTakesNoPlace, UnknownRole
from core.identity.sessions import WHOLE_TENANT
from core.web.i18n import gettext

GRANTING = "identity.role.grant"


async def grant(session: Session, roles: dict[str, Role], by: Actor, user_id: UUID, role_code: str, place_id: UUID | None) -> bool:
    """Give a role, over an org unit (or a branch) where the role asks for one; False when the user has it already.

    `roles` are those the tenant may use (`sessions.roles_for`). Effective at the user's next request.
    """
    await accounts.find(session, user_id)
    by.check_other(str(user_id))
    role = roles.get(role_code)
    if role is None:
        raise UnknownRole(role=role_code)
    if role.for_keys:
        raise RoleForKeys(role=gettext(role.title))
    await check_place(session, by, role, place_id)
    await _check_conflicts(session, roles, user_id, role)
    row = {"id": ids.uuid7(), "user_id": user_id, "role": role_code, "org_id": place_id, "granted_by": by.id}
    if not await repository.add_grant(session, row):
        return False
    after = {"role": role_code, "org_id": place_id and str(place_id)}
    await audit.record(session, by, "identity.role.grant", accounts.OBJECT, user_id, after=after)
    return True


async def check_place(session: Session, by: Actor, role: Role, place_id: UUID | None, right: str = GRANTING) -> None:
    """A role over the whole tenant takes no place and is given by whoever reaches all; any other needs one within the giver's reach."""
    if role.scope in WHOLE_TENANT:
        if place_id is not None:
            raise RoleTakesNoPlace(role=gettext(role.title))
        if by.reach(right) is not None:
            raise NotFound()
        return
    if place_id is None:
        raise RoleNeedsPlace(role=gettext(role.title))
    known = await (places.branch_exists if role.side == "bank" else places.unit_exists)(session, place_id)
    if not known or not by.reaches(right, place_id):
        raise NotFound()


async def _check_conflicts(session: Session, roles: dict[str, Role], user_id: UUID, role: Role) -> None:
    for held in await repository.list_grants(session, [user_id]):
        other = roles.get(held.role)
        if other and (other.code in role.conflicts or role.code in other.conflicts):
            raise RolesConflict(role=gettext(role.title), other=gettext(other.title))


async def revoke(session: Session, roles: dict[str, Role], by: Actor, user_id: UUID, grant_id: UUID) -> None:
    """Take a role away; the next request of the user feels it. The last who can grant roles keeps that one."""
    row = await repository.find_grant(session, grant_id)
    if row is None or row.user_id != user_id:
        raise NotFound()
    reach = by.reach(GRANTING)
    if reach is not None and row.org_id not in reach:
        raise NotFound()
    by.check_other(str(user_id))
    await _check_last(session, roles, without_grant=grant_id)
    await repository.remove_grant(session, grant_id)
    before = {"role": row.role, "org_id": row.org_id and str(row.org_id)}
    await audit.record(session, by, "identity.role.revoke", accounts.OBJECT, user_id, before=before)


async def set_status(session: Session, roles: dict[str, Role], by: Actor, user_id: UUID, status: str) -> None:
    """Disable a user (every session ends) or let him in again."""
    row = await accounts.find(session, user_id, by.reach("identity.user.manage"))
    by.check_other(str(user_id))
    if row.status == status:
        return
    if status == "disabled":
        await _check_last(session, roles, without_user=user_id)
        await sessions_repository.end_sessions_of(session, user_id, clock.now())
    await repository.change_user(session, user_id, {"status": status})
    action = "identity.user.disable" if status == "disabled" else "identity.user.enable"
    await audit.record(session, by, action, accounts.OBJECT, user_id, before={"status": row.status}, after={"status": status})


async def _check_last(
    session: Session, roles: dict[str, Role], *, without_grant: UUID | None = None, without_user: UUID | None = None
) -> None:
    granting = [code for code, role in roles.items() if GRANTING in role.permissions]
    await repository.lock_users(session)
    before = await repository.count_holders(session, granting, None, None)
    after = await repository.count_holders(session, granting, without_grant, without_user)
    if before and not after:
        raise LastAdministrator()
