"""The sample files as statements, read by the tests themselves: the engine is proved without the importer."""

import csv
import datetime as dt
import gzip
import io
import zipfile
from decimal import Decimal

from sqlalchemy import insert, update

from core import ids
from core.clock import SHANGHAI
from core.statements.models import line, statement
from tests.samples import SAMPLES

WAYS = {"微信": "wechatpay", "支付宝": "alipay", "银联": "unionpay", "境外卡": "stripe"}
MERCHANTS = {"wechatpay": "1999000311", "alipay": "2088990000031101", "unionpay": "999391080620031", "stripe": "qWuHosp0"}
SOURCES = {"wechatpay": "wechatpay-trade", "alipay": "alipay-trade", "unionpay": "unionpay", "stripe": "stripe-balance"}


def fen(text: str) -> int:
    return int(Decimal(text.strip() or "0") * 100)


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text.strip()).replace(tzinfo=SHANGHAI)


def read(folder: str, name: str) -> bytes:
    """A sample file, uncompressed."""
    path = SAMPLES / "statements" / folder / name
    return path.read_bytes() if path.exists() else gzip.decompress(path.with_name(name + ".gz").read_bytes())


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def row(channel: str, kind: str, number: str, amount_fen: int, **given: object) -> dict[str, object]:
    """A normalised line."""
    names = ("order_number", "channel_number", "channel_order_number", "fee_fen", "net_fen", "happened_at", "settle_on", "bill_number", "serial")
    return {"channel": channel, "kind": kind, "number": number, "amount_fen": amount_fen, "counts": True, "status": "", **dict.fromkeys(names), **given}


def wechatpay(folder: str, day: str, suffix: str = "") -> list[dict[str, object]]:
    rows = []
    for text in read(folder, f"wechatpay-trade-{day}{suffix}.csv").decode().split("\r\n")[1:]:
        cells = [cell.lstrip("`") for cell in text.split(",`")]
        if len(cells) != 27:
            continue
        refund, fee = cells[9] == "REFUND", int((Decimal(cells[22]) * 100).to_integral_value("ROUND_HALF_UP"))
        amount = fen(cells[25] if refund else cells[24])
        net = (-fen(cells[16]) if refund else fen(cells[12])) - fee
        given = {"channel_number": cells[14], "channel_order_number": cells[5]} if refund else {"channel_number": cells[5]}
        number = cells[15] if refund else cells[6]
        kind = "refund" if refund else "pay"
        rows.append(row("wechatpay", kind, number, amount, fee_fen=fee, net_fen=net, order_number=cells[6], happened_at=moment(cells[0]), **given))
    return rows


def alipay(folder: str, day: str) -> list[dict[str, object]]:
    with zipfile.ZipFile(io.BytesIO(read(folder, f"alipay-trade-{day}.zip"))) as archive:
        texts = [archive.read(name).decode("gbk") for name in archive.namelist()]
    text = next(text for text in texts if "业务明细列表" in text or "支付宝交易号" in text)
    lines = [each for each in text.split("\r\n") if not each.startswith("#")]
    rows = []
    for cells in table("\n".join(lines)):
        found = {name.strip(): (value or "").strip() for name, value in cells.items() if name}
        refund = found["业务类型"] == "退款"
        amount, fee = abs(fen(found["订单金额（元）"])), abs(fen(found["服务费（元）"]))
        order, number = found["商户订单号"], found["退款批次号/请求号"] if refund else found["商户订单号"]
        net = abs(fen(found["商家实收（元）"])) - fee
        given = {"channel_order_number": found["支付宝交易号"]} if refund else {"channel_number": found["支付宝交易号"]}
        sign = -1 if refund else 1
        kind = "refund" if refund else "pay"
        moved = {"fee_fen": sign * fee, "net_fen": sign * net, "happened_at": moment(found["完成时间"])}
        rows.append(row("alipay", kind, number, amount, order_number=order, **moved, **given))
    return rows


WIDTHS = (3, 11, 11, 6, 10, 19, 12, 4, 2, 21, 2, 32, 2, 6, 10, 13, 13, 4, 15, 2, 2, 6, 2, 4, 32, 1, 21, 15, 1, 15, 32, 13, 13, 8, 32, 13, 13, 12, 2, 1, 131)


def unionpay(folder: str, day: str) -> list[dict[str, object]]:
    with zipfile.ZipFile(io.BytesIO(read(folder, f"unionpay-{day}.zip"))) as archive:
        content = archive.read(archive.namelist()[0])
    return [_union_row(record, day) for record in content.split(b"\r\n") if record]


def _union_row(record: bytes, day: str) -> dict[str, object]:
    cells, start = [""], 0
    for width in WIDTHS:
        cells.append(record[start : start + width].decode("gbk", "replace").strip())
        start += width + 1
    refund = cells[20] == "04"
    fee, net = (int(cells[n][1:] or 0) * (-1 if cells[n][:1] == minus else 1) for n, minus in ((16, "C"), (17, "D")))
    at = dt.datetime.strptime(day[:4] + cells[5], "%Y%m%d%H%M%S").replace(tzinfo=SHANGHAI)
    given = {"channel_number": cells[10], "order_number": cells[41][:32].strip() if refund else cells[12]}
    moved = {"fee_fen": fee, "net_fen": net, "happened_at": at, "channel_order_number": cells[27] if refund else None}
    return row("unionpay", "refund" if refund else "pay", cells[12], int(cells[7]), **moved, **given)


def stripe(folder: str, day: str) -> list[dict[str, object]]:
    rows = []
    for cells in table(read(folder, f"stripe-balance-{day}.csv").decode()):
        kind = {"charge": "pay", "refund": "refund"}.get(cells["reporting_category"])
        if kind is None:
            continue
        order, refund = cells["payment_metadata[merchant_order_no]"], cells["refund_metadata[merchant_refund_no]"]
        given = {"channel_number": cells["source_id"], "channel_order_number": cells["charge_id"] if kind == "refund" else None}
        moved = {"fee_fen": fen(cells["fee"]), "net_fen": fen(cells["net"]), "happened_at": moment(cells["created"])}
        rows.append(row("stripe", kind, refund if kind == "refund" else order, abs(fen(cells["gross"])), order_number=order, **moved, **given))
    return rows


def his(folder: str, day: str) -> list[dict[str, object]]:
    rows = []
    for cells in table(read(folder, f"his-{day}.csv").decode("utf-8-sig")):
        channel = WAYS.get(cells["支付方式"])
        kind = "refund" if cells["业务类型"] == "退费" else "pay"
        given = {"serial": cells["HIS流水号"], "happened_at": moment(cells["交易时间"]), "counts": channel is not None}
        rows.append(row(channel or "", kind, cells["商户订单号"], abs(fen(cells["现金支付"])), **given))
    return rows


def platform(folder: str, day: str, suffix: str = "") -> list[dict[str, object]]:
    rows = []
    for cells in table(read(folder, f"platform-{day}{suffix}.csv").decode()):
        refund, done = cells["type"] == "REFUND", cells["status"] in ("succeeded", "success")
        number = cells["merchant_refund_no"] if refund else cells["merchant_order_no"]
        at = dt.datetime.fromisoformat(cells["paid_at"]) if cells["paid_at"] else None
        given = {"order_number": cells["merchant_order_no"], "bill_number": cells["bill_no"], "fee_fen": int(cells["fee_fen"])}
        kind = "refund" if refund else "pay"
        rows.append(row(cells["channel"], kind, number, int(cells["amount_fen"]), status=cells["status"], counts=done, happened_at=at, **given))
    return rows


async def load(session, source: str, side: str, day: str, rows: list[dict[str, object]], channel: str = "", other: int = 0) -> None:
    """One statement in place of the one before it."""
    on, merchant = dt.date.fromisoformat(day), MERCHANTS.get(channel, "")
    old = (statement.c.source == source) & (statement.c.merchant_number == merchant) & (statement.c.bill_on == on) & (statement.c.status == "loaded")
    await session.execute(update(statement).where(old).values(status="superseded"))
    statement_id, counted = ids.uuid7(), sum(bool(each["counts"]) for each in rows)
    head = {
        "id": statement_id, "source": source, "side": side, "channel": channel, "merchant_number": merchant, "bill_on": on, "status": "loaded",
        "verdict": "accept", "reason_code": "", "reason": "", "file_name": source, "sha256": statement_id.bytes, "size": 1, "lines": len(rows),
        "rows_loaded": len(rows), "ignored_lines": len(rows) - counted, "other_lines": other, "origin": "test", "made_by": "test",
    }  # fmt: skip
    await session.execute(insert(statement), head)
    for start in range(0, len(rows), 5_000):
        numbered = [{"statement_id": statement_id, "row_no": n, "line_no": n, **each} for n, each in enumerate(rows[start : start + 5_000], start + 1)]
        await session.execute(insert(line), numbered)


async def load_day(session, folder: str, day: str, channels: tuple[str, ...] = ("wechatpay",), suffix: str = "") -> None:
    """Every file of a day of a sample folder."""
    await load(session, "his", "business", day, his(folder, day))
    await load(session, "platform", "platform", day, platform(folder, day, suffix))
    for channel in channels:
        reader = globals()[channel]
        rows = reader(folder, day, suffix) if suffix else reader(folder, day)
        await load(session, SOURCES[channel], "channel", day, rows, channel, other=2 if channel == "stripe" else 0)
