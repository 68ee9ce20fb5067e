"""Refunds as the search box finds them: by our numbers and the channels'."""

from core.database import Session
from core.identity.actor import Actor
from core.masking import mask_name
from core.money import format_yuan
from core.refunds import finding_repository as repository
from core.refunds.service import READ
from core.search.sources import Asked, Found, Source
from core.web.i18n import N_

SHORTEST = 6


async def refunds(session: Session, asked: Asked, by: Actor, limit: int) -> list[Found]:
    """Refunds by the beginning of their number, or by the number of one of their parts at the channel."""
    if len(asked.number) < SHORTEST:
        return []
    rows = await repository.find_refunds(session, asked.text, asked.number, by.reach(READ), limit)
    return [
        Found(
            title=row.number, detail=" · ".join(filter(None, (mask_name(row.party_name or ""), f"¥{format_yuan(row.amount_fen)}"))),
            href=f"/console/refunds/{row.id}", status=row.status, machine="refund",
        )
        for row in rows
    ]  # fmt: skip


SOURCES = (
    Source(
        code="refunds.refunds", title=N_("退款"), permissions=(READ,), find=refunds, position=70, list_path="/console/refunds?q={q}",
        hint=N_("退款：退款单号、渠道退款号"),
    ),
)  # fmt: skip
