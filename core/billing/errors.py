"""What billing refuses."""

from core.errors import Conflict, InvalidRequest, NotFound


class BillNotFound(NotFound):
    code = "BILL_NOT_FOUND"
    message = "没有找到这张账单"


class BillNotOpen(Conflict):
    code = "BILL_NOT_OPEN"
    message = "账单 {number} 当前不能缴费（{status}）"


class LineNotOptional(InvalidRequest):
    code = "LINE_NOT_OPTIONAL"
    message = "“{item}”不是可选项目"


class LineAlreadyPaid(Conflict):
    code = "LINE_ALREADY_PAID"
    message = "“{item}”已经缴费，不能取消"


class PartialNotAllowed(InvalidRequest):
    code = "PARTIAL_NOT_ALLOWED"
    message = "账单 {number} 需一次缴清，待缴 {open} 元"


class AmountTooLarge(InvalidRequest):
    code = "AMOUNT_TOO_LARGE"
    message = "缴费金额超过账单 {number} 的待缴金额 {open} 元"


class NothingToPay(Conflict):
    code = "NOTHING_TO_PAY"
    message = "账单 {number} 已无待缴金额"


class MergeNotAllowed(InvalidRequest):
    code = "MERGE_NOT_ALLOWED"
    message = "账单 {number} 不能与其他账单合并缴费，请单独缴纳"


class BillHasMoney(Conflict):
    code = "BILL_HAS_MONEY"
    message = "账单 {number} 已有缴费，请先退款或转移缴费"


class BadAdjustment(InvalidRequest):
    code = "BAD_ADJUSTMENT"
    message = "调整后的“{item}”金额必须在 0 与原价之间"


class BillBound(Conflict):
    code = "BILL_BOUND"
    message = "账单 {number} 不能在这里更正：{why}"


class MoveNotPossible(Conflict):
    code = "MOVE_NOT_POSSIBLE"
    message = "不能转移：{why}"


class FeeItemNotFound(NotFound):
    code = "FEE_ITEM_NOT_FOUND"
    message = "没有找到这个收费项目"


class FeeItemTaken(Conflict):
    code = "FEE_ITEM_TAKEN"
    message = "收费项目编码 {item_code} 已被使用，请换一个，或修改原来的项目"


class FeeItemWrong(InvalidRequest):
    """`facts["field"]` names the field to mend."""

    code = "FEE_ITEM_WRONG"
    message = "{why}"
