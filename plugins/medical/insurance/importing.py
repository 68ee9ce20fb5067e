"""The insurer's clearing file (Excel or CSV): judged row by row, the good rows kept, settlements that were accounted for in full are cleared."""

import asyncio
import datetime as dt
import hashlib
from collections.abc import Sequence

import msgspec

from core import ids
from core.database import Row
from core.exports import workbook
from core.imports import cells, sheets
from core.imports.lines import Line
from core.imports.schemas import ImportCheck, ImportContext, Totals
from core.imports.tables import Column, Table
from core.imports.verdicts import Verdict
from core.money import format_yuan
from plugins.medical.insurance import repository

SETL, DAY, TYPE, TOTAL, FUND, ACCOUNT, PAID, REFUSED, REASON = COLUMNS = (
    Column("setl_id", "结算流水号*"), Column("settled_on", "结算日期*"), Column("clr_type", "清算类别*"), Column("total_fen", "医疗费总额*"),
    Column("fund_fen", "统筹*"), Column("account_fen", "个人账户*"), Column("paid_fen", "拨付金额*"), Column("refused_fen", "拒付金额"),
    Column("reason", "拒付原因"),
)  # fmt: skip


class Paid(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the insurer's file; amounts in fen."""

    row_no: int
    setl_id: str
    settled_on: dt.date
    clr_type: str
    total_fen: int
    fund_fen: int
    account_fen: int
    paid_fen: int
    refused_fen: int
    reason: str | None


class Loaded(msgspec.Struct, frozen=True):
    """A judged file: its digest, its name, and the rows that are kept."""

    sha256: str
    name: str
    lines: list[Paid]


async def check(context: ImportContext, content: bytes, filename: str) -> ImportCheck:
    """Judge a file; changes nothing."""
    digest = hashlib.sha256(content).hexdigest()
    lines, verdicts = await asyncio.to_thread(lambda: _read(Table(sheets.read(content, filename), COLUMNS)))
    async with context.session() as session:
        known = await repository.list_known_lines(session, [paid.setl_id for _, paid in lines if paid])
    kept, unchanged = _judge(lines, known, digest)
    for line, _ in lines:
        verdicts += line.verdicts
    rejected = sum(line.rejected for line, _ in lines)
    totals = Totals(len(kept) - unchanged, 0, unchanged, rejected)
    return ImportCheck(rows=sorted(verdicts, key=lambda one: one.row), totals=totals, payload=Loaded(digest, filename[-120:], kept))


def _read(table: Table) -> tuple[list[tuple[Line, Paid | None]], list[Verdict]]:
    lines: list[tuple[Line, Paid | None]] = []
    ignored = []
    for number, found in table.rows():
        if isinstance(found, Verdict):
            ignored.append(found)
        else:
            line = Line(number, found, table)
            lines.append((line, _paid(line, table.sheet.epoch_1904)))
    return lines, ignored


def _paid(line: Line, epoch_1904: bool) -> Paid | None:
    setl_id, clr_type, reason = line.take(SETL, cells.text, 64), line.take(TYPE, cells.text, 20), line.take(REASON, cells.text, 200)
    settled_on = line.take(DAY, cells.day, epoch_1904)
    total, fund, account, paid, refused = (line.take(column, cells.money) for column in (TOTAL, FUND, ACCOUNT, PAID, REFUSED))
    if not line.rejected and paid + (refused or 0) > total:
        line.reject(PAID, "more_than_total", f"拨付与拒付合计 {format_yuan(paid + (refused or 0))} 元，超过医疗费总额 {format_yuan(total)} 元")
    if refused and not reason:
        line.reject(REASON, "reason_missing", "有拒付金额时须写明拒付原因")
    if line.rejected:
        return None
    return Paid(
        row_no=line.number, setl_id=setl_id, settled_on=settled_on, clr_type=clr_type, total_fen=total, fund_fen=fund, account_fen=account,
        paid_fen=paid, refused_fen=refused or 0, reason=reason,
    )  # fmt: skip


def _judge(lines: Sequence[tuple[Line, Paid | None]], known: Sequence[Row], digest: str) -> tuple[list[Paid], int]:
    """The rows that are kept, and how many of them are there already: the same file again changes nothing."""
    here = {row.setl_id for row in known if row.sha256 == digest}
    before = {row.setl_id: row.file_name for row in known if row.sha256 != digest}
    seen: dict[str, int] = {}
    kept, unchanged = [], 0
    for line, paid in lines:
        if paid is None:
            continue
        if paid.setl_id in seen:
            line.reject(SETL, "settlement_twice", f"这个结算流水号在第 {seen[paid.setl_id]} 行已经列出，请合并后再上传")
            continue
        seen[paid.setl_id] = line.number
        if paid.setl_id in before:
            line.remark(SETL, "paid_before", f"“{before[paid.setl_id]}”里已有这笔，本次按补拨合并计算")
        kept.append(paid)
        unchanged += paid.setl_id in here
    return kept, unchanged


async def apply(context: ImportContext, check: ImportCheck) -> None:
    """Keep the good rows under one file, then mark what is cleared."""
    loaded: Loaded = check.payload
    if not loaded.lines:
        return
    row = {
        "id": ids.uuid7(), "period": min(line.settled_on for line in loaded.lines).strftime("%Y-%m"), "file_name": loaded.name,
        "sha256": loaded.sha256, "lines": len(loaded.lines), "paid_fen": sum(line.paid_fen for line in loaded.lines),
        "refused_fen": sum(line.refused_fen for line in loaded.lines), "loaded_by": context.by.name,
    }  # fmt: skip
    async with context.session() as session:
        clearing_id = await repository.add_clearing(session, row)
    for start in range(0, len(loaded.lines), context.batch_rows):
        batch = loaded.lines[start : start + context.batch_rows]
        async with context.session() as session:
            await repository.add_lines(session, clearing_id, [msgspec.structs.asdict(line) for line in batch])
        await context.progress(start + len(batch), len(loaded.lines))
    async with context.session() as session:
        await repository.hold(session)
        await repository.mark_cleared(session, clearing_id)


def template() -> bytes:
    """The empty file with its headers."""
    return workbook.write("医保清算", [(column.title, "text") for column in COLUMNS], [])
