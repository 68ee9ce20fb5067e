"""Patients and visits at the door; ids, phones and card numbers leave masked."""

import datetime as dt
from typing import Annotated
from uuid import UUID

import msgspec

from plugins.medical.patients.states import VISIT_KINDS

Text = Annotated[str, msgspec.Meta(max_length=64)]
Number = Annotated[str, msgspec.Meta(min_length=1, max_length=32, pattern="^[A-Za-z0-9_-]+$")]


class PatientDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A patient as the hospital tells it; what is None leaves what is known, cards are added and never taken away."""

    patient_no: str
    name: str
    id_type: str | None = None
    id_no: str | None = None
    phone: str | None = None
    insurance: str | None = None
    psn_no: str | None = None
    gender: str | None = None
    birth_on: dt.date | None = None
    cards: tuple[tuple[str, str], ...] = ()
    org_id: UUID | None = None


class VisitDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A visit as the hospital tells it; `department_code` is the code of a department of the org tree."""

    visit_no: str
    patient_no: str
    kind: str
    department_code: str | None = None
    doctor: str | None = None
    began_on: dt.date


class CardWrite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A patient's card."""

    kind: Text
    number: Text


class PatientWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A patient as HIS or a vendor sends it; what is left out leaves what is known. `insurance` is employee, resident or self."""

    patient_no: Number
    name: Text
    id_type: Text | None = None
    id_no: Text | None = None
    phone: Text | None = None
    insurance: Text | None = None
    psn_no: Number | None = None
    gender: Text | None = None
    birth_on: dt.date | None = None
    cards: Annotated[list[CardWrite], msgspec.Meta(max_length=10)] = []

    def draft(self) -> PatientDraft:
        """The same as the service wants it."""
        given = {name: getattr(self, name) for name in self.__struct_fields__ if name != "cards"}
        return PatientDraft(**given, cards=tuple((card.kind, card.number) for card in self.cards))


class PatientKept(msgspec.Struct, frozen=True):
    """The patient that was sent; `outcome` is created, changed or unchanged."""

    id: UUID
    patient_no: str
    outcome: str


class VisitWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A visit as HIS or a vendor sends it."""

    visit_no: Number
    patient_no: Number
    kind: Annotated[str, msgspec.Meta(pattern="^(" + "|".join(VISIT_KINDS) + ")$")]
    department_code: Text | None = None
    doctor: Text | None = None
    began_on: dt.date

    def draft(self) -> VisitDraft:
        """The same as the service wants it."""
        return VisitDraft(**{name: getattr(self, name) for name in self.__struct_fields__})


class VisitEnd(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The day on which a visit was over; left out: today."""

    on: dt.date | None = None


class VisitKept(msgspec.Struct, frozen=True):
    """The visit that was sent."""

    id: UUID
    visit_no: str
    status: str = "open"


class PatientRow(msgspec.Struct, frozen=True, kw_only=True):
    """A patient in a list; the name is clear only for those who keep the files."""

    id: UUID
    patient_no: str
    name: str
    gender: str | None
    age: int | None
    phone: str
    insurance: str


class PatientPage(msgspec.Struct, frozen=True):
    """Patients by number."""

    items: list[PatientRow]
    next_cursor: str | None


class CardRead(msgspec.Struct, frozen=True):
    """A card, by kind and the end of its number."""

    kind: str
    tail: str


class VisitRead(msgspec.Struct, frozen=True, kw_only=True):
    """A visit: when, what kind, which department; never why."""

    id: UUID
    visit_no: str
    kind: str
    department: str
    doctor: str | None
    began_on: dt.date
    discharged_on: dt.date | None
    status: str


class PatientRead(msgspec.Struct, frozen=True, kw_only=True):
    """A patient with cards and visits."""

    id: UUID
    patient_no: str
    name: str
    id_type: str | None
    id_no: str
    gender: str | None
    birth_on: dt.date | None
    phone: str
    insurance: str
    psn_no: str
    version: int
    cards: list[CardRead]
    visits: list[VisitRead]
