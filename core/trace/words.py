"""The words of the trace and of the day board. Words of differences, remedies and settlement are theirs; these stand in where they have none."""

from core.web import statuses
from core.web.i18n import N_
from core.web.statuses import BAD, GOOD, INFO, QUIET, WAIT

statuses.register(
    "trace_step",
    {
        "bills": (N_("账单"), INFO),
        "payment": (N_("收款"), INFO),
        "channel": (N_("渠道文件"), INFO),
        "ledger": (N_("总账"), INFO),
        "arrival": (N_("渠道到账"), INFO),
        "settlement": (N_("结算"), INFO),
        "payout": (N_("付款到户"), INFO),
    },
)
statuses.register(
    "trace_state",
    {"done": (N_("对上"), GOOD), "waiting": (N_("等待"), WAIT), "open": (N_("有差异"), BAD), "none": (N_("无需"), QUIET)},
)
statuses.register(
    "trace_kind",
    {
        "bill": (N_("账单"), INFO),
        "order": (N_("支付单"), INFO),
        "payment": (N_("收款"), INFO),
        "refund": (N_("退款"), INFO),
        "receipt": (N_("收据"), INFO),
        "difference": (N_("差异"), INFO),
        "batch": (N_("结算批次"), INFO),
        "payout": (N_("付款指令"), INFO),
        "arrival": (N_("渠道到账"), INFO),
        "journal": (N_("凭证"), INFO),
        "line": (N_("对账文件行"), INFO),
    },
)
statuses.register("equation", {"closed": (N_("已闭合"), GOOD), "waiting": (N_("等待中"), WAIT), "open": (N_("有差异"), BAD)})
statuses.register(
    "equation_number",
    {
        "bills": (N_("账单"), QUIET),
        "payments": (N_("收款"), QUIET),
        "channel": (N_("渠道文件"), QUIET),
        "ledger": (N_("总账"), QUIET),
        "settlement": (N_("结算"), QUIET),
        "bank": (N_("银行"), QUIET),
    },
)
statuses.register(
    "equation_why",
    {
        "file": (N_("渠道对账文件还没有到"), WAIT),
        "shift": (N_("班次还没有交接验收"), WAIT),
        "refund": (N_("退款还在办理"), WAIT),
        "run": (N_("还没有对账"), WAIT),
        "settlement": (N_("还没有结算"), WAIT),
        "bank": (N_("渠道还没有结算到清算户"), WAIT),
    },
)
FORMULAS = {
    "bills": N_("记到账单、余额和长款挂账的金额，退款已减"),
    "payments": N_("当日收款 − 当日退款"),
    "channel": N_("渠道对账文件：支付 − 退款（柜台：已验收班次的流水）"),
    "ledger": N_("总账：渠道待清算款因收款和退款的净增加"),
    "settlement": N_("结算批次里的份额：交易 − 退款（未扣手续费）"),
    "bank": N_("到清算户的金额 + 渠道手续费"),
}
"""The six numbers in words."""
LINKS = {
    "bills": N_("账单 − 收款"),
    "channel": N_("收款 − 渠道文件"),
    "ledger": N_("总账 − 收款"),
    "settlement": N_("收款 − 结算"),
    "bank": N_("渠道文件 − 银行"),
}
"""What lies between two neighbours."""
