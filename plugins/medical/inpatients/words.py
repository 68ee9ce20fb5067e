"""The words of stays' states and deeds, for badges and histories."""

from core.identity import audit_words
from core.web import statuses
from core.web.i18n import N_
from core.web.statuses import BAD, GOOD, INFO, QUIET, WAIT, WARN

statuses.register(
    "medical.admission",
    {
        "in_hospital": (N_("在院"), INFO),
        "discharge_requested": (N_("待出院结算"), WAIT),
        "insurance_settled": (N_("已结算"), INFO),
        "collecting": (N_("待补缴"), WARN),
        "refunding": (N_("退款中"), WAIT),
        "closed": (N_("已办结"), GOOD),
        "cancelled": (N_("已取消"), QUIET),
    },
)
statuses.register(
    "medical.deposit_back",
    {
        "requested": (N_("待复核"), WAIT),
        "insurance_reversed": (N_("待退款"), WAIT),
        "insurance_refused": (N_("医保未撤销"), BAD),
        "refunding": (N_("退款中"), WAIT),
        "done": (N_("已原路退回"), GOOD),
        "failed": (N_("退款失败"), BAD),
        "rejected": (N_("已驳回"), BAD),
    },
)
audit_words.register(
    {
        "medical.admission.admit": N_("入院登记"),
        "medical.admission.move": N_("转床"),
        "medical.admission.cancel": N_("取消住院"),
        "medical.admission.list": N_("每日清单"),
        "medical.admission.request": N_("申请出院"),
        "medical.admission.stay": N_("撤回出院申请"),
        "medical.admission.settle": N_("出院结算"),
        "medical.admission.collecting": N_("待补缴"),
        "medical.admission.refunding": N_("开始退预交金"),
        "medical.admission.closed": N_("出院办结"),
        "medical.admission.repeat": N_("重新办理退款"),
        "medical.admission.deposit": N_("窗口收预交金"),
    }
)
audit_words.register_facts({"setl_no": N_("结算单号"), "returns": N_("退款笔数"), "ward": N_("病区"), "bed": N_("床号")})
