"""A first guess at how a sample is laid out, so that a person corrects rather than begins: encoding, separator, headings, known titles."""

import csv
import io
from collections import Counter

import msgspec

from core.imports import errors as unreadable
from core.imports import sheets
from core.statements import mapping_values as values
from core.statements.layouts import DELIMITERS, TIME_FORMATS, Layout
from core.statements.mapping_values import CellFault

TITLES = {
    "number": ("商户订单号", "商户单号", "订单号", "支付订单号", "外部订单号", "order_no", "out_trade_no", "merchant_order_no", "order number"),
    "refund_number": ("商户退款单号", "退款单号", "merchant_refund_no", "out_refund_no"),
    "order_number": ("原商户订单号", "原订单号", "原交易订单号", "original_order_no"),
    "kind": ("交易类型", "业务类型", "收支类型", "类型", "type", "kind"),
    "amount": ("现金支付", "订单金额", "交易金额", "支付金额", "实收金额", "金额", "金额(元)", "amount", "amount_fen", "金额（元）"),
    "fee": ("手续费", "服务费", "fee", "fee_fen"),
    "time": ("交易时间", "支付时间", "完成时间", "收费时间", "时间", "paid_at", "time", "交易日期", "日期"),
    "status": ("交易状态", "支付状态", "状态", "status"),
    "channel": ("支付方式", "支付渠道", "渠道", "channel", "pay_type"),
    "channel_number": ("渠道流水号", "渠道订单号", "微信订单号", "支付宝交易号", "transaction_id"),
    "bill_number": ("账单号", "bill_no", "账单编号"),
    "serial": ("流水号", "业务流水号", "HIS流水号", "系统流水号", "serial"),
    "merchant": ("商户号", "mchid", "merchant_id"),
}
CHANNEL_WORDS = {"微信": "wechatpay", "微信支付": "wechatpay", "支付宝": "alipay", "银联": "unionpay", "云闪付": "unionpay"}
CHANNEL_WORDS |= {"境外卡": "stripe", "信用卡": "stripe"}
CHANNEL_WORDS |= {code: code for code in ("wechatpay", "alipay", "unionpay", "stripe")}
PAY_WORDS = frozenset("支付 收款 缴费 交易 消费 收入 付款 收费 PAY pay payment charge SUCCESS 正常".split())
REFUND_WORDS = frozenset("退款 退费 支出 退货 REFUND refund".split())
GOOD_WORDS = frozenset("成功 支付成功 已支付 交易成功 succeeded success SUCCESS paid 已完成 完成".split())
LOOK_ROWS = 60


def guess(content: bytes, name: str) -> Layout:
    """What a sample looks like. Never raises: an unreadable one is guessed to be plain text."""
    if content.startswith((*sheets.ZIP, sheets.OLD_EXCEL)):
        return _guess_excel(content)
    encoding = _encoding(content)
    text = content.decode(encoding, errors="replace").removeprefix("\ufeff")
    lines = text.splitlines()[:LOOK_ROWS]
    delimiter = _delimiter(lines)
    if delimiter is None:
        return Layout(format="fixed", encoding=encoding, header_row=0, first_row=1)
    try:
        rows = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter))
    except csv.Error:
        rows = [line.split(delimiter) for line in lines]
    return _columns(Layout(format="delimited", encoding=encoding, delimiter=delimiter), rows)


def _guess_excel(content: bytes) -> Layout:
    try:
        rows = [[str(cell) for cell in row] for row in sheets.Workbook(content, "sample.xlsx").sheet().rows[:LOOK_ROWS]]
    except unreadable.FileRefused:
        rows = []
    return _columns(Layout(format="excel"), rows)


def _encoding(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        content[:65536].decode("utf-8")
    except UnicodeDecodeError as fault:
        return "utf-8" if fault.end >= 65530 else "gb18030"
    return "utf-8"


def _delimiter(lines: list[str]) -> str | None:
    """The separator that most lines have equally often; None: probably fixed width."""
    best, most = None, 0
    for code, _ in DELIMITERS:
        counts = Counter(line.count(code) for line in lines if code in line)
        times, same = max(counts.items(), key=lambda item: item[1], default=(0, 0))
        if same * 2 >= len(lines) and times * same > most:
            best, most = code, times * same
    return best


def _columns(layout: Layout, rows: list[list[str]]) -> Layout:
    """The heading row is the one with the most known titles; what they stand for is filled in."""
    known = {title.lower(): name for name, titles in TITLES.items() for title in titles}
    at, found = 0, 0
    for number, row in enumerate(rows[:30]):
        hits = sum(cell.strip().lower() in known for cell in row)
        if hits > found:
            at, found = number, hits
    if not found:
        at = 0
    titles = [cell.strip() for cell in rows[at]] if rows else []
    places: dict[str, str] = {}
    for name, words in TITLES.items():
        place = next((title for word in words for title in titles if title.lower() == word.lower()), "")
        if place and titles.count(place) == 1 and place not in places.values():
            places[name] = place
    body = [dict(zip(titles, row, strict=False)) for row in rows[at + 1 :]]
    return msgspec.structs.replace(layout, header_row=at + 1, first_row=at + 2, **places, **_values(places, body))


def _values(places: dict[str, str], body: list[dict[str, str]]) -> dict[str, object]:
    """What the values of the sample say: which are refunds, which count, how times are written, whether amounts carry a sign."""
    seen = {name: list(dict.fromkeys(row.get(place, "").strip().lstrip("`") for row in body)) for name, place in places.items()}
    found: dict[str, object] = {}
    if "kind" in seen:
        refunds = tuple(word for word in seen["kind"] if word in REFUND_WORDS)
        rest = [word for word in seen["kind"] if word and word not in refunds]
        found["kind_pay"] = tuple(word for word in rest if word in PAY_WORDS) or tuple(rest[:12])
        found["kind_refund"] = refunds or ("退款",)
    if "status" in seen:
        found["status_counts"] = tuple(word for word in seen["status"] if word in GOOD_WORDS)
    if "channel" in seen:
        found["channel_values"] = {word: CHANNEL_WORDS[word] for word in seen["channel"] if word in CHANNEL_WORDS}
    if "time" in seen:
        found["time_format"] = next((form for form, _ in TIME_FORMATS if any(_reads(word, form) for word in seen["time"])), TIME_FORMATS[0][0])
    if "amount" in seen:
        found["amount_unit"] = "fen" if places["amount"].endswith("_fen") or "分" in places["amount"] else "yuan"
        if "kind" not in seen or any(word.startswith("-") for word in seen["amount"]):
            found["amount_sign"] = "minus_refund"
    return found


def _reads(word: str, form: str) -> bool:
    try:
        values.instant(word, "", form)
    except CellFault:
        return False
    return True
