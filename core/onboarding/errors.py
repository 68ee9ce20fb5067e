"""What can go wrong on the way to collecting."""

from core.errors import Conflict, InvalidRequest, NotFound


class CaseNotFound(NotFound):
    code = "ONBOARDING_CASE_NOT_FOUND"
    message = "没有找到这个进件"


class CaseIncomplete(InvalidRequest):
    code = "ONBOARDING_INCOMPLETE"
    message = "资料还不齐：{faults}"


class CaseClosedForChanges(Conflict):
    code = "ONBOARDING_NOT_DRAFT"
    message = "已经提交，不能修改；退回后可以改"


class FieldWrong(InvalidRequest):
    code = "ONBOARDING_FIELD_INVALID"
    message = "{fault}"


class DocumentRefused(InvalidRequest):
    code = "ONBOARDING_DOCUMENT_REFUSED"
    message = "{fault}"


class DocumentNotFound(NotFound):
    code = "ONBOARDING_DOCUMENT_NOT_FOUND"
    message = "没有找到这份资料"


class ChannelNotAsked(InvalidRequest):
    code = "ONBOARDING_CHANNEL_NOT_ASKED"
    message = "这个进件没有申请渠道“{channel}”"


class RateInvalid(InvalidRequest):
    code = "RATE_INVALID"
    message = "{fault}"


class RateNotAgreed(NotFound):
    code = "RATE_NOT_AGREED"
    message = "商户在 {channel} 没有 {day} 生效的费率"


class RateChangeInvalid(InvalidRequest):
    code = "RATE_CHANGE_INVALID"
    message = "{fault}"


class RateDaySettled(Conflict):
    code = "RATE_DAY_SETTLED"
    message = "{day} 已有交易按原费率结算，请从次日起生效"


class RateChangeStale(Conflict):
    code = "RATE_CHANGE_STALE"
    message = "提出之后费率已经变动，请退回后按现行费率重新提出"
