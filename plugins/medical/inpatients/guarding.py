"""Whether an order for a deposit or a discharge is taken, whoever asks for it: HIS, a vendor, the window, a patient's phone."""

from collections.abc import Mapping

from core.database import Row, Session
from plugins.medical.inpatients import entry, repository
from plugins.medical.inpatients.errors import NotInHospital
from plugins.medical.inpatients.states import OVER
from plugins.medical.orders.schemas import OrderAsk


async def deposit(session: Session, settings: Mapping[str, object], ask: OrderAsk, patient: Row | None, visit: Row | None) -> None:
    """NotInHospital unless the visit is a stay that has not been settled, BadDeposit outside the hospital's limits."""
    await entry.check_present(session, visit.id if visit is not None else None)
    entry.check_amount(settings, ask.total_fen)


async def discharge(session: Session, settings: Mapping[str, object], ask: OrderAsk, patient: Row | None, visit: Row | None) -> None:
    """NotInHospital unless the visit is a stay that is not over: what is short is collected before it closes."""
    stay = await repository.status_of_visit(session, visit.id) if visit is not None else None
    if stay is None or stay.status in OVER:
        raise NotInHospital()
