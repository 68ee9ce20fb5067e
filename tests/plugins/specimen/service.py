"""What a club does: bill everybody for a year, and change a member's due with a second person."""

import datetime as dt
from uuid import UUID

from core import clock
from core.approvals import service as approvals
from core.billing import items
from core.billing.issuing import issue
from core.billing.items import ItemDraft
from core.billing.schemas import BillDraft, Issued, LineDraft
from core.database import Row, Session
from core.identity.actor import Actor
from core.money import format_yuan
from tests.plugins.specimen import repository
from tests.plugins.specimen.errors import MemberNotFound

DUE = ItemDraft(code="DUE", name="会员年费", category="会费", period="year", mandatory=True, discountable=False)


async def bill_everybody(session: Session, year: int) -> Issued:
    """One bill a member for the year, however often this is done."""
    await items.upsert(session, "club", [DUE], {})
    [item] = await items.list_items(session, "club")
    drafts = [_draft(row, item.merchant_id, year) for row in await repository.list_members(session) if not row.lapsed]
    return await issue(session, drafts)


def _draft(row: Row, merchant_id: UUID, year: int) -> BillDraft:
    line = LineDraft(
        item_code=DUE.code,
        item_name=DUE.name,
        category=DUE.category,
        merchant_id=merchant_id,
        unit_price_fen=row.due_fen,
        amount_fen=row.due_fen,
        discount_fen=0,
        mandatory=True,
        rule={"explanation": [["年费标准", f"{format_yuan(row.due_fen)} 元/年"]]},
    )
    return BillDraft(
        plugin="club",
        source=f"club:due:{year}",
        party_id=row.id,
        org_id=None,
        title=f"{year} 年会员年费",
        period=str(year),
        due_on=dt.date(year, 12, 31),
        visible_from=clock.now(),
        lines=(line,),
    )


async def propose_due(session: Session, member_id: UUID, due_fen: int, reason: str, by: Actor) -> UUID:
    """Ask a second person to change what a member owes a year."""
    proposal = {"due_fen": due_fen}
    return await approvals.propose(session, by, kind="club.due", title="调整年费", subject_id=member_id, proposal=proposal, reason=reason)


async def change_due(session: Session, member_id: UUID, proposal: dict[str, object], by: Actor) -> None:
    """Do what was agreed; runs in the transaction of the approval."""
    if not await repository.set_due(session, member_id, int(str(proposal["due_fen"]))):
        raise MemberNotFound()
