"""What insurance settlements refuse."""

from core.errors import Conflict, InvalidRequest, NotFound


class SplitBroken(InvalidRequest):
    code = "SPLIT_BROKEN"
    message = "医保分账不平：总额 {total} 元，各部分合计 {parts} 元，相差 {difference} 元（{said}）"


class BadRule(InvalidRequest):
    code = "BAD_INSURANCE_RULE"
    message = "医保起付线、比例或金额无效，请核对"


class SettlementTaken(Conflict):
    code = "SETTLEMENT_TAKEN"
    message = "医保结算号 {setl_id} 已登记，内容与这次不同，请核对"


class SettlementNotFound(NotFound):
    code = "SETTLEMENT_NOT_FOUND"
    message = "没有找到这笔医保结算"


class ClearingNotFound(NotFound):
    code = "CLEARING_NOT_FOUND"
    message = "没有找到这份医保清算文件"


class ClearingTakenBack(Conflict):
    code = "CLEARING_TAKEN_BACK"
    message = "“{file}”已经撤回，不再参与核对"
