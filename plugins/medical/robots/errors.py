"""What robots refuse."""

from core.errors import Conflict, InvalidRequest, NotFound


class RobotNotFound(NotFound):
    code = "ROBOT_NOT_FOUND"
    message = "没有找到这个机器人，它可能不存在或不在您的管辖范围内"


class RobotBroken(InvalidRequest):
    code = "ROBOT_INVALID"
    message = "机器人设置有误：{why}"


class RobotStoreUnknown(InvalidRequest):
    code = "ROBOT_STORE_UNKNOWN"
    message = "机器人设置有误：没有编码为“{store}”的门店"


class RobotNameTaken(Conflict):
    code = "ROBOT_NAME_TAKEN"
    message = "已有名为“{name}”的机器人，请换一个名称"


class RobotOff(Conflict):
    code = "ROBOT_OFF"
    message = "机器人已停用，请先启用"


class AuthorisationNotFound(NotFound):
    code = "ROBOT_AUTHORISATION_NOT_FOUND"
    message = "没有找到这份授权，它可能不存在或不在您的管辖范围内"


class AuthorisationBroken(InvalidRequest):
    code = "ROBOT_AUTHORISATION_INVALID"
    message = "授权有误：{why}"


class TextDiffers(Conflict):
    code = "ROBOT_AUTHORISATION_TEXT_DIFFERS"
    message = "授权内容与您看到的不同，请刷新后重新阅读再签署"


class RunNotFound(NotFound):
    code = "ROBOT_RUN_NOT_FOUND"
    message = "没有找到这次运行，它可能不存在或不在您的管辖范围内"


class RunBusy(Conflict):
    code = "ROBOT_RUN_BUSY"
    message = "这一天正在运行或已经对账（现为“{status}”），请刷新页面"


class NotAuthorised(Conflict):
    code = "ROBOT_NOT_AUTHORISED"
    message = "没有覆盖这一天和全部门店的有效授权，请先由药房财务签署"


class UploadRefused(InvalidRequest):
    code = "ROBOT_UPLOAD_REFUSED"
    message = "文件没有收下：{why}"


class StoreDayNotFound(NotFound):
    code = "STORE_DAY_NOT_FOUND"
    message = "没有找到这个门店日，它可能不存在或不在您的管辖范围内"


class StoreDayChanged(Conflict):
    code = "STORE_DAY_CHANGED"
    message = "提交之后这一天的数字又有变化，请退回后重新提交"


class TillOrderBroken(InvalidRequest):
    code = "TILL_ORDER_INVALID"
    message = "第 {row} 行有误：{why}"
