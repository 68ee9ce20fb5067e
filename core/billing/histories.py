"""What of billing has a history: bills, fee items."""

from core.billing import history, items_repository, lists, units
from core.billing.errors import FeeItemNotFound
from core.billing.item_keeping import OBJECT
from core.database import Session
from core.identity.actor import Actor
from core.identity.history import Entry, Found, Subject, id_of, register
from core.masking import mask_name
from core.web.i18n import N_

CORRECTIONS = ("billing.void", "billing.write_off", "billing.adjust", "billing.move")


async def bill(session: Session, by: Actor, object_id: str) -> Found:
    """A bill: issued, paid, moved (as the books tell), corrected and chosen by people (as the trail tells)."""
    found = await lists.find_bill(session, id_of(object_id), by)
    story = await lists.story(session, found, await units.load(session, by.reach(lists.READ)), by)
    told = [Entry(at=each["at"], title=each["title"], by="", reason=each["text"]) for each in history.deeds(story)]
    keys = [("bill", object_id), *((kind, object_id) for kind in CORRECTIONS)]
    return Found(keys=keys, title=f"{found.title} · {mask_name(found.party_name)} · {found.number}", path=f"bills/{found.id}", told=told)


async def fee_item(session: Session, by: Actor, object_id: str) -> Found:
    """A fee item: made, changed, taken out of use, given to another merchant."""
    row = await items_repository.find_item(session, id_of(object_id))
    if row is None:
        raise FeeItemNotFound()
    return Found(keys=[(OBJECT, object_id)], title=f"{row.name} · {row.code}", path="")


register(
    Subject(code="bill", title=N_("账单"), permission=lists.READ, find=bill),
    Subject(code="fee_item", title=N_("收费项目"), permission="billing.item.read", find=fee_item),
)
