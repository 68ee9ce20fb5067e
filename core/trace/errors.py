"""What can go wrong on a trace."""

from core.errors import InvalidRequest, NotFound


class NumberUnknown(NotFound):
    code = "NUMBER_UNKNOWN"
    message = "没有找到号码 {number}，请核对是否完整；也可能不在您的管辖范围内"


class NumberMissing(InvalidRequest):
    code = "NUMBER_MISSING"
    message = "请粘贴要追踪的号码：账单号、缴费码、商户订单号、渠道订单号、退款单号、差异编号、批次号、银行流水号或收据号"
