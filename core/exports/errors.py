"""What can go wrong with an export."""

from core.errors import Conflict, InvalidRequest, NotFound


class ExportUnknown(NotFound):
    code = "EXPORT_UNKNOWN"
    message = "没有名为“{code}”的导出，或该单位没有启用相应的功能"


class ExportTooLarge(InvalidRequest):
    code = "EXPORT_TOO_LARGE"
    message = "符合条件的数据超过 {limit} 行，请缩小筛选范围后再导出"


class NothingMasked(InvalidRequest):
    code = "EXPORT_NOTHING_MASKED"
    message = "“{title}”里没有脱敏的个人信息，请直接导出"


class ClearNotAgreed(Conflict):
    code = "EXPORT_CLEAR_NOT_AGREED"
    message = "这份明文导出没有经过复核，请重新申请"
