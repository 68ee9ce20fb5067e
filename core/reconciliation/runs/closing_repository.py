"""What stands in the way of closing a day: every statement."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import text

from core.database import Row, Session

_IN_THE_WAY = text("""
    SELECT (SELECT count(*) FROM core.recon_difference
            WHERE bill_on <= :day AND status IN ('open', 'confirmed', 'handling', 'rejected') AND (:suspense_too OR suspense_id IS NULL)) AS open,
           (SELECT coalesce(sum(rejected_rows), 0) FROM core.statement
            WHERE bill_on = :day AND status = 'loaded' AND side <> 'funds') AS rejected,
           (SELECT min(bill_on) FROM core.recon_run WHERE bill_on < :day AND status <> 'closed' AND runs > 0) AS earlier
""")

_LOADED = text("""
    SELECT s.id FROM core.statement s
    WHERE s.bill_on = :day AND s.status = 'loaded' AND s.side <> 'funds'
      AND (s.id = ANY(CAST(:known AS uuid[])) OR EXISTS (
          SELECT FROM core.statement k WHERE k.id = ANY(CAST(:known AS uuid[])) AND k.source = s.source AND k.merchant_number = s.merchant_number))
""")

_LATER = text("SELECT min(bill_on) FROM core.recon_run WHERE bill_on > :day AND status = 'closed'")


async def count_in_the_way(session: Session, day: dt.date, *, suspense_too: bool) -> Row:
    """Open differences up to a day, refused rows of its files, and the first earlier day that is not closed."""
    return await session.one(_IN_THE_WAY, {"day": day, "suspense_too": suspense_too})


async def list_matched(session: Session, day: dt.date, known: Sequence[str]) -> set[str]:
    """The files of a day that take the place of those a run compared, or still are those."""
    return {str(row.id) for row in await session.all(_LOADED, {"day": day, "known": list(known)})}


async def find_later_closed(session: Session, day: dt.date) -> dt.date | None:
    """The first later day that is closed."""
    return await session.scalar(_LATER, {"day": day})
