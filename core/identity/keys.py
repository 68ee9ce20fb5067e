"""API keys for a client's own systems: the key is shown once, holds roles, can end at any moment."""

import datetime as dt
from collections.abc import Callable, Sequence
from itertools import combinations
from uuid import UUID

from core import clock, ids
from core.database import Session
from core.database.routes import Routes
from core.errors import InvalidRequest, NotFound
from core.hookspecs import Role
from core.identity import audit
from core.identity import keys_repository as repository
from core.identity.accounts import person_name
from core.identity.actor import Actor
from core.identity.errors import KeyRoleTooStrong, RolesConflict, UnknownRole
from core.identity.grants import check_place
from core.web.i18n import gettext

PREFIX = "byk_"
MANAGE = "identity.key.manage"
FORBIDDEN = frozenset({"identity.user.manage", "identity.role.grant", MANAGE})
OBJECT = "api_key"
Held = tuple[str, UUID | None]
"""A role, and the org unit it is held over (none for a role over the whole client)."""


def fitting(roles: dict[str, Role]) -> dict[str, Role]:
    """The roles a key may hold: all but those that manage people, roles or keys."""
    return {code: role for code, role in roles.items() if not role.permissions & FORBIDDEN}


async def create(
    session: Session,
    routes: Routes,
    route_hash: Callable[[str, str], bytes],
    roles: dict[str, Role],
    by: Actor,
    *,
    name: str,
    held: Sequence[Held],
    expires_at: dt.datetime | None = None,
) -> tuple[UUID, str]:
    """A new key; only its hash and last four characters are kept. Its roles have the same scopes and conflicts as a person's."""
    await _check_held(session, roles, by, held)
    if expires_at is not None and expires_at <= clock.now():
        raise InvalidRequest("到期时间必须在将来")
    token, key_id = PREFIX + ids.token(), ids.uuid7()
    await routes.add(session, "key", token)
    whole = sorted({code for code, place_id in held if place_id is None})
    scoped = sorted({(code, str(place_id)) for code, place_id in held if place_id is not None})
    grants = [{"role": code, "org_id": place_id} for code, place_id in scoped]
    facts = {"name": person_name(name), "tail": token[-4:], "roles": whole, "grants": grants, "expires_at": expires_at}
    row = {"id": key_id, "token_hash": route_hash("key", token), "made_by": by.id, **facts}
    await repository.add_key(session, row)
    after = {**facts, "expires_at": expires_at and expires_at.isoformat()}
    await audit.record(session, by, "identity.key.create", OBJECT, key_id, after=after)
    return key_id, token


async def _check_held(session: Session, roles: dict[str, Role], by: Actor, held: Sequence[Held]) -> None:
    if not held:
        raise UnknownRole(role="")
    for code, place_id in held:
        role = roles.get(code)
        if role is None:
            raise UnknownRole(role=code)
        if code not in fitting(roles):
            raise KeyRoleTooStrong(role=gettext(role.title))
        await check_place(session, by, role, place_id, MANAGE)
    together = [roles[code] for code in sorted({code for code, _ in held})]
    for role, other in combinations(together, 2):
        if other.code in role.conflicts or role.code in other.conflicts:
            raise RolesConflict(role=gettext(role.title), other=gettext(other.title))


async def end(session: Session, by: Actor, key_id: UUID) -> None:
    """No request with this key is answered any more; ending twice is no error."""
    row = await repository.find_key(session, key_id)
    if row is None:
        raise NotFound()
    if row.ended_at is None:
        await repository.end_key(session, key_id, clock.now())
        await audit.record(session, by, "identity.key.end", OBJECT, key_id, before={"name": row.name, "tail": row.tail})


async def list_keys(session: Session) -> Sequence:
    """Every key, the newest first; never the key itself."""
    return await repository.list_keys(session)
