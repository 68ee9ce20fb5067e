"""From a token to an actor: one query a request, so that a removed role is gone at the next click."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable
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


def roles_of(plugins: PluginManager) -> dict[str, Role]:
    """Every role that core and the installed plugins offer, by code."""
    return {role.code: role for _, role in plugins.collect_all("register_roles")}


def roles_for(plugins: PluginManager, side: str, enabled: Collection[str]) -> dict[str, Role]:
    """The roles that one tenant may grant: `side` is client or bank; a client's come from core and its enabled plugins."""
    offered = plugins.collect_all("register_roles")
    return {role.code: role for source, role in offered if role.side in (side, "both") and (source == "core" or source in enabled)}


def rights_of(roles: dict[str, Role], grants: Iterable[tuple[str, UUID | None, list[UUID]]]) -> dict[str, frozenset[UUID] | None]:
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
    session: Session, plugins: PluginManager, *, kind: str, token_hash: bytes, ip: str, request_id: str
) -> Actor | None:
    """The member of staff or API key behind a token, with present rights; None when the token is no longer good.

    Nor is a session good that has not passed every step of the log-in.
    """
    now = clock.now()
    if kind == "key":
        row = await repository.find_key(session, token_hash, now)
        if row is None:
            return None
        rights = rights_of(roles_of(plugins), [(role, None, []) for role in row.roles])
        return Actor(
            kind="api_key", id=str(row.id), name=row.name, tenant_id=session.tenant_id, rights=rights,
            roles=frozenset(row.roles), ip=ip, request_id=request_id,
        )
    row = await repository.find_session(session, token_hash, now, now - IDLE)
    if row is None or row.user_status != "active" or not row.second_factor or row.must_change_password:
        return None
    if now - row.seen_at > TOUCH_EVERY:
        await repository.touch(session, row.session_id, now)
    grants = [(grant["role"], grant["org_id"] and UUID(grant["org_id"]), [UUID(i) for i in grant["subtree"]]) for grant in row.grants]
    return Actor(
        kind="user",
        id=str(row.user_id),
        name=row.name,
        tenant_id=session.tenant_id,
        rights=rights_of(roles_of(plugins), grants),
        roles=frozenset(grant[0] for grant in grants),
        ip=ip,
        request_id=request_id,
        csrf=row.csrf,
        session_id=row.session_id,
    )


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
