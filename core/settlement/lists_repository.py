"""Settlement in lists: narrowed by what people look for."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import text

from core.database import Row, Session

_ASKED = """
    FROM core.settlement_batch b JOIN core.merchant m ON m.id = b.merchant_id
    WHERE (:status = '' OR b.status = :status) AND (:merchant = '' OR b.merchant_code = :merchant)
      AND b.bill_on >= coalesce(CAST(:start AS date), '-infinity') AND b.bill_on <= coalesce(CAST(:until AS date), 'infinity')
      AND (:typed = '' OR b.number = upper(:typed) OR b.merchant_code = :typed OR m.name = :typed OR b.id IN (
          SELECT p.batch_id FROM core.payout p WHERE p.number = upper(:typed) OR p.bank_serial = :typed
          UNION SELECT i.batch_id FROM core.settlement_item i JOIN core.payment y ON y.id = i.payment_id WHERE y.order_number = upper(:typed)))
"""
_PAGE = text(f"""
    SELECT b.*, m.name AS merchant_name {_ASKED}
      AND (CAST(:before_on AS date) IS NULL OR (b.bill_on, b.id) < (CAST(:before_on AS date), CAST(:before_id AS uuid)))
    ORDER BY b.bill_on DESC, b.id DESC LIMIT :limit
""")
_SUMS = text(f"""
    SELECT count(*) AS batches, coalesce(sum(b.gross_fen), 0)::bigint AS gross_fen, coalesce(sum(b.refund_fen), 0)::bigint AS refund_fen,
           coalesce(sum(b.fee_fen - b.fee_refund_fen), 0)::bigint AS cost_fen, coalesce(sum(b.net_fen - b.brought_fen), 0)::bigint AS net_fen,
           coalesce(sum(b.pay_fen), 0)::bigint AS pay_fen {_ASKED}
""")
_FIND = text("SELECT b.*, m.name AS merchant_name FROM core.settlement_batch b JOIN core.merchant m ON m.id = b.merchant_id WHERE b.id = :id")
_ITEMS = text("""
    SELECT i.*, r.refund_id FROM core.settlement_item i LEFT JOIN core.refund_item r ON i.kind = 'refund' AND r.id = i.ref_id
    WHERE i.batch_id = :batch_id AND (:kind = '' OR i.kind = :kind) AND (:typed = '' OR i.number = upper(:typed))
      AND (CAST(:after_kind AS text) IS NULL OR (i.kind, i.ref_id) > (CAST(:after_kind AS text), CAST(:after_id AS uuid)))
    ORDER BY i.kind, i.ref_id LIMIT :limit
""")
_KINDS = text("SELECT kind, count(*) AS items, sum(amount_fen)::bigint AS amount_fen FROM core.settlement_item WHERE batch_id = :batch_id GROUP BY kind")
_RETURNED = text("SELECT count(*) FROM core.settlement_batch WHERE status = 'returned'")
_READY = text("SELECT count(*) FROM core.settlement_batch WHERE status = 'pending_review' AND (gate ->> 'open')::boolean AND pay_fen > 0")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What narrows a list of batches; days are bill dates."""

    typed: str = ""
    status: str = ""
    merchant: str = ""
    start: dt.date | None = None
    until: dt.date | None = None


async def list_page(session: Session, asked: Asked, before: tuple[dt.date, UUID] | None, limit: int) -> Sequence[Row]:
    """Batches, the newest day first."""
    place = {"before_on": before[0] if before else None, "before_id": before[1] if before else None}
    return await session.all(_PAGE, {**msgspec.structs.asdict(asked), **place, "limit": limit})


async def sum_page(session: Session, asked: Asked) -> Row:
    """What the batches that are meant come to."""
    return await session.one(_SUMS, msgspec.structs.asdict(asked))


async def find(session: Session, batch_id: UUID) -> Row | None:
    """One batch with its merchant's name."""
    return await session.one_or_none(_FIND, {"id": batch_id})


async def list_items(
    session: Session, batch_id: UUID, kind: str, typed: str, after: tuple[str, UUID] | None, limit: int
) -> Sequence[Row]:
    """What a batch is made of, by kind."""
    place = {"after_kind": after[0] if after else None, "after_id": after[1] if after else None}
    return await session.all(_ITEMS, {"batch_id": batch_id, "kind": kind, "typed": typed, **place, "limit": limit})


async def count_kinds(session: Session, batch_id: UUID) -> dict[str, int]:
    """How many items of each kind a batch has."""
    return {row.kind: row.items for row in await session.all(_KINDS, {"batch_id": batch_id})}


async def count_returned(session: Session) -> int:
    """Batches whose money came back."""
    return int(await session.scalar(_RETURNED) or 0)


async def count_ready(session: Session) -> int:
    """Batches that may be submitted: the gate is open and there is something to pay."""
    return int(await session.scalar(_READY) or 0)
