"""What profit sharing refuses."""

from core.errors import Conflict, InvalidRequest, NotFound


class SharingNotOpened(Conflict):
    code = "SHARING_NOT_OPENED"
    message = "本单位没有启用分账的微信支付商户号；请在“支付渠道”把商户号的“冻结资金待分账”设为“启用”"


class ReceiverNotFound(NotFound):
    code = "SHARING_RECEIVER_NOT_FOUND"
    message = "没有找到这个分账接收方"


class ReceiverKnown(Conflict):
    code = "SHARING_RECEIVER_KNOWN"
    message = "这个商户号下已经登记过接收方 {account}"


class ReceiverInvalid(InvalidRequest):
    code = "SHARING_RECEIVER_INVALID"
    message = "{fault}"


class SplitNotFound(NotFound):
    code = "SHARING_SPLIT_NOT_FOUND"
    message = "没有找到这笔分账"


class PaymentNotForSharing(Conflict):
    code = "PAYMENT_NOT_FOR_SHARING"
    message = "{fault}"


class SplitInvalid(InvalidRequest):
    code = "SHARING_SPLIT_INVALID"
    message = "{fault}"


class SplitTooLarge(Conflict):
    code = "SHARING_SPLIT_TOO_LARGE"
    message = "这笔付款最多还可以分 {free} 元（上限为付款金额的 {percent}%），申请的是 {amount} 元"


class SplitUnderWay(Conflict):
    code = "SHARING_SPLIT_UNDER_WAY"
    message = "这笔付款已有一笔分账在办理，请等它有结果后再申请"


class ReturnTooLarge(Conflict):
    code = "SHARING_RETURN_TOO_LARGE"
    message = "这份分账最多还可以回退 {free} 元"


class ShareFirst(Conflict):
    code = "SHARES_MUST_COME_BACK_FIRST"
    message = "这笔付款已分账 {shared} 元，不回退最多可退 {free} 元；请先在“分账”中回退，再办理退款"
