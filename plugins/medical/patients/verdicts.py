"""Judge a patient file row by row: what is kept, what is put into standard form, what stays out and why.

Settled here: a number or card counts as used by the first row that writes it well. One id under two numbers is remarked on, not refused:
hospitals have patients with two files, and people decide which of them goes on.
"""

from collections.abc import Mapping

from msgspec import Struct

from core.imports import cells
from core.imports.lines import Line
from core.imports.sheets import Sheet
from core.imports.tables import Column, Table
from core.imports.verdicts import Verdict
from plugins.medical.patients import columns, facts
from plugins.medical.patients.schemas import PatientDraft


class JudgedPatients(Struct, frozen=True):
    """The verdicts in row order, the accepted patients with their Excel rows, and how many rows stay out."""

    patients: list[PatientDraft]
    rows: list[int]
    verdicts: list[Verdict]
    rejected: int


class Held(Struct, frozen=True):
    """Who has what in the hospital already: patient numbers by card (kind, number) and by id."""

    cards: Mapping[tuple[str, str], str]
    ids: Mapping[str, str]





def read(sheet: Sheet) -> tuple[list[tuple[Line, dict[str, object]]], list[Verdict]]:
    """Every data row with its cells in standard form, and the rows that are none."""
    table = Table(sheet, columns.COLUMNS)
    lines, ignored = [], []
    for number, found in table.rows():
        if isinstance(found, Verdict):
            ignored.append(found)
        else:
            line = Line(number, found, table)
            lines.append((line, _fields(line, sheet.epoch_1904)))
    return lines, ignored


def judge(lines: list[tuple[Line, dict[str, object]]], ignored: list[Verdict], held: Held) -> JudgedPatients:
    """Set the rows against each other and against who is there."""
    numbers: dict[str, Line] = {}
    cards: dict[tuple[str, str], Line] = {}
    for line, fields in lines:
        number = fields["patient_no"]
        if number is None:
            continue
        first = numbers.setdefault(number, line)
        if first is not line:
            line.reject(columns.PATIENT_NO, "duplicate_patient_no", f"患者编号与第 {first.number} 行重复，只保留第 {first.number} 行，请核对")
            continue
        _check_cards(line, number, fields["cards"], cards, held)
        other = held.ids.get(fields["id_no"] or "", number)
        if other != number:
            line.remark(columns.ID_NO, "same_id_two_numbers", f"这个证件号已在患者 {other} 名下，请核对是否重复建档")
    verdicts = sorted([*ignored, *(v for line, _ in lines for v in line.verdicts)], key=lambda v: v.row)
    kept = [(line.number, _draft(fields)) for line, fields in lines if not line.rejected]
    return JudgedPatients([draft for _, draft in kept], [row for row, _ in kept], verdicts, len(lines) - len(kept))


def _check_cards(line: Line, number: str, found: list[tuple[Column, str, str]], cards: dict[tuple[str, str], Line], held: Held) -> None:
    for column, kind, card in found:
        first = cards.setdefault((kind, card), line)
        if first is not line:
            line.reject(column, "duplicate_card", f"卡号与第 {first.number} 行相同，请核对")
        elif (holder := held.cards.get((kind, card), number)) != number:
            line.reject(column, "card_taken", f"这张卡已登记在患者 {holder} 名下，请核对卡号")


def _fields(line: Line, epoch_1904: bool) -> dict[str, object]:
    fields = {
        "patient_no": line.take(columns.PATIENT_NO, facts.number),
        "name": line.take(columns.NAME, cells.name),
        "id_type": line.take(columns.ID_TYPE, cells.choice, columns.ID_TYPES, "unknown_id_type"),
        "gender": line.take(columns.GENDER, cells.choice, columns.GENDERS, "unknown_gender"),
        "birth_on": line.take(columns.BIRTH_ON, cells.day, epoch_1904),
        "phone": line.take(columns.PHONE, cells.phone),
        "psn_no": line.take(columns.PSN_NO, facts.number),
    }
    word = line.take(columns.INSURANCE, cells.choice, tuple(columns.INSURANCE_WORDS), "unknown_insurance")
    fields["insurance"] = columns.INSURANCE_WORDS.get(word)
    resident = fields["id_type"] in (None, columns.RESIDENT_ID)
    fields["id_no"] = line.take(columns.ID_NO, cells.resident_id if resident else cells.other_id)
    fields["cards"] = [(column, kind, card) for column, kind in columns.CARDS.items() if (card := line.take(column, facts.card_number))]
    if not line.rejected and (fault := facts.contradiction(fields["id_type"], fields["id_no"], fields["gender"], fields["birth_on"])):
        line.reject(columns.GENDER if fault[0] == "gender" else columns.BIRTH_ON, fault[1], fault[2])
    return fields


def _draft(fields: dict[str, object]) -> PatientDraft:
    return PatientDraft(**{**fields, "cards": tuple((kind, card) for _, kind, card in fields["cards"])})
