"""Fee items and the merchants that receive their money."""

from collections.abc import Sequence
from uuid import UUID

from core.billing import items as fee_items
from core.billing import items_repository
from core.billing import repository as billing_repository
from core.database import Row, Session
from core.errors import InvalidRequest, NotFound, StaleForm
from core.identity import audit
from core.identity.actor import Actor
from plugins.education.organisation import service as organisation

PLUGIN = "education"
MANAGE = "billing.item.manage"


async def list_items(session: Session) -> Sequence[Row]:
    """The school's fee items in their order."""
    return await fee_items.list_items(session, PLUGIN)


async def list_all(session: Session) -> Sequence[Row]:
    """Also those out of use."""
    return await billing_repository.list_items(session, PLUGIN)


async def merchants(session: Session) -> Sequence[Row]:
    """The merchants that may receive money, the oldest first."""
    return await items_repository.list_merchants(session)


async def assign_merchant(session: Session, item_id: UUID, merchant_id: UUID, version: int, by: Actor) -> None:
    """From the next publication on the item's money goes to another merchant; bills already made keep theirs."""
    if not (await organisation.load(session)).whole(by.reach(MANAGE)):
        raise NotFound()
    item = next((row for row in await list_items(session) if row.id == item_id), None)
    if item is None:
        raise NotFound()
    if item.version != version:
        raise StaleForm()
    names = {row.id: row.name for row in await merchants(session)}
    if merchant_id not in names:
        raise InvalidRequest("没有这个收款商户，或它已停用")
    if item.merchant_id == merchant_id:
        return
    await items_repository.set_merchant(session, item_id, merchant_id)
    before, after = {"merchant": names.get(item.merchant_id, "")}, {"item": item.code, "merchant": names[merchant_id]}
    await audit.record(session, by, "education.item.merchant", "fee_item", item_id, before=before, after=after)
