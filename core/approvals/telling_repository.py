"""Who may decide on what waits and has not been told yet."""

from collections.abc import Sequence

from sqlalchemy import text

from core.database import Row, Session

_UNTOLD = text("""
    SELECT DISTINCT a.id, a.kind, a.title, a.made_by, g.user_id
    FROM core.approval a
    JOIN unnest(CAST(:kinds AS text[]), CAST(:roles AS text[]), CAST(:scopes AS text[])) AS r(kind, role, scope) ON r.kind = a.kind
    JOIN core.role_grant g ON g.role = r.role
    JOIN core."user" u ON u.id = g.user_id AND u.status = 'active'
    WHERE a.status = 'waiting' AND a.created_at > now() - interval '7 days' AND CAST(g.user_id AS text) <> a.made_by_id
      AND (r.scope = 'TENANT' OR g.org_id = a.org_id
           OR r.scope = 'ORG_SUBTREE' AND EXISTS (
               SELECT FROM core.org_unit here JOIN core.org_unit top ON top.id = g.org_id WHERE here.id = a.org_id AND here.path <@ top.path))
      AND NOT EXISTS (SELECT FROM core.notice n WHERE n.key = 'approval_pending:' || a.id || ':' || g.user_id)
    LIMIT 500
""")

_PULSE = text("INSERT INTO core.tenant_due (tenant_id, kind, due_at) VALUES (:tenant_id, 'pulse', now()) ON CONFLICT DO NOTHING")


async def list_untold(session: Session, kinds: Sequence[str], roles: Sequence[str], scopes: Sequence[str]) -> Sequence[Row]:
    """What waits, with each person who may decide on it and has not been told; the three lists go together."""
    return await session.all(_UNTOLD, {"kinds": list(kinds), "roles": list(roles), "scopes": list(scopes)})


async def hurry(session: Session) -> None:
    """Let a worker look soon."""
    session.has_work = True
    await session.execute(_PULSE, {"tenant_id": session.tenant_id})
