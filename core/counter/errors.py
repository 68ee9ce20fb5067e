"""What a window answers instead of yes."""

from core.errors import Conflict, InvalidRequest, NotFound


class NoOpenShift(Conflict):
    code = "NO_OPEN_SHIFT"
    message = "您还没有开班，请先开班再收款"


class ShiftAlreadyOpen(Conflict):
    code = "SHIFT_ALREADY_OPEN"
    message = "您在“{window}”的班次还没有交班，请先交班"


class ShiftNotFound(NotFound):
    code = "SHIFT_NOT_FOUND"
    message = "没有找到这个班次"


class CountMissing(InvalidRequest):
    code = "COUNT_MISSING"
    message = "请填写盘点的张数，没有的面额填 0"


class VarianceReasonMissing(InvalidRequest):
    code = "VARIANCE_REASON_MISSING"
    message = "盘点与应有金额相差 {variance} 元，请写明原因再提交"


class TenderedTooLittle(InvalidRequest):
    code = "TENDERED_TOO_LITTLE"
    message = "收到的现金 {tendered} 元少于应收 {amount} 元"


class ReferenceMissing(InvalidRequest):
    code = "REFERENCE_MISSING"
    message = "请填写{what}，对账时需要据此核对"


class SlipAlreadyEntered(Conflict):
    code = "SLIP_ALREADY_ENTERED"
    message = "单号 {reference} 已经登记过，请核对，勿重复入账"


class ChequeNotFound(NotFound):
    code = "CHEQUE_NOT_FOUND"
    message = "没有找到这张支票"


class TransferAltered(Conflict):
    code = "TRANSFER_ALTERED"
    message = "同一转账流水号 {reference} 的内容与先前不同，未作处理"


class NotEnoughCash(Conflict):
    code = "NOT_ENOUGH_CASH"
    message = "钱箱应有 {has} 元，不足以支付 {amount} 元"


class RefundNotForWindow(NotFound):
    code = "REFUND_NOT_FOR_WINDOW"
    message = "没有找到需要在窗口支付的退款 {number}"


class NotAPayCode(InvalidRequest):
    code = "NOT_A_PAY_CODE"
    message = "这不是可以收款的付款码：请付款人打开{titles}的付款码再扫"


class PayCodeNotOffered(InvalidRequest):
    code = "PAY_CODE_NOT_OFFERED"
    message = "这是{title}的付款码，目前不能在窗口扫码收款；请付款人改用{titles}的付款码，或用{title}扫账单上的二维码缴费"


class PayCodeUsed(Conflict):
    code = "PAY_CODE_USED"
    message = "这个付款码刚刚已经用于另一笔收款，请付款人刷新付款码后重新扫"


class PayCodesNotOpened(Conflict):
    code = "PAY_CODES_NOT_OPENED"
    message = "本单位还没有开通可以扫付款码的渠道（支付宝），请在“支付渠道”中启用"


class ScanNotFound(NotFound):
    code = "SCAN_NOT_FOUND"
    message = "没有找到这次扫码收款"
