"""The columns of WeChat Pay's files (WeChat Pay v3 §9.2), and finding them by name wherever they stand."""

from collections.abc import Sequence

from core.statements.protocol import FileRefused, Notes

_HEAD = "交易时间 公众账号ID 商户号 特约商户号 设备号 微信订单号 商户订单号 用户标识 交易类型 交易状态 付款银行 货币种类 应结订单金额 代金券金额".split()
_REFUND = "微信退款单号 商户退款单号 退款金额 充值券退款金额 退款类型 退款状态".split()
ALL = (*_HEAD, *_REFUND, *"商品名称 商户数据包 手续费 费率 订单金额 申请退款金额 费率备注".split())
SUCCESS = (*_HEAD, *"商品名称 商户数据包 手续费 费率 订单金额 费率备注".split())
REFUND = (*_HEAD, "退款申请时间", "退款成功时间", *_REFUND, *"商品名称 商户数据包 手续费 费率 订单金额 申请退款金额 费率备注".split())
TRADE_LAYOUTS = (ALL, SUCCESS, REFUND)
NEEDED = "交易时间 商户号 微信订单号 商户订单号 交易状态 应结订单金额 手续费 订单金额".split()
NEEDED_FOR_REFUNDS = "微信退款单号 商户退款单号 退款金额 申请退款金额".split()

SUMMED = {
    "应结订单总金额": "应结订单金额",
    "退款总金额": "退款金额",
    "充值券退款总金额": "充值券退款金额",
    "手续费总金额": "手续费",
    "订单总金额": "订单金额",
    "申请退款总金额": "申请退款金额",
}
"""Which column a total of the summary adds up."""
COUNTED = "总交易单数"

FUND_FLOW = "记账时间 微信支付业务单号 资金流水单号 业务名称 业务类型 收支类型 收支金额(元) 账户结余(元) 资金变更提交申请人 备注 业务凭证号".split()
FUND_FLOW_NEEDED = "记账时间 微信支付业务单号 资金流水单号 业务类型 收支类型 收支金额(元)".split()
FUND_FLOW_COUNTED = "资金流水总笔数"

STRAY = "?？�\ufeff"


def header(line: str, layouts: Sequence[Sequence[str]], notes: Notes) -> list[str]:
    """The names of the columns, in the file's order; notes what was odd about them, refuses what is no header."""
    if line[:1] in tuple(STRAY):
        notes.repaired("stray_character")
        line = line.lstrip(STRAY)
    names = [name.strip() for name in line.split(",")]
    known = {name for layout in layouts for name in layout}
    if len(known.intersection(names)) * 2 < min(len(layout) for layout in layouts):
        raise FileRefused("not_a_statement", "文件开头不是对账单的表头，请确认下载的是账单而不是网页或别的文件")
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise FileRefused("not_a_statement", f"表头里有两列“{twice}”，无法判断用哪一列", line=1, column=twice)
    if tuple(names) not in {tuple(layout) for layout in layouts}:
        notes.repaired("column_order")
    return names


def need(names: Sequence[str], needed: Sequence[str]) -> None:
    """Refuse a file that lacks a column without which its rows say nothing."""
    for name in needed:
        if name not in names:
            raise FileRefused("missing_column", f"文件缺少“{name}”一列，请重新下载完整的账单", line=1, column=name)
