"""The words of support: states, deeds and facts of the audit trail."""

from core.identity import audit_words
from core.web import retold, statuses
from core.web.i18n import N_
from core.web.statuses import BAD, GOOD, INFO, QUIET, WAIT, WARN

CONSENT_STATES = {
    "asked": (N_("待答复"), WAIT),
    "coming": (N_("未到开始日"), INFO),
    "granted": (N_("可查看"), GOOD),
    "refused": (N_("已拒绝"), BAD),
    "withdrawn": (N_("申请已撤回"), QUIET),
    "ended": (N_("已收回"), QUIET),
    "lapsed": (N_("已过期"), QUIET),
}
statuses.register("support_consent", CONSENT_STATES)
TICKET_STATES = {
    "open": (N_("待受理"), WARN),
    "in_progress": (N_("处理中"), INFO),
    "waiting_client": (N_("等待您答复"), WAIT),
    "resolved": (N_("已解决"), GOOD),
    "closed": (N_("已关闭"), QUIET),
}
statuses.register("support_ticket", TICKET_STATES)
statuses.register("bank_ticket", {**TICKET_STATES, "waiting_client": (N_("等待客户答复"), WAIT)})
TICKET_FILTERS = [("live", N_("未解决")), ("late", N_("已超时")), *((code, word) for code, (word, _tone) in TICKET_STATES.items())]
SEVERITY_WORDS = {
    "urgent": (N_("紧急"), BAD, N_("收不了费或金额有误；1 小时内答复")),
    "high": (N_("较急"), WARN, N_("当天的工作被卡住；4 小时内答复")),
    "normal": (N_("一般"), INFO, N_("有影响但能绕过；24 小时内答复")),
    "low": (N_("咨询"), QUIET, N_("怎么用、建议；72 小时内答复")),
}
statuses.register("ticket_severity", {code: (word, tone) for code, (word, tone, _hint) in SEVERITY_WORDS.items()})
DEEDS = {
    "raised": (N_("提交了问题"), INFO),
    "replied": (N_("补充"), QUIET),
    "reopened": (N_("重新打开"), WARN),
    "taken": (N_("受理"), INFO),
    "answered": (N_("答复"), INFO),
    "asked_back": (N_("追问"), WAIT),
    "resolved": (N_("解决"), GOOD),
    "closed": (N_("关闭了工单"), QUIET),
}
statuses.register("ticket_deed", DEEDS)
audit_words.register(
    {
        "support.consent.grant": N_("授权客服查看"),
        "support.consent.ask": N_("客服申请查看"),
        "support.consent.refuse": N_("拒绝客服查看"),
        "support.consent.end": N_("收回客服查看授权"),
        "support.consent.withdraw": N_("撤回查看申请"),
        "support.view.begin": N_("客服开始查看"),
        "support.view.end": N_("客服离开"),
        "support.page.view": N_("客服查看页面"),
        "support.page.refuse": N_("客服操作被拒绝"),
        "support.ticket.raise": N_("提交工单"),
        "support.ticket.reply": N_("补充工单"),
        "support.ticket.reopen": N_("重新打开工单"),
        "support.ticket.take": N_("受理工单"),
        "support.ticket.answered": N_("答复工单"),
        "support.ticket.asked_back": N_("追问工单"),
        "support.ticket.resolved": N_("解决工单"),
        "support.ticket.close": N_("关闭工单"),
    }
)
audit_words.register_facts(
    {
        "person": N_("查看人"),
        "from_at": N_("开始"),
        "until_at": N_("截止"),
        "days": N_("天数"),
        "page": N_("页面"),
        "path": N_("地址"),
        "asked": N_("筛选"),
        "severity": N_("紧急程度"),
    }
)
audit_words.register_codes("support_ticket", {"severity": "ticket_severity"})
retold.register(N_("最多 %(n)s 个字，请写短一些"))
