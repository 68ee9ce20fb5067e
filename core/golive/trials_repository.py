"""Trials of one cent and what became of them: every statement. Bills, orders, refunds and files are other features': hence SQL."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert, text

from core.database import Row, Session
from core.golive.models import trial

_FROM = """
    SELECT t.id, t.position, t.bill_id, t.merchant_id, t.made_by, t.created_at, b.number AS bill_number, b.pay_code, b.amount_fen, b.status,
           m.name AS merchant_name, o.number AS order_number, o.channel, o.scene, o.status AS order_status, y.id AS payment_id, y.paid_at,
           r.id AS refund_id, r.number AS refund_number, r.status AS refund_status, i.number AS item_number, i.sent_at,
           i.finished_at AS refunded_at
    FROM core.go_live_trial t JOIN core.bill b ON b.id = t.bill_id JOIN core.merchant m ON m.id = t.merchant_id
    LEFT JOIN LATERAL (SELECT y.* FROM core.allocation a JOIN core.payment y ON y.id = a.payment_id
                       WHERE a.bill_id = t.bill_id AND a.amount_fen > 0 ORDER BY a.allocated_at DESC LIMIT 1) y ON true
    LEFT JOIN LATERAL (SELECT o.* FROM core.payment_order_item n JOIN core.payment_order o ON o.id = n.order_id
                       WHERE n.bill_id = t.bill_id ORDER BY (o.number = y.order_number) DESC NULLS LAST, o.created_at DESC LIMIT 1) o ON true
    LEFT JOIN LATERAL (SELECT r.* FROM core.refund r WHERE r.bill_id = t.bill_id ORDER BY r.created_at DESC LIMIT 1) r ON true
    LEFT JOIN LATERAL (SELECT i.* FROM core.refund_item i WHERE i.refund_id = r.id ORDER BY i.attempt DESC, i.created_at DESC LIMIT 1) i ON true
"""
_NEWEST = text(f"{_FROM} ORDER BY t.position DESC LIMIT 1")
_FIND = text(f"{_FROM} WHERE t.id = :id")
_LIST = text(f"{_FROM} ORDER BY t.position DESC LIMIT 20")
_DAYS = text("""
    SELECT d.day, d.number, r.status,
           EXISTS (SELECT FROM core.statement s WHERE s.bill_on = d.day AND s.side = 'channel' AND s.channel = :channel AND s.status = 'loaded')
               AS file_there,
           EXISTS (SELECT FROM core.statement_line l JOIN core.statement s ON s.id = l.statement_id
                   WHERE l.number = d.number AND l.kind = d.kind AND l.counts AND s.status = 'loaded' AND s.side = 'channel') AS told,
           EXISTS (SELECT FROM core.recon_difference f
                   WHERE f.number = d.number AND f.status IN ('open', 'confirmed', 'handling', 'rejected')) AS differs
    FROM unnest(CAST(:days AS date[]), CAST(:numbers AS text[]), CAST(:kinds AS text[])) AS d(day, number, kind)
    LEFT JOIN core.recon_run r ON r.bill_on = d.day
""")
_ROOT = text("SELECT id FROM core.org_unit WHERE parent_id IS NULL ORDER BY path LIMIT 1")
_COLLECTING = text("""
    SELECT m.id, m.name FROM core.merchant m WHERE m.status = 'active'
      AND EXISTS (SELECT FROM core.channel_account c WHERE c.status = 'active' AND c.channel <> 'counter'
                  AND (c.merchant_id IS NULL OR c.merchant_id = m.id))
    ORDER BY m.code
""")
_HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended('go live ' || current_setting('app.tenant_id'), 0))")
_BILL = text("SELECT id FROM core.bill WHERE source = :source AND status <> 'void'")


async def newest(session: Session) -> Row | None:
    """The last trial, with its order, payment and refund."""
    return await session.one_or_none(_NEWEST)


async def find(session: Session, trial_id: UUID) -> Row | None:
    """One trial."""
    return await session.one_or_none(_FIND, {"id": trial_id})


async def list_trials(session: Session) -> Sequence[Row]:
    """The last trials, the newest first."""
    return await session.all(_LIST)


async def list_days(session: Session, channel: str, days: Sequence[tuple[object, str, str]]) -> Sequence[Row]:
    """How the days of a payment and a refund stand: (day, number, `pay` or `refund`) each with its file, its line in it, and the day's run."""
    given = {"days": [day for day, _, _ in days], "numbers": [number for _, number, _ in days], "kinds": [kind for _, _, kind in days]}
    return await session.all(_DAYS, {"channel": channel, **given})


async def root_unit(session: Session) -> UUID | None:
    """The top of the org tree, where the trial's bill is placed."""
    return await session.scalar(_ROOT)


async def list_collecting(session: Session) -> Sequence[Row]:
    """Merchants that can be paid over a channel outside."""
    return await session.all(_COLLECTING)


async def hold(session: Session) -> None:
    """One trial at a time is begun: two presses of the button make one bill."""
    await session.execute(_HOLD)


async def bill_of(session: Session, source: str) -> UUID | None:
    """The bill that was issued under a source."""
    return await session.scalar(_BILL, {"source": source})


async def add(session: Session, row: dict[str, object]) -> None:
    """One more trial."""
    await session.execute(insert(trial), row)
