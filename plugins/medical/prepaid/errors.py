"""What is refused around balances of former years."""

from core.errors import Conflict, InvalidRequest, NotFound


class PrepayOff(Conflict):
    code = "OUTPATIENT_PREPAY_OFF"
    message = "门诊预交金已停用：请按次缴费；急诊、老年患者等例外须先在主管部门备案"


class BalanceNotFound(NotFound):
    code = "LEGACY_BALANCE_NOT_FOUND"
    message = "没有找到这笔预交金余额"


class BadClaim(InvalidRequest):
    code = "LEGACY_CLAIM_INVALID"
    message = "{why}"


class EvidenceUsed(Conflict):
    code = "EVIDENCE_USED"
    message = "凭证号 {evidence} 已用于卡号 {card}，一张凭证只能登记一次"


class NothingToClear(Conflict):
    code = "NOTHING_TO_CLEAR"
    message = "没有可以原路退回的患者余额"
