"""Drafts of refunds: written for many bills at once, at most one open draft a bill."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session
from core.database.tables import encode_json

_ADD = text("""
    INSERT INTO core.refund (id, number, source, bill_id, party_id, org_id, title, amount_fen, lines, policy, split, reason, cause, effective_on,
                             status, requested_by, requested_by_id, requested_by_kind)
    SELECT id, number, 'bill', bill_id, party_id, org_id, title, amount_fen, lines, policy, split, reason, cause, effective_on,
           'draft', requested_by, requested_by_id, requested_by_kind
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS x(id uuid, number text, bill_id uuid, party_id uuid, org_id uuid, title text, amount_fen bigint, lines jsonb, policy jsonb, split text,
             reason text, cause text, effective_on date, requested_by text, requested_by_id text, requested_by_kind text)
    ON CONFLICT (tenant_id, bill_id) WHERE status = 'draft' DO NOTHING
    RETURNING id, party_id
""")
_BUSY = text("""
    SELECT bill_id, bool_or(status = 'draft') AS drafted FROM core.refund
    WHERE bill_id = ANY(CAST(:bill_ids AS uuid[])) AND (status = 'draft' OR cause = ANY(CAST(:causes AS text[])))
      AND status NOT IN ('dropped', 'rejected', 'cancelled', 'failed')
    GROUP BY bill_id
""")
_OPEN = text("""
    SELECT id, party_id FROM core.refund
    WHERE status = 'draft' AND party_id = ANY(CAST(:party_ids AS uuid[])) AND cause = ANY(CAST(:causes AS text[])) ORDER BY id FOR UPDATE
""")
_DROP = text("UPDATE core.refund SET status = 'dropped', finished_at = :now, version = version + 1 WHERE id = ANY(CAST(:ids AS uuid[]))")
_COUNT = text("""
    SELECT count(*) FROM core.refund r
    WHERE r.status = 'draft' AND (CAST(:reach AS uuid[]) IS NULL OR r.org_id = ANY(CAST(:reach AS uuid[])))
""")
_OF_PARTY = text("""
    SELECT r.*, b.number AS bill_number, p.name AS party_name, p.number AS party_number
    FROM core.refund r JOIN core.party p ON p.id = r.party_id LEFT JOIN core.bill b ON b.id = r.bill_id
    WHERE r.party_id = :party_id ORDER BY r.id DESC LIMIT 100
""")


async def add(session: Session, rows: Sequence[dict[str, object]]) -> Sequence[Row]:
    """Write drafts; a bill that has an open one keeps it. Answers those that are new."""
    return await session.all(_ADD, {"rows": encode_json(list(rows))})


async def list_busy(session: Session, bill_ids: Sequence[UUID], causes: Sequence[str]) -> dict[UUID, bool]:
    """The bills of which money already goes back, or went back, for one of these causes; whether that is still an open draft."""
    return {row.bill_id: row.drafted for row in await session.all(_BUSY, {"bill_ids": list(bill_ids), "causes": list(causes)})}


async def lock_open(session: Session, party_ids: Sequence[UUID], causes: Sequence[str]) -> Sequence[Row]:
    """The open drafts of some people for one of these causes, held."""
    return await session.all(_OPEN, {"party_ids": list(party_ids), "causes": list(causes)})


async def drop(session: Session, refund_ids: Sequence[UUID], now: dt.datetime) -> None:
    """Put drafts away (the caller holds them)."""
    await session.execute(_DROP, {"ids": list(refund_ids), "now": now})


async def count_open(session: Session, reach: list[UUID] | None) -> int:
    """How many drafts wait for a person."""
    return int(await session.scalar(_COUNT, {"reach": reach}) or 0)


async def list_of_party(session: Session, party_id: UUID) -> Sequence[Row]:
    """Every refund of one person, drafts too, the newest first."""
    return await session.all(_OF_PARTY, {"party_id": party_id})
