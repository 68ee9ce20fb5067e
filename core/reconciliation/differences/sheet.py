"""Differences out to Excel and back: export the filter, decide in the last columns, import; all good rows go to one approval.

Every row is judged first and nothing is written: an unknown number, a version that is no longer the newest, a remedy that does not fit, a
formula in a cell, a difference that somebody has resolved. The file chosen as a whole (`全部通过才导入`) is refused with one bad row.
"""

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from core import clock
from core.database import Row, Session
from core.errors import PlatformError
from core.exports import workbook
from core.hookspecs import Export, Importer
from core.identity.actor import Actor
from core.imports import cells, sheets
from core.imports.lines import Line
from core.imports.schemas import ImportCheck, ImportContext, Totals
from core.imports.tables import Column, Table
from core.imports.verdicts import Verdict
from core.masking import mask_party
from core.reconciliation import rights
from core.reconciliation.differences import repository, sheet_repository
from core.reconciliation.differences import service as differences
from core.reconciliation.remedies import bulk, offering
from core.reconciliation.remedies import repository as remedies_table
from core.reconciliation.remedies import service as remedies
from core.reconciliation.remedies.bulk import Wanted
from core.reconciliation.remedies.service import RemedyAsk
from core.reconciliation.remedies.words import KIND_WORDS
from core.reconciliation.states import OPEN
from core.web.filters import status_label
from core.web.i18n import N_

AT_ONCE = 500
CODE, VERSION = Column("code", "差异编号*"), Column("version", "版本*")
DECISION, REASON, WHERE = Column("decision", "处理"), Column("reason", "原因"), Column("where", "去向")
COLUMNS = (CODE, VERSION, DECISION, REASON, WHERE)
DECISIONS = {label: kind for kind, label in KIND_WORDS.items() if kind != "requery"}
EXPORTED = (
    (N_("差异编号"), "text"), (N_("版本"), "number"), (N_("账单日"), "date"), (N_("类别"), "text"), (N_("渠道"), "text"), (N_("商户号"), "text"),
    (N_("业务金额"), "money"), (N_("平台金额"), "money"), (N_("渠道金额"), "money"), (N_("差额"), "money"), (N_("商户订单号"), "text"),
    (N_("渠道单号"), "text"), (N_("缴费人"), "text"), (N_("处理方式"), "text"), (N_("状态"), "text"), (N_("经办人"), "text"), (N_("复核人"), "text"),
    (N_("处理时间"), "datetime"), (N_("账单号"), "text"), (N_("业务流水号"), "text"), (N_("差在"), "text"), (N_("严重程度"), "text"),
    (N_("负责人"), "text"), (N_("期限"), "datetime"), (N_("可选处理"), "text"), (N_("处理"), "text"), (N_("去向"), "text"), (N_("原因"), "text"),
)  # fmt: skip
"""The list of the domain book (03 §4.7) in its order, between what the import needs and what helps to decide; the person always masked."""


async def rows(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """One row a difference, in the order of the page; the last three columns are for whoever decides."""
    asked, now, before = differences.asked_of(given), clock.now(), None
    while reach is None:
        found = await repository.list_page(session, asked, now, before, AT_ONCE)
        beside = await sheet_repository.list_beside(session, [row.id for row in found])
        for row in found:
            yield _told(row, beside[row.id])
        if len(found) < AT_ONCE:
            return
        before = (found[-1].bill_on, found[-1].id)


def _told(row: Row, beside: Row) -> tuple[object, ...]:
    fitting = [KIND_WORDS[kind] for kind in offering.FITTING[row.klass] if kind != "requery" and offering.fits(row, kind)]
    return (
        row.code, row.version, row.bill_on, f"{row.klass} {status_label(row.klass, 'difference_class')}", status_label(row.channel, "channel"),
        row.merchant_number, row.business_fen, row.platform_fen, row.channel_fen, row.amount_fen, row.order_number or row.number,
        row.channel_number or row.channel_order_number or "", mask_party(beside.person or ""),
        status_label(beside.remedy, "remedy_kind") if beside.remedy else "", status_label(row.status, "difference"), beside.made_by or "",
        beside.checked_by or "", beside.finished_at, row.bill_number or "", row.serial or "", status_label(row.differs, "difference_differs"),
        status_label(row.severity, "severity"), row.owner_name or "", row.due_at, "、".join(fitting) if row.status in OPEN else "", "", "", "",
    )  # fmt: skip


def template() -> bytes:
    """An empty list with its headings."""
    return workbook.write("处理意见", [(column.title, "text") for column in COLUMNS], [])


async def check(context: ImportContext, content: bytes, filename: str) -> ImportCheck:
    """Judge every decision as if it were proposed now; rows without one are left alone."""
    table = Table(sheets.read(content, filename), COLUMNS)
    verdicts: list[Verdict] = []
    lines: list[tuple[Line, dict[str, object]]] = []
    unchanged = 0
    for number, row in table.rows():
        if isinstance(row, Verdict):
            verdicts.append(row)
            continue
        if DECISION.key not in table.places or (isinstance(row[table.places[DECISION.key]], str) and cells.is_blank(row[table.places[DECISION.key]])):
            unchanged += 1
            continue
        line = Line(number, row, table)
        lines.append((line, _taken(line)))
    async with context.session() as session:
        wanted = await _judged(session, context, lines)
    verdicts += [verdict for line, _typed in lines for verdict in line.verdicts]
    rejected = sum(line.rejected for line, _typed in lines)
    return ImportCheck(rows=verdicts, totals=Totals(0, len(wanted), unchanged, rejected), payload=wanted)


def _taken(line: Line) -> dict[str, object]:
    return {
        "code": line.take(CODE, cells.text, 64), "version": line.take(VERSION, _version),
        "decision": line.take(DECISION, cells.choice, DECISIONS, "unknown_remedy"),
        "reason": line.take(REASON, cells.text, 200), "where": line.take(WHERE, cells.text, 64),
    }  # fmt: skip


def _version(cell: object) -> cells.Reading:
    told = str(cells.text(cell, 12).value)
    if not (told.isascii() and told.isdigit()):
        raise cells.CellProblem("bad_version", "版本应为导出时的数字，请不要改动这一列")
    return cells.Reading(int(told))


async def _judged(session: Session, context: ImportContext, lines: list[tuple[Line, dict[str, object]]]) -> list[Wanted]:
    known = {row.code: row for row in await repository.find_by_codes(session, [str(typed["code"]) for _line, typed in lines if typed["code"]])}
    by, wanted, seen = _maker(context.by), [], set()
    for line, typed in lines:
        if line.rejected:
            continue
        row = known.get(str(typed["code"]))
        if not typed["reason"]:
            line.reject(REASON, "missing_reason", "请填写处理原因，复核人需要据此判断")
        elif row is None:
            line.reject(CODE, "unknown_difference", "没有这个差异编号，请用导出的文件填写")
        elif row.id in seen:
            line.reject(CODE, "twice", "这条差异在文件里出现了两次，只留一行")
        elif row.status not in OPEN:
            line.reject(CODE, "already_resolved", f"这条差异已经是“{status_label(row.status, 'difference')}”，不用再处理")
        elif row.version != typed["version"]:
            line.reject(VERSION, "stale", "这条差异在导出之后有变动，请重新导出后再填写")
        else:
            ask = _ask(typed)
            try:
                await remedies.drafted(session, context.client.settings, row, ask, by)
            except PlatformError as error:
                line.reject(DECISION, error.code.lower(), error.message)
            else:
                seen.add(row.id)
                wanted.append(Wanted(difference_id=row.id, ask=ask))
    return wanted


def _ask(typed: Mapping[str, object]) -> RemedyAsk:
    kind, where = DECISIONS[str(typed["decision"])], str(typed["where"] or "")
    target = {}
    if kind == "credit" and where:
        target = {"bill_number": where} if where.upper().startswith("B") else {"person_number": where}
    if kind == "chase" and where:
        target = {"due_on": where}
    return RemedyAsk(kind=kind, reason=str(typed["reason"]), version=int(str(typed["version"])), target=target)


async def apply(context: ImportContext, judged: ImportCheck) -> None:
    """One batch of everything that is good, for one approval; all of it or nothing."""
    wanted = judged.payload
    if not wanted:
        return
    async with context.session() as session:
        await bulk.create(session, context.client.settings, wanted, reason="按处理意见表办理", by=_maker(context.by), skip=True)


def _maker(by: Actor) -> Actor:
    """Whoever uploaded, with the right that the importer asked for at the door."""
    return Actor(kind=by.kind, id=by.id, name=by.name, tenant_id=by.tenant_id, rights={rights.HANDLE: None, rights.READ: None})


async def remedy_rows(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """A batch's result file: one row a difference, with what became of it."""
    try:
        batch_id = UUID(given.get("batch", ""))
    except ValueError:
        return
    after = 0
    while reach is None:
        found = await remedies_table.list_batch(session, batch_id, "", after, AT_ONCE)
        for row in found:
            yield (
                row.code, status_label(row.klass, "difference_class"), row.number, status_label(row.kind, "remedy_kind"), row.amount_fen,
                status_label(row.status, "remedy"), row.refund_number or "", status_label(row.refund_status, "refund") if row.refund_status else "",
                row.error or "", row.made_by, row.checked_by or "", row.finished_at,
            )  # fmt: skip
        if len(found) < AT_ONCE:
            return
        after = found[-1].position


RESULT = (
    (N_("差异编号"), "text"), (N_("类别"), "text"), (N_("商户订单号"), "text"), (N_("处理方式"), "text"), (N_("金额"), "money"), (N_("结果"), "text"),
    (N_("退款号"), "text"), (N_("退款状态"), "text"), (N_("说明"), "text"), (N_("经办人"), "text"), (N_("复核人"), "text"), (N_("完成时间"), "datetime"),
)  # fmt: skip
DIFFERENCES = Export("reconciliation.differences", N_("对账差异"), rights.READ, EXPORTED, rows)
REMEDIES = Export("reconciliation.remedies", N_("批量处理结果"), rights.READ, RESULT, remedy_rows)
DECISIONS_IN = Importer(
    "reconciliation.decisions", N_("差异处理意见"), rights.HANDLE, (".xlsx", ".xls", ".csv"), check, apply, template, "差异处理意见模板.xlsx"
)
