"""The words of refunds' pages, in lists, timelines and the audit trail."""

from core.identity import audit_words
from core.web import retold, statuses
from core.web.i18n import N_
from core.web.statuses import BAD, GOOD, INFO, QUIET, WAIT, WARN

CAUSES = (N_("退学"), N_("转学"), N_("休学"), N_("重复缴费"), N_("多缴"), N_("退餐"), N_("服务未提供"))
"""Why money goes back, as it is chosen from a list; the word is kept beside the reason."""

REFUND_STATES = (
    ("draft", N_("草稿")),
    ("requested", N_("待复核")),
    ("approved", N_("已批准")),
    ("waiting_funds", N_("待资金")),
    ("submitted", N_("已提交")),
    ("processing", N_("退款中")),
    ("manual_transfer", N_("转人工汇款")),
    ("success", N_("已退款")),
    ("partial", N_("部分已退")),
    ("failed", N_("退款失败")),
    ("rejected", N_("已驳回")),
    ("cancelled", N_("已撤回")),
    ("dropped", N_("草稿已作废")),
)
_TONES = {
    "draft": WAIT, "dropped": QUIET, "requested": WAIT, "approved": INFO, "waiting_funds": WARN, "submitted": INFO, "processing": WAIT, "manual_transfer": WARN,
    "success": GOOD, "partial": WARN, "failed": BAD, "rejected": QUIET, "cancelled": QUIET,
}  # fmt: skip

statuses.register("refund", {code: (label, _TONES[code]) for code, label in REFUND_STATES})
statuses.register(
    "refund_item",
    {
        "held": (N_("已占用，待发出"), INFO),
        "waiting_funds": (N_("待资金"), WARN),
        "submitted": (N_("已提交渠道"), INFO),
        "processing": (N_("渠道处理中"), WAIT),
        "failed": (N_("渠道失败，将重发"), WARN),
        "manual_transfer": (N_("待人工汇款"), WARN),
        "transferring": (N_("汇款中"), WAIT),
        "success": (N_("已到账"), GOOD),
        "closed": (N_("渠道已关闭"), QUIET),
        "cancelled": (N_("已放弃"), QUIET),
    },
)
statuses.register(
    "refund_batch",
    {
        "created": (N_("待复核"), WAIT),
        "approved": (N_("已批准"), INFO),
        "running": (N_("进行中"), INFO),
        "done": (N_("已完成"), GOOD),
        "partial": (N_("部分完成"), WARN),
        "rejected": (N_("已驳回"), QUIET),
    },
)
statuses.register("refund_source", {"bill": (N_("账单"), QUIET), "credit": (N_("余额"), QUIET), "suspense": (N_("长款"), QUIET)})
statuses.register("refund_route", {"refund": (N_("退货"), QUIET), "revoke": (N_("消费撤销（当日全额）"), INFO)})

audit_words.register_codes("refund", {"source": "refund_source"})
audit_words.register_codes("refunds.refund", {"source": "refund_source"})
audit_words.register(
    {
        "refunds.refund.draft": N_("按规则生成退款草稿"),
        "refunds.refund.submit": N_("核对并提交退款草稿"),
        "refunds.refund.drop": N_("作废退款草稿"),
        "refunds.refund.request": N_("申请退款"),
        "refunds.refund.approve": N_("批准退款"),
        "refunds.refund.rejected": N_("驳回退款"),
        "refunds.refund.cancelled": N_("撤回退款"),
        "refunds.refund.fail": N_("退款未能办理"),
        "refunds.refund.stop": N_("停止退款"),
        "refunds.transfer.approve": N_("批准人工汇款"),
        "refunds.transfer.finish": N_("登记汇款到账"),
        "refunds.transfer.return": N_("登记银行退汇"),
        "refunds.batch.create": N_("提交批量退款"),
        "refunds.batch.approve": N_("批准批量退款"),
        "refunds.batch.reject": N_("驳回批量退款"),
        "refunds.batch.again": N_("重办未成功的退款"),
    }
)
audit_words.register_facts(
    {
        "refunds": N_("笔数"), "batch": N_("批次"), "source": N_("退款来源"), "reference": N_("流水号"), "policy": N_("规则"), "line_no": N_("行"),
        "free_fen": N_("可退"), "paid_fen": N_("已缴"), "item_name": N_("收费项目"), "explanation": N_("说明"),
    }
)

statuses.register(
    "payer_refund",
    {code: (label, _TONES[code]) for code, label in REFUND_STATES}
    | {
        "draft": (N_("审核中"), WAIT), "requested": (N_("审核中"), WAIT), "approved": (N_("审核通过"), INFO), "waiting_funds": (N_("退款中"), WAIT),
        "submitted": (N_("退款中"), WAIT), "processing": (N_("退款中"), WAIT), "manual_transfer": (N_("退款中"), WAIT), "rejected": (N_("未通过审核"), QUIET),
    },
)  # fmt: skip
statuses.register(
    "payer_refund_item",
    {code: (N_("退款中"), WAIT) for code in ("submitted", "processing", "failed", "manual_transfer", "transferring")}
    | {"held": (N_("等待退回"), INFO), "waiting_funds": (N_("等待退回"), INFO), "success": (N_("已到账"), GOOD)}
    | {code: (N_("没有退回"), QUIET) for code in ("closed", "cancelled")},
)
"""A refund's state, and that of its parts, as the payer reads it: how the money is found and sent is the institution's affair."""

retold.register(
    N_("一批最多 %(n)s 笔，请分批提交"),
    N_("没有选中任何条目"),
    N_("请填写批次名称和退款原因"),
    N_("请在账单、余额、挂账中选择一项"),
    N_("停止使用的日期应在 2000 年到 2100 年之间"),
    N_("只有账单可以按项目退款"),
    N_("这一条没有收到钱，不能退款"),
    N_("退款项目不在这张账单上，或填写了两次"),
    N_("各项目金额之和不等于退款金额"),
    N_("停止使用的日期不合理，请核对"),
    N_("这笔退款没有在汇款中"),
    N_("请填写退汇原因"),
    N_("这笔退款不在等待人工汇款"),
    N_("渠道暂时查不到结果（%(why)s），请稍后再试"),
    N_("渠道显示这笔退款仍在处理，请等待结果"),
    N_("这笔钱已离开商户号、停在渠道，现在汇款会付两次；请先在渠道后台把它退回商户号（或退给付款人的另一张卡）"),
    N_("请填写户名、账号、开户行和核实依据"),
    N_("收款账号应为 8–30 位数字"),
    N_("收款账户在复核期间有变动，请退回后重新提交"),
    N_("收据红冲还没有完成，请稍后再复核"),
    N_("请填写银行流水号"),
    N_("渠道多次退款失败：%(why)s"),
    N_("渠道多次关闭退款：%(why)s"),
    N_("第 %(n)s 笔：%(why)s"),
)
"""What is refused, in sentences that are told again in another language."""
