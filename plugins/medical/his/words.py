"""The words of HIS's answers and of what was done about them, for badges and histories."""

from core.identity import audit_words
from core.web import statuses
from core.web.i18n import N_
from core.web.statuses import BAD, GOOD, INFO, QUIET, WAIT, WARN
from plugins.medical.his import posting

statuses.register(
    "medical.his_answer",
    {
        "posted": (N_("HIS 已入账"), GOOD),
        "cancelled": (N_("HIS 已撤销"), QUIET),
        "absent": (N_("HIS 没有这一笔"), INFO),
        "refused": (N_("HIS 拒绝"), BAD),
        "silent": (N_("没有可信的应答"), WARN),
    },
)
statuses.register(
    "medical.his_disagreement",
    {"amount": (N_("金额不符"), BAD), "serial": (N_("流水号不符"), WARN), "twice": (N_("HIS 记了两笔"), BAD), "cancelled": (N_("HIS 已撤销"), BAD)},
)
statuses.register(
    "medical.his_why",
    {
        "signature": (N_("应答验签不通过"), BAD), "answer": (N_("应答内容对不上"), BAD), "ReadTimeout": (N_("HIS 没有按时应答"), WARN),
        "ConnectTimeout": (N_("连接 HIS 超时"), WARN), "ConnectError": (N_("连不上 HIS"), WARN), "HTTP 401": (N_("HIS 不认应用编号或密钥"), BAD),
        "HTTP 500": (N_("HIS 内部错误"), WARN), "HTTP 503": (N_("HIS 内部错误"), WARN), "RemoteProtocolError": (N_("HIS 断开了连接"), WARN),
    },
)  # fmt: skip
"""Why no answer could be believed, by what `wire` noted; anything else is HIS's own words and shown as they are."""
statuses.extend("medical.his_why", {word: (word, BAD) for word in (posting.NOT_THERE, posting.CANCELLED)})
statuses.register("medical.his_disagreement_state", {"open": (N_("待核对"), WAIT), "settled": (N_("已核对"), QUIET)})

CALLS = {
    "ping": N_("连接测试"), "payment": N_("上账"), "payment.query": N_("查询上账"), "payment.cancel": N_("撤销上账"), "payment.correct": N_("更正上账"),
    "refund": N_("退费记账"), "refund.query": N_("查询退费记账"), "reversal": N_("撤销医保"), "reversal.query": N_("查询医保撤销"),
}  # fmt: skip
statuses.register("medical.his_call", {kind: (word, QUIET) for kind, word in CALLS.items()})
audit_words.register(
    {
        "medical.his_link.save": N_("设置 HIS 接口"),
        "medical.his_link.close": N_("停用 HIS 接口"),
        "medical.order.repost": N_("重新上账"),
        "medical.his_disagreement.settle": N_("核对 HIS 应答不符"),
    }
)
audit_words.register_facts(
    {
        "base_url": N_("接口地址"), "refund_after_minutes": N_("自动退款时间（分钟）"), "secret_changed": N_("更换密钥"), "ours": N_("我方"),
        "theirs": N_("HIS 应答"),
    }
)  # fmt: skip
