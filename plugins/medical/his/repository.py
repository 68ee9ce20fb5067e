"""Every query about HIS: links, calls, what is due to be posted, what it said that our books do not."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from core.database import Row, Session
from plugins.medical.his.models import call, disagreement, link, repost, turn
from plugins.medical.orders.models import order

_DUE = text("""
    UPDATE medical.med_order SET post_at = :lease, post_tries = post_tries + 1
    WHERE id IN (
        SELECT o.id FROM medical.med_order o
        WHERE o.post_at <= :now AND (o.status = 'post_failed' AND o.post_failed_at <= :failed_before) = :failed
          AND NOT EXISTS (SELECT 1 FROM medical.his_turn t WHERE t.order_id = o.id AND t.until > :now)
        ORDER BY o.post_at, o.id LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    RETURNING id
""")

_TAKE = text("""
    INSERT INTO medical.his_turn (order_id, until)
    SELECT o.id, :until FROM medical.med_order o WHERE o.id = ANY(CAST(:ids AS uuid[])) ORDER BY o.id
    ON CONFLICT (tenant_id, order_id) DO UPDATE SET until = excluded.until WHERE his_turn.until <= :now
    RETURNING order_id
""")

_POSTINGS = text("""
    SELECT o.id, o.number, o.his_bill_no, o.bill_id, o.scene, o.kind, o.status, o.total_fen, o.fund_fen, o.account_fen, o.mutual_aid_fen,
           o.hospital_fen, o.cash_fen, o.refunded_fen, o.paid_at, o.post_tries, o.post_at, o.post_failed_at, o.post_error, o.his_serial, o.posted_at,
           o.title, p.patient_no, v.visit_no, coalesce(y.trades, '[]') AS trades,
           EXISTS (SELECT 1 FROM medical.med_return r WHERE r.order_id = o.id AND r.status NOT IN ('rejected', 'done', 'failed')) AS returning
    FROM medical.med_order o
    JOIN medical.patient p ON p.id = o.patient_id
    LEFT JOIN medical.visit v ON v.id = o.visit_id
    LEFT JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_object('number', m.order_number, 'channel', m.channel, 'channel_number', m.channel_txn_id,
                                            'amount_fen', m.fen, 'paid_at', m.paid_at) ORDER BY m.paid_at, m.id) AS trades
        FROM (
            SELECT m.id, m.order_number, m.channel, m.channel_txn_id, m.paid_at, sum(a.amount_fen)::bigint AS fen
            FROM core.allocation a JOIN core.payment m ON m.id = a.payment_id
            WHERE a.bill_id = o.bill_id AND a.kind = 'bill' AND a.amount_fen > 0
            GROUP BY m.id, m.order_number, m.channel, m.channel_txn_id, m.paid_at
        ) m
    ) y ON true
    WHERE o.id = ANY(CAST(:ids AS uuid[]))
""")

_CATCH_UP = text("""
    UPDATE medical.med_order SET post_at = now()
    WHERE status = 'paid' AND post_at IS NULL AND posted_at IS NULL AND paid_at >= (SELECT max(closed_at) FROM medical.his_link)
""")

_LOCK = text("SELECT * FROM medical.med_order WHERE id = :id FOR UPDATE")

_FAILED = """
    FROM medical.med_order o WHERE o.status = 'post_failed'
      AND (CAST(:typed AS text) = '' OR o.number ILIKE '%' || :typed || '%' OR o.his_bill_no ILIKE '%' || :typed || '%')
"""
_FAILED_PAGE = text(f"""
    SELECT o.id, o.number, o.his_bill_no, o.title, o.scene, o.kind, o.cash_fen, o.refunded_fen, o.paid_at, o.post_failed_at, o.post_error, o.post_at,
           EXISTS (SELECT 1 FROM medical.med_return r WHERE r.order_id = o.id AND r.status NOT IN ('rejected', 'done', 'failed')) AS returning
    {_FAILED}
      AND (CAST(:after_at AS timestamptz) IS NULL OR (o.post_failed_at, o.id) > (:after_at, :after_id))
    ORDER BY o.post_failed_at, o.id LIMIT :limit
""")
_FAILED_SUM = text(f"SELECT count(*) AS orders, coalesce(sum(o.cash_fen - o.refunded_fen), 0)::bigint AS amount_fen, min(o.post_failed_at) AS since {_FAILED}")

_JUST_FAILED = text("""
    SELECT number, cash_fen, post_failed_at FROM medical.med_order WHERE status = 'post_failed' AND post_failed_at > :since
    ORDER BY post_failed_at, id LIMIT :limit
""")

_DISAGREEMENTS = text("""
    SELECT d.*, o.number AS order_number, o.title FROM medical.his_disagreement d JOIN medical.med_order o ON o.id = d.order_id
    WHERE (CAST(:status AS text) = '' OR d.status = :status) AND (CAST(:before AS uuid) IS NULL OR d.id < :before)
    ORDER BY d.id DESC LIMIT :limit
""")


async def find_link(session: Session) -> Row | None:
    """The link that is open."""
    return await session.one_or_none(select(link).where(link.c.open))


async def replace_link(session: Session, row: Mapping[str, object]) -> None:
    """Close the link that is open and open this one."""
    await close_link(session)
    await session.execute(insert(link), dict(row))


async def close_link(session: Session) -> None:
    """Close the link that is open."""
    await session.execute(update(link).where(link.c.open).values(open=False, closed_at=text("now()")))


async def catch_up(session: Session) -> int:
    """Orders that were paid while a link was closed are due now; answers how many. What was paid before the first link is left alone."""
    return (await session.execute(_CATCH_UP)).rowcount


async def add_call(session: Session, row: Mapping[str, object]) -> None:
    """Write a call down."""
    await session.execute(insert(call), dict(row))


async def list_calls(session: Session, order_id: UUID | None, before: UUID | None, limit: int) -> Sequence[Row]:
    """Calls, the newest first; of one order or of all."""
    asked = select(call).order_by(call.c.id.desc()).limit(limit)
    asked = asked if order_id is None else asked.where(call.c.order_id == order_id)
    return await session.all(asked if before is None else asked.where(call.c.id < before))


async def claim_due(session: Session, now: dt.datetime, lease: dt.datetime, limit: int, failed_before: dt.datetime, *, failed: bool) -> list[UUID]:
    """Take the orders whose posting is due, each counted as a try before it is made; a worker that dies loses them at the end of the lease.

    With `failed` those that failed before a moment, which are given back; without, all others.
    """
    asked = {"now": now, "lease": lease, "limit": limit, "failed_before": failed_before, "failed": failed}
    found = [row.id for row in await session.all(_DUE, asked)]
    return await take_turns(session, found, now, lease) if found else []


async def take_turns(session: Session, order_ids: Sequence[UUID], now: dt.datetime, until: dt.datetime) -> list[UUID]:
    """Be the one who speaks with HIS of some orders; those that somebody speaks of at this moment are left out."""
    return [row.order_id for row in await session.all(_TAKE, {"ids": list(order_ids), "now": now, "until": until})]


async def give_turn(session: Session, order_id: UUID) -> None:
    """Be done speaking of an order."""
    await session.execute(update(turn).where(turn.c.order_id == order_id).values(until=text("now()")))


async def next_due(session: Session) -> dt.datetime | None:
    """When the next order is due."""
    return await session.scalar(text("SELECT min(post_at) FROM medical.med_order WHERE post_at IS NOT NULL"))


async def list_postings(session: Session, order_ids: Sequence[UUID]) -> Sequence[Row]:
    """What HIS is told of some orders: numbers, parts, and the trades that paid them."""
    return await session.all(_POSTINGS, {"ids": list(order_ids)})


async def lock_order(session: Session, order_id: UUID) -> Row | None:
    """An order, held."""
    return await session.one_or_none(_LOCK, {"id": order_id})


async def list_failed(session: Session, typed: str, after: tuple[dt.datetime, UUID] | None, limit: int) -> Sequence[Row]:
    """Orders that HIS did not take, the oldest first."""
    place = {"after_at": after[0] if after else None, "after_id": after[1] if after else None}
    return await session.all(_FAILED_PAGE, {"typed": typed, "limit": limit, **place})


async def sum_failed(session: Session, typed: str = "") -> Row:
    """How many there are, their money that is still here, and since when."""
    return await session.one(_FAILED_SUM, {"typed": typed})


async def list_just_failed(session: Session, since: dt.datetime, limit: int) -> Sequence[Row]:
    """Orders that failed after a moment, the first one first."""
    return await session.all(_JUST_FAILED, {"since": since, "limit": limit})


async def find_order_id(session: Session, number: str) -> UUID | None:
    """The order of a number."""
    return await session.scalar(text("SELECT id FROM medical.med_order WHERE number = :number"), {"number": number})


async def add_disagreement(session: Session, row: Mapping[str, object]) -> None:
    """Keep what HIS said; the same again is kept once."""
    await session.execute(upsert(disagreement).on_conflict_do_nothing(), dict(row))


async def list_disagreements(session: Session, status: str, before: UUID | None, limit: int) -> Sequence[Row]:
    """What HIS said that our books do not, the newest first."""
    return await session.all(_DISAGREEMENTS, {"status": status, "before": before, "limit": limit})


async def list_disagreements_of(session: Session, order_id: UUID) -> Sequence[Row]:
    """The same for one order."""
    return await session.all(select(disagreement).where(disagreement.c.order_id == order_id).order_by(disagreement.c.id))


async def find_disagreement(session: Session, disagreement_id: UUID) -> Row | None:
    """One of them, held."""
    return await session.one_or_none(select(disagreement).where(disagreement.c.id == disagreement_id).with_for_update())


async def settle_disagreement(session: Session, disagreement_id: UUID, **values: object) -> None:
    """A person has looked."""
    await session.execute(update(disagreement).where(disagreement.c.id == disagreement_id).values(**values))


async def count_disagreements(session: Session) -> int:
    """How many nobody has looked at."""
    return await session.scalar(text("SELECT count(*) FROM medical.his_disagreement WHERE status = 'open'"))


async def change_order(session: Session, order_id: UUID, **values: object) -> None:
    """How far an order's posting is."""
    await session.execute(update(order).where(order.c.id == order_id).values(**values))


_TRADED = text("""
    SELECT o.id FROM medical.med_order o WHERE o.bill_id IN (
        SELECT b.id FROM core.bill b WHERE b.number = :bill_number
        UNION SELECT a.bill_id FROM core.payment y JOIN core.allocation a ON a.payment_id = y.id AND a.kind = 'bill'
            WHERE y.order_number = ANY(CAST(:numbers AS text[]))
        UNION SELECT f.bill_id FROM core.refund_item i JOIN core.refund f ON f.id = i.refund_id WHERE i.number = ANY(CAST(:numbers AS text[]))
    ) OR o.number = ANY(CAST(:numbers AS text[])) ORDER BY o.id LIMIT 1
""")

_DUE_REPOSTS = text("""
    UPDATE medical.his_repost SET due_at = :lease, tries = tries + 1
    WHERE remedy_id IN (
        SELECT remedy_id FROM medical.his_repost WHERE due_at <= :now ORDER BY due_at, remedy_id LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    RETURNING remedy_id, klass, kind, number, order_id, amount_fen, tries
""")


async def find_traded(session: Session, number: str, order_number: str | None, bill_number: str | None) -> UUID | None:
    """The order behind a trade, refund or bill number; None where it is no medical one."""
    numbers = [each for each in (number, order_number) if each]
    return await session.scalar(_TRADED, {"numbers": numbers, "bill_number": bill_number or ""})


async def add_repost(session: Session, row: Mapping[str, object]) -> None:
    """Remember what a remedy asks for; the same remedy asked again, after a no, begins anew."""
    again = {"status": "asked", "due_at": row["due_at"], "tries": 0, "message": None}
    said = upsert(repost).values(dict(row))
    key = [repost.c.tenant_id, repost.c.remedy_id]
    await session.execute(said.on_conflict_do_update(index_elements=key, set_=again, where=repost.c.status == "refused"))


async def claim_reposts(session: Session, now: dt.datetime, lease: dt.datetime, limit: int) -> Sequence[Row]:
    """Take the re-posts that are due."""
    return await session.all(_DUE_REPOSTS, {"now": now, "lease": lease, "limit": limit})


async def next_repost(session: Session) -> dt.datetime | None:
    """When the next one is due."""
    return await session.scalar(text("SELECT min(due_at) FROM medical.his_repost WHERE due_at IS NOT NULL"))


async def change_repost(session: Session, remedy_id: UUID, **values: object) -> None:
    """How far a re-post is."""
    await session.execute(update(repost).where(repost.c.remedy_id == remedy_id).values(**values))
