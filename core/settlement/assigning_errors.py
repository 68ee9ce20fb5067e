"""What is refused when a person says what an unexplained bank entry is."""

from core.errors import Conflict, InvalidRequest, NotFound


class EntryNotFound(NotFound):
    code = "BANK_ENTRY_NOT_FOUND"
    message = "没有找到这笔银行流水"


class EntryNotOpen(Conflict):
    code = "BANK_ENTRY_NOT_OPEN"
    message = "流水 {serial} 不在待认领的挂账里（{why}），不能认领"


class EntryNotAssigned(Conflict):
    code = "BANK_ENTRY_NOT_ASSIGNED"
    message = "流水 {serial} 没有有效的人工认领，无可撤销"


class PartsInvalid(InvalidRequest):
    code = "ASSIGNMENT_INVALID"
    message = "{fault}"


class ArrivalComplete(Conflict):
    code = "ARRIVAL_COMPLETE"
    message = "{arrival} 已全部到账，请刷新后选择仍在等款的到账"
