"""What is refused around support."""

from core.errors import Conflict, InvalidRequest, NotFound, NotPermitted


class ConsentNotFound(NotFound):
    code = "CONSENT_NOT_FOUND"
    message = "没有找到这份授权"


class ConsentTooLong(InvalidRequest):
    code = "CONSENT_TOO_LONG"
    message = "一次授权最多 {days} 天，请缩短期限；到期后可以再授权"


class ConsentDatesWrong(InvalidRequest):
    code = "CONSENT_DATES_WRONG"
    message = "授权的起止日期不对：截止日不能早于开始日，也不能已经过去"


class PurposeMissing(InvalidRequest):
    code = "PURPOSE_MISSING"
    message = "请写明为什么查看，客户与银行都凭它核对"


class PersonUnknown(InvalidRequest):
    code = "SUPPORT_PERSON_UNKNOWN"
    message = "请从列表中选择银行客服人员"


class AlreadyAsked(Conflict):
    code = "CONSENT_ALREADY_ASKED"
    message = "已经向该客户申请过，正在等对方答复"


class OnlyPeopleLook(NotPermitted):
    code = "SUPPORT_ONLY_PEOPLE"
    message = "查看是给人的：请由客服人员自己登录后申请"


class ViewOver(NotPermitted):
    code = "SUPPORT_VIEW_OVER"
    message = "查看已结束：授权到期，或客户已收回；需要时请重新申请"


class TicketNotFound(NotFound):
    code = "TICKET_NOT_FOUND"
    message = "没有找到这张工单"


class ReopenTooLate(Conflict):
    code = "TICKET_TOO_OLD"
    message = "解决超过 {days} 天的工单不能再打开，请提交新工单"
