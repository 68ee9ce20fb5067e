"""People, roles, org units, keys and the audit trail in the API, for clients and for the bank."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core.database import Session
from core.identity import accounts, grants, keys, org, repository
from core.identity.actor import Actor
from core.identity.faces import offered_roles
from core.identity.schemas import (
    AuditRead,
    FactorReset,
    GrantCreate,
    GrantRead,
    KeyCreate,
    KeyCreated,
    KeyGrant,
    KeyRead,
    Page,
    PasswordReset,
    RoleRead,
    UnitCreate,
    UnitPatch,
    UnitRead,
    UserCreate,
    UserCreated,
    UserPatch,
    UserRead,
)
from core.platform import Platform
from core.web.i18n import gettext as _


def _opt(permission: str, side: str = "both") -> dict[str, str]:
    return {"permission": permission, "side": side}


def _limited(limit: int) -> int:
    return min(max(limit, 1), 200)


def _taken(kind: type, row: Any, **more: object) -> Any:
    """A struct filled from a row's columns of the same names."""
    known = {field: getattr(row, field) for field in kind.__struct_fields__ if field not in more and hasattr(row, field)}
    return kind(**known, **more)


def _user(row: Any, held: Iterable[Any]) -> UserRead:
    given = [_taken(GrantRead, grant, place_id=grant.org_id) for grant in held]
    return _taken(UserRead, row, has_second_factor=row.has_totp, grants=given)


@get("/api/v1/users", opt=_opt("identity.user.read"))
async def list_users(
    session: NamedDependency[Session], actor: NamedDependency[Actor],
    q: FromQuery[str] = "", status: FromQuery[str] = "", cursor: FromQuery[str] = "", limit: FromQuery[int] = 50,
) -> Page:
    """Users by log-in name, each with the roles held."""
    limit = _limited(limit)
    rows = await accounts.people(session, actor, words=q, status=status, after=cursor, limit=limit + 1)
    held = await accounts.grants_of(session, [row.id for row in rows[:limit]])
    return Page([_user(row, held[row.id]) for row in rows[:limit]], rows[limit - 1].login if len(rows) > limit else None)


async def _read_user(session: Session, actor: Actor, user_id: UUID) -> UserRead:
    row = await accounts.find(session, user_id, actor.reach("identity.user.read"))
    return _user(row, (await accounts.grants_of(session, [user_id]))[user_id])


@get("/api/v1/users/{user_id:uuid}", opt=_opt("identity.user.read"))
async def get_user(session: NamedDependency[Session], actor: NamedDependency[Actor], user_id: FromPath[UUID]) -> UserRead:
    """One user."""
    return await _read_user(session, actor, user_id)


@post("/api/v1/users", opt=_opt("identity.user.manage"))
async def create_user(
    session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform], data: JSONBody[UserCreate]
) -> UserCreated:
    """A new user; the one-time password is in this answer only."""
    user_id, password = await accounts.create(session, platform.routes, actor, login=data.login, name=data.name)
    return UserCreated(user_id, accounts.login_name(data.login), password)


@patch("/api/v1/users/{user_id:uuid}", opt=_opt("identity.user.manage"))
async def change_user(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], user_id: FromPath[UUID], data: JSONBody[UserPatch]
) -> UserRead:
    """Rename, disable (`status` disabled) or enable (`status` active)."""
    if data.name is not msgspec.UNSET:
        await accounts.rename(session, actor, user_id, data.name)
    if data.status is not msgspec.UNSET:
        await grants.set_status(session, offered_roles(request), actor, user_id, data.status)
    row = await accounts.find(session, user_id)
    return _user(row, (await accounts.grants_of(session, [user_id]))[user_id])


@post("/api/v1/users/{user_id:uuid}/password", opt=_opt("identity.user.manage"), status_code=200)
async def reset_password(session: NamedDependency[Session], actor: NamedDependency[Actor], user_id: FromPath[UUID]) -> PasswordReset:
    """A new one-time password, in this answer only; every session of the user ends."""
    password = await accounts.reset_password(session, actor, user_id)
    return PasswordReset((await accounts.find(session, user_id)).login, password)


@post("/api/v1/users/{user_id:uuid}/second-factor/reset", opt=_opt("identity.user.manage"), status_code=200)
async def reset_second_factor(
    session: NamedDependency[Session], actor: NamedDependency[Actor], user_id: FromPath[UUID], data: JSONBody[FactorReset]
) -> UserRead:
    """Forget a lost authenticator; the user enrols anew at the next log-in where that is forced."""
    await accounts.reset_second_factor(session, actor, user_id, data.reason)
    row = await accounts.find(session, user_id)
    return _user(row, (await accounts.grants_of(session, [user_id]))[user_id])


@get("/api/v1/roles", opt=_opt("identity.user.read"))
async def list_roles(request: Request, session: NamedDependency[Session]) -> Page:
    """The roles that can be granted here."""
    roles = offered_roles(request).values()
    return Page([RoleRead(r.code, _(r.title), r.scope, sorted(r.permissions), sorted(r.conflicts)) for r in roles])


@post("/api/v1/users/{user_id:uuid}/grants", opt=_opt("identity.role.grant"))
async def add_grant(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], user_id: FromPath[UUID], data: JSONBody[GrantCreate]
) -> list[GrantRead]:
    """Give a role; answers all roles the user now holds."""
    await grants.grant(session, offered_roles(request), actor, user_id, data.role, data.place_id)
    held = (await accounts.grants_of(session, [user_id]))[user_id]
    return [_taken(GrantRead, grant, place_id=grant.org_id) for grant in held]


@delete("/api/v1/users/{user_id:uuid}/grants/{grant_id:uuid}", opt=_opt("identity.role.grant"))
async def remove_grant(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], user_id: FromPath[UUID], grant_id: FromPath[UUID]
) -> None:
    """Take a role away."""
    await grants.revoke(session, offered_roles(request), actor, user_id, grant_id)


@get("/api/v1/org-units", opt=_opt("identity.org.read", "client"))
async def list_units(session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Page:
    """The org tree within reach, parents before children."""
    return Page([_taken(UnitRead, row) for row in await org.list_units(session, actor.reach("identity.org.read"))])


@post("/api/v1/org-units", opt=_opt("identity.org.manage", "client"))
async def create_unit(session: NamedDependency[Session], actor: NamedDependency[Actor], data: JSONBody[UnitCreate]) -> UnitRead:
    """A new org unit."""
    unit_id = await org.create(session, actor, parent_id=data.parent_id, kind=data.kind, name=data.name, code=data.code)
    return _taken(UnitRead, await org.find(session, unit_id))


@patch("/api/v1/org-units/{unit_id:uuid}", opt=_opt("identity.org.manage", "client"))
async def change_unit(
    session: NamedDependency[Session], actor: NamedDependency[Actor], unit_id: FromPath[UUID], data: JSONBody[UnitPatch]
) -> UnitRead:
    """Rename or move an org unit."""
    if data.name is not msgspec.UNSET:
        await org.rename(session, actor, unit_id, data.name)
    if data.parent_id is not msgspec.UNSET:
        await org.move(session, actor, unit_id, data.parent_id)
    return _taken(UnitRead, await org.find(session, unit_id))


def _key(row: Any) -> KeyRead:
    return _taken(KeyRead, row, grants=[KeyGrant(grant["role"], UUID(grant["org_id"])) for grant in row.grants])


@get("/api/v1/api-keys", opt=_opt("identity.key.manage", "client"))
async def list_keys(session: NamedDependency[Session]) -> Page:
    """The keys of the client's own systems, never the keys themselves."""
    return Page([_key(row) for row in await keys.list_keys(session)])


@post("/api/v1/api-keys", opt=_opt("identity.key.manage", "client"))
async def create_key(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform],
    data: JSONBody[KeyCreate],
) -> KeyCreated:
    """A new key; it is in this answer only. Its roles reach as far as a person's would, and conflict as a person's would."""
    held = [*((role, None) for role in data.roles), *((grant.role, grant.place_id) for grant in data.grants)]
    key_id, token = await keys.create(
        session, platform.routes, platform.vault.route_hash, offered_roles(request), actor,
        name=data.name, held=held, expires_at=data.expires_at,
    )  # fmt: skip
    return KeyCreated(key_id, token)


@delete("/api/v1/api-keys/{key_id:uuid}", opt=_opt("identity.key.manage", "client"))
async def end_key(session: NamedDependency[Session], actor: NamedDependency[Actor], key_id: FromPath[UUID]) -> None:
    """End a key at once."""
    await keys.end(session, actor, key_id)


@get("/api/v1/audit-entries", opt=_opt("identity.audit.read"))
async def list_audit(
    session: NamedDependency[Session], action: FromQuery[str] = "", cursor: FromQuery[UUID | None] = None, limit: FromQuery[int] = 50
) -> Page:
    """The audit trail, newest first; `action` is how an action begins, `identity.`."""
    limit = _limited(limit)
    rows = await repository.list_audit(session, cursor, limit + 1, action or None)
    return Page([_taken(AuditRead, row) for row in rows[:limit]], str(rows[limit - 1].id) if len(rows) > limit else None)


ROUTES = [
    list_users,
    get_user,
    create_user,
    change_user,
    reset_password,
    reset_second_factor,
    list_roles,
    add_grant,
    remove_grant,
    list_units,
    create_unit,
    change_unit,
    list_keys,
    create_key,
    end_key,
    list_audit,
]
