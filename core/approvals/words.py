"""The states of a proposal in words."""

from core.web import retold
from core.web.i18n import N_
from core.web.statuses import BAD, GOOD, QUIET, WAIT

APPROVAL_WORDS = {
    "waiting": (N_("待复核"), WAIT),
    "approved": (N_("已同意"), GOOD),
    "rejected": (N_("已退回"), BAD),
    "withdrawn": (N_("已撤回"), QUIET),
}

retold.register(
    N_("批量退款 · %(title)s"),
    N_("退款 · %(title)s"),
    N_("人工汇款 · %(title)s"),
    N_("挂账处理 · %(number)s"),
    N_("核实关闭 · %(number)s"),
    N_("分账接收方 · %(number)s"),
    N_("移除分账接收方 · %(number)s"),
    N_("分账规则 · %(title)s"),
    N_("停止分账规则"),
    N_("分账回退 · %(number)s"),
    N_("分账 · %(number)s"),
    N_("解冻剩余 · %(number)s"),
    N_("解除绑定 %(who)s"),
    N_("结算调整 · %(title)s"),
    N_("认领银行款项 %(number)s"),
    N_("撤销认领 %(number)s"),
    N_("月度结算签认 %(month)s"),
    N_("重新打开月度结算 %(month)s"),
    N_("重新付款 %(number)s"),
    N_("清算户 %(number)s"),
    N_("结算 %(number)s"),
    N_("批量%(what)s · %(n)s 条"),
    N_("撤销%(what)s · %(code)s"),
    N_("%(what)s · %(code)s"),
)
"""What proposals are called: the sentences that their titles are made from; the last one is a remedy and its difference."""
