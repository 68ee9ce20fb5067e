"""What can go wrong, in five families under one base.

PlatformError
├── InvalidRequest      422  what was sent breaks a rule
├── NotAuthenticated    401  we do not know who asks
├── NotPermitted        403  we know, and it is not theirs to do
├── NotFound            404  not there, or outside the asker's scope
├── Conflict            409  right question, wrong moment
│   ├── IllegalTransition    the state machine has no such step
│   └── SelfApproval         maker and checker are the same person
├── ProviderError       502  the outside world failed or refused
└── Unavailable         503  our own database or queue is away for a moment

A feature's leaves live in its own ``errors.py``; the class says the code, the message (Chinese, what to do next) and keeps the facts.
"""


class PlatformError(Exception):
    """An expected outcome that is not success; `status` is its HTTP status, `facts` what a caller may show."""

    status = 500
    code = "PLATFORM_ERROR"
    message = "出错了，请稍后再试"

    def __init__(self, message: str | None = None, **facts: object) -> None:
        self.facts = facts
        self.message = (message or type(self).message).format(**facts)
        super().__init__(self.message)


class InvalidRequest(PlatformError):
    status = 422
    code = "INVALID_REQUEST"
    message = "提交的内容有误，请检查后重新提交"


class NotAuthenticated(PlatformError):
    status = 401
    code = "NOT_AUTHENTICATED"
    message = "请先登录"


class NotPermitted(PlatformError):
    status = 403
    code = "NOT_PERMITTED"
    message = "您没有进行此操作的权限，请联系管理员"


class NotFound(PlatformError):
    status = 404
    code = "NOT_FOUND"
    message = "没有找到该内容，它可能不存在或不在您的管辖范围内"


class Conflict(PlatformError):
    status = 409
    code = "CONFLICT"
    message = "当前状态不能进行此操作，请刷新页面后再试"


class IllegalTransition(Conflict):
    code = "ILLEGAL_TRANSITION"
    message = "{machine} 不能从“{source}”变为“{target}”"


class SelfApproval(Conflict):
    code = "SELF_APPROVAL"
    message = "经办人与复核人不能是同一人，请由另一位同事复核"


class StaleForm(Conflict):
    code = "STALE_FORM"
    message = "这条记录刚刚被别人修改过，请刷新后再提交"


class ProviderError(PlatformError):
    status = 502
    code = "PROVIDER_ERROR"
    message = "外部服务暂时没有正确答复，请稍后再试"


class Unavailable(PlatformError):
    status = 503
    code = "UNAVAILABLE"
    message = "系统正在恢复中，请半分钟后再试；您的资金与数据不受影响"
