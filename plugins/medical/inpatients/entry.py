"""A stay begins, moves to another bed, or never happened; and the question whether deposits are still taken for it."""

from collections.abc import Mapping
from uuid import UUID

from core import clock, ids
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from core.money import format_yuan
from plugins.medical.inpatients import repository
from plugins.medical.inpatients.errors import AdmissionDiffers, AdmissionNotFound, BadDeposit, MoneyLiesThere, NotInHospital
from plugins.medical.inpatients.schemas import AdmissionAsk
from plugins.medical.inpatients.states import ADMISSION, PRESENT
from plugins.medical.patients import visits
from plugins.medical.patients.schemas import VisitDraft

MOST_FEN = 100_000_00
SUGGESTED_FEN = (1_000_00, 3_000_00, 5_000_00)


async def admit(session: Session, ask: AdmissionAsk, by: Actor) -> UUID:
    """Register a stay. The same visit again changes ward and bed while the patient is there; another patient's number is refused."""
    before = await repository.find_by_visit(session, ask.visit_no)
    if before is not None and before.patient_no != ask.patient_no:
        raise AdmissionDiffers(visit_no=ask.visit_no)
    draft = VisitDraft(
        visit_no=ask.visit_no, patient_no=ask.patient_no, kind="inpatient", department_code=ask.department, doctor=ask.doctor or None,
        began_on=ask.admitted_on or (before.began_on if before else clock.today()),
    )  # fmt: skip
    visit_id = await visits.open_visit(session, draft)
    visit = await visits.find(session, ask.visit_no)
    place = {"ward": ask.ward or None, "bed": ask.bed or None}
    await repository.admit(session, {"id": ids.uuid7(), "visit_id": visit_id, "patient_id": visit.patient_id, **place})
    row = await repository.find_by_visit(session, ask.visit_no)
    if before is None:
        await audit.record(session, by, "medical.admission.admit", "admission", row.id, after=place)
    elif (before.ward, before.bed) != (row.ward, row.bed):
        await audit.record(session, by, "medical.admission.move", "admission", row.id, before={"ward": before.ward, "bed": before.bed}, after=place)
    return row.id


async def cancel(session: Session, admission_id: UUID, reason: str, by: Actor) -> None:
    """A stay that never happened. Where a list or money lies there it is settled with nothing to pay instead (MoneyLiesThere)."""
    row = await repository.lock(session, admission_id)
    if row is None:
        raise AdmissionNotFound()
    ADMISSION.check(row.status, "cancelled")
    paid = await repository.list_payments(session, row.visit_id)
    if await repository.list_lists(session, admission_id) or any(one.paid_fen or one.status != "cancelled" for one in paid):
        raise MoneyLiesThere()
    await repository.change(session, admission_id, status="cancelled")
    await audit.record(session, by, "medical.admission.cancel", "admission", admission_id, after={"status": "cancelled"}, reason=reason or None)


async def check_present(session: Session, visit_id: UUID | None) -> Row:
    """The stay of a visit, if deposits and lists are still taken for it; NotInHospital otherwise."""
    row = await repository.status_of_visit(session, visit_id) if visit_id else None
    if row is None or row.status not in PRESENT:
        raise NotInHospital()
    return row


def limits(settings: Mapping[str, object]) -> tuple[int, int, tuple[int, ...]]:
    """Least and most of one deposit, and the amounts that are offered, fen; `[settings.medical.deposit]`, else ¥0.01 to ¥100,000."""
    told = settings.get("medical")
    own = told.get("deposit") if isinstance(told, Mapping) else None
    own = own if isinstance(own, Mapping) else {}
    least, most = (_fen(own.get(name), usual) for name, usual in (("least_fen", 1), ("most_fen", MOST_FEN)))
    offered = own.get("suggested_fen")
    amounts = [fen for fen in offered if _fen(fen, 0)] if isinstance(offered, list | tuple) else SUGGESTED_FEN
    return least, most, tuple(fen for fen in amounts if least <= fen <= most)


def check_amount(settings: Mapping[str, object], amount_fen: int) -> None:
    """BadDeposit outside what the hospital takes at once; zero and less always are."""
    least, most, _ = limits(settings)
    if not max(1, least) <= amount_fen <= most:
        raise BadDeposit(least=format_yuan(max(1, least)), most=format_yuan(most))


def _fen(value: object, usual: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else usual
