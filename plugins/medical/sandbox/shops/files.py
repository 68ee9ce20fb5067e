"""A day's orders as each platform writes them: three files with other columns, encodings and ways to write yuan. All invented."""

import csv
import datetime as dt
import io

import xlsxwriter

from core.money import format_yuan
from plugins.medical.sandbox.shops.orders import Order

SUFFIX = {"meituan": "csv", "eleme": "xlsx", "pdd": "csv"}
PAGE = "<!DOCTYPE html><html><head><title>系统维护</title></head><body>系统维护中，请稍后再试</body></html>".encode()


def write(platform: str, day: dt.date, orders: list[Order], changed: bool = False, formula: bool = False) -> bytes:
    """A day's file. `changed` renames a column, `formula` puts one into a cell."""
    made = {"meituan": _meituan, "eleme": _eleme, "pdd": _pdd}[platform]
    return made(day, orders, changed, formula)


def _meituan(day: dt.date, orders: list[Order], changed: bool, formula: bool) -> bytes:
    """CSV in GBK with thousands separators."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    head = ["门店ID", "账单日期", "订单编号", "订单状态", "下单时间", "完成时间", "商品金额", "商家活动支出", "平台补贴", "商家配送费", "技术服务费",
            "退款金额", "结算金额"]  # fmt: skip
    writer.writerow(["结算净额" if changed and name == "结算金额" else name for name in head])
    for order in orders:
        fens = (order.item_fen, order.promotion_fen, order.subsidy_fen, order.delivery_fen, order.service_fen, order.refund_fen)
        times = [f"{at:%Y-%m-%d %H:%M:%S}" for at in (order.ordered_at, order.finished_at)]
        cells = [order.store, f"{day:%Y-%m-%d}", order.order_no, order.status, *times]
        settle = "=1+1" if formula else format_yuan(order.settle_fen)
        writer.writerow([*cells, *(format_yuan(fen) for fen in fens), settle])
    return out.getvalue().encode("gbk")


def _eleme(day: dt.date, orders: list[Order], changed: bool, formula: bool) -> bytes:
    """A workbook with a title above the header, costs below zero, a row of sums."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("账单明细")
    sheet.write(0, 0, f"商户账单 {day:%Y/%m/%d}")
    head = ["商户门店编号", "业务日期", "订单号", "状态", "下单时间", "送达时间", "商品原价", "商户承担优惠", "平台承担补贴", "配送服务费", "平台佣金",
            "顾客退款", "应结金额"]  # fmt: skip
    sheet.write_row(2, 0, ["应结净额" if changed and name == "应结金额" else name for name in head])
    for place, order in enumerate(orders, 3):
        sheet.write_row(place, 0, [order.store, f"{day:%Y/%m/%d}", order.order_no, order.status])
        sheet.write_row(place, 4, [f"{order.ordered_at:%Y/%m/%d %H:%M}", f"{order.finished_at:%Y/%m/%d %H:%M}"])
        fens = (order.item_fen, -order.promotion_fen, order.subsidy_fen, -order.delivery_fen, -order.service_fen, -order.refund_fen)
        for column, fen in enumerate(fens, 6):
            sheet.write_number(place, column, _yuan(fen))
        if formula:
            sheet.write_formula(place, 12, f"=SUM(G{place + 1}:K{place + 1})", None, _yuan(order.settle_fen))
        else:
            sheet.write_number(place, 12, _yuan(order.settle_fen))
    sheet.write(len(orders) + 3, 0, "合计")
    sheet.write_number(len(orders) + 3, 12, _yuan(sum(order.settle_fen for order in orders)))
    book.close()
    return out.getvalue()


def _pdd(day: dt.date, orders: list[Order], changed: bool, formula: bool) -> bytes:
    """CSV in UTF-8 with a mark, the settlement before what it is made of, income and costs apart, no needless zeros."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    head = ["订单号", "店铺编号", "结算日期", "净结算(元)", "收入-商品(元)", "收入-平台优惠(元)", "支出-店铺优惠(元)", "支出-运费(元)", "支出-技术服务费(元)",
            "支出-退款(元)", "订单状态", "成交时间", "结算时间"]  # fmt: skip
    writer.writerow(["净额(元)" if changed and name == "净结算(元)" else name for name in head])
    for order in orders:
        fens = (order.item_fen, order.subsidy_fen, order.promotion_fen, order.delivery_fen, order.service_fen, order.refund_fen)
        settle = "=1+1" if formula else _short(order.settle_fen)
        cells = [f"\t{order.order_no}", order.store, f"{day:%Y%m%d}", settle, *(_short(fen) for fen in fens), order.status]
        writer.writerow([*cells, f"{order.ordered_at:%Y-%m-%d %H:%M:%S}", f"{order.finished_at:%Y-%m-%d %H:%M:%S}"])
    writer.writerow(["汇总", "", "", _short(sum(order.settle_fen for order in orders))])
    return out.getvalue().encode("utf-8-sig")


def _yuan(fen: int) -> float:
    """As a workbook stores it."""
    return float(format_yuan(fen).replace(",", ""))


def _short(fen: int) -> str:
    return format_yuan(fen).replace(",", "").rstrip("0").rstrip(".")
