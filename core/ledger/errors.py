"""What the books refuse."""

from core.errors import Conflict, NotFound, PlatformError


class Unbalanced(PlatformError):
    code = "UNBALANCED_JOURNAL"
    message = "分录借贷不平（差额 {difference} 分），未记账"


class AlreadyPosted(Conflict):
    code = "JOURNAL_ALREADY_POSTED"
    message = "这笔业务已经记账：{key}"


class NotEnoughBalance(Conflict):
    code = "NOT_ENOUGH_BALANCE"
    message = "账户 {account} 余额不足：可用 {available_fen} 分，需要 {needed_fen} 分"


class JournalNotFound(NotFound):
    code = "JOURNAL_NOT_FOUND"
    message = "没有这笔会计凭证"


class AccountNotFound(NotFound):
    code = "ACCOUNT_NOT_FOUND"
    message = "没有这个会计科目，或它从未使用过"
