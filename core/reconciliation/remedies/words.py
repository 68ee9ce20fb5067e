"""The words of differences and remedies, on pages, in lists, in the books and in the audit trail."""

from core.identity import audit_words
from core.ledger import names
from core.reconciliation.remedies.posting import GAIN, LOSS
from core.web import retold, statuses
from core.web.i18n import N_
from core.web.statuses import BAD, GOOD, INFO, QUIET, WAIT, WARN

CLASS_WORDS = {
    "AM1": N_("金额不符"),
    "LG1": N_("渠道长款（无单）"),
    "LG2": N_("业务掉单"),
    "LG3": N_("平台漏单"),
    "SH1": N_("短款"),
    "SH2": N_("业务单边"),
    "SH3": N_("平台单边"),
    "DP1": N_("重复支付"),
    "RF1": N_("渠道已退、业务未退"),
    "RF2": N_("业务已退、渠道未退"),
    "FE1": N_("手续费差异"),
    "FE2": N_("资金差异"),
}
KIND_WORDS = {
    "requery": N_("查询渠道"),
    "book": N_("补单入账"),
    "credit": N_("转入账单或余额"),
    "refund": N_("退款"),
    "repost": N_("重推业务"),
    "chase": N_("追款"),
    "adjust": N_("调整入账"),
    "write_off": N_("核销"),
}
SEVERITY_WORDS = {"critical": (N_("紧急"), BAD), "high": (N_("高"), WARN), "medium": (N_("中"), INFO), "low": (N_("低"), QUIET)}
STATE_WORDS = {
    "expected": (N_("等待次日"), INFO),
    "open": (N_("待处理"), BAD),
    "confirmed": (N_("已确认"), WARN),
    "handling": (N_("处理中"), WAIT),
    "rejected": (N_("处理被驳回"), WARN),
    "auto_resolved": (N_("自动平账"), GOOD),
    "resolved": (N_("已解决"), GOOD),
}
DIFFERS_WORDS = {
    "presence": N_("有无"),
    "amount_fen": N_("金额"),
    "fee_fen": N_("手续费"),
    "payment_count": N_("付款笔数"),
}

statuses.register("difference", STATE_WORDS)
statuses.register("difference_class", {code: (label, QUIET) for code, label in CLASS_WORDS.items()})
statuses.register("difference_differs", {code: (label, QUIET) for code, label in DIFFERS_WORDS.items()})
statuses.register("severity", SEVERITY_WORDS)
statuses.register("remedy_kind", {code: (label, QUIET) for code, label in (*KIND_WORDS.items(), ("mixed", N_("多种处理")))})
_ENDED = (*KIND_WORDS.items(), ("reposted", N_("业务已入账")), ("suspense", N_("挂账已处理完")))
statuses.register("difference_resolution", {code: (label, GOOD) for code, label in _ENDED})
_ASKED = {
    "succeeded": N_("渠道：已付款"),
    "refunded": N_("渠道：已付款，有退款"),
    "pending": N_("渠道：正在确认"),
    "processing": N_("渠道：退款中"),
    "success": N_("渠道：已退款"),
    "closed": N_("渠道：已关闭，没有付款"),
    "failed": N_("渠道：没有成功"),
    "unknown": N_("渠道：没有这一笔"),
    "told": N_("只作记录"),
    "booked": N_("已入账"),
    "suspense": N_("已记入长款挂账"),
    "duplicate": N_("早已入账"),
    "mismatch": N_("与订单不符，没有入账"),
}
statuses.register("requery", {code: (label, QUIET) for code, label in _ASKED.items()})
"""What the channel answered, and what came of it."""


def reason_of(kind: str, reason: str) -> str:
    """Why a remedy was taken; a query keeps what the channel answered as codes, which stand here in words."""
    return " · ".join(statuses.word_of(code, "requery")[0] for code in reason.split()) if kind == "requery" else reason


statuses.register(
    "remedy",
    {
        "proposed": (N_("待复核"), WAIT),
        "approved": (N_("已批准"), INFO),
        "running": (N_("办理中"), INFO),
        "done": (N_("已完成"), GOOD),
        "failed": (N_("未办成"), BAD),
        "rejected": (N_("已驳回"), QUIET),
        "withdrawn": (N_("已撤回"), QUIET),
        "reversed": (N_("已撤销"), QUIET),
    },
)
statuses.register(
    "remedy_batch",
    {
        "created": (N_("待复核"), WAIT),
        "approved": (N_("已批准"), INFO),
        "running": (N_("进行中"), INFO),
        "done": (N_("已完成"), GOOD),
        "partial": (N_("部分完成"), WARN),
        "rejected": (N_("已驳回"), QUIET),
    },
)

EVENT_WORDS = {
    "found": N_("对账发现"),
    "opened": N_("转为差异"),
    "healed": N_("自动平账"),
    "reopened": N_("重新打开"),
    "changed": N_("对账数据有变"),
    "confirmed": N_("确认差异"),
    "assigned": N_("分派"),
    "comment": N_("备注"),
    "attached": N_("附件"),
    "requeried": N_("查询渠道"),
    "proposed": N_("提交处理"),
    "rejected": N_("驳回处理"),
    "withdrawn": N_("撤回处理"),
    "executed": N_("批准并执行"),
    "done": N_("处理完成"),
    "failed": N_("处理未办成"),
    "reversed": N_("撤销处理"),
}
statuses.register("difference_event", {code: (label, QUIET) for code, label in EVENT_WORDS.items()})

_JOURNALS = {
    "remedy.chase": N_("短款挂账"),
    "remedy.adjust": N_("差异调整"),
    "remedy.write_off": N_("差异核销"),
}
statuses.extend(
    "journal",
    {
        **{code: (label, INFO) for code, label in _JOURNALS.items()},
        "remedy.chase.reversed": (N_("冲正：短款挂账"), BAD),
        "remedy.adjust.reversed": (N_("冲正：差异调整"), BAD),
        "remedy.write_off.reversed": (N_("冲正：差异核销"), BAD),
    },
)
statuses.extend("journal_about", {"remedy": (N_("差异处理"), WAIT)})
names.CLASSES.update({LOSS: N_("差错核销支出"), GAIN: N_("差错核销收入")})

audit_words.register({f"recon.difference.{code}": label for code, label in EVENT_WORDS.items()})
audit_words.register(
    {
        "recon.remedy.propose": N_("提交差异处理"),
        "recon.remedy.approve": N_("批准差异处理"),
        "recon.remedy.reverse": N_("撤销差异处理"),
        "recon.batch.create": N_("提交批量处理"),
        "recon.batch.approve": N_("批准批量处理"),
        "recon.batch.reject": N_("驳回批量处理"),
        "recon.batch.again": N_("重办未成功的处理"),
        "recon.assignment.add": N_("添加分派规则"),
        "recon.assignment.change": N_("修改分派规则"),
        "recon.assignment.remove": N_("删除分派规则"),
    }
)
audit_words.register_codes("difference", {"kind": "remedy_kind"})
audit_words.register_codes("remedy", {"kind": "remedy_kind"})
audit_words.register_codes("reconciliation.remedy", {"kind": "remedy_kind"})
audit_words.register_codes("remedy_batch", {"kind": "remedy_kind"})
audit_words.register_facts({"remedy": N_("处理方式"), "difference": N_("差异"), "differences": N_("差异"), "owner": N_("负责人")})

retold.register(
    N_("类别或严重程度无效，请重新选择"),
    N_("处理期限应为 0–99 天"),
    N_("请选择负责人"),
    N_("请填写备注，或附上文件"),
    N_("备注最多 %(n)s 个字"),
    N_("没有找到这位同事，请重新选择"),
    N_("日期不合理，请核对"),
    N_("选中的差异都已处理或不能这样处理"),
    N_("一批最多 %(n)s 条，请收窄条件后分批办理"),
    N_("请选择一种可以批量办理的处理"),
    N_("请填写 1–200 字的处理原因"),
    N_("没有选中任何差异"),
    N_("一批最多 %(n)s 条，请分批提交"),
    N_("收据红冲还没有完成，请稍后再办"),
    N_("请填写撤销原因，复核人需要据此判断"),
    N_("没有这种处理办法"),
    N_("处理金额不对：这种处理须按差异全额办理"),
    N_("请填写账单号，或填写人员编号（二选一）"),
    N_("没有找到编号“%(number)s”的人，请核对后重填"),
    N_("退款方式只能是原路退回，或登记已在渠道后台退款"),
    N_("已在渠道后台退款的，请填写渠道退款单号和凭据说明"),
    N_("追款期限不是日期"),
    N_("追款期限应在今天到 %(n)s 天之内"),
    N_("核销上限是 %(limit)s 元，这一笔 %(fen)s 元，请追款或退款"),
    N_("承担方应为商户或本单位；这条差异对应不到唯一的商户时只能由本单位承担"),
)
"""What is refused, in sentences that are told again in another language."""
