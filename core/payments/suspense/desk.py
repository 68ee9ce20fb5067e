"""Finding an owner for money in suspense: what could take it, and the proposal as people and programs make it."""

from uuid import UUID

from core.billing import lists as bills
from core.billing import service as billing
from core.billing.schemas import BillRead
from core.database import Row, Session
from core.errors import InvalidRequest, NotFound
from core.identity.actor import Actor
from core.payments import lists, lists_repository
from core.payments.story_schemas import SuspenseRead
from core.payments.suspense import service as suspense
from core.web.i18n import N_


class PersonNotFound(NotFound):
    code = "PERSON_NOT_FOUND"
    message = "没有找到编号“{number}”的人，请核对后重填"


async def suggestions(session: Session, item: SuspenseRead, by: Actor) -> list[BillRead]:
    """Open bills of the families that the payment was meant for, as far as the asker reaches."""
    people = await lists_repository.list_families_of_order(session, str(item.facts.get("order_number", "")))
    found = await billing.open_bills(session, people) if people else []
    return [bills.masked(bill) for bill in found if bill.open_fen > 0 and by.reaches(lists.RESOLVE, bill.org_id)]


async def person_of_number(session: Session, number: str, by: Actor) -> Row:
    """The person whose credit the money becomes."""
    found = await lists_repository.find_person(session, number.strip().replace("\0", "")[:64])
    mine = [row for row in found if by.reaches(lists.RESOLVE, row.org_id)]
    if len(mine) != 1:
        raise PersonNotFound(number=number.strip()[:40])
    return mine[0]


async def propose(
    session: Session, item_id: UUID, by: Actor, *, amount_fen: int, reason: str, bill_id: UUID | None, party_id: UUID | None
) -> UUID:
    """Ask a second person; item, bill and person must all lie within reach."""
    item = await lists.suspense_item(session, item_id, by, lists.RESOLVE)
    if item.payment_id is None:
        raise InvalidRequest(N_("这一条没有收到钱，只记录了渠道通知与订单的不一致，请与渠道核对"))
    if bill_id is not None:
        await bills.find_bill(session, bill_id, by, lists.RESOLVE)
    if party_id is not None:
        person = next(iter(await lists_repository.find_person(session, None, party_id)), None)
        if person is None or not by.reaches(lists.RESOLVE, person.org_id):
            raise NotFound()
    return await suspense.propose(session, item_id, amount_fen=amount_fen, reason=reason, by=by, bill_id=bill_id, party_id=party_id)


async def propose_closing(session: Session, item_id: UUID, by: Actor, reason: str) -> UUID:
    """Ask a second person to close an item that holds no money."""
    await lists.suspense_item(session, item_id, by, lists.RESOLVE)
    return await suspense.propose_closing(session, item_id, reason=reason, by=by)
