"""A file of till orders: judged row by row; a row of a store beyond the importer's reach is refused, the good rows are written and compared."""

import asyncio
from collections.abc import Mapping
from uuid import UUID

import msgspec

from core import clock
from core.database import Session
from core.exports import workbook
from core.identity.actor import Actor
from core.identity.sessions import rights_now, roles_for
from core.imports import cells, sheets
from core.imports.lines import Line
from core.imports.schemas import ImportCheck, ImportContext, Totals
from core.imports.tables import Column, Table
from core.imports.verdicts import Verdict
from plugins.medical.robots import days_repository, repository, tills
from plugins.medical.robots.authorising import NAMES
from plugins.medical.robots.schemas import TillOrder

PLATFORM, STORE, DAY, ORDER, SETTLE = COLUMNS = (
    Column("platform", "平台*"), Column("store_code", "门店编码*"), Column("bill_on", "账单日期*"), Column("order_no", "平台订单号*"),
    Column("settle", "结算金额*"),
)  # fmt: skip
_PLATFORMS = {name: code for code, name in NAMES.items()} | {code: code for code in NAMES}


async def check(context: ImportContext, content: bytes, filename: str) -> ImportCheck:
    """Judge a file; changes nothing."""
    lines, verdicts = await asyncio.to_thread(lambda: _read(Table(sheets.read(content, filename), COLUMNS)))
    orders = [order for _, order in lines if order]
    async with context.session() as session:
        by = await _importer(session, context)
        stores = await repository.stores_by_code(session, [order.store_code for order in orders])
        known = await days_repository.list_known_tills(session, [order.platform for order in orders], [order.order_no for order in orders])
    before = {(row.platform, row.order_no): (row.store_id, row.bill_on, row.settle_fen) for row in known}
    good, totals, seen = [], [0, 0, 0, 0], set()
    for line, order in lines:
        there = before.get((order.platform, order.order_no)) if order else None
        if order is not None:
            _judge(line, order, stores, by, seen)
        if there and not by.reaches(tills.IMPORT, there[0]):
            line.reject(ORDER, "order_of_other_store", "这个订单属于别的门店")
        verdicts += line.verdicts
        if order is None or line.rejected:
            totals[3] += 1
            continue
        same = there == (stores[order.store_code], order.bill_on, order.settle_fen)
        totals[2 if same else 1 if there else 0] += 1
        if not same:
            good.append(order)
    return ImportCheck(rows=sorted(verdicts, key=lambda verdict: verdict.row), totals=Totals(*totals), payload=good)


async def apply(context: ImportContext, check: ImportCheck) -> None:
    """Write the good rows and compare the days they touch."""
    orders: list[TillOrder] = check.payload
    for start in range(0, len(orders), context.batch_rows):
        batch = orders[start : start + context.batch_rows]
        async with context.session() as session:
            stores = await repository.stores_by_code(session, [order.store_code for order in batch])
            await tills.write(session, batch, stores, await _importer(session, context))
        await context.progress(start + len(batch), len(orders))


async def _importer(session: Session, context: ImportContext) -> Actor:
    """Whoever imports, with what they may at this moment: a job's maker comes without rights; the command line reaches every store."""
    by = context.by
    if by.may(tills.IMPORT):
        return by
    if by.kind not in ("user", "api_key"):
        return msgspec.structs.replace(by, rights={tills.IMPORT: None})
    roles = roles_for(context.platform.plugins, "client", context.client.plugins)
    return msgspec.structs.replace(by, rights=await rights_now(session, roles, by))


def template() -> bytes:
    """The empty file with its headers."""
    return workbook.write("门店订单", [(column.title, "text") for column in COLUMNS], [])


def _read(table: Table) -> tuple[list[tuple[Line, TillOrder | None]], list[Verdict]]:
    lines: list[tuple[Line, TillOrder | None]] = []
    ignored = []
    for number, found in table.rows():
        if isinstance(found, Verdict):
            ignored.append(found)
            continue
        line = Line(number, found, table)
        platform, store, order = (line.take(column, cells.text, 64) for column in (PLATFORM, STORE, ORDER))
        day, fen = line.take(DAY, cells.day, table.sheet.epoch_1904), line.take(SETTLE, cells.money)
        if platform and platform not in _PLATFORMS:
            line.reject(PLATFORM, "platform_unknown", "平台应为美团、饿了么或拼多多")
        made = None if line.rejected else TillOrder(_PLATFORMS[platform], store, day, order, fen)
        lines.append((line, made))
    return lines, ignored


def _judge(line: Line, order: TillOrder, stores: Mapping[str, UUID], by: Actor, seen: set[tuple[str, str]]) -> None:
    store_id = stores.get(order.store_code)
    if store_id is None:
        line.reject(STORE, "store_unknown", "没有这个门店编码，请先在院区与科室中建立门店")
    elif not by.reaches(tills.IMPORT, store_id):
        line.reject(STORE, "beyond_your_scope", "这家门店不在您的管辖范围内")
    if order.bill_on > clock.today():
        line.reject(DAY, "in_the_future", "日期在今天之后")
    if (order.platform, order.order_no) in seen:
        line.reject(ORDER, "order_twice", "同一订单在文件中出现两次")
    seen.add((order.platform, order.order_no))
