"""From a token to an actor: one query a request, so that a removed role is gone at the next click."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from core import clock, ids
from core.database import Session
from core.database.routes import Routes
from core.hookspecs import Role
from core.identity import sessions_repository as repository
from core.identity.actor import Actor
from core.plugin_manager import PluginManager

IDLE = dt.timedelta(hours=2)
LIFETIME = dt.timedelta(hours=12)
TOUCH_EVERY = dt.timedelta(minutes=1)
WHOLE_TENANT = ("TENANT", "ALL")
Grant = tuple[str, UUID | None, list[UUID]]
"""A role, the org unit it is held over, and everything under that."""


def roles_for(plugins: PluginManager, side: str, enabled: Collection[str]) -> dict[str, Role]:
    """The roles that count in one tenant: `side` is client or bank; a client's come from core and its enabled plugins.

    With a plugin go all rights that its roles bundle, core's too.
    """
    offered = plugins.collect_all("register_roles")
    return {role.code: role for source, role in offered if role.side in (side, "both") and (source == "core" or source in enabled)}


def grants_of(found: Iterable[dict[str, Any]]) -> list[Grant]:
    """Grants as the database answers them."""
    return [(grant["role"], grant["org_id"] and UUID(grant["org_id"]), [UUID(i) for i in grant["subtree"]]) for grant in found]


def rights_of(roles: Mapping[str, Role], grants: Iterable[Grant]) -> dict[str, frozenset[UUID] | None]:
    """The union over (role, org unit, its subtree): what may be done and how far it reaches (domain book §2.10)."""
    rights: dict[str, frozenset[UUID] | None] = {}
    for code, org_id, subtree in grants:
        role = roles.get(code)
        if role is None:
            continue
        reach: frozenset[UUID] | None = None
        if role.scope not in WHOLE_TENANT and org_id is not None:
            reach = frozenset([org_id]) if role.scope == "ORG" else frozenset(subtree)
        elif role.scope not in WHOLE_TENANT:
            reach = frozenset()
        for permission in role.permissions:
            if permission in rights and (rights[permission] is None or reach is None):
                rights[permission] = None
            else:
                rights[permission] = reach if reach is None else rights.get(permission, frozenset()) | reach
    return rights


async def load_actor(
    session: Session, roles: Mapping[str, Role], *, kind: str, token_hash: bytes, ip: str, request_id: str
) -> Actor | None:
    """The member of staff or API key behind a token, with present rights; None when the token is no longer good.

    Nor is a session good that has not passed every step of the log-in. `roles` are those that count in this tenant (`roles_for`).
    """
    now = clock.now()
    if kind == "key":
        row = await repository.find_key(session, token_hash, now)
        if row is None:
            return None
        grants = grants_of(row.grants)
        return Actor(
            kind="api_key", id=str(row.id), name=row.name, tenant_id=session.tenant_id, rights=rights_of(roles, grants),
            roles=frozenset(grant[0] for grant in grants), ip=ip, request_id=request_id,
        )  # fmt: skip
    row = await repository.find_session(session, token_hash, now, now - IDLE)
    if row is None or row.user_status != "active" or not row.second_factor or row.must_change_password:
        return None
    if now - row.seen_at > TOUCH_EVERY:
        await repository.touch(session, row.session_id, now)
    grants = grants_of(row.grants)
    return Actor(
        kind="user",
        id=str(row.user_id),
        name=row.name,
        tenant_id=session.tenant_id,
        rights=rights_of(roles, grants),
        roles=frozenset(grant[0] for grant in grants),
        ip=ip,
        request_id=request_id,
        csrf=row.csrf,
        session_id=row.session_id,
        lists=row.lists,
    )


async def rights_now(session: Session, roles: Mapping[str, Role], by: Actor) -> dict[str, frozenset[UUID] | None]:
    """What somebody may do at this moment, for a job that somebody started: who lost a role, or whose key ended, may no more."""
    return rights_of(roles, grants_of(await repository.list_grants(session, by.kind, UUID(by.id), clock.now())))


async def begin(
    session: Session,
    routes: Routes,
    route_hash: Callable[[str, str], bytes],
    user_id: UUID,
    *,
    ip: str,
    agent: str,
    second_factor: bool,
    lifetime: dt.timedelta = LIFETIME,
) -> tuple[str, UUID]:
    """Open a session and its way in; answers the token for the cookie. What the user left behind long ago is cleared away."""
    now, token, session_id = clock.now(), ids.token(), ids.uuid7()
    await repository.clear_dead(session, user_id, now, now - IDLE)
    await routes.add(session, "session", token)
    await repository.insert_session(
        session,
        {
            "id": session_id,
            "token_hash": route_hash("session", token),
            "user_id": user_id,
            "csrf": ids.token(),
            "second_factor": second_factor,
            "ip": ip,
            "agent": agent[:200],
            "seen_at": now,
            "expires_at": now + lifetime,
        },
    )
    return token, session_id
