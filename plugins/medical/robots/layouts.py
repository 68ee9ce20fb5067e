"""The statements of three shop platforms, read into one shape. Columns are invented and neutral: the platforms publish none (domain book §4.7).

A file is judged whole: one row that does not add up, of another day or of a shop that is not ours, and nothing of it is taken in.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from core import clock, money
from core.imports.sheets import ErrorValue, Formula
from plugins.medical.robots.endings import FormatChanged, NoOrders, Refused

AMOUNTS = ("item", "promotion", "subsidy", "delivery", "service", "refund", "settle")
HEAD_ROWS = 10
"""How far down the header may stand."""
_TIMES = ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M")
_DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d")


class Layout(msgspec.Struct, frozen=True):
    """A platform's columns by our names; `costs_negative` where what the shop bears stands with a minus, `total` names the row of sums."""

    suffix: str
    columns: Mapping[str, str]
    costs_negative: bool = False
    total: str = ""


class ShopLine(msgspec.Struct, frozen=True, kw_only=True):
    """One order as its platform states it; fen, none negative but a settlement."""

    row: int
    platform_store: str
    order_no: str
    status: str
    ordered_at: dt.datetime | None
    finished_at: dt.datetime | None
    item_fen: int
    promotion_fen: int
    subsidy_fen: int
    delivery_fen: int
    service_fen: int
    refund_fen: int
    settle_fen: int


LAYOUTS = {
    "meituan": Layout(
        ".csv",
        {
            "store": "门店ID", "day": "账单日期", "order": "订单编号", "status": "订单状态", "ordered": "下单时间", "finished": "完成时间",
            "item": "商品金额", "promotion": "商家活动支出", "subsidy": "平台补贴", "delivery": "商家配送费", "service": "技术服务费", "refund": "退款金额",
            "settle": "结算金额",
        },
    ),
    "eleme": Layout(
        ".xlsx",
        {
            "store": "商户门店编号", "day": "业务日期", "order": "订单号", "status": "状态", "ordered": "下单时间", "finished": "送达时间", "item": "商品原价",
            "promotion": "商户承担优惠", "subsidy": "平台承担补贴", "delivery": "配送服务费", "service": "平台佣金", "refund": "顾客退款", "settle": "应结金额",
        },
        costs_negative=True, total="合计",
    ),
    "pdd": Layout(
        ".csv",
        {
            "store": "店铺编号", "day": "结算日期", "order": "订单号", "status": "订单状态", "ordered": "成交时间", "finished": "结算时间",
            "settle": "净结算(元)", "item": "收入-商品(元)", "subsidy": "收入-平台优惠(元)", "promotion": "支出-店铺优惠(元)", "delivery": "支出-运费(元)",
            "service": "支出-技术服务费(元)", "refund": "支出-退款(元)",
        },
        total="汇总",
    ),
}  # fmt: skip


def read(platform: str, rows: Sequence[Sequence[object]], day: dt.date, stores: Mapping[str, object]) -> list[ShopLine]:
    """The orders of a day. Raises FormatChanged with row, column and value, Refused for what may not be taken in, NoOrders for none at all."""
    layout = LAYOUTS[platform]
    head, places = _header(layout, rows)
    lines: list[ShopLine] = []
    total = None
    for number, cells in enumerate(rows[head + 1 :], head + 2):
        row = _Row(layout, places, cells, number)
        first = row.text("store")
        if not any(_plain(cell) for cell in cells):
            continue
        if layout.total and (first == layout.total or _plain(cells[0]) == layout.total):
            total = row.fen("settle")
            continue
        if total is not None:
            row.wrong("store", "after_total")
        lines.append(_line(row, layout, day, stores))
    _check_file(lines, total)
    return lines


def _line(row: "_Row", layout: Layout, day: dt.date, stores: Mapping[str, object]) -> ShopLine:
    store, order = row.text("store"), row.text("order")
    if store not in stores:
        raise Refused("store_unknown", row=row.number, column=layout.columns["store"], value=store)
    if row.day("day") != day:
        row.wrong("day", "other_day")
    if not order or len(order) > 64:
        row.wrong("order", "no_order_number")
    fens = {f"{name}_fen": row.fen(name) for name in AMOUNTS}
    if layout.costs_negative:
        fens |= {f"{name}_fen": -fens[f"{name}_fen"] for name in ("promotion", "delivery", "service", "refund")}
    for name in AMOUNTS[:-1]:
        if fens[f"{name}_fen"] < 0:
            row.wrong(name, "sign_changed")
    due = settle_of(fens)
    if due != fens["settle_fen"]:
        row.wrong("settle", "does_not_add_up", due=money.format_yuan(due))
    return ShopLine(
        row=row.number, platform_store=store, order_no=order, status=row.text("status")[:40], ordered_at=row.time("ordered"),
        finished_at=row.time("finished"), **fens,
    )  # fmt: skip


def settle_of(fens: Mapping[str, int]) -> int:
    """What a platform owes for an order: item − promotion − service − delivery + subsidy (domain book §4.6)."""
    return fens["item_fen"] - fens["promotion_fen"] - fens["service_fen"] - fens["delivery_fen"] + fens["subsidy_fen"]


def _check_file(lines: Sequence[ShopLine], total: int | None) -> None:
    seen: dict[str, int] = {}
    for line in lines:
        if line.order_no in seen:
            raise FormatChanged("order_twice", row=line.row, value=line.order_no)
        seen[line.order_no] = line.row
    if total is not None and total != sum(line.settle_fen for line in lines):
        raise FormatChanged("total_differs", value=money.format_yuan(total), due=money.format_yuan(sum(line.settle_fen for line in lines)))
    if not lines:
        raise NoOrders("empty_file")


def _header(layout: Layout, rows: Sequence[Sequence[object]]) -> tuple[int, dict[str, int]]:
    """Where the header stands and which column is where; names count, not places."""
    best: list[str] = list(layout.columns.values())
    for number, cells in enumerate(rows[:HEAD_ROWS]):
        titles = [_plain(cell) for cell in cells]
        missing = [title for title in layout.columns.values() if title not in titles]
        if not missing:
            twice = [title for title in layout.columns.values() if titles.count(title) > 1]
            if twice:
                raise FormatChanged("column_twice", column=twice[0])
            return number, {name: titles.index(title) for name, title in layout.columns.items()}
        best = missing if len(missing) < len(best) else best
    raise FormatChanged("columns_missing", column="、".join(best))


class _Row:
    """A row by our names; a cell that cannot be read is named with its column."""

    def __init__(self, layout: Layout, places: Mapping[str, int], cells: Sequence[object], number: int) -> None:
        self.layout, self.places, self.cells, self.number = layout, places, cells, number
        for cell in cells:
            if isinstance(cell, Formula) or (isinstance(cell, str) and cell.lstrip().startswith(("=", "@"))):
                raise Refused("formula", row=number)

    def cell(self, name: str) -> object:
        place = self.places[name]
        return self.cells[place] if place < len(self.cells) else ""

    def text(self, name: str) -> str:
        return _plain(self.cell(name))

    def fen(self, name: str) -> int:
        cell = self.cell(name)
        if isinstance(cell, bool | ErrorValue | dt.date):
            self.wrong(name, "not_an_amount")
        try:
            return money.yuan(cell if isinstance(cell, int | Decimal) else _plain(cell) or "")
        except money.BadAmount:
            self.wrong(name, "not_an_amount")
        raise AssertionError("unreachable")

    def day(self, name: str) -> dt.date:
        cell = self.cell(name)
        if isinstance(cell, dt.datetime):
            return cell.date()
        if isinstance(cell, dt.date):
            return cell
        found = _parsed(_plain(cell), _DAYS)
        if found is None:
            self.wrong(name, "not_a_day")
        return found.date()

    def time(self, name: str) -> dt.datetime | None:
        cell = self.cell(name)
        if isinstance(cell, dt.datetime):
            return cell.replace(tzinfo=clock.SHANGHAI)
        if not _plain(cell):
            return None
        found = _parsed(_plain(cell), _TIMES)
        if found is None:
            self.wrong(name, "not_a_time")
        return found.replace(tzinfo=clock.SHANGHAI)

    def wrong(self, name: str, code: str, **facts: str) -> None:
        raise FormatChanged(code, row=self.number, column=self.layout.columns[name], value=self.text(name), **facts)


def _plain(cell: object) -> str:
    return " ".join(str(cell).replace("\0", "").split()) if cell is not None and not isinstance(cell, Formula | ErrorValue) else ""


def _parsed(text: str, shapes: Sequence[str]) -> dt.datetime | None:
    for shape in shapes:
        try:
            return dt.datetime.strptime(text, shape)
        except ValueError:
            continue
    return None
