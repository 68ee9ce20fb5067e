"""What can be wrong on the way to going live."""

from core.errors import Conflict, InvalidRequest, NotFound


class StepNotFound(NotFound):
    code = "GO_LIVE_STEP_NOT_FOUND"
    message = "没有这个上线步骤"


class OwnerUnknown(InvalidRequest):
    code = "GO_LIVE_OWNER_UNKNOWN"
    message = "请从列表中选择负责人"


class DueWrong(InvalidRequest):
    code = "GO_LIVE_DUE_WRONG"
    message = "完成日期不合理，请核对"


class NotReady(Conflict):
    code = "GO_LIVE_NOT_READY"
    message = "还不能开通收费：{steps} 没有完成"


class AlreadyLive(Conflict):
    code = "GO_LIVE_ALREADY"
    message = "已经开通收费"


class NoMerchantCollects(Conflict):
    code = "GO_LIVE_NO_MERCHANT"
    message = "还没有可以收款的商户与支付渠道，请先完成“商户与渠道”"


class TrialOpen(Conflict):
    code = "GO_LIVE_TRIAL_OPEN"
    message = "已有一张测试账单还没有走完，请先完成它"


class TrialNotFound(NotFound):
    code = "GO_LIVE_TRIAL_NOT_FOUND"
    message = "没有这次测试"


class TrialNotPaid(Conflict):
    code = "GO_LIVE_TRIAL_NOT_PAID"
    message = "这张测试账单还没有付款，无须退款"
