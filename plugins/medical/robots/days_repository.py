"""Every query about what platforms and tills say of a store's day."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, select, text, update

from core.database import Row, Session
from plugins.medical.robots.models import shop_order, store_day

_SHOP_TYPES = {
    "id": "uuid", "store_id": "uuid", "bill_on": "date", "ordered_at": "timestamptz", "finished_at": "timestamptz", "task_id": "uuid",
    "platform": "text", "order_no": "text", "status": "text",
}  # fmt: skip
SHOP = (
    "id", "platform", "store_id", "bill_on", "order_no", "status", "ordered_at", "finished_at", "item_fen", "promotion_fen", "subsidy_fen",
    "delivery_fen", "service_fen", "refund_fen", "settle_fen", "task_id",
)  # fmt: skip
_ADD_SHOP = text(f"""
    INSERT INTO medical.shop_order ({", ".join(SHOP)})
    SELECT n.* FROM unnest({", ".join(f"CAST(:{name} AS {_SHOP_TYPES.get(name, 'bigint')}[])" for name in SHOP)}) n
""")
_ELSEWHERE = text("""
    SELECT order_no FROM medical.shop_order
    WHERE platform = :platform AND order_no = ANY(CAST(:numbers AS text[])) AND task_id <> :task_id ORDER BY order_no LIMIT 1
""")
_KNOWN_TILLS = text("""
    SELECT t.platform, t.order_no, t.store_id, t.bill_on, t.settle_fen
    FROM medical.till_order t JOIN unnest(CAST(:platforms AS text[]), CAST(:numbers AS text[])) n(platform, order_no)
      ON n.platform = t.platform AND n.order_no = t.order_no
""")
_WRITE_TILLS = text("""
    INSERT INTO medical.till_order (platform, order_no, store_id, bill_on, settle_fen)
    SELECT n.* FROM unnest(CAST(:platform AS text[]), CAST(:order_no AS text[]), CAST(:store_id AS uuid[]), CAST(:bill_on AS date[]),
                           CAST(:settle_fen AS bigint[])) n
    ON CONFLICT (tenant_id, platform, order_no) DO UPDATE SET store_id = excluded.store_id, bill_on = excluded.bill_on, settle_fen = excluded.settle_fen
""")
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('store days ' || current_setting('app.tenant_id'), 0))")
_FIGURES = text("""
    WITH asked AS (
        SELECT DISTINCT platform, store_id, bill_on
        FROM unnest(CAST(:platforms AS text[]), CAST(:stores AS uuid[]), CAST(:days AS date[])) a(platform, store_id, bill_on)
    ), sides AS (
        SELECT a.platform, a.store_id, a.bill_on, o.order_no, o.settle_fen AS shop_fen, NULL::bigint AS till_fen
        FROM asked a JOIN medical.shop_order o USING (platform, store_id, bill_on)
        UNION ALL
        SELECT a.platform, a.store_id, a.bill_on, o.order_no, NULL, o.settle_fen
        FROM asked a JOIN medical.till_order o USING (platform, store_id, bill_on)
    ), orders AS (
        SELECT platform, store_id, bill_on, order_no, max(shop_fen) AS shop_fen, max(till_fen) AS till_fen
        FROM sides GROUP BY platform, store_id, bill_on, order_no
    ), figures AS (
        SELECT a.platform, a.store_id, a.bill_on, count(o.shop_fen)::int AS shop_orders, coalesce(sum(o.shop_fen), 0)::bigint AS shop_fen,
               count(o.till_fen)::int AS till_orders, coalesce(sum(o.till_fen), 0)::bigint AS till_fen,
               (count(*) FILTER (WHERE o.shop_fen IS DISTINCT FROM o.till_fen))::int AS differences,
               md5(coalesce(string_agg(concat_ws(' ', o.order_no, coalesce(o.shop_fen::text, '-'), coalesce(o.till_fen::text, '-')), ' '
                                       ORDER BY o.order_no) FILTER (WHERE o.shop_fen IS DISTINCT FROM o.till_fen), '')) AS digest,
               EXISTS (SELECT FROM medical.robot_task t JOIN medical.robot r ON r.id = t.robot_id JOIN medical.robot_store s ON s.robot_id = r.id
                       WHERE r.platform = a.platform AND s.store_id = a.store_id AND t.bill_on = a.bill_on
                         AND t.status IN ('uploaded', 'reconciled', 'different')) AS fetched
        FROM asked a LEFT JOIN orders o USING (platform, store_id, bill_on)
        GROUP BY a.platform, a.store_id, a.bill_on
    ), judged AS (
        SELECT f.*, CASE WHEN NOT fetched OR (till_orders = 0 AND shop_orders > 0) THEN 'waiting'
                         WHEN differences = 0 THEN 'balanced' ELSE 'different' END AS status
        FROM figures f
    )
    INSERT INTO medical.store_day AS old
        (id, platform, store_id, bill_on, shop_orders, shop_fen, till_orders, till_fen, differences, digest, status, checked_at)
    SELECT gen_random_uuid(), platform, store_id, bill_on, shop_orders, shop_fen, till_orders, till_fen, differences, digest, status, :now FROM judged
    ON CONFLICT (tenant_id, platform, store_id, bill_on) DO UPDATE SET
        shop_orders = excluded.shop_orders, shop_fen = excluded.shop_fen, till_orders = excluded.till_orders, till_fen = excluded.till_fen,
        differences = excluded.differences, digest = excluded.digest, checked_at = excluded.checked_at,
        status = CASE WHEN old.status = 'accepted' AND excluded.status = 'different' AND old.digest = excluded.digest THEN 'accepted'
                      ELSE excluded.status END,
        reason = CASE WHEN old.digest = excluded.digest THEN old.reason END,
        accepted_by = CASE WHEN old.digest = excluded.digest THEN old.accepted_by END
""")
_FOLLOW = text("""
    UPDATE medical.robot_task t SET status = q.status FROM (
        SELECT t.id, CASE WHEN bool_or(d.status = 'different') THEN 'different'
                        WHEN bool_or(d.status = 'waiting') THEN 'uploaded' ELSE 'reconciled' END AS status
        FROM medical.robot_task t JOIN medical.robot r ON r.id = t.robot_id JOIN medical.robot_store s ON s.robot_id = r.id
        JOIN medical.store_day d ON d.platform = r.platform AND d.store_id = s.store_id AND d.bill_on = t.bill_on
        WHERE t.bill_on = ANY(CAST(:days AS date[])) AND t.status IN ('uploaded', 'different', 'reconciled')
        GROUP BY t.id
    ) q WHERE t.id = q.id AND t.status <> q.status
""")
_DAYS = """
    FROM medical.store_day d JOIN core.org_unit u ON u.id = d.store_id
    WHERE (CAST(:reach AS uuid[]) IS NULL OR d.store_id = ANY(CAST(:reach AS uuid[]))) AND (:platform = '' OR d.platform = :platform)
      AND (:status = '' OR d.status = :status) AND (CAST(:bill_on AS date) IS NULL OR d.bill_on = :bill_on)
      AND (CAST(:since AS date) IS NULL OR d.bill_on >= :since) AND (CAST(:until AS date) IS NULL OR d.bill_on <= :until)
      AND (:typed = '' OR u.name ILIKE '%' || :typed || '%' OR u.code = :typed)
"""
_COLUMNS = "d.*, u.name AS store, u.code AS store_code"
_DAY_PAGE = text(f"""
    SELECT {_COLUMNS} {_DAYS} AND (CAST(:after_on AS date) IS NULL OR (d.bill_on, d.id) < (:after_on, :after_id))
    ORDER BY d.bill_on DESC, d.id DESC LIMIT :limit
""")
_SUM = text(f"""
    SELECT count(*) AS days, count(*) FILTER (WHERE d.status = 'different') AS different, count(*) FILTER (WHERE d.status = 'waiting') AS waiting,
           coalesce(sum(d.shop_fen), 0)::bigint AS shop_fen, coalesce(sum(d.till_fen), 0)::bigint AS till_fen,
           coalesce(sum(d.shop_fen - d.till_fen) FILTER (WHERE d.status <> 'waiting'), 0)::bigint AS gap_fen {_DAYS}
""")
_DAY = text(f"""
    SELECT {_COLUMNS} FROM medical.store_day d JOIN core.org_unit u ON u.id = d.store_id
    WHERE d.id = :id AND (CAST(:reach AS uuid[]) IS NULL OR d.store_id = ANY(CAST(:reach AS uuid[])))
""")
_DIFFERENCES = text("""
    SELECT order_no, s.settle_fen AS shop_fen, t.settle_fen AS till_fen
    FROM (SELECT order_no, settle_fen FROM medical.shop_order WHERE platform = :platform AND store_id = :store_id AND bill_on = :bill_on) s
    FULL JOIN (SELECT order_no, settle_fen FROM medical.till_order WHERE platform = :platform AND store_id = :store_id AND bill_on = :bill_on) t
    USING (order_no) WHERE s.settle_fen IS DISTINCT FROM t.settle_fen AND order_no > :after ORDER BY order_no LIMIT :limit
""")
_COUNT = text("""
    SELECT count(*) FROM medical.store_day d
    WHERE d.status = 'different' AND (CAST(:reach AS uuid[]) IS NULL OR d.store_id = ANY(CAST(:reach AS uuid[])))
""")


async def hold(session: Session) -> None:
    """One comparison of a client's at a time, so that each sees what the other wrote. Taken before any row is held, or two wait for each other."""
    await session.execute(_LOCK)


async def replace_shop_orders(session: Session, task_id: UUID, rows: Sequence[Mapping[str, object]]) -> set[UUID]:
    """A run's orders are these and no others; answers the stores of those that were there before."""
    gone = await session.all(delete(shop_order).where(shop_order.c.task_id == task_id).returning(shop_order.c.store_id))
    if rows:
        await session.execute(_ADD_SHOP, {name: [row[name] for row in rows] for name in SHOP})
    return {row.store_id for row in gone}


async def find_elsewhere(session: Session, platform: str, numbers: Sequence[str], task_id: UUID) -> str | None:
    """An order of these that another day's statement has already."""
    return await session.scalar(_ELSEWHERE, {"platform": platform, "numbers": list(numbers), "task_id": task_id})


async def list_known_tills(session: Session, platforms: Sequence[str], numbers: Sequence[str]) -> Sequence[Row]:
    """Till orders that are there already."""
    return await session.all(_KNOWN_TILLS, {"platforms": list(platforms), "numbers": list(numbers)})


async def write_tills(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Write till orders, new or changed."""
    names = ("platform", "order_no", "store_id", "bill_on", "settle_fen")
    await session.execute(_WRITE_TILLS, {name: [row[name] for row in rows] for name in names})


async def compare(session: Session, asked: Sequence[tuple[str, UUID, dt.date]], now: dt.datetime) -> None:
    """Set platform and till against each other for some store days, and let their runs follow."""
    asked = sorted(set(asked), key=str)
    if asked:
        await hold(session)
        given = {"platforms": [each[0] for each in asked], "stores": [each[1] for each in asked], "days": [each[2] for each in asked]}
        await session.execute(_FIGURES, {**given, "now": now})
        await session.execute(_FOLLOW, {"days": sorted({each[2] for each in asked})})


async def follow(session: Session, day: dt.date) -> None:
    """Let a day's runs follow their store days."""
    await session.execute(_FOLLOW, {"days": [day]})


async def list_days(session: Session, asked: Mapping[str, object], after: tuple[dt.date, UUID] | None, limit: int) -> Sequence[Row]:
    """Store days, the latest first."""
    place = {"after_on": after[0] if after else None, "after_id": after[1] if after else None}
    return await session.all(_DAY_PAGE, {**asked, **place, "limit": limit})


async def sum_days(session: Session, asked: Mapping[str, object]) -> Row:
    """How many store days a filter means, and what both sides come to."""
    return await session.one(_SUM, dict(asked))


async def find_day(session: Session, day_id: UUID, reach: Sequence[UUID] | None) -> Row | None:
    """One store day."""
    return await session.one_or_none(_DAY, {"id": day_id, "reach": reach})


async def lock_day(session: Session, day_id: UUID) -> Row | None:
    """One, held."""
    return await session.one_or_none(select(store_day).where(store_day.c.id == day_id).with_for_update())


async def change_day(session: Session, day_id: UUID, **values: object) -> None:
    """Write columns of one."""
    await session.execute(update(store_day).where(store_day.c.id == day_id).values(**values))


async def list_differences(session: Session, day: Row, after: str, limit: int) -> Sequence[Row]:
    """The orders in which both sides differ."""
    given = {"platform": day.platform, "store_id": day.store_id, "bill_on": day.bill_on}
    return await session.all(_DIFFERENCES, {**given, "after": after, "limit": limit})


async def count_different(session: Session, reach: Sequence[UUID] | None) -> int:
    """Store days that somebody has to look at."""
    return await session.scalar(_COUNT, {"reach": reach})
