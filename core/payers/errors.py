"""What the payer's door refuses."""

from core.errors import Conflict, InvalidRequest, NotFound, NotPermitted


class TooManyTries(NotPermitted):
    code = "TOO_MANY_TRIES"
    message = "今天尝试的次数太多，为保护信息安全已暂停，请 24 小时后再试或联系收费单位"


class TooManyCodes(Conflict):
    code = "TOO_MANY_CODES"
    message = "验证码发送太频繁，请 {minutes} 分钟后再试"


class TicketGone(NotFound):
    code = "TICKET_GONE"
    message = "这一步已经过期，请重新填写绑定信息"


class PhoneNotOffered(InvalidRequest):
    code = "PHONE_NOT_OFFERED"
    message = "请从列出的手机号中选择一个"


class BindingNotFound(NotFound):
    code = "BINDING_NOT_FOUND"
    message = "没有找到这条绑定"


class NotPrimary(NotPermitted):
    code = "NOT_PRIMARY"
    message = "只有主监护人可以确认其他家人的绑定"


class ConsentNotFound(NotFound):
    code = "CONSENT_NOT_FOUND"
    message = "没有找到这条授权"


class FactsDoNotMatch(InvalidRequest):
    code = "FACTS_DO_NOT_MATCH"
    message = "信息不匹配，请核对后重新填写；如有疑问请联系收费单位"


class ConsentMissing(InvalidRequest):
    code = "CONSENT_MISSING"
    message = "绑定前须同意：{purposes}"


class CodeWrong(InvalidRequest):
    code = "CODE_WRONG"
    message = "验证码不正确，还可以再试 {tries_left} 次"


class CodeExpired(InvalidRequest):
    code = "CODE_EXPIRED"
    message = "验证码已失效，请重新发送"
