"""Why a row is left out, in words: the same for every source."""

from core.statements.protocol import RowFault
from core.web.i18n import N_

WORDS = {
    "amount_precision": N_("金额的小数多于两位，不能四舍五入，请向出具方核实这一笔"),
    "bad_amount": N_("这不是金额，请向出具方核实这一笔"),
    "negative_payment": N_("支付的金额是负数，请向出具方核实这一笔"),
    "negative_refund": N_("退款的金额是负数，请向出具方核实这一笔"),
    "missing_key": N_("没有订单号或退款单号，无法与任何一笔对上"),
    "bad_key": N_("单号里有不该出现的字符"),
    "too_long_key": N_("单号超过允许的长度，可能被拼接过"),
    "number_not_text": N_("单号在表格里是数字，位数可能已丢失，请以文本格式导出"),
    "bad_time": N_("时间读不出来"),
    "other_date": N_("这一行不是这一天的"),
    "net_mismatch": N_("净额不等于金额减手续费，请向出具方核实这一笔"),
    "other_currency": N_("币种不是人民币，不能与其他行相加"),
    "unknown_status": N_("不认识这种状态，无法判断钱是否到了"),
    "unknown_kind": N_("不认识这种业务类型"),
    "unknown_channel": N_("不认识这种支付方式，请在来源里补充对应的渠道"),
    "field_count": N_("这一行的列数与表头不符，无法对应"),
    "bad_record_length": N_("记录的长度不对，字段会错位"),
    "bad_record": N_("记录的字段没有在应有的位置上"),
    "formula": N_("单元格里是公式，不能确定它的值，请粘贴为数值后重新导出"),
}


def fault(row: int, line: int, number: str, column: str, value: object, code: str) -> RowFault:
    """A row's fault with its sentence."""
    return RowFault(row, line, number, column, str(value), code, WORDS[code])
