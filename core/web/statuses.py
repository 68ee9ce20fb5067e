"""Words and tones of every state a page can show; a plugin registers its own machines with `register`."""

from collections.abc import Collection, Mapping

from core.web.i18n import N_, gettext

GOOD, BAD, WAIT, WARN, QUIET, INFO = "good", "bad", "wait", "warn", "quiet", "info"

_machines: dict[str, Mapping[str, tuple[str, str]]] = {}


def register(machine: str, words: Mapping[str, tuple[str, str]]) -> None:
    """Name the states of one machine: status → (label marked with `N_`, tone)."""
    _machines[machine] = words


def extend(machine: str, words: Mapping[str, tuple[str, str]]) -> None:
    """Name more states of a machine that another feature has named: journals of a feature of one's own."""
    _machines[machine] = {**_machines.get(machine, {}), **words}


def word_of(status: object, machine: str) -> tuple[str, str]:
    """The label, translated, and the tone of a status; an unknown one is shown as it is."""
    code = str(getattr(status, "value", status))
    label, tone = _machines.get(machine, {}).get(code, (code, QUIET))
    return gettext(label), tone


def unit_kind(kind: str, plugins: Collection[str]) -> str:
    """What a kind of org unit is called in a client's trade, translated: a plugin names its own (`register("education.org_kind", …)`)."""
    known = (_machines.get(f"{plugin}.org_kind", {}) for plugin in sorted(plugins))
    return gettext(next((words[kind][0] for words in known if kind in words), kind))


register(
    "bill",
    {
        "draft": (N_("草稿"), QUIET),
        "issued": (N_("待缴"), WAIT),
        "partially_paid": (N_("部分已缴"), WAIT),
        "paid": (N_("已缴清"), GOOD),
        "overdue": (N_("已逾期"), BAD),
        "void": (N_("已作废"), QUIET),
        "written_off": (N_("已核销"), QUIET),
        "partially_refunded": (N_("部分已退"), INFO),
        "refunded": (N_("已退款"), INFO),
    },
)
register(
    "payment",
    {
        "created": (N_("待支付"), WAIT),
        "pending": (N_("正在确认"), WAIT),
        "succeeded": (N_("已支付"), GOOD),
        "closed": (N_("已关闭"), QUIET),
        "failed": (N_("未支付"), BAD),
    },
)
register(
    "refund",
    {
        "requested": (N_("待复核"), WAIT),
        "approved": (N_("已批准"), INFO),
        "submitted": (N_("已提交"), INFO),
        "processing": (N_("退款中"), WAIT),
        "success": (N_("已退款"), GOOD),
        "failed": (N_("退款失败"), BAD),
        "waiting_funds": (N_("待资金"), WARN),
        "manual_transfer": (N_("转人工汇款"), WARN),
        "rejected": (N_("已驳回"), QUIET),
    },
)
register(
    "job",
    {
        "queued": (N_("排队中"), WAIT),
        "running": (N_("进行中"), INFO),
        "done": (N_("已完成"), GOOD),
        "partial": (N_("部分完成"), WARN),
        "failed": (N_("已中断"), BAD),
        "cancelled": (N_("已取消"), QUIET),
    },
)
register(
    "verdict",
    {
        "new": (N_("新增"), GOOD),
        "changed": (N_("变更"), INFO),
        "unchanged": (N_("无变化"), QUIET),
        "rejected": (N_("未通过"), BAD),
        "accept": (N_("通过"), GOOD),
        "accept_normalised": (N_("已规范"), INFO),
        "reject": (N_("未通过"), BAD),
        "ignore": (N_("跳过"), QUIET),
    },
)
register(
    "client",
    {
        "draft": (N_("筹备中"), QUIET),
        "active": (N_("使用中"), GOOD),
        "suspended": (N_("已暂停"), WARN),
        "closed": (N_("已终止"), QUIET),
    },
)
register(
    "merchant",
    {
        "draft": (N_("草稿"), QUIET),
        "submitted": (N_("已提交"), INFO),
        "bank_review": (N_("银行审核"), WAIT),
        "channel_review": (N_("渠道审核"), WAIT),
        "signing": (N_("待签约"), WAIT),
        "active": (N_("使用中"), GOOD),
        "rejected": (N_("已驳回"), BAD),
        "suspended": (N_("已暂停"), WARN),
        "closed": (N_("已终止"), QUIET),
    },
)
register(
    "settlement_account",
    {
        "pending": (N_("待复核"), WAIT),
        "active": (N_("使用中"), GOOD),
        "rejected": (N_("已驳回"), QUIET),
        "retired": (N_("已停用"), QUIET),
    },
)
register("suspense", {"open": (N_("待处理"), WARN), "resolved": (N_("已处理"), GOOD)})
