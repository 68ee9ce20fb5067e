"""Keys and the audit trail: the statements that identity's foundations need (users and sessions: `accounts_repository`)."""

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from sqlalchemy import Row, func, insert, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from core.database import Session, Write
from core.database.tables import encode_json
from core.identity.models import audit_log, audit_seal, tenant_key

_AUDITED = """
    INSERT INTO core.audit_log (id, at, actor_kind, actor_id, actor_name, action, object_type, object_id, before, after, reason, ip, request_id)
    VALUES (:audit_id, :audit_at, :audit_actor_kind, :audit_actor_id, :audit_actor_name, :audit_action, :audit_object_type, :audit_object_id,
            CAST(:audit_before AS jsonb), CAST(:audit_after AS jsonb), :audit_reason, :audit_ip, :audit_request_id)
    RETURNING id
"""
_AUDITED_MANY = text(_AUDITED.replace("RETURNING id", ""))
_UNSEALED = text("""
    SELECT a.* FROM core.audit_log a
    WHERE a.at >= coalesce((SELECT max(b.at) FROM core.audit_seal s JOIN core.audit_log b ON b.id = s.audit_id
                            WHERE s.seq > (SELECT max(seq) - 100 FROM core.audit_seal)), '-infinity') - interval '1 day'
      AND NOT EXISTS (SELECT FROM core.audit_seal s WHERE s.audit_id = a.id)
    ORDER BY a.id LIMIT :limit
""")
_MISSED = text("""
    SELECT a.id FROM core.audit_log a
    WHERE a.at < (SELECT max(b.at) FROM core.audit_seal s JOIN core.audit_log b ON b.id = s.audit_id) - interval '1 hour'
      AND NOT EXISTS (SELECT FROM core.audit_seal s WHERE s.audit_id = a.id)
    ORDER BY a.id LIMIT 100
""")
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('audit seal ' || current_setting('app.tenant_id'), 0))")
_CHAIN = text("""
    SELECT s.seq, s.audit_id, s.chain_hash, a.id, a.at, a.actor_kind, a.actor_id, a.actor_name, a.action, a.object_type, a.object_id,
           a.before, a.after, a.reason, a.ip, a.request_id
    FROM core.audit_seal s LEFT JOIN core.audit_log a ON a.id = s.audit_id
    WHERE s.seq > :after ORDER BY s.seq LIMIT 5000
""")


async def list_keys(session: Session) -> Sequence[Row]:
    """The tenant's wrapped keys."""
    return await session.all(select(tenant_key))


async def add_key(session: Session, purpose: str, version: int, master_key_id: str, wrapped: bytes) -> None:
    """Keep a wrapped key; whoever comes second keeps the first one's."""
    row = {"purpose": purpose, "version": version, "master_key_id": master_key_id, "wrapped": wrapped}
    await session.execute(upsert(tenant_key).values(row).on_conflict_do_nothing())


async def rewrap_key(session: Session, purpose: str, version: int, master_key_id: str, wrapped: bytes) -> None:
    """The same key under another master key."""
    which = (tenant_key.c.purpose == purpose) & (tenant_key.c.version == version)
    await session.execute(update(tenant_key).where(which).values(master_key_id=master_key_id, wrapped=wrapped))


def auditing(row: dict[str, object]) -> Write:
    """One audit row, to be written together with what it tells of."""
    return Write((("audited", _AUDITED),), _named(row), "audited")


def _named(row: dict[str, object]) -> dict[str, object]:
    return {f"audit_{name}": encode_json(value) if name in ("before", "after") and value is not None else value for name, value in row.items()}


async def audit_many(session: Session, rows: Sequence[dict[str, object]]) -> None:
    """Many audit rows at once."""
    await session.execute(_AUDITED_MANY, [_named(row) for row in rows])


async def lock_sealing(session: Session) -> None:
    """One sealer per tenant."""
    await session.execute(_LOCK)


async def last_seal(session: Session) -> Row | None:
    """The head of the chain."""
    return await session.one_or_none(select(audit_seal).order_by(audit_seal.c.seq.desc()).limit(1))


async def list_unsealed(session: Session, limit: int) -> Sequence[Row]:
    """Audit rows that no seal names; a row that committed late is still found for a day."""
    return await session.all(_UNSEALED, {"limit": limit})


async def list_missed(session: Session) -> Sequence[Row]:
    """Rows beside the chain: older by an hour than what was sealed last, and not sealed themselves."""
    return await session.all(_MISSED)


async def add_seals(session: Session, seals: list[dict[str, object]]) -> None:
    """Write seals."""
    await session.execute(insert(audit_seal), seals)


async def walk_chain(session: Session) -> AsyncIterator[Row]:
    """Every seal with its audit row, in order."""
    after = 0
    while rows := await session.all(_CHAIN, {"after": after}):
        for row in rows:
            yield row
        after = rows[-1].seq


async def list_audit_of(session: Session, object_type: str, object_id: str) -> Sequence[Row]:
    """The history of one object."""
    which = (audit_log.c.object_type == object_type) & (audit_log.c.object_id == object_id)
    return await session.all(select(audit_log).where(which).order_by(audit_log.c.at, audit_log.c.id))


async def list_audit_under(
    session: Session, keys: Sequence[tuple[str, str]], before: tuple[dt.datetime, UUID] | None, limit: int
) -> Sequence[Row]:
    """The newest entries kept under any of some (kind, id) of objects."""
    if not keys:
        return []
    which = or_(*((audit_log.c.object_type == kind) & (audit_log.c.object_id == object_id) for kind, object_id in keys))
    query = select(audit_log).where(which).order_by(audit_log.c.at.desc(), audit_log.c.id.desc()).limit(limit)
    return await session.all(query.where(tuple_(audit_log.c.at, audit_log.c.id) < tuple_(*before)) if before else query)


async def list_audit(session: Session, before: UUID | None, limit: int, action: str | None = None, words: str = "") -> Sequence[Row]:
    """The newest audit rows before a key, for the page that shows them; `action` is how the action begins, `words` are in a name."""
    query = select(audit_log).order_by(audit_log.c.id.desc()).limit(limit)
    if before:
        query = query.where(audit_log.c.id < before)
    if action:
        query = query.where(audit_log.c.action.startswith(action, autoescape=True))
    if words:
        query = query.where(audit_log.c.actor_name.contains(words, autoescape=True) | (audit_log.c.object_id == words))
    return await session.all(query)


async def count_audit(session: Session, since: dt.datetime) -> int:
    """How much was written into the trail since an instant."""
    return int(await session.scalar(select(func.count()).select_from(audit_log).where(audit_log.c.at >= since)) or 0)
