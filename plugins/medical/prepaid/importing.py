"""A file of balances from a former system: judged row by row, set against what is listed and paid, the good rows written.

A card is listed once. A row for a card that was paid, or is being paid, is refused; so is a second card of the same patient with the same number
in another system: the hospital says which of the two is right.
"""

import asyncio
import unicodedata
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from core import ids
from core.database import Row
from core.exports import workbook
from core.identity.vault import TenantKeys
from core.imports import cells, sheets
from core.imports.lines import Line
from core.imports.schemas import ImportCheck, ImportContext, Totals
from core.imports.tables import Column, Table
from core.imports.verdicts import Verdict
from plugins.medical.patients import repository as patients_repository
from plugins.medical.patients import service as patients
from plugins.medical.patients.schemas import PatientDraft
from plugins.medical.prepaid import repository
from plugins.medical.prepaid.schemas import LegacyRecord

SOURCE, CARD, PATIENT, NAME, PHONE, USED, AMOUNT = COLUMNS = (
    Column("source", "来源系统*"), Column("card_no", "卡号*"), Column("patient_no", "患者编号*"), Column("name", "姓名*"), Column("phone", "手机"),
    Column("last_used_on", "最后使用日期"), Column("amount", "余额*"),
)  # fmt: skip
Key = tuple[str, str]


class Judged(msgspec.Struct):
    """The accepted rows, the verdicts, and how each good row stands to what is there."""

    records: list[LegacyRecord]
    verdicts: list[Verdict]
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0


async def check(context: ImportContext, content: bytes, filename: str) -> ImportCheck:
    """Judge a file; changes nothing."""
    lines, ignored = await asyncio.to_thread(lambda: _read(Table(sheets.read(content, filename), COLUMNS)))
    numbers = [record.patient_no for _, record in lines if record]
    async with context.session() as session:
        keys = await context.platform.vault.keys(session)
        known = await repository.list_known(session, [record.card_no for _, record in lines if record], numbers)
        names = {row.patient_no: row.name for row in await patients_repository.list_by_numbers(session, numbers)}
    judged = judge(lines, known, names, keys)
    verdicts = sorted([*ignored, *judged.verdicts], key=lambda verdict: verdict.row)
    totals = Totals(judged.new, judged.changed, judged.unchanged, judged.rejected)
    return ImportCheck(rows=verdicts, totals=totals, payload=judged.records)


def _read(table: Table) -> tuple[list[tuple[Line, LegacyRecord | None]], list[Verdict]]:
    lines: list[tuple[Line, LegacyRecord | None]] = []
    ignored = []
    for number, found in table.rows():
        if isinstance(found, Verdict):
            ignored.append(found)
        else:
            line = Line(number, found, table)
            lines.append((line, _record(line, table.sheet.epoch_1904)))
    return lines, ignored


def _record(line: Line, epoch_1904: bool) -> LegacyRecord | None:
    source, card, patient = (line.take(column, cells.text, 40) for column in (SOURCE, CARD, PATIENT))
    name, phone = line.take(NAME, cells.name), line.take(PHONE, cells.phone)
    used_on, amount_fen = line.take(USED, cells.day, epoch_1904), line.take(AMOUNT, cells.money)
    if amount_fen == 0:
        line.reject(AMOUNT, "nothing_left", "余额为 0，没有可退的金额")
    if line.rejected:
        return None
    return LegacyRecord(
        source=source, card_no=unicodedata.normalize("NFKC", card).upper(), patient_no=patient, name=name, phone=phone, last_used_on=used_on,
        amount_fen=amount_fen,
    )


def judge(
    lines: Sequence[tuple[Line, LegacyRecord | None]], known: Sequence[Row], names: Mapping[str, str], keys: TenantKeys
) -> Judged:
    """Set the rows against each other, against what is listed, and against the patients who are there."""
    by_key = {(row.source, row.card_no): row for row in known}
    holders = {(row.card_no, row.patient_no): row.source for row in known}
    seen: dict[Key, int] = {}
    told: dict[str, str] = dict(names)
    judged = Judged([], [])
    for line, record in lines:
        if record is not None:
            _set_against(line, record, by_key, holders, seen, told)
        judged.verdicts += line.verdicts
        if record is None or line.rejected:
            judged.rejected += 1
            continue
        seen[record.source, record.card_no] = line.number
        holders.setdefault((record.card_no, record.patient_no), record.source)
        told.setdefault(record.patient_no, record.name)
        before = by_key.get((record.source, record.card_no))
        if before is not None and _same(record, before, keys):
            judged.unchanged += 1
            continue
        judged.records.append(record)
        judged.new += before is None
        judged.changed += before is not None
    return judged


def _set_against(
    line: Line, record: LegacyRecord, by_key: Mapping[Key, Row], holders: Mapping[Key, str], seen: Mapping[Key, int], told: Mapping[str, str]
) -> None:
    key = (record.source, record.card_no)
    if key in seen:
        line.reject(CARD, "card_twice", f"这张卡在第 {seen[key]} 行已经列出，请合并后再上传")
    elif key in by_key and by_key[key].status != "listed" and by_key[key].amount_fen != record.amount_fen:
        line.reject(CARD, "already_under_way", "这张卡的余额已在办理或已退回，不能再改；如有疑问请先冻结再核对")
    elif (other := holders.get((record.card_no, record.patient_no), record.source)) != record.source:
        line.reject(CARD, "card_in_another_source", f"同一位患者的同一卡号已在“{other}”列出，请确认以哪一份为准")
    if told.get(record.patient_no, record.name) != record.name:
        line.reject(NAME, "name_differs", "与该患者编号登记的姓名不同，请核对")


def _same(record: LegacyRecord, row: Row, keys: TenantKeys) -> bool:
    if row.status != "listed":
        return True
    phone = keys.open(row.phone_sealed) if row.phone_sealed else None
    then = (row.patient_no, row.name, row.amount_fen, row.last_used_on, record.phone and phone)
    return then == (record.patient_no, record.name, record.amount_fen, record.last_used_on, record.phone)


async def apply(context: ImportContext, check: ImportCheck) -> None:
    """Write the good rows; patients who are not there are written too, so that they can be told and found."""
    records: list[LegacyRecord] = check.payload
    for start in range(0, len(records), context.batch_rows):
        batch = records[start : start + context.batch_rows]
        async with context.session() as session:
            keys = await context.platform.vault.keys(session)
            known = {row.patient_no: row.id for row in await patients_repository.list_by_numbers(session, [record.patient_no for record in batch])}
            unknown = {record.patient_no: record for record in batch if record.patient_no not in known}
            drafts = [PatientDraft(patient_no=record.patient_no, name=record.name, phone=record.phone) for record in unknown.values()]
            found = {**known, **(await patients.upsert(session, keys, drafts) if drafts else {})}
            await repository.write(session, [_row(record, found, keys) for record in batch])
        await context.progress(start + len(batch), len(records))


def _row(record: LegacyRecord, found: Mapping[str, UUID], keys: TenantKeys) -> dict[str, object]:
    return {
        "id": ids.uuid7(), "source": record.source, "card_no": record.card_no, "patient_id": found[record.patient_no],
        "patient_no": record.patient_no, "name": record.name, "phone_sealed": keys.seal(record.phone) if record.phone else None,
        "last_used_on": record.last_used_on, "amount_fen": record.amount_fen,
    }  # fmt: skip


def template() -> bytes:
    """The empty file with its headers."""
    return workbook.write("历史预交金", [(column.title, "text") for column in COLUMNS], [])
