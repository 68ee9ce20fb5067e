"""Six vendors' statements of one day: two WeChat Pay numbers, two Alipay accounts, UnionPay and a card gateway, as each of them writes it."""

import datetime as dt
import zipfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from core.bench.statement_files import DAY, amount_fen, make_wechat_file, order_number
from core.clock import SHANGHAI
from core.statements.sources.alipay import LAYOUT as ALIPAY
from core.statements.sources.stripe import LAYOUT

UNION_WIDTHS = (
    3, 11, 11, 6, 10, 19, 12, 4, 2, 21, 2, 32, 2, 6, 10, 13, 13, 4, 15, 2, 2, 6, 2, 4, 32, 1, 21, 15, 1, 15, 32, 13, 13, 8, 32, 13, 13, 12, 2, 1, 131,
)  # fmt: skip


class Vendor(msgspec.Struct, frozen=True):
    """One statement: whose number it is, what its trades cost in millionths, where its orders begin."""

    source: str
    channel: str
    number: str
    ppm: int
    first: int


def vendors(rows: int) -> list[Vendor]:
    """The six, each with orders of its own."""
    told = (
        ("wechatpay-trade", "wechatpay", "1999000311", 6000), ("wechatpay-trade", "wechatpay", "1999000312", 6000),
        ("alipay-trade", "alipay", "2088990000031101", 5500), ("alipay-trade", "alipay", "2088990000031102", 5500),
        ("unionpay", "unionpay", "999391080620031", 6000), ("stripe-balance", "stripe", "qWuHosp0", 29_000),
    )  # fmt: skip
    return [Vendor(*each, place * rows) for place, each in enumerate(told)]


def write(vendor: Vendor, folder: Path, rows: int) -> Path:
    """A vendor's file of so many payments."""
    path = folder / f"{vendor.source}-{vendor.number}"
    match vendor.channel:
        case "wechatpay":
            make_wechat_file(path.with_suffix(".csv"), rows, mchid=vendor.number, first=vendor.first, refund_every=0)
            return path.with_suffix(".csv")
        case "alipay":
            return _alipay(vendor, folder / f"{vendor.number}.zip", rows)
        case "unionpay":
            return _unionpay(vendor, folder / f"INN{DAY:%y%m%d}88ZM_{vendor.number}", rows)
    return _stripe(vendor, path.with_suffix(".csv"), rows)


def fee(vendor: Vendor, fen: int) -> int:
    """What a payment costs there, rounded half up."""
    return (fen * vendor.ppm + 500_000) // 1_000_000


def _trades(vendor: Vendor, rows: int) -> Iterator[tuple[int, str, int, int, dt.datetime]]:
    midnight = dt.datetime.combine(DAY, dt.time(), SHANGHAI)
    for n in range(rows):
        index = vendor.first + n
        fen = amount_fen(index)
        yield index, order_number(index), fen, fee(vendor, fen), midnight + dt.timedelta(seconds=n * 79_000 // rows)


def _alipay(vendor: Vendor, path: Path, rows: int) -> Path:
    day, account = f"{DAY:%Y年%m月%d日} 00:00:00", f"{vendor.number}0156"
    rule = "-" * 41
    head = f"#支付宝业务明细查询\r\n#账号：[{account}]\r\n#起始日期：[{day}]   终止日期：[{DAY + dt.timedelta(days=1):%Y年%m月%d日} 00:00:00]\r\n"
    lines, total = [f"{head}#{rule}业务明细列表{rule}", ",".join(ALIPAY)], 0
    for index, number, fen, cost, at in _trades(vendor, rows):
        yuan, total = _yuan(fen), total + fen
        lines.append(
            f"20260301220014{index:014d}\t,{number}\t,交易,缴费,{at:%Y-%m-%d %H:%M:%S}\t,{at:%Y-%m-%d %H:%M:%S}\t,MZ01\t,一号门店,,,*玉(186****7407)\t,"
            f"{yuan},{yuan},0.00,0.00,0.00,0.00,0.00,,0.00,0.00,\t,-{_yuan(cost)},0.00,"
        )
    lines.append(f"#{rule}业务明细列表结束{rule}")
    lines.append(f"#交易合计：{rows}笔，商家实收共{_yuan(total)}元，商家优惠共0.00元")
    lines.append("#退款合计：0笔，商家实收退款共0.00元，商家优惠退款共0.00元\r\n#导出时间：[2026年03月02日 05:46:49]\r\n")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{account}_{DAY:%Y%m%d}_业务明细.csv", "\r\n".join(lines).encode("gbk"))
    return path


def _unionpay(vendor: Vendor, path: Path, rows: int) -> Path:
    records = []
    for index, number, fen, cost, at in _trades(vendor, rows):
        cells = [
            "S22", "00049993", "00049993", f"{index % 10**6:06d}", f"{at:%m%d%H%M%S}", "625912*********8510", f"{fen:012d}", "8062", "07",
            f"7826030{index:014d}", "", number, "02", "", "", f"D{cost:012d}", f"C{fen - cost:012d}", "0001", "", "01", "", "000201", "01", "", "",
            "0", "", vendor.number, "0", "0" * 15, "", "0" * 12, f"C{fen - cost:012d}", "01080001", "", "0" * 12, "0" * 12, "0" * 11, "00", "0", "",
        ]  # fmt: skip
        records.append(" ".join(cell.ljust(width) for cell, width in zip(cells, UNION_WIDTHS, strict=True)))
    path.write_bytes(("\r\n".join(records) + "\r\n").encode("gbk"))
    return path


def _stripe(vendor: Vendor, path: Path, rows: int) -> Path:
    lines = [",".join(LAYOUT)]
    for index, number, fen, cost, at in _trades(vendor, rows):
        utc, key = at - dt.timedelta(hours=8), f"3S{index:08d}{vendor.number}"
        lines.append(
            f"txn_{key},{utc:%Y-%m-%d %H:%M:%S},{at:%Y-%m-%d %H:%M:%S},2026-03-05 00:00:00,cny,{_yuan(fen)},{_yuan(cost)},{_yuan(fen - cost)},charge,"
            f"ch_{key},Order,{_yuan(fen)},cny,,,,ch_{key},pi_{key},{at:%Y-%m-%d %H:%M:%S},{number},"
        )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"
