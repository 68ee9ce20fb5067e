"""What the second person reads before agreeing to a remedy, its undoing, or a batch."""

from collections.abc import Sequence

from core.money import format_yuan
from core.web.filters import status_label
from core.web.i18n import gettext as _

Told = Sequence[tuple[str, str, str]]


def remedy(proposal: dict) -> Told:
    """One remedy: of which difference, what it does, to whom."""
    target = proposal.get("target") or {}
    way = {"channel": _("原路退回（不能原路退的转人工汇款）"), "outside": _("已在渠道后台退款，凭证入账")}
    told = [
        (_("差异"), "", f"{proposal['code']} {status_label(proposal['class'], 'difference_class')}"),
        (_("商户订单号"), "", proposal["number"]),
        (_("处理方式"), "", status_label(proposal["kind"], "remedy_kind")),
        (_("金额"), "", format_yuan(proposal["amount_fen"])),
    ]
    bearer = {"merchant": _("商户 %(code)s", code=target.get("merchant", "")), "house": _("本单位（差错核销）")}
    extra = (
        (_("转入"), target.get("told")),
        (_("退款方式"), way.get(target.get("way"))),
        (_("渠道退款单号"), target.get("reference")),
        (_("凭据"), target.get("evidence")),
        (_("追款期限"), target.get("due_on")),
        (_("承担方"), bearer.get(target.get("bearer"))),
    )
    return told + [(name, "", str(value)) for name, value in extra if value]


def reversal(proposal: dict) -> Told:
    """Undoing: what was done is booked back, and the difference is there again."""
    return [
        (_("差异"), "", proposal["code"]),
        (_("撤销"), status_label(proposal["kind"], "remedy_kind"), _("冲正原分录，差异回到已确认")),
        (_("金额"), "", format_yuan(proposal["amount_fen"])),
    ]


def batch(proposal: dict) -> Told:
    """A batch: frozen count and sum."""
    return [
        (_("批次"), "", proposal["code"]),
        (_("处理方式"), "", status_label(proposal["kind"], "remedy_kind")),
        (_("条数"), "", str(proposal["count"])),
        (_("合计金额"), "", format_yuan(proposal["amount_fen"])),
    ]
