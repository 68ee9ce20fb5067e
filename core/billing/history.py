"""What the bill and the books tell of a bill: issued, paid, moved. What people did to it is in the audit trail."""

from core.billing.story_schemas import BillStory, Movement
from core.money import format_yuan
from core.web.filters import status_label
from core.web.i18n import gettext as _

Event = dict[str, object]


def deeds(story: BillStory) -> list[Event]:
    """What the bill and the books tell of it: issued, and each movement of money."""
    issued = {"at": story.bill.issued_at, "title": _("账单已发布"), "by": "", "text": "", "tone": "info"}
    return [issued, *(_movement(movement, story) for movement in story.movements)]


def _movement(movement: Movement, story: BillStory) -> Event:
    journal = next((journal for journal in story.journals if journal.id == movement.journal_id), None)
    amount = format_yuan(abs(movement.amount_fen))
    title = _("入账 %(fen)s 元", fen=amount) if movement.amount_fen > 0 else _("转出 %(fen)s 元", fen=amount)
    kind = status_label(journal.event, "journal") if journal else status_label(movement.channel, "channel")
    return {
        "at": movement.moved_at,
        "title": title,
        "by": "",
        "text": f"{kind} · {movement.order_number}",
        "tone": "good" if movement.amount_fen > 0 else "warn",
    }
