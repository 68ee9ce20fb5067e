"""What the work list of differences and their remedies refuse."""

from core.errors import Conflict, InvalidRequest, NotFound


class DifferenceNotFound(NotFound):
    code = "DIFFERENCE_NOT_FOUND"
    message = "没有找到这条差异，它可能不存在或不在您的管辖范围内"


class DifferenceResolved(Conflict):
    code = "DIFFERENCE_RESOLVED"
    message = "差异 {code} 已经是“{status}”，不用再处理；请刷新页面"


class RemedyNotFound(NotFound):
    code = "REMEDY_NOT_FOUND"
    message = "没有找到这次处理"


class RemedyNotOffered(Conflict):
    code = "REMEDY_NOT_OFFERED"
    message = "差异 {code} 不能用这种办法处理：{why}"


class RemedyUnderWay(Conflict):
    code = "REMEDY_UNDER_WAY"
    message = "差异 {code} 正在处理中，等这次处理有结果后再办"


class RemedyTooLarge(Conflict):
    code = "REMEDY_TOO_LARGE"
    message = "最多可处理 {left} 元，提交了 {amount} 元"


class RemedyNotWaiting(Conflict):
    code = "REMEDY_NOT_WAITING"
    message = "这次处理当前是“{status}”，不能进行此操作，请刷新页面"


class RemedyNotReversible(Conflict):
    code = "REMEDY_NOT_REVERSIBLE"
    message = "这次处理不能撤销：{why}"


class BadRemedy(InvalidRequest):
    code = "BAD_REMEDY"
    message = "处理申请有误：{why}"


class ChannelCannotTell(Conflict):
    code = "CHANNEL_CANNOT_TELL"
    message = "暂时不能向渠道查询：{why}"


class RemedyBatchNotFound(NotFound):
    code = "REMEDY_BATCH_NOT_FOUND"
    message = "没有找到这个处理批次"


class RemedyBatchEmpty(InvalidRequest):
    code = "REMEDY_BATCH_EMPTY"
    message = "没有可以处理的差异：{why}"


class ViewNotFound(NotFound):
    code = "SAVED_VIEW_NOT_FOUND"
    message = "没有找到这个视图"


class AssignmentNotFound(NotFound):
    code = "ASSIGNMENT_NOT_FOUND"
    message = "没有找到这条分派规则"
