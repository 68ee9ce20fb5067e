"""What payments refuse. A declined payment is a result, not an error."""

from core.errors import Conflict, InvalidRequest, NotFound


class OrderNotFound(NotFound):
    code = "ORDER_NOT_FOUND"
    message = "没有找到这笔支付"


class ChannelNotOpened(Conflict):
    code = "CHANNEL_NOT_OPENED"
    message = "本单位尚未开通“{channel}”，请换一种支付方式"


class AmountOverLimit(InvalidRequest):
    code = "AMOUNT_OVER_LIMIT"
    message = "单笔最多可付 {limit} 元，请分次缴纳"


class EmptyCharge(InvalidRequest):
    code = "EMPTY_CHARGE"
    message = "请选择要缴的账单和金额"


class AnotherPaymentUnderWay(Conflict):
    code = "ANOTHER_PAYMENT_UNDER_WAY"
    message = "这张账单正有一笔支付在确认中，请稍候片刻再试，以免重复缴费"


class AlreadyPaidMeanwhile(Conflict):
    code = "ALREADY_PAID_MEANWHILE"
    message = "账单刚刚已经缴清，无需再付"


class KeyReused(Conflict):
    code = "IDEMPOTENCY_KEY_REUSED"
    message = "同一个提交编号用于了不同的内容，请刷新页面后重试"


class NoticeDisagrees(Conflict):
    code = "NOTICE_DISAGREES"
    message = "渠道通知与支付单不一致：{fields}"


class SuspenseNotFound(NotFound):
    code = "SUSPENSE_NOT_FOUND"
    message = "没有找到这条挂账"


class SuspenseTooSmall(Conflict):
    code = "SUSPENSE_TOO_SMALL"
    message = "挂账余额为 {left} 元，不足以处理 {amount} 元"
