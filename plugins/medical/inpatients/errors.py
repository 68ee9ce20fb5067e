"""What can go wrong between admission and the last fen."""

from core.errors import Conflict, InvalidRequest, NotFound


class AdmissionNotFound(NotFound):
    code = "ADMISSION_NOT_FOUND"
    message = "没有找到这次住院，请核对住院号"


class AdmissionDiffers(Conflict):
    code = "ADMISSION_DIFFERS"
    message = "住院号 {visit_no} 已登记给另一位患者，请核对"


class NotInHospital(Conflict):
    code = "NOT_IN_HOSPITAL"
    message = "该患者不在院（尚未入院、已取消或已办理出院结算），不能再收预交金或上传清单"


class BadDeposit(InvalidRequest):
    code = "BAD_DEPOSIT"
    message = "预交金额应在 {least} 元到 {most} 元之间"


class ListBroken(InvalidRequest):
    code = "DAILY_LIST_BROKEN"
    message = "{why}"


class ListDiffers(Conflict):
    code = "DAILY_LIST_DIFFERS"
    message = "{day} 的清单已上传过，内容不同；如需更正，请带上现有版本号 {version} 重新上传"


class DischargeNotRequested(Conflict):
    code = "DISCHARGE_NOT_REQUESTED"
    message = "尚未申请出院，不能办理出院结算"


class SettlementDiffers(Conflict):
    code = "SETTLEMENT_DIFFERS"
    message = "这次住院已经结算（结算单 {setl_no}），不能再以不同的内容结算"


class SettlementBroken(InvalidRequest):
    code = "SETTLEMENT_BROKEN"
    message = "{why}"


class ListsDiffer(InvalidRequest):
    code = "DAILY_LISTS_DIFFER"
    message = "结算总额 {total} 元与每日清单合计 {lists} 元不一致，请先补传或更正清单"


class NothingToRepeat(Conflict):
    code = "NOTHING_TO_REPEAT"
    message = "没有失败的退款需要重新办理"


class MoneyLiesThere(Conflict):
    code = "MONEY_LIES_THERE"
    message = "已有每日清单或预交金，不能取消住院；请申请出院并按零费用结算，预交金会全部退回"
