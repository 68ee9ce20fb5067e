"""Prepayments for outpatients: refused, unless the hospital's settings name an exception that was filed with the authority (domain book §4.5)."""

from collections.abc import Mapping

from core.database import Row, Session
from plugins.medical.orders.schemas import OrderAsk
from plugins.medical.patients.lists import age_of
from plugins.medical.prepaid.rules import check_prepay


async def check(session: Session, settings: Mapping[str, object], ask: OrderAsk, patient: Row | None, visit: Row | None) -> None:
    """PrepayOff where nothing allows it."""
    check_prepay(settings, visit.kind if visit is not None else None, age_of(patient.birth_on) if patient is not None else None)
