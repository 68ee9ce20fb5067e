"""Stays as staff and payers see them; names masked, items never."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from core import clock, paging
from core.billing import filters
from core.database import Row, Session
from core.identity.actor import Actor
from core.masking import mask_name
from plugins.medical.inpatients import repository
from plugins.medical.inpatients.errors import AdmissionNotFound
from plugins.medical.inpatients.schemas import AdmissionPage, AdmissionRead, AdmissionRow, PaidRead
from plugins.medical.inpatients.states import ADMISSION, OPEN, PRESENT

READ, MAKE = "medical.inpatient.read", "medical.inpatient.make"
DUE = ("today", "overdue", "week")
GROUPS = {"present": PRESENT, "leaving": OPEN}


def values_of(given: Mapping[str, str], org_ids: Sequence[UUID] | None) -> dict[str, object]:
    """What narrows a list, read from an address; an unknown word finds nothing."""
    status, due, today = given.get("status", ""), given.get("due", ""), clock.today()
    by = {"today": today, "overdue": today - dt.timedelta(days=1), "week": today + dt.timedelta(days=6)}
    search = " ".join(given.get("q", "").replace("\0", "").split())[:64]
    statuses = list(GROUPS[status]) if status in GROUPS else [status] if status else None
    return {
        "org_ids": list(org_ids) if org_ids is not None else None, "statuses": statuses, "search": search,
        "like": "%" + search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%",
        "department": filters.uuid_of(given.get("department")), "due_by": by.get(due), "stuck": given.get("stuck") == "1", "after_at": None, "after_id": None,
    }  # fmt: skip


async def list_page(
    session: Session, given: Mapping[str, str], org_ids: Sequence[UUID] | None, cursor: str | None, limit: int = paging.PAGE
) -> AdmissionPage:
    """Stays within some departments, the latest first."""
    last = paging.read_cursor(cursor, tuple[dt.datetime, UUID])
    values = values_of(given, org_ids)
    if last:
        values |= {"after_at": last[0], "after_id": last[1]}
    rows = await repository.list_page(session, {**values, "limit": limit + 1})
    shown, more = paging.cut(rows, limit, lambda row: paging.write_cursor(row.created_at, row.id))
    balances = await repository.balances(session, [row.visit_id for row in shown])
    return AdmissionPage([_row(row, balances.get(row.visit_id, 0)) for row in shown], more)


def _row(row: Row, balance_fen: int) -> AdmissionRow:
    return AdmissionRow(
        id=row.id, visit_no=row.visit_no, patient_no=row.patient_no, name=mask_name(row.name), department=row.department, ward=row.ward or "",
        bed=row.bed or "", status=row.status, admitted_on=row.began_on, balance_fen=balance_fen, lists_fen=row.lists_fen, due_on=row.due_on,
        overdue=row.status in OPEN and row.due_on is not None and row.due_on < clock.today(), waits_for=row.waits_for or "",
    )  # fmt: skip


async def find(session: Session, admission_id: UUID, by: Actor, right: str = READ) -> Row:
    """One stay within reach; AdmissionNotFound otherwise."""
    row = await repository.find(session, admission_id)
    if row is None or not by.reaches(right, row.department_id):
        raise AdmissionNotFound()
    return row


async def find_by_visit(session: Session, visit_no: str, by: Actor, right: str = READ) -> Row:
    """The same by visit number."""
    row = await repository.find_by_visit(session, visit_no)
    if row is None or not by.reaches(right, row.department_id):
        raise AdmissionNotFound()
    return row


async def read(session: Session, row: Row) -> AdmissionRead:
    """A stay with its payments, as `find` gave it."""
    payments = [_paid(one) for one in await repository.list_payments(session, row.visit_id)]
    names = set(AdmissionRead.__struct_fields__) - {"ward", "bed", "waits_for", "admitted_on", "paid_fen", "payments"}
    facts = {name: getattr(row, name) for name in names}
    return AdmissionRead(
        **facts, ward=row.ward or "", bed=row.bed or "", waits_for=row.waits_for or "", admitted_on=row.began_on,
        paid_fen=sum(one.left_fen for one in payments), payments=payments,
    )  # fmt: skip


def _paid(row: Row) -> PaidRead:
    return PaidRead(
        deposit_no=row.deposit_no or "", order_number=row.number, kind=row.kind, scene=row.scene, status=row.status, amount_fen=row.cash_fen,
        paid_fen=row.paid_fen, left_fen=row.left_fen, paid_at=row.paid_at, back_fen=row.return_fen, back_number=row.return_number or "",
        back_status=row.return_status or "", back_error=row.return_error or "", bill_id=row.bill_id, return_id=row.return_id,
    )  # fmt: skip


def states() -> list[str]:
    """The states a stay can be in, for a filter."""
    return list(ADMISSION.states)
