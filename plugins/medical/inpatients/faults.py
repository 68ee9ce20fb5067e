"""What `banyan audit` proves of stays."""

from collections.abc import Sequence

from core.database import Row, Session
from core.hookspecs import Check
from plugins.medical.inpatients import repository


async def list_faults(session: Session) -> dict[str, Sequence[Row]]:
    """A closed stay holds exactly what the patient had to bear: nothing is kept, nothing is missing."""
    return {"closed_stay_holds_its_cash_part": await repository.list_uneven(session)}


CHECK = Check("medical.stays", list_faults)
