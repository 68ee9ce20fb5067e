"""What refunds refuse."""

from core.errors import Conflict, InvalidRequest, NotFound


class RefundNotFound(NotFound):
    code = "REFUND_NOT_FOUND"
    message = "没有找到这笔退款"


class BatchNotFound(NotFound):
    code = "REFUND_BATCH_NOT_FOUND"
    message = "没有找到这个退款批次"


class BadRefund(InvalidRequest):
    code = "BAD_REFUND"
    message = "退款申请有误：{why}"


class RefundTooLarge(Conflict):
    code = "REFUND_TOO_LARGE"
    message = "最多可退 {free} 元，申请了 {amount} 元；正在办理的退款已占用额度"


class RefundNotWaiting(Conflict):
    code = "REFUND_NOT_WAITING"
    message = "这笔退款当前是“{status}”，不能进行此操作，请刷新页面"


class MoneyMoved(Conflict):
    code = "REFUND_MONEY_MOVED"
    message = "这笔钱在批准之后被转走，退款没有发出，请重新申请"


class TransferNotPossible(Conflict):
    code = "TRANSFER_NOT_POSSIBLE"
    message = "不能办理人工汇款：{why}"


class BatchEmpty(InvalidRequest):
    code = "REFUND_BATCH_EMPTY"
    message = "没有可以退款的条目：{why}"
