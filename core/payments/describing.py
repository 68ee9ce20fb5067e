"""What giving suspense money an owner would change, told to the one who has to agree."""

from core.money import format_yuan
from core.web.i18n import gettext as _


def resolve(proposal: dict) -> list[tuple[str, str, str]]:
    """Part or all of an item goes onto a bill or to a person."""
    if proposal.get("close"):
        return [(_("核实关闭，不记账"), _("待核实"), _("已关闭"))]
    left, fen = proposal["before"]["left_fen"], proposal["amount_fen"]
    to = (
        _("账单 %(number)s", number=proposal["target"])
        if proposal["bill_id"]
        else _("%(who)s 的余额", who=proposal["target"] or _("该缴费人"))
    )
    return [
        (_("挂账余额"), format_yuan(left), format_yuan(left - fen)),
        (_("转入 %(to)s", to=to), "", format_yuan(fen)),
    ]
