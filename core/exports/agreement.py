"""Whether a second person agreed to a list with names in clear; the right to ask for one, and to agree."""

from collections.abc import Mapping
from uuid import UUID

from core.approvals import repository as approvals
from core.database import Session
from core.exports.errors import ClearNotAgreed

KIND = "exports.clear"
MAKE, CHECK = "exports.clear.make", "exports.clear.check"


async def check(session: Session, job_id: UUID, agreed: Mapping[str, str]) -> None:
    """Somebody agreed to this very job; ClearNotAgreed otherwise, whatever the job's parameters say."""
    row = await approvals.find(session, UUID(agreed["approval_id"]))
    if row is None or (row.kind, row.status, row.id) != (KIND, "approved", job_id):
        raise ClearNotAgreed()
