"""What settlement refuses."""

from core.errors import Conflict, InvalidRequest, NotFound


class BatchNotFound(NotFound):
    code = "SETTLEMENT_BATCH_NOT_FOUND"
    message = "没有找到这个结算批次"


class PayoutNotFound(NotFound):
    code = "PAYOUT_NOT_FOUND"
    message = "没有找到这笔付款指令"


class AdjustmentNotFound(NotFound):
    code = "SETTLEMENT_ADJUSTMENT_NOT_FOUND"
    message = "没有找到这笔结算调整"


class MonthNotFound(NotFound):
    code = "SETTLEMENT_MONTH_NOT_FOUND"
    message = "没有找到这个月份的结算"


class MerchantNotFound(NotFound):
    code = "MERCHANT_NOT_FOUND"
    message = "没有找到这个商户"


class DayNotOver(InvalidRequest):
    code = "SETTLEMENT_DAY_NOT_OVER"
    message = "{day} 还没有结束，次日才能计算结算"


class GateClosed(Conflict):
    code = "SETTLEMENT_GATE_CLOSED"
    message = "{day} 暂不能放行结算：{why}"


class BatchFrozen(Conflict):
    code = "SETTLEMENT_BATCH_FROZEN"
    message = "批次 {number} 已复核（{status}），不能再改动；之后的差额请作结算调整，计入下一批次"


class BatchChanged(Conflict):
    code = "SETTLEMENT_BATCH_CHANGED"
    message = "批次 {number} 在提交复核后重新计算过，金额已变，请退回后重新提交"


class BatchShort(Conflict):
    code = "SETTLEMENT_FUNDS_SHORT"
    message = "商户 {merchant} 的待结算余额只够付 {available} 元（应付 {wanted} 元，可能有新的退款），请重新计算后再提交"


class NothingToPayOut(Conflict):
    code = "SETTLEMENT_NOTHING_TO_PAY"
    message = "批次 {number} 没有可付的金额，差额结转到下一批次，无需复核"


class AccountLacking(Conflict):
    code = "SETTLEMENT_ACCOUNT_LACKING"
    message = "商户 {merchant} 没有已复核的结算账户，请先在商户页登记并由另一位同事复核"


class BankLacking(Conflict):
    code = "SETTLEMENT_BANK_LACKING"
    message = "还没有接通清算户所在银行的付款接口，请联系银行"


class PayoutNotReturned(Conflict):
    code = "PAYOUT_NOT_RETURNED"
    message = "批次 {number} 当前是“{status}”，只有退票或付款失败的批次可以重新付款"


class SameAccount(Conflict):
    code = "PAYOUT_SAME_ACCOUNT"
    message = "收款账户仍是被退票的 {account}，请先更正结算账户并经复核；确认账户无误时请勾选“账户无误，再次付款”"


class AdjustmentInvalid(InvalidRequest):
    code = "SETTLEMENT_ADJUSTMENT_INVALID"
    message = "{fault}"


class SplitInvalid(InvalidRequest):
    code = "SETTLEMENT_SPLIT_INVALID"
    message = "{fault}"


class MonthSigned(Conflict):
    code = "MONTH_SIGNED"
    message = "{month} 已由两人签认，该月的结算、对账和调整不能再改动"


class MonthNotReady(Conflict):
    code = "MONTH_NOT_READY"
    message = "{month} 还不能签认：{why}"
