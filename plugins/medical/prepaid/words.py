"""The words of the clearing's states and deeds."""

from core.identity import audit_words
from core.web import retold, statuses
from core.web.i18n import N_
from core.web.statuses import GOOD, INFO, WAIT, WARN

statuses.register(
    "medical.legacy",
    {
        "listed": (N_("待领取"), WAIT),
        "claimed": (N_("待复核"), WAIT),
        "refunding": (N_("待转账"), INFO),
        "refunded": (N_("已退还"), GOOD),
        "frozen": (N_("已冻结"), WARN),
    },
)
audit_words.register(
    {
        "approval.propose.medical.prepaid": N_("登记退还"),
        "medical.prepaid.agree": N_("同意退还"),
        "medical.prepaid.relist": N_("退还未获同意"),
        "medical.prepaid.look": N_("查看完整账户"),
        "medical.prepaid.paid": N_("登记转账凭证"),
        "medical.prepaid.returned": N_("转账被退回"),
        "medical.prepaid.freeze": N_("冻结余额"),
        "medical.prepaid.release": N_("解除冻结"),
        "medical.prepaid.batch": N_("提交余额清退批次"),
    }
)
retold.register(N_("历史预交金清退"), N_("历史预交金退还 %(card)s"))
"""What the clearing's jobs and proposals are called."""
audit_words.register_facts({"evidence": N_("转账凭证号"), "card": N_("卡号"), "identity": N_("身份核验")})
