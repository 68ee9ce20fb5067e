"""What returns refuse."""

from core.errors import Conflict, InvalidRequest, NotFound


class ReturnNotFound(NotFound):
    code = "MED_RETURN_NOT_FOUND"
    message = "没有找到这笔退费"


class ReturnedOrderNotFound(NotFound):
    code = "MED_ORDER_NOT_FOUND"
    message = "没有找到这笔订单，请核对订单号与患者编号"


class BadReturn(InvalidRequest):
    code = "MED_RETURN_INVALID"
    message = "退费申请有误：{why}"


class ReturnDiffers(Conflict):
    code = "MED_RETURN_DIFFERS"
    message = "退费单号 {number} 已用于另一笔退费，请核对"


class ReturnTooLarge(Conflict):
    code = "MED_RETURN_TOO_LARGE"
    message = "最多可退 {free} 元，申请了 {amount} 元；正在办理的退费已占用额度"


class AlreadyReturned(Conflict):
    code = "MED_RETURNED_ALREADY"
    message = "这笔订单已经退费，或正在退费"


class OrderNotPaid(Conflict):
    code = "MED_ORDER_NOT_PAID"
    message = "这笔订单没有收到款项，不能退费"


class ReturnNotRefused(Conflict):
    code = "MED_RETURN_NOT_REFUSED"
    message = "这笔退费不在“医保撤销被拒”中，请刷新页面"


class ReturnNotFailed(Conflict):
    code = "MED_RETURN_NOT_FAILED"
    message = "这笔退费没有失败，不能重新退款，请刷新页面"
