"""Whether an order for a deposit is taken, whoever asks for it: HIS, a vendor, the window, a patient's phone."""

from collections.abc import Mapping

from core.database import Row, Session
from plugins.medical.inpatients import entry
from plugins.medical.orders.schemas import OrderAsk


async def deposit(session: Session, settings: Mapping[str, object], ask: OrderAsk, patient: Row | None, visit: Row | None) -> None:
    """NotInHospital unless the visit is a stay that has not been settled."""
    await entry.check_present(session, visit.id if visit is not None else None)
