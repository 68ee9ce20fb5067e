"""Receipts in lists. `reach` is the org ids the asker sees, through the bill (None: all)."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import text

from core.database import Row, Session
from core.receipts.repository import FLUSHING

_REFUSED = "(r.status = 'issuing' AND r.next_query_at IS NULL)"
_SEEN = "(CAST(:reach AS uuid[]) IS NULL OR b.org_id = ANY(CAST(:reach AS uuid[])))"
_FROM = """
    FROM core.receipt r JOIN core.bill b ON b.id = r.bill_id JOIN core.party y ON y.id = b.party_id
    JOIN core.payment p ON p.id = r.payment_id
"""
_ROW = f"""
    SELECT r.*, {FLUSHING}, {_REFUSED} AS refused, b.number AS bill_number, b.org_id, y.name AS party_name, y.number AS party_number,
           p.order_number {_FROM}
"""
_MEANT = f"""
    WHERE {_SEEN}
      AND (CAST(:bill_id AS uuid) IS NULL OR r.bill_id = CAST(:bill_id AS uuid))
      AND (CAST(:payment_id AS uuid) IS NULL OR r.payment_id = CAST(:payment_id AS uuid))
      AND (:kind = '' OR r.kind = :kind) AND (:ticket = '' OR r.ticket = :ticket)
      AND (:status = '' OR r.status = :status OR (:status = 'refused' AND {_REFUSED}))
      AND r.created_at >= coalesce(CAST(:start AS timestamptz), '-infinity')
      AND r.created_at < coalesce(CAST(:until AS timestamptz), 'infinity')
      AND (:typed = '' OR r.number = :upper OR p.order_number = :upper OR b.number = :upper OR y.number = :typed OR y.name = :typed
           OR r.facts->>'number' = :typed)
"""
_LIST = text(f"{_ROW} {_MEANT} AND (CAST(:before AS uuid) IS NULL OR r.id < CAST(:before AS uuid)) ORDER BY r.id DESC LIMIT :limit")
_COUNTED = "SELECT count(*) AS receipts, coalesce(sum(r.amount_fen) FILTER (WHERE r.status <> 'voided'), 0)::bigint AS amount_fen"
_SUMS = text(f"{_COUNTED} {_FROM} {_MEANT}")
_SUMS_OF_ALL = text(f"{_COUNTED} FROM core.receipt r")
_ONE = text(f"{_ROW} WHERE r.id = :id AND {_SEEN}")
_REFUSED_COUNT = text(f"SELECT count(*) FROM core.receipt r JOIN core.bill b ON b.id = r.bill_id WHERE {_REFUSED} AND {_SEEN}")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What narrows a list of receipts."""

    typed: str = ""
    status: str = ""
    kind: str = ""
    ticket: str = ""
    bill_id: UUID | None = None
    payment_id: UUID | None = None
    start: dt.datetime | None = None
    until: dt.datetime | None = None

    def values(self) -> dict[str, object]:
        """The parameters of a statement."""
        return {**msgspec.structs.asdict(self), "upper": self.typed.upper()}


Reach = list[UUID] | None


async def list_receipts(session: Session, asked: Asked, reach: Reach, before: UUID | None, limit: int) -> Sequence[Row]:
    """Receipts, the newest first."""
    return await session.all(_LIST, {**asked.values(), "reach": reach, "before": before, "limit": limit})


async def sum_receipts(session: Session, asked: Asked, reach: Reach) -> Row:
    """How many are meant and what they come to, red ones taken off, voided ones left out."""
    if reach is None and asked == Asked():
        return await session.one(_SUMS_OF_ALL)
    return await session.one(_SUMS, {**asked.values(), "reach": reach})


async def find_receipt(session: Session, receipt_id: UUID, reach: Reach) -> Row | None:
    """One receipt, if the asker sees its bill."""
    return await session.one_or_none(_ONE, {"id": receipt_id, "reach": reach})


async def count_refused(session: Session, reach: Reach) -> int:
    """How many tickets their issuers refused."""
    return int(await session.scalar(_REFUSED_COUNT, {"reach": reach}) or 0)
