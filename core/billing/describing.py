"""What a correction would change, told to the one who has to agree."""

from core.money import format_yuan
from core.web.filters import status_label
from core.web.i18n import gettext as _

Told = list[tuple[str, str, str]]


def void(proposal: dict) -> Told:
    """The bill is taken back; nobody can pay it any more."""
    before = proposal["before"]
    return [
        (_("账单 %(number)s 的状态", number=proposal["number"]), status_label(before["status"], "bill"), status_label("void", "bill")),
        (_("应缴金额"), format_yuan(before["amount_fen"]), format_yuan(0)),
    ]


def write_off(proposal: dict) -> Told:
    """What is still owed is given up."""
    before = proposal["before"]
    return [
        (
            _("账单 %(number)s 的状态", number=proposal["number"]),
            status_label(before["status"], "bill"),
            status_label("written_off", "bill"),
        ),
        (_("欠费"), format_yuan(before["open_fen"]), format_yuan(0)),
        (_("已缴金额（不变）"), format_yuan(before["paid_fen"]), format_yuan(before["paid_fen"])),
    ]


def adjust(proposal: dict) -> Told:
    """Lines come to other amounts."""
    lines = [(item, format_yuan(before), format_yuan(after)) for item, before, after, _chosen in proposal["lines"]]
    change = sum(after - before for _item, before, after, chosen in proposal["lines"] if chosen)
    before = proposal["before"]["amount_fen"]
    return [*lines, (_("账单 %(number)s 合计", number=proposal["number"]), format_yuan(before), format_yuan(before + change))]


def move(proposal: dict) -> Told:
    """Money changes from one bill to another."""
    fen, before = proposal["amount_fen"], proposal["before"]
    return [
        (_("转移金额"), "", format_yuan(fen)),
        (
            _("转出账单 %(number)s 的已缴", number=proposal["number"]),
            format_yuan(before["paid_fen"]),
            format_yuan(before["paid_fen"] - fen),
        ),
        (
            _("转入账单 %(number)s（%(title)s）的欠费", number=proposal["target_number"], title=proposal["target_title"]),
            format_yuan(proposal["target_open_fen"]),
            format_yuan(proposal["target_open_fen"] - fen),
        ),
    ]
