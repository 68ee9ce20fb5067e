"""What can go wrong with notices."""

from core.errors import Conflict, InvalidRequest, NotFound


class NoticeNotFound(NotFound):
    code = "NOTICE_NOT_FOUND"
    message = "没有找到这条通知"


class EventUnknown(NotFound):
    code = "NOTICE_EVENT_UNKNOWN"
    message = "没有这种通知，请从通知模板中选择"


class NotResendable(Conflict):
    code = "NOTICE_NOT_RESENDABLE"
    message = "只有发送失败或超过每日上限的通知可以重发"


class NothingToResend(Conflict):
    code = "NOTHING_TO_RESEND"
    message = "所选条件下没有发送失败的通知"


class BadTemplate(InvalidRequest):
    code = "NOTICE_TEMPLATE_BAD"
    message = "模板无法使用：{why}"


class BadRules(InvalidRequest):
    code = "NOTICE_RULES_BAD"
    message = "发送规则无法使用：{why}"


class KindUnknown(NotFound):
    code = "NOTICE_KIND_UNKNOWN"
    message = "没有这类通知"
