"""What of reconciliation has a history: differences."""

import datetime as dt

from core.database import Session
from core.identity import audit
from core.identity.actor import Actor
from core.identity.history import Entry, Found, Subject, id_of, register
from core.reconciliation import rights
from core.reconciliation.differences import details
from core.reconciliation.remedies import service as remedies
from core.web.filters import status_label
from core.web.i18n import N_

TOGETHER = dt.timedelta(seconds=5)


async def difference(session: Session, by: Actor, object_id: str) -> Found:
    """A difference: found, looked after, remedied; its own record tells what the audit trail does not."""
    found = await details.find(session, id_of(object_id), by)
    trail = await audit.history(session, "difference", object_id)
    own = [
        Entry(at=event["at"], title=event["title"], by=event["by"], reason=event["text"])
        for event in found.events
        if not any(row["actor_name"] == event["by"] and abs(row["at"] - event["at"]) < TOGETHER for row in trail)
    ]
    keys = [("difference", object_id)]
    keys += [(kind, str(each.id)) for each in found.remedies for kind in ("remedy", remedies.KIND, remedies.REVERSAL)]
    row = found.row
    return Found(keys=keys, title=f"{status_label(row.klass, 'difference_class')} · {row.number}", path=f"differences/{row.id}", told=own)


register(Subject(code="difference", title=N_("差异"), permission=rights.READ, find=difference))
