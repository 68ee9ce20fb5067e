"""Days whose files have changed since they were run: every statement."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select, text

from core.database import Row, Session
from core.reconciliation.matching.day import Window
from core.reconciliation.models import run

_STALE = text("""
    SELECT r.bill_on, max(s.created_at) AS last_at
    FROM core.recon_run r JOIN core.statement s ON s.bill_on = r.bill_on AND s.status = 'loaded'
    WHERE r.stale AND r.status NOT IN ('closed', 'matching') AND r.bill_on < :today
    GROUP BY r.bill_on ORDER BY r.bill_on
""")

_OWN_NUMBERS = text("SELECT DISTINCT channel, mchid FROM core.payment WHERE paid_at >= :first AND paid_at < :last AND booked_at >= :booked")


async def list_stale(session: Session, today: dt.date) -> Sequence[Row]:
    """Days that have to be run, with when their last file came."""
    return await session.all(_STALE, {"today": today})


async def take(session: Session, day: dt.date) -> Row | None:
    """A day that is still due, held; None where somebody has it already."""
    query = select(run).where(run.c.bill_on == day, run.c.stale, run.c.status != "closed")
    return await session.one_or_none(query.with_for_update(skip_locked=True))


async def list_own_numbers(session: Session, windows: Sequence[Window]) -> list[tuple[str, str]]:
    """Merchant numbers with payments of ours on a day."""
    if not windows:
        return []
    first, last = min(each.from_at for each in windows), max(each.until_at for each in windows)
    rows = await session.all(_OWN_NUMBERS, {"first": first, "last": last, "booked": first - dt.timedelta(hours=6)})
    return [(row.channel, row.mchid) for row in rows]
