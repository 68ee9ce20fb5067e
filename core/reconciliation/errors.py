"""What can go wrong with runs, rules and closing."""

from core.errors import Conflict, InvalidRequest, NotFound


class RunNotFound(NotFound):
    code = "RUN_NOT_FOUND"
    message = "没有找到这一天的对账，请先执行对账"


class DayClosed(Conflict):
    code = "DAY_CLOSED"
    message = "{day} 已经关账，不能再改动；如确有需要，请复核人先重新打开"


class DayNotOver(InvalidRequest):
    code = "DAY_NOT_OVER"
    message = "{day} 还没有结束，请在次日对账文件到齐后再对账"


class DayNotCloseable(Conflict):
    code = "DAY_NOT_CLOSEABLE"
    message = "{day} 还不能关账：{why}"


class TooManyDifferences(Conflict):
    code = "TOO_MANY_DIFFERENCES"
    message = "有 {count} 笔对不上，超过 {limit} 笔，多半是文件传错了；请检查当日各方文件后重新对账"


class RuleNotFound(NotFound):
    code = "RULE_NOT_FOUND"
    message = "没有找到这条匹配规则"


class RuleInvalid(InvalidRequest):
    code = "RULE_INVALID"
    message = "规则不能保存：{fault}"


class FundsDifferenceUnknown(NotFound):
    code = "FUNDS_DIFFERENCE_UNKNOWN"
    message = "没有编号为 {number} 的资金差异"
