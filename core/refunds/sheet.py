"""A list of refunds as an Excel file: which bill, how much, why; every row is judged before any is taken."""

from uuid import UUID

from core.database import Session
from core.exports import workbook
from core.identity.actor import Actor
from core.imports import cells, sheets
from core.imports.cells import CellProblem
from core.imports.sheets import Cell, Formula
from core.imports.tables import Column, Table
from core.imports.verdicts import Verdict
from core.refunds import batches_repository, service
from core.refunds.errors import BadRefund
from core.refunds.schemas import RefundAsk

COLUMNS = (Column("number", "账单号*"), Column("amount", "退款金额*"), Column("reason", "退款原因"))


def template() -> bytes:
    """An empty list with its headings."""
    return workbook.write("批量退款", [(column.title, "text") for column in COLUMNS], [])


async def read(session: Session, content: bytes, filename: str, reason: str, by: Actor) -> list[RefundAsk]:
    """The requests of a file; BadRefund names the first rows that are wrong, and then nothing is taken."""
    table = Table(sheets.read(content, filename), COLUMNS)
    rows, wrong = [], []
    for number, row in table.rows():
        if not isinstance(row, Verdict):
            try:
                rows.append((number, *_typed(table, row, reason)))
            except CellProblem as error:
                wrong.append(f"第 {number} 行 {error.message}")
    known = {row.number: row for row in await batches_repository.list_bills(session, [bill for _, bill, _, _ in rows])}
    asks = []
    for number, bill, fen, why in rows:
        if bill not in known or not by.reaches(service.MAKE, known[bill].org_id):
            wrong.append(f"第 {number} 行 没有找到账单 {bill[:20]}")
        else:
            asks.append(RefundAsk(bill_id=UUID(str(known[bill].id)), amount_fen=fen, reason=why))
    if wrong or not asks:
        raise BadRefund(why="；".join(wrong[:5]).replace("{", "(").replace("}", ")") or "文件里没有数据行")
    return asks


def _typed(table: Table, row: list, reason: str) -> tuple[str, int, str]:
    number, amount, why = (_cell(table, row, key) for key in ("number", "amount", "reason"))
    if cells.is_blank(number) or cells.is_blank(amount):
        raise CellProblem("required", "账单号和退款金额必须填写")
    fen = cells.money(amount).value
    if fen <= 0:
        raise CellProblem("not_positive", "退款金额必须大于 0")
    told = reason if cells.is_blank(why) else str(cells.text(why).value)
    return str(cells.text(number, 20).value).upper(), fen, told


def _cell(table: Table, row: list, key: str) -> Cell:
    cell = row[table.places[key]] if key in table.places else ""
    return cell.result if isinstance(cell, Formula) else cell
