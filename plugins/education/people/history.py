"""What happened to a thing of the school, newest first, for `show.timeline`."""

from uuid import UUID

from core.database import Session
from core.identity import audit, audit_words
from core.web.filters import status_label


async def timeline(session: Session, object_id: UUID | str, *object_types: str) -> list[dict[str, object]]:
    """Who did what when; the reason where one was given, else the state it went to."""
    rows = [row for object_type in object_types for row in await audit.history(session, object_type, object_id)]
    return [
        {"at": row["at"], "title": audit_words.word_of(row["action"]), "by": row["actor_name"], "text": _text(row)}
        for row in sorted(rows, key=lambda row: row["at"], reverse=True)
    ]


def _text(row: dict[str, object]) -> str:
    before, after = (row["before"] or {}), (row["after"] or {})
    step = f"{before['status']} → {after['status']}" if "status" in before and "status" in after else ""
    refund = status_label(str(after["refund"]), "education.leaving") if "refund" in after else ""
    return "：".join(part for part in (step, "；".join(filter(None, (str(row["reason"] or ""), refund)))) if part)
