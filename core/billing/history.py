"""The story of one bill in the order it happened: issued, proposed, decided, paid, moved."""

from core.billing import lists_repository
from core.billing.story_schemas import BillStory, Movement
from core.database import Row, Session
from core.money import format_yuan
from core.web.filters import status_label
from core.web.i18n import gettext as _
from core.web.statuses import word_of

Event = dict[str, object]


async def timeline(session: Session, story: BillStory) -> list[Event]:
    """Events for the page, oldest first; who did it and why stand with each."""
    events = [*deeds(story), *(_audited(row) for row in await lists_repository.list_history(session, story.bill.id))]
    return sorted(events, key=lambda event: event["at"])


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


def _audited(row: Row) -> Event:
    action = f"{row.action}.{row.object_type}" if row.action.startswith("approval.") else row.action
    title, tone = word_of(action, "bill_event")
    return {"at": row.at, "title": title, "by": row.actor_name, "text": row.reason or "", "tone": tone}
