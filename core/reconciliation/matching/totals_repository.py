"""Differences counted: every statement."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import text

from core.database import Row, Session

_CLASSES = text("""
    SELECT class AS klass, channel, status, count(*) AS count, sum(amount_fen)::bigint AS amount_fen
    FROM core.recon_difference WHERE bill_on = :on AND healed_by IS DISTINCT FROM 'rerun'
    GROUP BY class, channel, status ORDER BY class, channel, status
""")


async def count_classes(session: Session, on: dt.date) -> Sequence[Row]:
    """A day's differences by class, channel and state."""
    return await session.all(_CLASSES, {"on": on})
