"""The audit trail: who did what to which object, before and after, masked; sealed into a hash chain after the commit."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

import msgspec

from core import clock, ids
from core.database import Session, Write
from core.identity import repository
from core.identity.actor import Actor

Facts = dict[str, object] | None


async def record(
    session: Session,
    by: Actor,
    action: str,
    object_type: str,
    object_id: object,
    *,
    before: Facts = None,
    after: Facts = None,
    reason: str | None = None,
) -> None:
    """Write down a change. Values must already be masked: the trail never holds ids, phones, cards or secrets in clear."""
    await session.together(recording(session, by, action, object_type, object_id, before=before, after=after, reason=reason))


async def record_many(session: Session, by: Actor, action: str, object_type: str, told: Sequence[tuple[object, Facts, Facts, str]]) -> None:
    """The same deed done to many objects at once: `(object id, before, after, reason)` each."""
    facts = [
        _row(by, action, object_type, object_id, before=before, after=after, reason=reason or None) for object_id, before, after, reason in told
    ]  # fmt: skip
    if facts:
        session.has_work = True
        await repository.audit_many(session, facts)


def recording(
    session: Session,
    by: Actor,
    action: str,
    object_type: str,
    object_id: object,
    *,
    before: Facts = None,
    after: Facts = None,
    reason: str | None = None,
) -> Write:
    """The same, to be written together with the change itself."""
    session.has_work = True
    return repository.auditing(_row(by, action, object_type, object_id, before=before, after=after, reason=reason))


def _row(by: Actor, action: str, object_type: str, object_id: object, *, before: Facts, after: Facts, reason: str | None) -> dict[str, object]:
    return {
        "id": ids.uuid7(),
        "at": clock.now(),
        "actor_kind": by.kind,
        "actor_id": by.id,
        "actor_name": by.name,
        "action": action,
        "object_type": object_type,
        "object_id": str(object_id),
        "before": before,
        "after": after,
        "reason": reason,
        "ip": by.ip or None,
        "request_id": by.request_id or None,
    }


def _digest(previous: bytes, row: object) -> bytes:
    fields = [
        str(row.id),
        row.at.isoformat(),
        row.actor_kind,
        row.actor_id,
        row.actor_name,
        row.action,
        row.object_type,
        row.object_id,
        msgspec.json.encode(row.before, order="sorted").decode(),
        msgspec.json.encode(row.after, order="sorted").decode(),
        row.reason,
        row.ip,
        row.request_id,
    ]
    return hashlib.sha256(previous + msgspec.json.encode(fields)).digest()


async def seal(session: Session, limit: int = 1000) -> int:
    """Chain rows that are not sealed yet; one sealer per tenant at a time. Answers how many were sealed."""
    await repository.lock_sealing(session)
    head = await repository.last_seal(session)
    seq, chain = (head.seq, head.chain_hash) if head else (0, b"")
    rows = await repository.list_unsealed(session, limit)
    seals = []
    for row in rows:
        seq, chain = seq + 1, _digest(chain, row)
        seals.append({"seq": seq, "audit_id": row.id, "chain_hash": chain})
    if seals:
        await repository.add_seals(session, seals)
    return len(seals)


async def verify(session: Session) -> list[str]:
    """Walk the chain from its start; every fault in words (a row changed, a row gone, a gap in the numbers, a row beside the chain)."""
    faults, chain, expected = [], b"", 1
    async for row in repository.walk_chain(session):
        if row.seq != expected:
            faults.append(f"seal {expected} is missing")
            expected = row.seq
        if row.id is None:
            faults.append(f"seal {row.seq}: the audit row {row.audit_id} is gone")
        elif _digest(chain, row) != row.chain_hash:
            faults.append(f"seal {row.seq}: the audit row {row.audit_id} is not what was sealed")
        chain, expected = row.chain_hash, expected + 1
    return faults + [f"the audit row {row.id} was never sealed" for row in await repository.list_missed(session)]


async def head_hash(session: Session) -> tuple[int, str] | None:
    """The newest seal's number and hash, to be kept outside the database every day."""
    head = await repository.last_seal(session)
    return (head.seq, head.chain_hash.hex()) if head else None


async def history(session: Session, object_type: str, object_id: UUID | str) -> list[dict[str, object]]:
    """Everything that happened to an object, oldest first."""
    return [dict(row._mapping) for row in await repository.list_audit_of(session, object_type, str(object_id))]
