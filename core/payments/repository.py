"""Every statement of payments."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from core.billing import holding_repository
from core.billing.states import OPEN
from core.database import Row, Session, Write
from core.database.tables import encode_json
from core.payments.models import channel_account, notice, order, order_item, payment, suspense

AFTER_CLOSE = tuple(dt.timedelta(seconds=seconds) for seconds in (30, 300, 3600, 86_400))
"""After its close an order is asked for again, in case it was paid all the same and nobody told us."""

_ITEMS = """(SELECT jsonb_agg(jsonb_build_object('bill_id', i.bill_id, 'amount_fen', i.amount_fen) ORDER BY i.position)
             FROM core.payment_order_item i WHERE i.order_id = o.id) AS items"""
_FIND = text(f"SELECT o.*, {_ITEMS} FROM core.payment_order o WHERE o.number = :number")
_LOCK = text(f"SELECT o.*, {_ITEMS} FROM core.payment_order o WHERE o.number = :number FOR UPDATE OF o")

_OF_ORDER = """SELECT i.bill_id FROM core.payment_order_item i JOIN asked ON asked.id = i.order_id WHERE asked.status <> 'succeeded'"""
_LOCK_PAID = text(f"""
    WITH asked AS MATERIALIZED (SELECT o.*, {_ITEMS} FROM core.payment_order o WHERE o.number = :number FOR UPDATE OF o),
    {holding_repository.open_lines(_OF_ORDER, "open")}
    SELECT asked.*, (SELECT jsonb_agg(to_jsonb(l) ORDER BY l.bill_id, l.line_no) FROM open_lines l) AS open_lines FROM asked
""")

_LIVE_ON_BILLS = text(f"""
    SELECT o.*, {_ITEMS} FROM core.payment_order o
    WHERE o.status IN ('created', 'pending')
      AND o.id IN (SELECT order_id FROM core.payment_order_item WHERE bill_id = ANY(CAST(:bill_ids AS uuid[])))
    ORDER BY o.created_at
""")

_ADD_ORDER = text("""
    WITH pulse AS (INSERT INTO core.tenant_due (tenant_id, kind, due_at) VALUES (:tenant_id, 'pulse', :next_query_at) ON CONFLICT DO NOTHING),
    placed AS (
        INSERT INTO core.payment_order (id, number, channel_account_id, channel, mchid, scene, description, amount_fen, status, payer_id,
               payer_session_id, idempotency_key, payer_ip, openid, return_url, expires_at, next_query_at)
        VALUES (:id, :number, :channel_account_id, :channel, :mchid, :scene, :description, :amount_fen, 'created', :payer_id,
                :payer_session_id, :idempotency_key, :payer_ip, :openid, :return_url, :expires_at, :next_query_at)
        RETURNING id)
    INSERT INTO core.payment_order_item (order_id, position, bill_id, amount_fen)
    SELECT placed.id, i.position, i.bill_id, i.amount_fen
    FROM placed, unnest(CAST(:bills AS uuid[]), CAST(:amounts AS bigint[])) WITH ORDINALITY AS i(bill_id, amount_fen, position)
""")

# What stands in the way: the order that this key has made, and what may still be paid and touches any of these bills.
_STANDING = f"""
    SELECT o.*, {_ITEMS} FROM core.payment_order o
    WHERE (o.idempotency_key = :idempotency_key OR o.status IN ('created', 'pending'))
      AND o.id IN (SELECT id FROM core.payment_order WHERE idempotency_key = :idempotency_key
                   UNION ALL SELECT order_id FROM core.payment_order_item WHERE bill_id = ANY(CAST(:bills AS uuid[])))
"""
_STANDS = text(f"{_STANDING} ORDER BY o.created_at")
_PLACE = text(f"""
    WITH standing AS MATERIALIZED ({_STANDING}),
    pulse AS (
        INSERT INTO core.tenant_due (tenant_id, kind, due_at) SELECT CAST(:tenant_id AS uuid), 'pulse', CAST(:next_query_at AS timestamptz)
        WHERE NOT EXISTS (SELECT FROM standing) ON CONFLICT DO NOTHING),
    placed AS (
        INSERT INTO core.payment_order (id, number, channel_account_id, channel, mchid, scene, description, amount_fen, status, payer_id,
               payer_session_id, idempotency_key, payer_ip, openid, return_url, expires_at, next_query_at)
        SELECT CAST(:id AS uuid), :number, CAST(:channel_account_id AS uuid), :channel, :mchid, :scene, :description,
               CAST(:amount_fen AS bigint), 'created', CAST(:payer_id AS uuid), CAST(:payer_session_id AS uuid), :idempotency_key,
               :payer_ip, :openid, :return_url, CAST(:expires_at AS timestamptz), CAST(:next_query_at AS timestamptz)
        WHERE NOT EXISTS (SELECT FROM standing)
        RETURNING *),
    items AS (
        INSERT INTO core.payment_order_item (order_id, position, bill_id, amount_fen)
        SELECT placed.id, i.position, i.bill_id, i.amount_fen
        FROM placed, unnest(CAST(:bills AS uuid[]), CAST(:amounts AS bigint[])) WITH ORDINALITY AS i(bill_id, amount_fen, position)
        RETURNING position, bill_id, amount_fen),
    came AS (SELECT static_code_id FROM core.static_visit WHERE CAST(:visited_since AS timestamptz) <= seen_at
             AND payer_session_id = CAST(:payer_session_id AS uuid))
    SELECT s.*, false AS placed, NULL::uuid AS came_by FROM standing s
    UNION ALL
    SELECT p.*, (SELECT jsonb_agg(jsonb_build_object('bill_id', i.bill_id, 'amount_fen', i.amount_fen) ORDER BY i.position) FROM items i),
           true, (SELECT static_code_id FROM came) FROM placed p
    ORDER BY created_at
""")
_PREPARED = text(f"""
    UPDATE core.payment_order o
    SET status = 'pending', prepared = CAST(:prepared AS jsonb), next_query_at = :next_query_at, version = version + 1
    WHERE o.id = :order_id AND o.status = 'created' RETURNING o.*, {_ITEMS}
""")

_BOOKED = """
    INSERT INTO core.payment (id, order_id, order_number, channel, mchid, channel_txn_id, scene, amount_fen, payer_id, journal_id,
                              paid_at, booked_at)
    VALUES (:payment_id, :payment_order_id, :order_number, :payment_channel, :payment_mchid, :channel_txn_id, :payment_scene,
            :payment_fen, :payment_payer, :payment_journal, :paid_at, :booked_at)
    ON CONFLICT DO NOTHING RETURNING id
"""
_DECIDED = """
    UPDATE core.payment_order
    SET status = 'succeeded', channel_txn_id = :channel_txn_id, decided_at = :booked_at, next_query_at = NULL, version = version + 1
    WHERE id = CAST(:payment_order_id AS uuid) AND status <> 'succeeded'
"""
_NOTED = """
    INSERT INTO core.channel_notice (id, channel, order_number, outcome, headers, body, received_at)
    VALUES (:notice_id, :notice_channel, :notice_order, :notice_outcome, CAST(:notice_headers AS jsonb), :notice_body, :noticed_at)
    RETURNING id
"""

_PEOPLE = text("""
    SELECT party_id FROM core.bill WHERE number = :asked OR pay_code = :asked
    UNION SELECT id FROM core.party WHERE number = :asked
""")

_DUE = text("""
    UPDATE core.payment_order SET next_query_at = :lease, queries = queries + 1
    WHERE id IN (SELECT id FROM core.payment_order WHERE next_query_at <= :now ORDER BY next_query_at LIMIT :limit FOR UPDATE SKIP LOCKED)
    RETURNING number
""")

_ACCOUNTS_TITLE = text("SELECT DISTINCT channel FROM core.channel_account WHERE status = 'active' ORDER BY channel")
_PAID_BILLS = text("""
    SELECT b.id, b.number, b.status, sum(a.amount_fen)::bigint AS amount_fen FROM core.allocation a JOIN core.bill b ON b.id = a.bill_id
    WHERE a.payment_id = :payment_id GROUP BY b.id, b.number, b.status HAVING sum(a.amount_fen) > 0 ORDER BY b.number
""")


async def find_account(session: Session, channel: str) -> Row | None:
    """The client's collecting account at a channel (the oldest active one)."""
    query = select(channel_account).where(channel_account.c.channel == channel, channel_account.c.status == "active")
    return await session.one_or_none(query.order_by(channel_account.c.created_at).limit(1))


async def get_account(session: Session, account_id: UUID) -> Row | None:
    """One collecting account, suspended or not: money may still arrive on it."""
    return await session.one_or_none(select(channel_account).where(channel_account.c.id == account_id))


async def list_channels(session: Session) -> list[str]:
    """The channels the client has opened."""
    return [row.channel for row in await session.all(_ACCOUNTS_TITLE)]


async def find_order(session: Session, number: str) -> Row | None:
    """An order with its items."""
    return await session.one_or_none(_FIND, {"number": number})


async def lock_order(session: Session, number: str) -> Row | None:
    """An order held against every other decision, with its items."""
    return await session.one_or_none(_LOCK, {"number": number})


async def lock_paid(session: Session, number: str) -> Row | None:
    """The same for an order that is paid: its bills are held after it, and `open_lines` is what they still owe, as far as it is not booked."""
    return await session.one_or_none(_LOCK_PAID, {"number": number, "open": list(OPEN)})


async def list_live_orders(session: Session, bill_ids: list[UUID]) -> Sequence[Row]:
    """Orders that may still be paid and touch any of these bills."""
    return await session.all(_LIVE_ON_BILLS, {"bill_ids": bill_ids})


async def list_standing(session: Session, key: str, bill_ids: Sequence[UUID]) -> Sequence[Row]:
    """The order that a key has made, and orders that may still be paid and touch any of these bills; ask while the bills are held."""
    return await session.all(_STANDS, {"idempotency_key": key, "bills": list(bill_ids)})


async def place_order(session: Session, row: dict[str, object], visited_since: dt.datetime | None) -> Sequence[Row]:
    """Write an attempt before anybody is called, unless something stands in its way: the new order (`placed`), or what stands there.

    `came_by` is the static code that the device came by since `visited_since`. The bills must be held.
    """
    return await session.all(_PLACE, {**row, "tenant_id": session.tenant_id, "visited_since": visited_since})


async def add_order(session: Session, row: dict[str, object]) -> None:
    """Write an attempt whatever else is under way (a window closes what was begun elsewhere first)."""
    await session.execute(_ADD_ORDER, {**row, "tenant_id": session.tenant_id})


async def set_prepared(session: Session, order_id: UUID, prepared: dict[str, object], next_query_at: dt.datetime) -> Row | None:
    """The channel is ready for the payer; None when the order was decided meanwhile."""
    values = {"order_id": order_id, "prepared": encode_json(prepared), "next_query_at": next_query_at}
    return await session.one_or_none(_PREPARED, values)


async def set_decided(session: Session, order_id: UUID, status: str, error: str | None, now: dt.datetime) -> None:
    """The order is closed or failed; a closed one is asked for a few times more, for money has been seen to come after that."""
    values = {"status": status, "last_error": error, "decided_at": now, "next_query_at": None, "version": order.c.version + 1}
    if status == "closed":
        session.has_work = True
        values |= {"next_query_at": now + AFTER_CLOSE[0]}
    await session.execute(update(order).where(order.c.id == order_id).values(**values))


async def look_again(session: Session, row: Row, now: dt.datetime) -> None:
    """When a closed order is asked for once more; after the last time never."""
    passed = now - row.decided_at
    later = next((row.decided_at + wait for wait in AFTER_CLOSE if wait > passed), None)
    await session.execute(update(order).where(order.c.id == row.id, order.c.status == "closed").values(next_query_at=later))


async def set_next_query(session: Session, order_id: UUID, at: dt.datetime, error: str | None = None) -> None:
    """Ask again then."""
    open_order = (order.c.id == order_id) & order.c.status.in_(("created", "pending"))
    await session.execute(update(order).where(open_order).values(next_query_at=at, last_error=error))


async def claim_due(session: Session, now: dt.datetime, lease: dt.datetime, limit: int) -> list[str]:
    """Take the orders whose turn it is; a worker that dies loses them at the end of the lease."""
    return [row.number for row in await session.all(_DUE, {"now": now, "lease": lease, "limit": limit})]


async def next_due(session: Session) -> dt.datetime | None:
    """When the next order wants to be asked for."""
    return await session.scalar(select(func.min(order.c.next_query_at)))


def booking(values: dict[str, object]) -> Write:
    """A payment, and its order decided."""
    return Write((("booked", _BOOKED), ("decided", _DECIDED)), values, "booked")


async def find_payment(session: Session, channel: str, channel_txn_id: str) -> Row | None:
    """A payment by the channel's number."""
    return await session.one_or_none(select(payment).where(payment.c.channel == channel, payment.c.channel_txn_id == channel_txn_id))


async def list_paid_bills(session: Session, payment_id: UUID) -> Sequence[Row]:
    """The bills a payment lies on, with how much of it."""
    return await session.all(_PAID_BILLS, {"payment_id": payment_id})


async def get_payment(session: Session, payment_id: UUID) -> Row | None:
    """A payment by our id."""
    return await session.one_or_none(select(payment).where(payment.c.id == payment_id))


async def list_payments_of(session: Session, bill_ids: list[UUID]) -> Sequence[Row]:
    """Payments with money on some bills, oldest first."""
    on_bills = text("id IN (SELECT payment_id FROM core.allocation WHERE bill_id = ANY(CAST(:bill_ids AS uuid[])))")
    return await session.all(select(payment).where(on_bills).order_by(payment.c.paid_at), {"bill_ids": bill_ids})


def noting(values: dict[str, object]) -> Write:
    """What a channel told us, byte for byte."""
    return Write((("noted", _NOTED),), values, "noted")


async def list_notices(session: Session, order_number: str) -> Sequence[Row]:
    """What the channel told us about an order."""
    return await session.all(select(notice).where(notice.c.order_number == order_number).order_by(notice.c.received_at))


async def add_suspense(session: Session, row: dict[str, object]) -> None:
    """Open an item for finance; the same trouble is one item however often it is reported."""
    await session.execute(upsert(suspense).values(row).on_conflict_do_nothing())


async def lock_suspense(session: Session, item_id: UUID) -> Row | None:
    """Hold an item while it is resolved."""
    return await session.one_or_none(select(suspense).where(suspense.c.id == item_id).with_for_update())


async def find_suspense(session: Session, item_id: UUID) -> Row | None:
    """One item."""
    return await session.one_or_none(select(suspense).where(suspense.c.id == item_id))


async def reduce_suspense(session: Session, item_id: UUID, amount_fen: int, resolution: str, by: str, now: dt.datetime) -> None:
    """Part or all of an item found its place."""
    left = suspense.c.left_fen - amount_fen
    values = {"left_fen": left, "resolution": resolution, "resolved_by": by, "resolved_at": now}
    await session.execute(update(suspense).where(suspense.c.id == item_id).values(**values))
    empty = (suspense.c.id == item_id) & (suspense.c.left_fen == 0)
    await session.execute(update(suspense).where(empty).values(status="resolved"))


async def list_suspense(session: Session, status: str | None, before: UUID | None, limit: int) -> Sequence[Row]:
    """Items for finance, newest first."""
    query = select(suspense).order_by(suspense.c.id.desc()).limit(limit)
    if status:
        query = query.where(suspense.c.status == status)
    if before:
        query = query.where(suspense.c.id < before)
    return await session.all(query)


async def list_items(session: Session, order_id: UUID) -> Sequence[Row]:
    """The bills of an order."""
    return await session.all(select(order_item).where(order_item.c.order_id == order_id).order_by(order_item.c.position))


async def find_people(session: Session, asked: str) -> list[UUID]:
    """The persons behind a bill's number, a pay code or a person's number."""
    return [row.party_id for row in await session.all(_PEOPLE, {"asked": asked})]
