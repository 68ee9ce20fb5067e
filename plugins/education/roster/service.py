"""The roster: a file judged row by row, set against the students who are there, and the good rows written."""

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

import msgspec
from pypinyin import Style, lazy_pinyin

from core import clock, ids
from core.database import Row, Session
from core.errors import InvalidRequest, StaleForm
from core.exports import workbook
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import TenantKeys
from core.imports import sheets
from core.imports.schemas import ImportCheck, ImportContext, Totals
from core.imports.verdicts import Verdict
from core.payers import service as payers
from core.payers.schemas import PartyRow
from core.platform import Platform
from core.refunds import policy
from core.search.marks import marks
from plugins.education.organisation import reach
from plugins.education.organisation import service as organisation
from plugins.education.organisation.service import SchoolTree
from plugins.education.roster import repository, steps
from plugins.education.roster.columns import CLASS, COLUMNS, STATUS, STUDENT_NO, Comparison, StudentRecord, compare, merged
from plugins.education.roster.errors import StudentNotFound
from plugins.education.roster.models import STUDENT
from plugins.education.roster.steps import Followed, Step
from plugins.education.roster.verdicts import JudgedRoster, judge

PLUGIN = "education"
IMPORT = "education.roster.import"
AT_ONCE = 1000
PRESENT = ("预录", "在读", "休学")
BY_FILE = "随学生名册导入变更"
NO_SETTINGS: Mapping[str, object] = {}


class Payload(msgspec.Struct):
    """What an accepted roster file will write."""

    records: list[StudentRecord]
    ids: dict[str, UUID]
    new: int
    tree: SchoolTree


class Known(msgspec.Struct, frozen=True):
    """The students who are there, in standard form, and their ids by number."""

    records: dict[str, StudentRecord]
    ids: dict[str, UUID]
    classes: dict[str, UUID]


async def check(context: ImportContext, content: bytes, filename: str) -> ImportCheck:
    """Judge a roster file; changes nothing. Totals count each student row once. Nobody imports beyond their own part of the school."""
    async with context.session() as session:
        tree = await organisation.load(session)
        mine = await reach.reach_of(session, context.platform.plugins, context.client.plugins, context.by, IMPORT)
        keys = await context.platform.vault.keys(session)
        rows = await repository.list_all(session)
    return await asyncio.to_thread(_judged, content, filename, tree, keys, rows, mine)


def _judged(content: bytes, filename: str, tree: SchoolTree, keys: TenantKeys, rows: Sequence[Row], mine: frozenset[UUID] | None) -> ImportCheck:
    known = _known(rows, tree, keys)
    held = {record.id_no.upper(): number for number, record in known.records.items()}
    judged = judge(sheets.read(content, filename), tree.index, held)
    judged, refused = _without(judged, lambda student, row: _impossible_step(student, row, known) or _beyond(student, row, known, tree, mine))
    found = compare(judged.students, known.records, judged.keys)
    rejected = judged.totals.rejected + len(refused)
    payload = Payload(_to_write(judged, known, found), known.ids, len(found.new), tree)
    verdicts = sorted([*judged.verdicts, *refused], key=lambda verdict: verdict.row)
    return ImportCheck(rows=verdicts, totals=Totals(len(found.new), len(found.changed), found.unchanged, rejected), payload=payload)


def _without(judged: JudgedRoster, fault: Callable[[StudentRecord, int], Verdict | None]) -> tuple[JudgedRoster, list[Verdict]]:
    """The roster without the rows that have the fault, and what is said of those."""
    told = [fault(student, row) for student, row in zip(judged.students, judged.rows, strict=True)]
    refused = [verdict for verdict in told if verdict]
    if not refused:
        return judged, []
    kept = [(s, r) for s, r, verdict in zip(judged.students, judged.rows, told, strict=True) if verdict is None]
    return msgspec.structs.replace(judged, students=[s for s, _ in kept], rows=[r for _, r in kept]), refused


def _impossible_step(student: StudentRecord, row: int, known: Known) -> Verdict | None:
    """A row may not take a student through a step that does not exist (a graduate back to school)."""
    before = known.records.get(student.student_no)
    if before is None or before.status == student.status or (before.status, student.status) in STUDENT.steps:
        return None
    message = f"学生目前为“{before.status}”，不能直接改为“{student.status}”，请核对"
    return Verdict(row, STATUS.title, "reject", "illegal_status_change", message)


def _beyond(student: StudentRecord, row: int, known: Known, tree: SchoolTree, mine: frozenset[UUID] | None) -> Verdict | None:
    """A row may neither write into a class nor take a student from a class that is not the importer's."""
    if mine is None:
        return None
    if tree.ids[student.campus, student.division, student.grade, student.class_name] not in mine:
        return Verdict(row, CLASS.title, "reject", "beyond_your_scope", "这个班级不在您的管辖范围内，请交由负责该校区的同事导入")
    if known.classes.get(student.student_no, next(iter(mine), None)) not in mine:
        return Verdict(row, STUDENT_NO.title, "reject", "beyond_your_scope", "该学号的学生目前不在您的管辖范围内，转班请交由上一级办理")
    return None


def _to_write(judged: JudgedRoster, known: Known, found: Comparison) -> list[StudentRecord]:
    new = {student.student_no for student in found.new}
    return [
        merged(student, known.records.get(student.student_no), judged.keys)
        for student in judged.students
        if student.student_no in new or student.student_no in found.changed
    ]


def _known(rows: Sequence[Row], tree: SchoolTree, keys: TenantKeys) -> Known:
    records = {row.student_no: _record(row, tree, keys) for row in rows}
    return Known(records, {row.student_no: row.id for row in rows}, {row.student_no: row.class_id for row in rows})


def _record(row: Row, tree: SchoolTree, keys: TenantKeys) -> StudentRecord:
    campus, division, grade, class_name = tree.place(row.class_id)
    return StudentRecord(
        student_no=row.student_no,
        name=row.name,
        id_type=row.id_type,
        id_no=keys.open(row.id_sealed),
        campus=campus,
        division=division,
        grade=grade,
        class_name=class_name,
        boarding=row.boarding,
        student_type=row.student_type,
        status=row.status,
        guardian1_name=row.guardian1_name,
        guardian1_relation=row.guardian1_relation,
        guardian1_phone=keys.open(row.guardian1_phone_sealed),
        gender=row.gender,
        birth_on=row.birth_on,
        register_no=_open(keys, row.register_sealed),
        entry_on=row.entry_on,
        guardian2_name=row.guardian2_name,
        guardian2_phone=_open(keys, row.guardian2_phone_sealed),
        remark=row.remark,
    )


def _open(keys: TenantKeys, sealed: bytes | None) -> str | None:
    return None if sealed is None else keys.open(sealed)


def _seal(keys: TenantKeys, plain: str | None) -> bytes | None:
    return None if plain is None else keys.seal(plain)


async def apply(context: ImportContext, check: ImportCheck) -> None:
    """Write the good rows, at most a thousand a transaction; the same file again finds nothing to write."""
    payload: Payload = check.payload
    total = len(payload.records)
    for start in range(0, total, context.batch_rows):
        batch = payload.records[start : start + context.batch_rows]
        async with context.session() as session:
            keys = await context.platform.vault.keys(session)
            people, students = await asyncio.to_thread(_rows, batch, payload, keys)
            before = await repository.lock_states(session, [student["id"] for student in students])
            await payers.upsert_parties(session, people)
            await repository.upsert(session, students)
            await _follow(session, context, before, {student["id"]: student["status"] for student in students})
        await context.progress(start + len(batch), total)


async def _follow(session: Session, context: ImportContext, before: Mapping[UUID, str], after: Mapping[UUID, str]) -> None:
    """What follows from the changes of status in a file: drafts for those who leave, one audit row each."""
    found = [
        Step(student_id=student_id, before=status, after=after[student_id], reason=BY_FILE, on=clock.today())
        for student_id, status in before.items()
        if status != after[student_id]
    ]
    if found:
        told = await steps.tell(session, context.client.settings, found, context.by)
        rows = [(step.student_id, {"status": step.before}, _after(step, told[step.student_id]), step.reason) for step in found]
        await audit.record_many(session, context.by, "education.student.status", "student", rows)


def _rows(batch: list[StudentRecord], payload: Payload, keys: TenantKeys) -> tuple[list[PartyRow], list[dict[str, object]]]:
    people, students = [], []
    for record in batch:
        student_id = payload.ids.setdefault(record.student_no, ids.uuid7())
        class_id = payload.tree.ids[record.campus, record.division, record.grade, record.class_name]
        people.append(
            PartyRow(
                id=student_id,
                plugin=PLUGIN,
                number=record.student_no,
                name=record.name,
                name_pinyin=initials(record.name),
                family_index=keys.index("family", record.guardian1_phone),
                org_id=class_id,
                active=record.status in PRESENT,
                phones=marks(keys, (record.guardian1_phone, record.guardian2_phone)),
            )
        )
        students.append(
            {
                "id": student_id,
                "student_no": record.student_no,
                "id_type": record.id_type,
                "id_sealed": keys.seal(record.id_no),
                "id_index": keys.index("id_no", record.id_no),
                "id_tail_index": keys.index("id_tail", record.id_no[-4:]),
                "gender": record.gender,
                "birth_on": record.birth_on,
                "register_sealed": _seal(keys, record.register_no),
                "class_id": class_id,
                "boarding": record.boarding,
                "student_type": record.student_type,
                "entry_on": record.entry_on,
                "status": record.status,
                "guardian1_name": record.guardian1_name,
                "guardian1_relation": record.guardian1_relation,
                "guardian1_phone_sealed": keys.seal(record.guardian1_phone),
                "guardian2_name": record.guardian2_name,
                "guardian2_phone_sealed": _seal(keys, record.guardian2_phone),
                "remark": record.remark,
            }
        )
    return people, students


def initials(name: str) -> str:
    """The first letters of a name's pinyin, by which people search: 张小明 → zxm."""
    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower()


async def mark_phones(platform: Platform, tenant_id: UUID) -> None:
    """Every night: guardians' phones that came before phones could be searched get their marks."""
    left = AT_ONCE
    while left == AT_ONCE:
        async with platform.database.tenant(tenant_id) as session:
            keys = await platform.vault.keys(session)
            rows = await repository.list_without_marks(session, AT_ONCE)
            left = len(rows)
            phones = {row.id: (keys.open(row.guardian1_phone_sealed), _open(keys, row.guardian2_phone_sealed)) for row in rows}
            await payers.set_phones(session, {student_id: marks(keys, numbers) for student_id, numbers in phones.items()})


def template() -> bytes:
    """The empty roster file with its headers."""
    return workbook.write("学生名册", [(column.title, "text") for column in COLUMNS], [])


async def find(session: Session, student_id: UUID, by: Actor) -> Row:
    """One student within the asker's reach; StudentNotFound otherwise."""
    row = await repository.find(session, student_id)
    if row is None or not by.reaches("education.student.read", row.class_id):
        raise StudentNotFound()
    return row


async def change_status(
    session: Session, student_id: UUID, status: str, reason: str, by: Actor, version: int | None = None, *,
    settings: Mapping[str, object] = NO_SETTINGS, effective_on: dt.date | None = None,
) -> Followed:
    """Move a student along the machine of §3.5. Leaving stops future bills and drafts a refund of what was paid, reckoned on the first day
    without school (today without one); bills that are unpaid stay until somebody corrects them."""
    row = await repository.lock(session, student_id)
    if row is None or not by.reaches("education.student.manage", row.class_id):
        raise StudentNotFound()
    if version is not None and row.version != version:
        raise StaleForm()
    if not reason.strip():
        raise InvalidRequest("请填写变更原因")
    STUDENT.check(row.status, status)
    day = policy.check_day(effective_on) or clock.today()
    return await _move(session, Step(student_id=student_id, before=row.status, after=status, reason=reason.strip(), on=day), settings, by)


async def leave(session: Session, student_id: UUID, status: str, reason: str, on: dt.date, by: Actor) -> None:
    """A refund says that a student has left; one who cannot take this step (gone already, a graduate) stays as they are."""
    row = await repository.lock(session, student_id)
    if row is not None and (row.status, status) in STUDENT.steps:
        await _move(session, Step(student_id=student_id, before=row.status, after=status, reason=reason, on=on), NO_SETTINGS, by)


async def _move(session: Session, step: Step, settings: Mapping[str, object], by: Actor) -> Followed:
    await repository.set_status(session, step.student_id, step.after)
    await payers.upsert_parties(session, [party_of(await repository.find(session, step.student_id))])
    told = (await steps.tell(session, settings, [step], by))[step.student_id]
    await audit.record(
        session, by, "education.student.status", "student", step.student_id, before={"status": step.before}, after=_after(step, told),
        reason=step.reason,
    )  # fmt: skip
    return told


def _after(step: Step, told: Followed) -> dict[str, object]:
    """What the audit trail keeps of a change; why there is or is no refund stands beside it."""
    if not told.why:
        return {"status": step.after}
    return {"status": step.after, "effective_on": str(step.on), "refund": told.why, "drafts": len(told.drafts)}


def party_of(row: Row) -> PartyRow:
    """The person in core that a student's bills are made out to."""
    return PartyRow(
        id=row.id,
        plugin=PLUGIN,
        number=row.student_no,
        name=row.name,
        name_pinyin=initials(row.name),
        family_index=row.family_index,
        org_id=row.class_id,
        active=row.status in PRESENT,
    )
