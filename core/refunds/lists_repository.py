"""Refunds in lists: what somebody's right reaches, narrowed by what they look for."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import text

from core.database import Row, Session

_SEEN = "(CAST(:reach AS uuid[]) IS NULL OR r.org_id = ANY(CAST(:reach AS uuid[])))"
_ASKED = f"""
    FROM core.refund r LEFT JOIN core.party p ON p.id = r.party_id LEFT JOIN core.bill b ON b.id = r.bill_id
    WHERE {_SEEN} AND (r.status = :status OR (:status = '' AND r.status NOT IN ('draft', 'dropped'))) AND (:source = '' OR r.source = :source)
      AND (CAST(:batch_id AS uuid) IS NULL OR r.batch_id = CAST(:batch_id AS uuid))
      AND (CAST(:bill_id AS uuid) IS NULL OR r.bill_id = CAST(:bill_id AS uuid))
      AND r.created_at >= coalesce(CAST(:start AS timestamptz), '-infinity')
      AND r.created_at < coalesce(CAST(:until AS timestamptz), 'infinity')
      AND (:typed = '' OR r.number = :upper OR b.number = :upper OR p.number = :typed OR p.name = :typed
           OR r.id IN (SELECT i.refund_id FROM core.refund_item i JOIN core.payment y ON y.id = i.payment_id
                       WHERE i.number = :upper OR y.order_number = :upper OR y.channel_txn_id = :typed))
"""
_PAGE = text(f"""
    SELECT r.*, b.number AS bill_number, p.name AS party_name, p.number AS party_number
    {_ASKED} AND (CAST(:before AS uuid) IS NULL OR r.id < :before) ORDER BY r.id DESC LIMIT :limit
""")
_SUMS = text(f"""
    SELECT count(*) AS refunds, coalesce(sum(r.amount_fen), 0)::bigint AS amount_fen,
           coalesce(sum(r.refunded_fen), 0)::bigint AS refunded_fen {_ASKED}
""")
_BY_HAND = text(f"""
    SELECT count(DISTINCT r.id) FROM core.refund r JOIN core.refund_item i ON i.refund_id = r.id
    WHERE {_SEEN} AND i.state IN ('manual_transfer', 'transferring')
""")
_STUCK = text(f"""
    SELECT count(*) FROM core.refund r
    WHERE {_SEEN} AND r.status IN ('waiting_funds', 'submitted', 'processing') AND r.approved_at < :before
""")
_OF_PARTIES = text("""
    SELECT r.* FROM core.refund r
    WHERE (r.party_id = ANY(CAST(:party_ids AS uuid[])) OR r.bill_id = ANY(CAST(:bill_ids AS uuid[]))) AND r.status NOT IN ('draft', 'dropped')
    ORDER BY r.id DESC LIMIT 100
""")
_ORG_OF_ORDER = text("""
    SELECT min(b.org_id::text)::uuid AS org_id FROM core.payment_order o JOIN core.payment_order_item i ON i.order_id = o.id
    JOIN core.bill b ON b.id = i.bill_id WHERE o.number = :number HAVING count(DISTINCT b.org_id) = 1
""")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What narrows a list of refunds."""

    typed: str = ""
    status: str = ""
    source: str = ""
    batch_id: UUID | None = None
    bill_id: UUID | None = None
    start: dt.datetime | None = None
    until: dt.datetime | None = None

    def values(self) -> dict[str, object]:
        """The parameters of a statement."""
        return {**msgspec.structs.asdict(self), "upper": self.typed.upper()}


async def list_page(session: Session, asked: Asked, reach: list[UUID] | None, before: UUID | None, limit: int) -> Sequence[Row]:
    """Refunds, the newest first."""
    return await session.all(_PAGE, {**asked.values(), "reach": reach, "before": before, "limit": limit})


async def sum_page(session: Session, asked: Asked, reach: list[UUID] | None) -> Row:
    """How many refunds are meant, what they come to, and what of it has arrived."""
    return await session.one(_SUMS, {**asked.values(), "reach": reach})


async def count_by_hand(session: Session, reach: list[UUID] | None) -> int:
    """How many refunds wait for a person to transfer them."""
    return int(await session.scalar(_BY_HAND, {"reach": reach}) or 0)


async def count_stuck(session: Session, reach: list[UUID] | None, before: dt.datetime) -> int:
    """How many approved refunds have not arrived for long."""
    return int(await session.scalar(_STUCK, {"reach": reach, "before": before}) or 0)


async def list_of_family(session: Session, party_ids: Sequence[UUID], bill_ids: Sequence[UUID]) -> Sequence[Row]:
    """The refunds of some people and bills, the newest first."""
    return await session.all(_OF_PARTIES, {"party_ids": list(party_ids), "bill_ids": list(bill_ids)})


async def org_of_order(session: Session, number: str) -> UUID | None:
    """The unit whose bills an order was for, when it was one unit."""
    return await session.scalar(_ORG_OF_ORDER, {"number": number})
