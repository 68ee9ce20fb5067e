"""Bills as staff look for them: the list with its sums, and one bill with everything behind it. Only what lies within reach is found."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from core import clock, paging
from core.billing import credit, lists_repository, repository, service
from core.billing.errors import BillNotFound
from core.billing.filters import BillFilter
from core.billing.schemas import BillRead
from core.billing.story_schemas import BillPage, BillRow, BillStory, BillSums, Movement, VersionRead
from core.billing.units import Units
from core.database import Row, Session
from core.errors import StaleForm
from core.identity.actor import Actor
from core.ledger import books
from core.masking import mask_name


class BillNumberUnknown(BillNotFound):
    code = "BILL_NUMBER_UNKNOWN"
    message = "没有找到账单 {number}，请核对账单号"


READ, ADJUST = "billing.bill.read", "billing.bill.adjust"


async def list_bills(
    session: Session, units: Units, asked: BillFilter, sort: str, cursor: str | None, limit: int = paging.PAGE
) -> BillPage:
    """One page of the bills that are meant, and what all of them come to."""
    org_ids, key = units.scope(asked.org_id), sort.removeprefix("-")
    after = paging.read_cursor(cursor, tuple[lists_repository.SORT_TYPES[key], UUID])
    rows = await lists_repository.list_bills(session, asked, org_ids, sort, after, limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: paging.write_cursor(row.sort_value, row.id))
    sums = await lists_repository.sum_bills(session, asked, org_ids)
    return BillPage([bill_row(row, units) for row in shown], more, BillSums(**sums._mapping))


def bill_row(row: Row, units: Units) -> BillRow:
    """A bill in a list, its person masked."""
    facts = {name: getattr(row, name) for name in BillRow.__struct_fields__ if name not in ("org", "overdue", "party_name")}
    overdue = row.open_fen > 0 and row.due_on < clock.today()
    return BillRow(**facts, org=units.path(row.org_id), overdue=overdue, party_name=mask_name(row.party_name))


async def find_bill(session: Session, bill_id: UUID, by: Actor, permission: str = READ) -> BillRead:
    """One bill, if the right reaches it; BillNotFound otherwise."""
    bill = await service.find_bill(session, bill_id)
    if not by.reaches(permission, bill.org_id):
        raise BillNotFound()
    return bill


async def fresh_bill(session: Session, bill_id: UUID, by: Actor, version: int) -> BillRead:
    """A bill to be changed, as the form or program saw it; StaleForm when somebody else was faster."""
    bill = await find_bill(session, bill_id, by, ADJUST)
    if bill.version != version:
        raise StaleForm()
    return bill


async def bill_of_number(session: Session, number: str, by: Actor, permission: str = ADJUST) -> BillRead:
    """The bill of a number as people type it; BillNotFound when there is none within reach."""
    bill_id = await lists_repository.find_id(session, number.strip().upper().replace("\0", ""))
    if bill_id is None:
        raise BillNumberUnknown(number=number.strip()[:40])
    return await find_bill(session, bill_id, by, permission)


async def story(session: Session, bill: BillRead, units: Units, by: Actor) -> BillStory:
    """A bill with its money, the journals behind it (for those who may see the books), its versions, the family's credit."""
    movements = _movements(await lists_repository.list_money_on(session, bill.id))
    journal_ids = list(dict.fromkeys(movement.journal_id for movement in movements))
    return BillStory(
        bill=bill,
        org=units.path(bill.org_id, last=9),
        movements=movements,
        journals=await books.journals(session, journal_ids) if by.may(books.READ) else [],
        versions=[_version(row) for row in await repository.list_versions(session, bill.id)],
        credit_fen=await credit.balance(session, [row.id for row in await family(session, bill.party_id)]),
    )


async def family(session: Session, party_id: UUID) -> Sequence[Row]:
    """A person and the others of the same family."""
    return await lists_repository.list_family(session, party_id)


async def open_bills_of_family(session: Session, bill: BillRead, by: Actor) -> list[BillRead]:
    """Other bills of the same family that still owe, as far as the asker reaches."""
    people = [row.id for row in await family(session, bill.party_id)]
    found = await service.open_bills(session, people)
    return [other for other in found if other.id != bill.id and other.open_fen > 0 and by.reaches(ADJUST, other.org_id)]


def masked(bill: BillRead) -> BillRead:
    """The bill with its person's name masked (domain book §10)."""
    return msgspec.structs.replace(bill, party_name=mask_name(bill.party_name))


def _movements(rows: Sequence[Row]) -> list[Movement]:
    """One movement for each journal and payment, the oldest first."""
    together: dict[tuple[UUID, UUID], list[Row]] = {}
    for row in rows:
        together.setdefault((row.journal_id, row.payment_id), []).append(row)
    return [
        Movement(
            payment_id=first.payment_id,
            journal_id=first.journal_id,
            order_number=first.order_number,
            channel=first.channel,
            channel_txn_id=first.channel_txn_id,
            scene=first.scene,
            payment_fen=first.payment_fen,
            amount_fen=sum(part.amount_fen for part in parts),
            paid_at=first.paid_at,
            moved_at=first.allocated_at,
            line_nos=sorted({part.line_no for part in parts}),
            receipt_number=first.receipt_number,
        )
        for parts in together.values()
        for first in parts[:1]
    ]


def _version(row: Row) -> VersionRead:
    return VersionRead(**{name: getattr(row, name) for name in VersionRead.__struct_fields__})
