"""Receipts as the search box finds them: by number."""

import re

from core.database import Session
from core.identity.actor import Actor
from core.masking import mask_party
from core.money import format_yuan
from core.receipts import finding_repository as repository
from core.receipts.lists import READ
from core.search.sources import Asked, Found, Source
from core.web.i18n import N_

_OURS = re.compile(r"R?(20[0-9]{2})([0-9]{8,9})")
"""`R202600000042`: the year and the place in its series."""


async def receipts(session: Session, asked: Asked, by: Actor, limit: int) -> list[Found]:
    """The receipt of a number, with or without its first letter."""
    parts = _OURS.fullmatch(asked.number)
    if parts is None:
        return []
    rows = await repository.find_receipts(session, int(parts[1]), int(parts[2]), by.reach(READ), limit)
    return [
        Found(
            title=row.number, detail=f"{mask_party(row.party_name)} · {row.title} · ¥{format_yuan(row.amount_fen)}",
            href=f"/console/receipts/{row.id}", status=row.status, machine="receipt",
        )
        for row in rows
    ]  # fmt: skip


SOURCES = (
    Source(
        code="receipts.receipts", title=N_("收据"), permissions=(READ,), find=receipts, position=60, list_path="/console/receipts?q={q}",
        hint=N_("收据：收据号"),
    ),
)  # fmt: skip
