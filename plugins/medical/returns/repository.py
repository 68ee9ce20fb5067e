"""Every query about returns."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from core.database import Row, Session
from core.refunds.states import UNASKED, UNDER_WAY
from plugins.medical.insurance.models import settlement
from plugins.medical.orders.models import order
from plugins.medical.returns.models import returned

_WAY = ", ".join(f"'{state}'" for state in UNDER_WAY)
_UNASKED = ", ".join(f"'{state}'" for state in UNASKED)

_ORDER = text("""
    SELECT o.*, p.patient_no,
           (SELECT coalesce(sum(r.cash_fen), 0)::bigint FROM medical.med_return r
            WHERE r.order_id = o.id AND r.status NOT IN ('rejected', 'done', 'failed')) AS open_fen,
           EXISTS (SELECT 1 FROM medical.med_return r WHERE r.order_id = o.id AND r.status <> 'rejected') AS returned
    FROM medical.med_order o JOIN medical.patient p ON p.id = o.patient_id WHERE o.number = :number
""")
_LOCK_NUMBER = text("SELECT id FROM medical.med_order WHERE number = :number FOR UPDATE")

_READ = """
    SELECT r.*, o.number AS order_number, o.title AS order_title, o.bill_id, o.vendor_id AS order_vendor_id, o.his_serial, o.posted_at, o.kind,
           o.cash_fen AS order_cash_fen, o.status AS order_status, p.patient_no, f.number AS refund_number, f.status AS refund_status,
           s.setl_id, s.status AS insurance, s.reversal_no, s.reversal_tries,
           (s.fund_pay_sumamt_fen + s.acct_pay_fen + s.acct_mulaid_pay_fen)::bigint AS insured_fen
    FROM medical.med_return r JOIN medical.med_order o ON o.id = r.order_id JOIN medical.patient p ON p.id = o.patient_id
    LEFT JOIN core.refund f ON f.id = r.refund_id LEFT JOIN medical.insurance_settlement s ON s.id = r.settlement_id
"""
_FIND = text(f"{_READ} WHERE r.number = :number AND (CAST(:vendor_id AS uuid) IS NULL OR o.vendor_id = :vendor_id)")
_FIND_ID = text(f"{_READ} WHERE r.id = :id")
_BY_HIS = text(f"{_READ} WHERE r.his_refund_no = :number")
_BY_PART = text(f"{_READ} WHERE r.refund_id = (SELECT i.refund_id FROM core.refund_item i WHERE i.number = :number)")
_OF_ORDER = text(f"{_READ} WHERE o.number = :number ORDER BY r.id")

_WHERE = """
    WHERE (CAST(:vendor_id AS uuid) IS NULL OR o.vendor_id = :vendor_id) AND (CAST(:status AS text) = '' OR r.status = :status)
      AND (CAST(:order_number AS text) = '' OR o.number = :order_number)
      AND (CAST(:typed AS text) = '' OR r.number ILIKE '%' || :typed || '%' OR r.his_refund_no ILIKE '%' || :typed || '%'
           OR o.number ILIKE '%' || :typed || '%' OR p.patient_no = :typed)
"""
_PAGE = text(f"{_READ} {_WHERE} AND (CAST(:before AS uuid) IS NULL OR r.id < :before) ORDER BY r.id DESC LIMIT :limit")
_SUM = text(f"""
    SELECT count(*) AS returns, coalesce(sum(r.cash_fen), 0)::bigint AS cash_fen
    FROM medical.med_return r JOIN medical.med_order o ON o.id = r.order_id JOIN medical.patient p ON p.id = o.patient_id {_WHERE}
""")

_ADOPT = text(f"""
    SELECT f.id AS refund_id, f.number AS refund_number, f.amount_fen, f.reason, f.requested_by, f.requested_by_id, o.id AS order_id, o.vendor_id
    FROM core.refund f JOIN medical.med_order o ON o.bill_id = f.bill_id
    WHERE f.status NOT IN ({_UNASKED}, 'rejected', 'cancelled') AND f.created_at > now() - interval '31 days'
      AND NOT EXISTS (SELECT 1 FROM medical.med_return r WHERE r.refund_id = f.id)
    ORDER BY f.id LIMIT :limit
""")

_AGREED = text(f"""
    UPDATE medical.med_return r SET due_at = :now FROM medical.insurance_settlement s
    WHERE s.id = r.settlement_id AND r.status = 'requested' AND r.due_at IS NULL AND s.status IN ('settled', 'cleared', 'reversing')
      AND (r.refund_id IS NULL OR EXISTS (SELECT 1 FROM core.refund f WHERE f.id = r.refund_id AND f.status IN ({_WAY})))
""")

_MOVING = text(f"""{_READ}
    WHERE r.status IN ('requested', 'insurance_refused', 'insurance_reversed', 'refunding', 'failed')
      AND (CAST(:id AS uuid) IS NULL OR r.id = :id) ORDER BY r.id
""")
_HOLD = text(f"{_READ} WHERE r.id = ANY(CAST(:ids AS uuid[])) ORDER BY r.id FOR UPDATE OF r SKIP LOCKED")

_DUE = text("""
    UPDATE medical.med_return SET due_at = :lease, tell_tries = tell_tries + 1
    WHERE id IN (SELECT id FROM medical.med_return WHERE due_at <= :now ORDER BY due_at, id LIMIT :limit FOR UPDATE SKIP LOCKED) RETURNING id
""")
_WORKS = text(f"{_READ} WHERE r.id = ANY(CAST(:ids AS uuid[]))")

_UNASKED_NOW = text(f"{_READ} WHERE r.status = 'requested' AND r.due_at <= :now ORDER BY r.id FOR UPDATE OF r SKIP LOCKED")

_REFUNDS = text("""
    SELECT i.number, i.channel, i.amount_fen, i.finished_at, y.order_number AS trade_number
    FROM core.refund_item i JOIN core.payment y ON y.id = i.payment_id
    WHERE i.refund_id = :refund_id AND i.state = 'success' ORDER BY i.id
""")

_WAITS = text("""
    SELECT o.bill_id, s.status, s.reversal_error FROM medical.med_order o JOIN medical.insurance_settlement s ON s.order_id = o.id
    WHERE o.bill_id = ANY(CAST(:bill_ids AS uuid[])) AND s.status IN ('settled', 'cleared', 'reversing')
""")

_REFUNDED = text("""
    SELECT o.*, coalesce((SELECT sum(f.refunded_fen) FROM core.refund f WHERE f.bill_id = o.bill_id), 0)::bigint AS gone_fen
    FROM medical.med_order o WHERE o.bill_id = :bill_id FOR UPDATE OF o
""")


async def lock_order(session: Session, number: str) -> Row | None:
    """An order by its number, held, with its patient's number, what is being given back of it, and whether any return of it stands."""
    await session.execute(_LOCK_NUMBER, {"number": number})
    return await session.one_or_none(_ORDER, {"number": number})


async def find_order(session: Session, number: str) -> Row | None:
    """The same, only looked at."""
    return await session.one_or_none(_ORDER, {"number": number})


async def find_settlement(session: Session, order_id: UUID) -> Row | None:
    """What the insurer paid for an order, if it did and has not taken it back."""
    asked = select(settlement).where(settlement.c.order_id == order_id, settlement.c.status.notin_(("cancelled", "pre_settled", "reversed")))
    return await session.one_or_none(asked.order_by(settlement.c.id.desc()).limit(1))


async def add(session: Session, row: Mapping[str, object]) -> bool:
    """Write a return down; False when its number at HIS is another's already."""
    return (await session.execute(upsert(returned).on_conflict_do_nothing(), dict(row))).rowcount == 1


async def find(session: Session, number: str, vendor_id: UUID | None = None) -> Row | None:
    """One return; of a vendor only its own."""
    return await session.one_or_none(_FIND, {"number": number, "vendor_id": vendor_id})


async def find_by_id(session: Session, return_id: UUID) -> Row | None:
    """One return."""
    return await session.one_or_none(_FIND_ID, {"id": return_id})


async def find_by_his_no(session: Session, number: str) -> Row | None:
    """The return of a number of HIS."""
    return await session.one_or_none(_BY_HIS, {"number": number})


async def find_by_refund_part(session: Session, number: str) -> Row | None:
    """The return whose money went back under a number at the channel."""
    return await session.one_or_none(_BY_PART, {"number": number})


async def list_of_order(session: Session, order_number: str) -> Sequence[Row]:
    """What of an order was given back, in order."""
    return await session.all(_OF_ORDER, {"number": order_number})


async def list_page(session: Session, asked: Mapping[str, object], before: UUID | None, limit: int) -> Sequence[Row]:
    """A page of returns, the newest first."""
    return await session.all(_PAGE, {**asked, "before": before, "limit": limit})


async def sum_page(session: Session, asked: Mapping[str, object]) -> Row:
    """How many there are, and their cash."""
    return await session.one(_SUM, dict(asked))


async def list_unadopted(session: Session, limit: int) -> Sequence[Row]:
    """Core's refunds of medical bills that no return stands for."""
    return await session.all(_ADOPT, {"limit": limit})


async def wake_agreed(session: Session, now: dt.datetime) -> None:
    """Returns whose refund somebody agreed to meanwhile are due at the insurer."""
    await session.execute(_AGREED, {"now": now})


async def list_moving(session: Session, return_id: UUID | None = None) -> Sequence[Row]:
    """Returns that are not at an end, or one of them."""
    return await session.all(_MOVING, {"id": return_id})


async def hold(session: Session, return_ids: Sequence[UUID]) -> Sequence[Row]:
    """Some returns, held; those that somebody holds are left out."""
    return await session.all(_HOLD, {"ids": list(return_ids)})


async def change(session: Session, return_id: UUID, **values: object) -> None:
    """How far a return is."""
    await session.execute(update(returned).where(returned.c.id == return_id).values(**values))


async def change_settlement(session: Session, settlement_id: UUID, **values: object) -> None:
    """How far the insurer is with taking back."""
    await session.execute(update(settlement).where(settlement.c.id == settlement_id).values(**values))


async def lock_settlement(session: Session, settlement_id: UUID) -> Row:
    """A settlement, held."""
    return await session.one(select(settlement).where(settlement.c.id == settlement_id).with_for_update())


async def claim_due(session: Session, now: dt.datetime, lease: dt.datetime, limit: int) -> Sequence[Row]:
    """Take the returns of which HIS is spoken to now."""
    due = [row.id for row in await session.all(_DUE, {"now": now, "lease": lease, "limit": limit})]
    return await session.all(_WORKS, {"ids": due}) if due else []


async def list_unasked(session: Session, now: dt.datetime) -> Sequence[Row]:
    """Returns whose turn it is to have the insurer asked, held."""
    return await session.all(_UNASKED_NOW, {"now": now})


async def next_due(session: Session) -> dt.datetime | None:
    """When the next one is due."""
    return await session.scalar(text("SELECT min(due_at) FROM medical.med_return WHERE due_at IS NOT NULL"))


async def list_refund_parts(session: Session, refund_id: UUID) -> Sequence[Row]:
    """By which numbers the channels gave a refund's money back."""
    return await session.all(_REFUNDS, {"refund_id": refund_id})


async def list_waits(session: Session, bill_ids: Sequence[UUID]) -> Sequence[Row]:
    """Bills whose insurance part still stands."""
    return await session.all(_WAITS, {"bill_ids": list(bill_ids)})


async def lock_refunded(session: Session, bill_id: UUID) -> Row | None:
    """The order of a bill, held, with what has gone back of it."""
    return await session.one_or_none(_REFUNDED, {"bill_id": bill_id})


async def change_order(session: Session, order_id: UUID, **values: object) -> None:
    """What has gone back of an order."""
    await session.execute(update(order).where(order.c.id == order_id).values(**values))


async def count_status(session: Session, status: str) -> int:
    """How many returns stand there."""
    return await session.scalar(text("SELECT count(*) FROM medical.med_return WHERE status = :status"), {"status": status})
