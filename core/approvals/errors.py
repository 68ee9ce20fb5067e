"""What a second pair of eyes refuses."""

from core.errors import Conflict, NotFound


class ApprovalNotFound(NotFound):
    code = "APPROVAL_NOT_FOUND"
    message = "没有找到这条待复核事项"


class AlreadyDecided(Conflict):
    code = "ALREADY_DECIDED"
    message = "这条事项已经处理过了，请刷新页面"


class AlreadyWaiting(Conflict):
    code = "ALREADY_WAITING"
    message = "同样的申请正在等待复核，请勿重复提交"
