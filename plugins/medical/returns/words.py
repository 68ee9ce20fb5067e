"""The words of returns, for badges and histories."""

from core.identity import audit_words
from core.web import statuses
from core.web.i18n import N_
from core.web.statuses import BAD, GOOD, INFO, QUIET, WAIT
from plugins.medical.returns import reversing, service

STATES = (
    ("requested", N_("待办理"), WAIT), ("insurance_reversed", N_("医保已撤销"), INFO), ("insurance_refused", N_("医保撤销被拒"), BAD),
    ("refunding", N_("退款中"), WAIT), ("done", N_("已退费"), GOOD), ("failed", N_("退款未成功"), BAD), ("rejected", N_("未退费"), QUIET),
)  # fmt: skip
statuses.register("medical.return", {code: (label, tone) for code, label, tone in STATES})
statuses.register(
    "medical.return_insurance",
    {
        "settled": (N_("未撤销"), WAIT), "cleared": (N_("未撤销"), WAIT), "reversing": (N_("撤销中"), WAIT), "reversed": (N_("已撤销"), GOOD),
        "cancelled": (N_("已取消"), QUIET), "pre_settled": (N_("预结算"), QUIET),
    },
)  # fmt: skip
statuses.extend("medical.his_why", {word: (word, BAD) for word in (reversing.OTHER_AMOUNT, reversing.NO_HIS, reversing.SILENT, *service.ENDS.values())})
audit_words.register(
    {
        "medical.return.request": N_("申请退费"),
        "medical.return.again": N_("再次撤销医保"),
        "medical.return.confirm_reversed": N_("确认医保已撤销"),
        "medical.return.give_up": N_("放弃退费"),
        "medical.return.retry": N_("重新退款"),
    }
)
audit_words.register_facts({"order": N_("订单"), "his_refund_no": N_("退费单号"), "cash_fen": N_("退现金"), "setl_id": N_("医保结算号")})
