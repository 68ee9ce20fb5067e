"""What a patient's facts may be, the same for a file's cells and for what HIS and vendors send (the rules of `core/imports/cells.py`)."""

import datetime as dt
import re

import msgspec

from core import clock
from core.errors import InvalidRequest
from core.imports import cells
from plugins.medical.patients.columns import CARD_KINDS, GENDERS, ID_TYPES, RESIDENT_ID
from plugins.medical.patients.schemas import PatientDraft
from plugins.medical.patients.states import INSURANCES

_NUMBER = re.compile(r"[A-Za-z0-9_-]{1,32}")
_FIELDS = {"name": cells.name, "phone": cells.phone}


class BadPatientFact(InvalidRequest):
    """A fact that cannot be kept; `facts` name the field and the code of the fault, the message says why."""

    code = "BAD_PATIENT_FACT"


def number(cell: cells.Cell) -> cells.Reading:
    """A patient's or visit's number: 1–32 letters, digits, dashes."""
    reading = cells.text(cell, 40)
    if not _NUMBER.fullmatch(reading.value):
        raise cells.CellProblem("bad_patient_no", "编号应为 1–32 个字母、数字、短横线或下划线")
    return reading


def card_number(cell: cells.Cell) -> cells.Reading:
    """A card's number: 4–32 letters, digits, dashes."""
    reading = cells.text(cell, 40)
    if not _NUMBER.fullmatch(reading.value) or len(reading.value) < 4:
        raise cells.CellProblem("bad_card", "卡号应为 4–32 个字母、数字或短横线")
    return reading


def contradiction(id_type: str | None, id_no: str | None, gender: str | None, birth_on: dt.date | None) -> tuple[str, str, str] | None:
    """Where gender or day of birth disagree with a resident id, or the birth lies ahead: field, code, sentence."""
    if birth_on is not None and birth_on > clock.today():
        return "birth_on", "birth_ahead", "出生日期在今天之后，请核对"
    if id_no is None or id_type not in (None, RESIDENT_ID):
        return None
    born_on, holder = cells.holder_of(id_no)
    if gender not in (None, holder):
        return "gender", "gender_contradicts_id", f"性别与身份证号不符（证号为{holder}），请核对"
    if birth_on not in (None, born_on):
        return "birth_on", "birth_contradicts_id", "出生日期与身份证号不符，请核对"
    return None


def checked(draft: PatientDraft) -> PatientDraft:
    """A draft in standard form; BadPatientFact naming the field otherwise."""
    values = {"patient_no": _read("patient_no", number, draft.patient_no)}
    for field, rule in _FIELDS.items():
        values[field] = _read(field, rule, getattr(draft, field))
    values["id_no"] = _read("id_no", cells.resident_id if draft.id_type in (None, RESIDENT_ID) else cells.other_id, draft.id_no)
    for field, allowed in (("id_type", ID_TYPES), ("gender", GENDERS), ("insurance", INSURANCES)):
        if getattr(draft, field) not in (None, *allowed):
            raise BadPatientFact(f"{field} 只能是 {'、'.join(allowed)}", field=field, fault="not_allowed")
    cards = []
    for kind, text in draft.cards:
        if kind not in CARD_KINDS:
            raise BadPatientFact(f"cards 的种类只能是 {'、'.join(CARD_KINDS)}", field="cards", fault="not_allowed")
        cards.append((kind, _read("cards", card_number, text)))
    if fault := contradiction(draft.id_type, values["id_no"], draft.gender, draft.birth_on):
        raise BadPatientFact(fault[2], field=fault[0], fault=fault[1])
    return msgspec.structs.replace(draft, cards=tuple(cards), **values)


def _read(field: str, rule: object, value: str | None) -> str | None:
    if value is None:
        return None
    try:
        if cells.is_blank(value):
            raise cells.CellProblem("blank", "不能为空；不想改动就不要传")
        return rule(value).value
    except cells.CellProblem as problem:
        raise BadPatientFact(f"{field}：{problem.message}", field=field, fault=problem.code) from None
