"""What a refund, a transfer or a batch would change, told to the one who has to agree."""

from core.money import format_yuan
from core.web.i18n import gettext as _

Told = list[tuple[str, str, str]]


def refund(proposal: dict) -> Told:
    """Money goes back to the payer; line by line where lines were chosen, with what the policy says."""
    known_fen = [line["amount_fen"] for line in proposal.get("policy", []) if line["amount_fen"] is not None]
    by_rules = _("按规则 %(fen)s", fen=format_yuan(sum(known_fen))) if known_fen and not proposal["lines"] else ""
    told = [(_("退款金额"), by_rules, format_yuan(proposal["amount_fen"]))]
    names = {line["line_no"]: line for line in proposal.get("policy", [])}
    for line in proposal["lines"]:
        known = names.get(line["line_no"])
        name = known["item_name"] if known else _("第 %(n)s 项", n=line["line_no"])
        rule_fen = known["amount_fen"] if known else None
        by_rule = _("按规则 %(fen)s", fen=format_yuan(rule_fen)) if rule_fen is not None else ""
        told.append((_("其中 %(item)s", item=name), by_rule, format_yuan(line["amount_fen"])))
    return told


def transfer(proposal: dict) -> Told:
    """A person transfers what the channel does not take back."""
    return [
        (_("汇款金额"), "", format_yuan(proposal["amount_fen"])),
        (_("户名"), "", proposal["holder"]),
        (_("账号"), "", proposal["account"]),
        (_("开户行"), "", proposal["bank"]),
        (_("核实依据"), "", proposal["evidence"]),
    ]


def batch(proposal: dict) -> Told:
    """Many refunds at once; count and sum are frozen."""
    return [
        (_("退款笔数"), "", str(proposal["count"])),
        (_("退款总额"), "", format_yuan(proposal["amount_fen"])),
    ]
