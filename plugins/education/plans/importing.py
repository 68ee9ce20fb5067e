"""Bills that a school calculated itself, from a file (domain book §3.7): every row judged against its plan, the roster and what is billed already."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import msgspec

from core.database import Row, Session
from core.exports import workbook
from core.identity import audit
from core.imports import cells, sheets
from core.imports.lines import Line
from core.imports.schemas import ImportCheck, ImportContext, Totals
from core.imports.tables import Column, Table
from core.imports.verdicts import Verdict
from plugins.education.errors import MovedSince
from plugins.education.organisation import reach
from plugins.education.organisation import service as organisation
from plugins.education.plans import imported_repository, repository, service
from plugins.education.pricing.rules import ENROLLED, FeeItem
from plugins.education.standards import pricing
from plugins.education.standards import service as standards
from plugins.education.terms import service as terms

STUDENT_NO, NAME, PLAN = Column("student_no", "学号*"), Column("name", "姓名*"), Column("plan", "收费批次*")
ITEM_CODE, AMOUNT, DISCOUNT = Column("item_code", "收费项目编码*"), Column("amount", "应收金额*"), Column("discount", "减免金额")
REASON, REMARK = Column("reason", "减免原因"), Column("remark", "备注")
COLUMNS = (STUDENT_NO, NAME, PLAN, ITEM_CODE, AMOUNT, DISCOUNT, REASON, REMARK)


class Typed(msgspec.Struct, frozen=True):
    """A row as it was read."""

    line: Line
    student_no: str
    name: str
    plan: str
    item_code: str
    amount_fen: int
    discount_fen: int
    reason: str
    remark: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What may be in a file once."""
        return self.plan, self.student_no, self.item_code

    @property
    def values(self) -> tuple[int, int, str, str]:
        """What is written of it."""
        return self.amount_fen, self.discount_fen, self.reason, self.remark


class Target(msgspec.Struct, frozen=True):
    """A plan that rows name: its items, whom it is for, what it holds already, and who is charged by another plan."""

    plan: Row
    items: Mapping[str, FeeItem]
    classes: Collection[UUID] | None
    lines: Mapping[tuple[UUID, str], tuple[int, int, str, str]]
    charged: Collection[tuple[UUID, str]]


class Written(msgspec.Struct, frozen=True):
    """A good row that changes something."""

    plan_id: UUID
    student_id: UUID
    row: Typed
    before: tuple[int, int, str, str] | None


async def check(context: ImportContext, content: bytes, filename: str) -> ImportCheck:
    """Judge the file; changes nothing."""
    typed, said, rejected = await asyncio.to_thread(_read, content, filename)
    async with context.session() as session:
        mine = await reach.reach_of(session, context.platform.plugins, context.client.plugins, context.by, service.MAKE)
        targets = await _targets(session, {each.plan for each in typed}, mine)
        students = await imported_repository.students(session, {each.student_no for each in typed})
    kept, unchanged = [], 0
    for each in typed:
        target, student = targets.get(each.plan), students.get(each.student_no)
        if _fits(each, target, student, mine):
            before = target.lines.get((student.id, each.item_code))
            if before == each.values:
                unchanged += 1
            else:
                kept.append(Written(target.plan.id, student.id, each, before))
        rejected += each.line.rejected
        said += each.line.verdicts
    changed = sum(each.before is not None for each in kept)
    totals = Totals(len(kept) - changed, changed, unchanged, rejected)
    return ImportCheck(rows=sorted(said, key=lambda verdict: verdict.row), totals=totals, payload=kept)


def _read(content: bytes, filename: str) -> tuple[list[Typed], list[Verdict], int]:
    table = Table(sheets.read(content, filename), COLUMNS)
    typed, said, rejected, seen = [], [], 0, set()
    for number, found in table.rows():
        if isinstance(found, Verdict):
            said.append(found)
            continue
        line = Line(number, found, table)
        each = _typed(line)
        if each is not None and each.key in seen:
            line.reject(ITEM_CODE, "duplicate_line", f"学号 {each.student_no} 的 {each.item_code} 在这个批次里写了不止一次，请合并成一行")
        if each is None or line.rejected:
            rejected += 1
            said += line.verdicts
            continue
        seen.add(each.key)
        typed.append(each)
    return typed, said, rejected


def _typed(line: Line) -> Typed | None:
    student_no, name, plan = line.take(STUDENT_NO, cells.text, 40), line.take(NAME, cells.text, 50), line.take(PLAN, cells.text, 32)
    item_code, amount, discount = line.take(ITEM_CODE, cells.text, 32), line.take(AMOUNT, cells.money), line.take(DISCOUNT, cells.money)
    reason, remark = line.take(REASON, cells.text, 60), line.take(REMARK, cells.text, 200)
    if amount == 0:
        line.reject(AMOUNT, "zero_amount", "应收金额须大于零；不收的项目不要写进表里")
    if amount is not None and (discount or 0) > amount:
        line.reject(DISCOUNT, "discount_too_large", "减免金额不能超过应收金额")
    if discount and not reason:
        line.reject(REASON, "missing_required", "有减免金额时请写明减免原因，家长在账单上看得到")
    return None if line.rejected else Typed(line, student_no, name, plan, item_code, amount, discount or 0, reason or "", remark or "")


async def _targets(session: Session, codes: Collection[str], mine: frozenset[UUID] | None) -> dict[str, Target]:
    tree = await organisation.load(session)
    book = await standards.load(session, approved_only=True)
    found = {}
    for code, plan in (await imported_repository.plans(session, codes)).items():
        org_ids = [UUID(org_id) for org_id in plan.org_ids]
        if mine is not None and not (set(org_ids) <= mine if org_ids else tree.whole(list(mine))):
            continue
        items = {item.code: item for item in book.items if item.code in plan.item_codes}
        term = await terms.find(session, plan.term_code)
        lines = {
            (row.student_id, row.item_code): (row.amount_fen, row.discount_fen, row.reason, row.remark)
            for row in await imported_repository.list_lines(session, plan.id)
        }
        charged = await pricing.charged_elsewhere(session, list(items.values()), term, service.source_of(plan.id))
        found[code] = Target(plan, items, await service.classes_of(session, plan), lines, charged)
    return found


def _fits(each: Typed, target: Target | None, student: Row | None, mine: Collection[UUID] | None) -> bool:
    line = each.line
    if target is None:
        line.reject(PLAN, "unknown_plan", f"没有编码为 {each.plan} 的收费批次，或不在您的管辖范围内；请先新建批次")
    elif target.plan.status != "draft":
        line.reject(PLAN, "plan_not_draft", f"批次 {each.plan} 已提交复核或已发布，请先退回草稿")
    if student is None or (mine is not None and student.class_id not in mine):
        line.reject(STUDENT_NO, "unknown_student", "没有找到这个学号的学生，或不在您的管辖范围内")
    elif student.name != each.name:
        line.reject(NAME, "name_differs", "姓名与学号不一致，请核对")
    elif student.status != ENROLLED:
        line.reject(STUDENT_NO, "not_at_school", f"学籍状态为“{student.status}”，不收费")
    elif target is not None and target.classes is not None and student.class_id not in target.classes:
        line.reject(STUDENT_NO, "not_in_plan", f"这名学生不在批次 {each.plan} 的收费范围内")
    if target is not None:
        _item_fits(each, target, student)
    return not line.rejected


def _item_fits(each: Typed, target: Target, student: Row | None) -> None:
    item = target.items.get(each.item_code)
    if item is None:
        each.line.reject(ITEM_CODE, "item_not_in_plan", f"批次 {each.plan} 不收 {each.item_code}，请核对编码，或先在批次里勾选")
    elif item.metered:
        each.line.reject(ITEM_CODE, "item_metered", f"“{item.name}”按用量收费，由食堂或宿舍登记，不能导入金额")
    elif each.discount_fen and not item.may_be_discounted:
        each.line.reject(DISCOUNT, "item_not_discountable", f"“{item.name}”不参与减免（代收费都不减免），请把减免金额留空")
    elif student is not None and (student.id, item.code) in target.charged:
        each.line.reject(ITEM_CODE, "charged_already", f"“{item.name}”已由其他批次向这名学生收取")


async def apply(context: ImportContext, check: ImportCheck) -> None:
    """Write the good rows, at most a thousand a transaction; a plan that was submitted meanwhile takes none."""
    rows: list[Written] = check.payload
    for start in range(0, len(rows), context.batch_rows):
        batch = rows[start : start + context.batch_rows]
        async with context.session() as session:
            await _hold(session, batch)
            await imported_repository.write(session, [(e.plan_id, e.student_id, e.row.item_code, *e.row.values) for e in batch])
            await audit.record_many(session, context.by, "education.imported.write", "student", [_told(each) for each in batch])
        await context.progress(start + len(batch), len(rows))


async def _hold(session: Session, batch: Sequence[Written]) -> None:
    for plan_id in sorted({each.plan_id for each in batch}):
        held = await repository.get_for_update(session, plan_id)
        if held is None or held.status != "draft":
            raise MovedSince(what=held.code if held else "")


def _told(each: Written) -> tuple[UUID, dict[str, object] | None, dict[str, object], str]:
    row = each.row
    before = None if each.before is None else {"amount_fen": each.before[0], "discount_fen": each.before[1]}
    return each.student_id, before, {"plan": row.plan, "item": row.item_code, "amount_fen": row.amount_fen, "discount_fen": row.discount_fen}, row.reason


def template() -> bytes:
    """The empty file with its headers."""
    return workbook.write("导入账单", [(column.title, "text") for column in COLUMNS], [])
