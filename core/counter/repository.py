"""Every statement of the counter."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from core.counter.models import cheque, entry, shift, sub_account, transfer
from core.counter.states import LIVE
from core.database import Row, Session

_OPEN_BILLS = text("""
    SELECT id, number, title, party_id, allow_partial, amount_fen - paid_fen AS open_fen
    FROM core.bill
    WHERE party_id = :party_id AND status IN ('issued', 'partially_paid') AND amount_fen > paid_fen AND visible_from <= :now
    ORDER BY due_on, issued_at, id
""")
_PARTY_OF_PAY_CODE = text("SELECT party_id FROM core.bill WHERE pay_code = ANY(:codes) ORDER BY issued_at DESC LIMIT 1")
_PARTY_OF_AMOUNT = text("""
    SELECT b.party_id FROM core.bill b JOIN core.party p ON p.id = b.party_id
    WHERE b.status IN ('issued', 'partially_paid') AND b.amount_fen - b.paid_fen = :amount_fen
      AND (p.name = :payer OR strpos(:remark, p.number) > 0) LIMIT 2
""")
_OPEN_SUB_ACCOUNTS = text("""
    INSERT INTO core.sub_account (number, party_id)
    SELECT given.number, given.party_id FROM unnest(CAST(:numbers AS text[]), CAST(:parties AS uuid[])) AS given(number, party_id)
    ON CONFLICT DO NOTHING
""")
_BOOKED = text("""
    SELECT channel_txn_id, amount_fen, paid_at FROM core.payment
    WHERE channel = 'counter' AND mchid = :mchid AND order_number = :number ORDER BY booked_at LIMIT 1
""")
_PAYOUT = """
    SELECT i.id, i.number, i.amount_fen, r.title, r.reason, p.order_number, p.scene, a.id AS channel_account_id, y.number AS party_number
    FROM core.refund_item i JOIN core.refund r ON r.id = i.refund_id JOIN core.payment p ON p.id = i.payment_id
    JOIN core.channel_account a ON a.channel = p.channel AND a.mchid = p.mchid
    LEFT JOIN core.bill b ON b.id = r.bill_id LEFT JOIN core.party y ON y.id = coalesce(r.party_id, b.party_id)
    WHERE i.channel = 'counter' AND i.state IN ('submitted', 'processing')
"""
_PAYOUTS = text(_PAYOUT + " ORDER BY i.id LIMIT :limit")
_ONE_PAYOUT = text(_PAYOUT + " AND i.number = :number FOR UPDATE OF r, i")
_COUNT_PAYOUTS = text("SELECT count(*) FROM core.refund_item WHERE channel = 'counter' AND state IN ('submitted', 'processing')")
_KEEP_SCAN = text("""
    INSERT INTO core.counter_scan (id, key, shift_id, cashier_id, cashier, channel, amount_fen)
    VALUES (:id, :key, :shift_id, :cashier_id, :cashier, :channel, :amount_fen)
    ON CONFLICT (tenant_id, key) DO UPDATE
    SET shift_id = excluded.shift_id, cashier_id = excluded.cashier_id, cashier = excluded.cashier, amount_fen = excluded.amount_fen
    WHERE NOT EXISTS (SELECT FROM core.payment_order o WHERE o.idempotency_key = excluded.key)
""")
_SCAN = """
    SELECT s.id, s.shift_id, s.cashier_id, s.cashier, o.number, o.status, o.channel, o.amount_fen, o.description, o.last_error, o.expires_at,
           o.created_at, o.decided_at, p.id AS payment_id
    FROM core.counter_scan s JOIN core.payment_order o ON o.idempotency_key = s.key LEFT JOIN core.payment p ON p.order_id = o.id
"""
_SCANS = text(_SCAN + " WHERE s.shift_id = :shift_id ORDER BY s.id DESC LIMIT 500")
_ONE_SCAN = text(_SCAN + " WHERE o.number = :number")
_SCAN_TOTALS = text("""
    SELECT s.shift_id, 'barcode' AS kind, count(*) AS count, sum(o.amount_fen) AS in_fen, 0 AS out_fen
    FROM core.counter_scan s JOIN core.payment_order o ON o.idempotency_key = s.key AND o.status = 'succeeded'
    WHERE s.shift_id = ANY(CAST(:shift_ids AS uuid[])) GROUP BY s.shift_id
""")


async def keep_scan(session: Session, row: dict[str, object]) -> None:
    """Whose shift a pay code was scanned in; the first to make an order of it keeps it."""
    await session.execute(_KEEP_SCAN, row)


async def list_scans(session: Session, shift_id: UUID) -> Sequence[Row]:
    """The orders that were made of pay codes in a shift, the newest first."""
    return await session.all(_SCANS, {"shift_id": shift_id})


async def find_scan(session: Session, number: str) -> Row | None:
    """One of them, by its order's number."""
    return await session.one_or_none(_ONE_SCAN, {"number": number})


async def find_booked(session: Session, mchid: str, number: str) -> Row | None:
    """The payment of an order that was taken over the counter."""
    return await session.one_or_none(_BOOKED, {"mchid": mchid, "number": number})


async def list_payouts(session: Session, limit: int) -> Sequence[Row]:
    """Refunds of counter money that wait to be paid out."""
    return await session.all(_PAYOUTS, {"limit": limit})


async def find_payout(session: Session, number: str) -> Row | None:
    """One of them, held: the refund before its item, as everywhere."""
    return await session.one_or_none(_ONE_PAYOUT, {"number": number})


async def count_payouts(session: Session) -> int:
    """How many wait."""
    return int(await session.scalar(_COUNT_PAYOUTS) or 0)


async def add_shift(session: Session, row: dict[str, object]) -> bool:
    """Open a shift; False when its cashier has one."""
    opened = upsert(shift).values(row).on_conflict_do_nothing().returning(shift.c.id)
    return (await session.one_or_none(opened)) is not None


async def live_shift(session: Session, cashier_id: str, *, lock: bool = False) -> Row | None:
    """The shift a cashier has not yet handed over."""
    query = select(shift).where(shift.c.cashier_id == cashier_id, shift.c.status.in_(LIVE))
    return await session.one_or_none(query.with_for_update() if lock else query)


async def find_shift(session: Session, shift_id: UUID, *, lock: bool = False) -> Row | None:
    """One shift."""
    query = select(shift).where(shift.c.id == shift_id)
    return await session.one_or_none(query.with_for_update() if lock else query)


async def set_shift(session: Session, shift_id: UUID, values: dict[str, object]) -> None:
    """Write what changed about a shift."""
    await session.execute(update(shift).where(shift.c.id == shift_id).values(**values))


async def list_shifts(session: Session, status: Sequence[str], cashier_id: str | None, before: UUID | None, limit: int) -> Sequence[Row]:
    """Shifts, the newest first."""
    query = select(shift).order_by(shift.c.id.desc()).limit(limit)
    if status:
        query = query.where(shift.c.status.in_(status))
    if cashier_id:
        query = query.where(shift.c.cashier_id == cashier_id)
    return await session.all(query.where(shift.c.id < before) if before else query)


async def oldest_shift(session: Session, status: Sequence[str]) -> Row | None:
    """The oldest shift in these states: how many there are (`n`), since when it waits, and whose it is."""
    query = select(func.count().over().label("n"), shift.c.submitted_at.label("since"), shift.c.cashier.label("who"))
    return await session.one_or_none(query.where(shift.c.status.in_(status)).order_by(shift.c.submitted_at).limit(1))


async def totals(session: Session, shift_ids: Sequence[UUID]) -> Sequence[Row]:
    """What went through shifts, by shift and kind: count, money in, money out; paid pay codes are a kind of their own, not in the drawer."""
    into = func.sum(entry.c.amount_fen).filter(entry.c.amount_fen > 0)
    out = func.sum(-entry.c.amount_fen).filter(entry.c.amount_fen < 0)
    columns = (entry.c.shift_id, entry.c.kind, func.count().label("count"), func.coalesce(into, 0).label("in_fen"),
               func.coalesce(out, 0).label("out_fen"))  # fmt: skip
    entered = await session.all(select(*columns).where(entry.c.shift_id.in_(shift_ids)).group_by(entry.c.shift_id, entry.c.kind))
    return [*entered, *await session.all(_SCAN_TOTALS, {"shift_ids": list(shift_ids)})]


async def add_entry(session: Session, row: dict[str, object]) -> None:
    """Write one movement."""
    await session.execute(entry.insert().values(row))


async def find_refund_entry(session: Session, refund_number: str) -> Row | None:
    """The entry that paid a refund out."""
    return await session.one_or_none(select(entry).where(entry.c.refund_number == refund_number))


async def list_entries(session: Session, shift_id: UUID, limit: int = 500) -> Sequence[Row]:
    """The movements of a shift, the newest first."""
    return await session.all(select(entry).where(entry.c.shift_id == shift_id).order_by(entry.c.id.desc()).limit(limit))


async def list_cheques_of(session: Session, shift_id: UUID) -> Sequence[Row]:
    """The cheques taken in a shift, whatever became of them."""
    return await session.all(select(cheque).where(cheque.c.shift_id == shift_id).order_by(cheque.c.id))


async def add_cheque(session: Session, row: dict[str, object]) -> bool:
    """Take a cheque; False when this number of this bank is there."""
    taken = upsert(cheque).values(row).on_conflict_do_nothing().returning(cheque.c.id)
    return (await session.one_or_none(taken)) is not None


async def lock_cheque(session: Session, cheque_id: UUID) -> Row | None:
    """Hold a cheque while it is decided."""
    return await session.one_or_none(select(cheque).where(cheque.c.id == cheque_id).with_for_update())


async def set_cheque(session: Session, cheque_id: UUID, status: str, by: str, now: dt.datetime) -> None:
    """The cheque cleared or bounced."""
    await session.execute(update(cheque).where(cheque.c.id == cheque_id).values(status=status, decided_by=by, decided_at=now))


async def list_cheques(session: Session, status: str, before: UUID | None, limit: int) -> Sequence[Row]:
    """Cheques, the newest first."""
    query = select(cheque).order_by(cheque.c.id.desc()).limit(limit)
    if status:
        query = query.where(cheque.c.status == status)
    return await session.all(query.where(cheque.c.id < before) if before else query)


async def open_sub_accounts(session: Session, numbers: list[str], parties: list[UUID]) -> None:
    """Give people their sub-accounts; whoever has one keeps it."""
    await session.execute(_OPEN_SUB_ACCOUNTS, {"numbers": numbers, "parties": parties})


async def list_sub_accounts(session: Session, parties: Sequence[UUID]) -> Sequence[Row]:
    """The sub-accounts of some people."""
    return await session.all(select(sub_account).where(sub_account.c.party_id.in_(parties)))


async def party_of_sub_account(session: Session, number: str) -> UUID | None:
    """Whose sub-account this is."""
    return await session.scalar(select(sub_account.c.party_id).where(sub_account.c.number == number))


async def party_of_pay_code(session: Session, codes: list[str]) -> UUID | None:
    """Whose bill one of these pay codes names."""
    return await session.scalar(_PARTY_OF_PAY_CODE, {"codes": codes}) if codes else None


async def parties_of_amount(session: Session, amount_fen: int, payer: str, remark: str) -> list[UUID]:
    """People who owe exactly this on a bill and whose name pays or whose number stands in the remark (two are enough to doubt)."""
    found = await session.all(_PARTY_OF_AMOUNT, {"amount_fen": amount_fen, "payer": payer, "remark": remark})
    return list(dict.fromkeys(row.party_id for row in found))


async def list_open_bills(session: Session, party_id: UUID, now: dt.datetime) -> Sequence[Row]:
    """What a person owes, the first due first."""
    return await session.all(_OPEN_BILLS, {"party_id": party_id, "now": now})


async def add_transfer(session: Session, row: dict[str, object]) -> bool:
    """Keep a transfer; False when its reference is known."""
    kept = upsert(transfer).values(row).on_conflict_do_nothing().returning(transfer.c.id)
    return (await session.one_or_none(kept)) is not None


async def find_transfer(session: Session, reference: str) -> Row | None:
    """A transfer by the bank's reference."""
    return await session.one_or_none(select(transfer).where(transfer.c.reference == reference))


async def set_transfer(session: Session, transfer_id: UUID, values: dict[str, object]) -> None:
    """What a transfer was matched to."""
    await session.execute(update(transfer).where(transfer.c.id == transfer_id).values(**values))


async def list_transfers(session: Session, status: str, before: UUID | None, limit: int) -> Sequence[Row]:
    """Transfers, the newest first."""
    query = select(transfer).order_by(transfer.c.id.desc()).limit(limit)
    if status:
        query = query.where(transfer.c.status == status)
    return await session.all(query.where(transfer.c.id < before) if before else query)
