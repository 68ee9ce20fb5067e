"""Standards, discounts and applications as people and programs read them."""

from uuid import UUID

import msgspec

from core import paging
from core.database import Row, Session
from core.errors import InvalidRequest
from core.identity.actor import Actor
from core.masking import mask_name
from plugins.education.organisation import service as organisation
from plugins.education.pricing import conditions
from plugins.education.pricing.errors import StandardsTied
from plugins.education.pricing.rules import ENROLLED, TUITION
from plugins.education.roster.lists import shown_name
from plugins.education.standards import items, pricing, repository, service, words
from plugins.education.standards.models import GRANT
from plugins.education.standards.schemas import DiscountRead, GrantPage, GrantRead, StandardRead
from plugins.education.terms import service as terms

READ = "education.standard.read"
STUDENTS = "education.student.read"


async def list_standards(session: Session, by: Actor, item: str = "", status: str = "") -> list[StandardRead]:
    """The standards that touch the asker's part of the school; retired ones only when asked for."""
    tree, reach = await organisation.load(session), by.reach(READ)
    rows = await repository.list_standards(session, retired=status == "retired")
    place = {row.code: at for at, row in enumerate(await items.list_items(session))}
    return [
        read_standard(row)
        for row in sorted(rows, key=lambda row: place.get(row.item_code, len(place)))
        if (not item or row.item_code == item) and (not status or row.status == status) and tree.touches(reach, service.read_standard(row).scope)
    ]


def read_standard(row: Row) -> StandardRead:
    """A standard as people and programs read it."""
    return StandardRead(
        id=row.id,
        item_code=row.item_code,
        scope=service.read_standard(row).scope,
        price_fen=row.price_fen,
        approval_doc_no=row.approval_doc_no,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        status=row.status,
        sheet_row=row.sheet_row,
        made_by=row.made_by,
        checked_by=row.checked_by,
        checked_at=row.checked_at,
    )


async def list_discounts(session: Session) -> list[DiscountRead]:
    """The discounts, in the order they are taken."""
    names = {row.code: row.name for row in await items.list_items(session)}
    return [_discount(row, names) for row in await repository.list_discounts(session)]


def _discount(row: Row, names: dict[str, str]) -> DiscountRead:
    discount = service.read_discount(row)
    return DiscountRead(
        id=row.id,
        code=row.code,
        name=row.name,
        kind=row.kind,
        item_codes=row.item_codes,
        percent=None if discount.percent is None else str(discount.percent),
        amount_fen=row.amount_fen,
        condition=conditions.told(discount.condition),
        told=words.taken(discount, names),
        priority=row.priority,
        stackable=row.stackable,
        compound=row.compound,
        status=row.status,
        made_by=row.made_by,
        checked_by=row.checked_by,
    )


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What the present standards do to the present roster: ties by pair, and students whom no standard prices."""

    students: int
    billed: int
    ties: list[dict[str, object]]
    unpriced: list[tuple[str, str, str]]
    unpriced_count: int


MOST_SHOWN = 50


async def look_for_conflicts(session: Session, term_code: str) -> Finding:
    """Price every student of the roster with every standard, approved or not, and tell what does not work out."""
    term = await terms.find(session, term_code)
    try:
        priced = await pricing.trial(session, term, with_usage=False)
    except StandardsTied as tied:
        return Finding(students=0, billed=0, ties=tied.facts["ties"], unpriced=[], unpriced_count=0)
    present = [bill for bill in priced.bills if bill.status == ENROLLED]
    tuition = [item.code for item in priced.book.items if item.mandatory and item.category == TUITION]
    without = [bill for bill in present if not {line.item_code for line in bill.lines} & set(tuition)]
    shown = [(bill.student_no, mask_name(bill.name), " / ".join((bill.campus, bill.division, bill.grade, bill.class_name))) for bill in without[:MOST_SHOWN]]
    return Finding(students=len(present), billed=len(priced.billed), ties=[], unpriced=shown, unpriced_count=len(without))


async def list_grants(session: Session, by: Actor, status: str, cursor: str | None, limit: int = paging.PAGE) -> GrantPage:
    """Applications within reach, the newest first."""
    if status and status not in GRANT.states:
        raise InvalidRequest("没有这种申请状态")
    rows = await repository.list_grants(session, status or None, by.reach(STUDENTS), paging.read_id(cursor), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: str(row.id))
    return GrantPage([read_grant(row, by) for row in shown], more)


def read_grant(row: Row, by: Actor) -> GrantRead:
    """An application, the student's name as the asker may see it."""
    return GrantRead(
        id=row.id,
        student_id=row.student_id,
        student_no=row.student_no,
        student_name=shown_name(by, row.class_id, row.student_name),
        code=row.code,
        discount_name=row.discount_name,
        evidence=row.evidence,
        status=row.status,
        applied_by=row.applied_by,
        checked_by=row.checked_by,
        approved_by=row.approved_by,
        created_at=row.created_at,
    )


async def find_standard(session: Session, by: Actor, standard_id: UUID) -> Row | None:
    """One standard that touches the asker's part of the school, retired ones too."""
    row = await repository.find_standard(session, standard_id)
    tree = await organisation.load(session)
    return row if row is not None and tree.touches(by.reach(READ), service.read_standard(row).scope) else None
