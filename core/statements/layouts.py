"""How a file of somebody else's is laid out: which column, or which bytes, hold what. A person says it on screen (`field_maps.py`).

A column is named by its heading, or `#3` (the third) where there is no heading row; in a fixed-width file by its bytes, `12-20`, both
counted from 1 and both included.
"""

import re
from typing import Literal

import msgspec

from core.errors import InvalidRequest
from core.web.i18n import N_

Places = tuple[str, ...]
CHANNELS = ("wechatpay", "alipay", "unionpay", "stripe", "counter", "bank")
ENCODINGS = (("utf-8", "UTF-8"), ("gb18030", "GBK / GB18030"), ("utf-16", "UTF-16"))
DELIMITERS = ((",", N_("逗号 ,")), ("\t", N_("制表符 TAB")), (";", N_("分号 ;")), ("|", N_("竖线 |")), ("^", "^"))
TIME_FORMATS = (
    ("%Y-%m-%d %H:%M:%S", "2026-03-01 08:15:30"),
    ("%Y/%m/%d %H:%M:%S", "2026/03/01 08:15:30"),
    ("%Y-%m-%d %H:%M", "2026-03-01 08:15"),
    ("%Y/%m/%d %H:%M", "2026/03/01 08:15"),
    ("%Y%m%d%H%M%S", "20260301081530"),
    ("%Y%m%d %H%M%S", "20260301 081530"),
    ("%Y年%m月%d日 %H:%M:%S", "2026年03月01日 08:15:30"),
    ("iso", "2026-03-01T08:15:30+08:00"),
    ("%Y-%m-%d", "2026-03-01"),
    ("%Y/%m/%d", "2026/03/01"),
    ("%Y%m%d", "20260301"),
)
SIGNS = (
    ("plain", N_("总是正数，方向看交易类型")),
    ("minus_refund", N_("退款是负数，收款是正数")),
)
FEE_SIGNS = (
    ("cost", N_("收取为正数，退还为负数")),
    ("minus", N_("收取为负数，退还为正数")),
    ("plain", N_("总是正数，方向看交易类型")),
)
TOTALS = (("net", N_("收款减退款")), ("pay", N_("只算收款")), ("sum", N_("收款加退款")))
_BYTES = re.compile(r"([1-9][0-9]{0,4})-([1-9][0-9]{0,4})", re.ASCII)
_ORDINAL = re.compile(r"#([1-9][0-9]{0,2})", re.ASCII)
_CODE = re.compile(r"[a-z][a-z0-9-]{1,29}", re.ASCII)


class BadLayout(InvalidRequest):
    code = "BAD_LAYOUT"
    message = "字段映射还不能使用：{problems}"


class Layout(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A field map as it is kept. Empty means: the file has no such thing."""

    format: Literal["delimited", "excel", "fixed"] = "delimited"
    encoding: Literal["utf-8", "gb18030", "utf-16"] = "utf-8"
    delimiter: Literal[",", "\t", ";", "|", "^"] = ","
    quoted: bool = True
    sheet: str = ""
    header_row: int = 1
    """The line of the headings, from 1; 0: there is none."""
    first_row: int = 2
    """The line on which the data begin."""
    footer_rows: int = 0
    """Lines at the end that are no data."""
    comment: str = ""
    """Lines that begin with this are no data."""

    number: str = ""
    refund_number: str = ""
    """Where a refund's own number stands, if not in `number`; `number` then is the order it refunds."""
    order_number: str = ""
    kind: str = ""
    kind_pay: Places = ()
    kind_refund: Places = ()
    kind_other: Places = ()
    """Values of the kind column; a row of `kind_other` is kept and takes no part in matching, an unnamed value is a fault of the row."""
    amount: str = ""
    amount_unit: Literal["yuan", "fen"] = "yuan"
    amount_sign: Literal["plain", "minus_refund"] = "plain"
    fee: str = ""
    fee_sign: Literal["cost", "minus", "plain"] = "cost"
    time: str = ""
    clock: str = ""
    """A second column with the time of day, where `time` holds the day alone."""
    time_format: str = "%Y-%m-%d %H:%M:%S"
    status: str = ""
    status_counts: Places = ()
    channel: str = ""
    channel_values: dict[str, str] = {}
    """Value of the channel column → one of ours; a row of another value is kept and takes no part in matching."""
    channel_number: str = ""
    bill_number: str = ""
    serial: str = ""
    merchant: str = ""
    total_mark: str = ""
    """The total row begins with this word; its amount column holds the sum."""
    total_of: Literal["net", "pay", "sum"] = "net"


PLACES = (
    ("number", N_("商户订单号")),
    ("refund_number", N_("商户退款单号（与订单号不同列时）")),
    ("order_number", N_("退款的原订单号（退款单号与订单号同列时）")),
    ("kind", N_("交易类型")),
    ("amount", N_("金额")),
    ("fee", N_("手续费")),
    ("time", N_("时间（或日期）")),
    ("clock", N_("时刻（日期与时刻分两列时）")),
    ("status", N_("交易状态")),
    ("channel", N_("支付渠道")),
    ("channel_number", N_("渠道流水号")),
    ("bill_number", N_("账单号")),
    ("serial", N_("业务流水号")),
    ("merchant", N_("商户号（用于核对）")),
)
"""Every field that stands somewhere in the file, with its words."""


def bytes_of(place: str) -> tuple[int, int] | None:
    """`12-20` as the slice it means: bytes 12 to 20, counted from 1."""
    found = _BYTES.fullmatch(place)
    if found is None or int(found[1]) > int(found[2]):
        return None
    return int(found[1]) - 1, int(found[2])


def ordinal_of(place: str) -> int | None:
    """`#3` as an index, or None when the place is a heading."""
    found = _ORDINAL.fullmatch(place)
    return int(found[1]) - 1 if found else None


def is_code(text: str) -> bool:
    """Whether it can follow `map-` in a source's code."""
    return _CODE.fullmatch(text) is not None


def problems(layout: Layout, channel: str) -> dict[str, str]:
    """What keeps a layout from being used, by field, in words."""
    found: dict[str, str] = {}
    for name, what in (("number", N_("请指定商户订单号在哪一列")), ("amount", N_("请指定金额在哪一列"))):
        if not getattr(layout, name):
            found[name] = what
    if not layout.kind and layout.amount_sign == "plain":
        found["kind"] = N_("金额总是正数时，须指定交易类型列；或改为“退款是负数”")
    if layout.kind and not (layout.kind_pay or layout.kind_refund):
        found["kind_pay"] = N_("请填写哪些取值是收款，哪些是退款")
    if set(layout.kind_pay) & set(layout.kind_refund) | set(layout.kind_other) & {*layout.kind_pay, *layout.kind_refund}:
        found["kind_refund"] = N_("同一个取值只能归入一类")
    if layout.status and not layout.status_counts:
        found["status_counts"] = N_("请填写哪些状态算成功")
    if not channel and not layout.channel:
        found["channel"] = N_("请选择固定渠道，或指定支付渠道在哪一列")
    if layout.channel and not layout.channel_values:
        found["channel_values"] = N_("请填写每种取值对应哪个渠道")
    if any(code not in CHANNELS for code in layout.channel_values.values()):
        found["channel_values"] = N_("渠道只能是列出的几种")
    if layout.clock and not layout.time:
        found["time"] = N_("请指定日期在哪一列")
    if layout.refund_number and layout.order_number:
        found["order_number"] = N_("退款单号另有一列时，订单号列就是原订单号，这里请留空")
    if layout.time_format not in dict(TIME_FORMATS):
        found["time_format"] = N_("请选择列出的时间格式")
    return found | _bad_rows(layout) | _bad_places(layout)


def _bad_rows(layout: Layout) -> dict[str, str]:
    found = {}
    if layout.format != "fixed" and not 0 <= layout.header_row <= 200:
        found["header_row"] = N_("请填写 0 至 200 的行号")
    if not 1 <= layout.first_row <= 1000 or (layout.format != "fixed" and layout.first_row <= layout.header_row):
        found["first_row"] = N_("数据须从表头之后的行开始")
    if not 0 <= layout.footer_rows <= 1000:
        found["footer_rows"] = N_("请填写 0 至 1000")
    return found


def _bad_places(layout: Layout) -> dict[str, str]:
    found = {}
    for name, _ in PLACES:
        place = getattr(layout, name)
        if not place:
            continue
        if layout.format == "fixed" and bytes_of(place) is None:
            found[name] = N_("请写成字节范围，例如 12-20")
        elif layout.format != "fixed" and not layout.header_row and ordinal_of(place) is None:
            found[name] = N_("没有表头时请写成列号，例如 #3")
    return found
