"""Orders, payments and suspense as finance looks at them: only what lies within reach is found, other units' shares are sums."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from core import clock, paging
from core.billing.filters import day_of, word_of
from core.database import Row, Session
from core.errors import NotFound
from core.identity.actor import Actor
from core.identity.worklist import Waiting
from core.ledger import books
from core.masking import mask_name
from core.payments import lists_repository as repository
from core.payments.errors import OrderNotFound, SuspenseNotFound
from core.payments.lists_repository import Asked
from core.payments.repository import list_notices
from core.payments.story_schemas import (
    NoticeRead,
    OrderBill,
    OrderPage,
    OrderRow,
    OrderStory,
    PaymentPage,
    PaymentRow,
    PaymentStory,
    Place,
    ReceiptRow,
    SuspensePage,
    SuspenseRead,
)

READ_ORDERS, READ_PAYMENTS = "payments.order.read", "payments.payment.read"
READ_SUSPENSE, RESOLVE = "payments.suspense.read", "payments.suspense.resolve"


class PaymentNotFound(NotFound):
    code = "PAYMENT_NOT_FOUND"
    message = "没有找到这笔收款"


def asked_of(values: Mapping[str, str]) -> Asked:
    """What a page's address asks for; days are those of Shanghai."""
    return Asked(
        typed=word_of(values, "q"),
        status=word_of(values, "status"),
        channel=word_of(values, "channel"),
        start=begin_of(day_of(values.get("start"))),
        until=end_of(day_of(values.get("until"))),
    )


def begin_of(day: dt.date | None) -> dt.datetime | None:
    """The first instant of a business day."""
    return dt.datetime.combine(day, dt.time(), clock.SHANGHAI) if day else None


def end_of(day: dt.date | None) -> dt.datetime | None:
    """The first instant after a business day."""
    return begin_of(day + dt.timedelta(days=1)) if day and day < dt.date.max else None


async def list_orders(session: Session, asked: Asked, by: Actor, cursor: str | None, limit: int = paging.PAGE) -> OrderPage:
    """Payment orders, the newest first."""
    rows = await repository.list_orders(session, asked, by.reach(READ_ORDERS), paging.read_id(cursor), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: str(row.id))
    return OrderPage([_read(OrderRow, row) for row in shown], more)


async def order_story(session: Session, number: str, by: Actor) -> OrderStory:
    """One order with its bills, what the channel told us, and the money that came."""
    reach = by.reach(READ_ORDERS)
    row = await repository.find_order(session, number.replace("\0", ""), reach)
    if row is None:
        raise OrderNotFound()
    return OrderStory(
        order=_read(OrderRow, row),
        mchid=row.mchid,
        expires_at=row.expires_at,
        next_query_at=row.next_query_at,
        queries=row.queries,
        bills=[_order_bill(item, reach) for item in await repository.list_order_items(session, row.id)],
        notices=[_read(NoticeRead, notice) for notice in await list_notices(session, row.number)],
        payment_ids=[payment.id for payment in await repository.list_payments_of_order(session, row.number)],
    )


def _order_bill(row: Row, reach: list[UUID] | None) -> OrderBill:
    if reach is not None and row.org_id not in reach:
        return OrderBill(bill_id=None, number="", title="", party="", amount_fen=row.amount_fen)
    party = f"{mask_name(row.party_name)} {row.party_number}"
    return OrderBill(bill_id=row.bill_id, number=row.number, title=row.title, party=party, amount_fen=row.amount_fen)


async def list_payments(session: Session, asked: Asked, by: Actor, cursor: str | None, limit: int = paging.PAGE) -> PaymentPage:
    """Payments, the newest first, and what all of them come to."""
    reach = by.reach(READ_PAYMENTS)
    rows = await repository.list_payments(session, asked, reach, paging.read_id(cursor), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: str(row.id))
    sums = await repository.sum_payments(session, asked, reach)
    return PaymentPage([_read(PaymentRow, row) for row in shown], more, sums.payments, sums.amount_fen)


async def payment_story(session: Session, payment_id: UUID, by: Actor) -> PaymentStory:
    """One payment: where each fen lies, the books behind it (for those who may see them), its receipts."""
    reach = by.reach(READ_PAYMENTS)
    row = await repository.find_payment(session, payment_id, reach)
    if row is None:
        raise PaymentNotFound()
    places = await repository.list_places(session, payment_id)
    in_suspense = sum(place.amount_fen for place in places if place.kind == "suspense")
    journal_ids = await repository.list_journal_ids(session, payment_id)
    receipts = await repository.list_receipts(session, payment_id)
    return PaymentStory(
        payment=_read(PaymentRow, row, suspense_fen=in_suspense),
        places=_places(places, reach),
        journals=await books.journals(session, journal_ids) if by.may(books.READ) else [],
        receipts=[_read(ReceiptRow, receipt) for receipt in receipts if reach is None or receipt.org_id in reach],
    )


def _places(rows: Sequence[Row], reach: list[UUID] | None) -> list[Place]:
    seen = [row for row in rows if reach is None or row.bill_id is None or row.org_id in reach]
    elsewhere = sum(row.amount_fen for row in rows) - sum(row.amount_fen for row in seen)
    found = [_place(row) for row in seen]
    if elsewhere:
        found.append(Place(kind="elsewhere", amount_fen=elsewhere, bill_id=None, bill="", item="", party=""))
    return found


def _place(row: Row) -> Place:
    party = f"{mask_name(row.party_name)} {row.party_number}" if row.party_name else ""
    bill = f"{row.title} · {row.number}" if row.number else ""
    return Place(kind=row.kind, amount_fen=row.amount_fen, bill_id=row.bill_id, bill=bill, item=row.item_name or "", party=party)


async def list_suspense(
    session: Session, status: str, reason: str, by: Actor, cursor: str | None, limit: int = paging.PAGE
) -> SuspensePage:
    """Suspense items, the newest first."""
    reach = by.reach(READ_SUSPENSE)
    rows = await repository.list_suspense(session, status[:20], reason[:40], reach, paging.read_id(cursor), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: str(row.id))
    sums = await repository.sum_suspense(session, reach)
    return SuspensePage([_read(SuspenseRead, row) for row in shown], more, sums.items, sums.left_fen)


async def suspense_item(session: Session, item_id: UUID, by: Actor, permission: str = READ_SUSPENSE) -> SuspenseRead:
    """One item; SuspenseNotFound outside reach."""
    row = await repository.find_suspense(session, item_id, by.reach(permission))
    if row is None:
        raise SuspenseNotFound()
    return _read(SuspenseRead, row)


async def count_open_suspense(session: Session, by: Actor) -> Waiting:
    """How many items wait for an owner within the actor's reach, and since when."""
    row = await repository.sum_suspense(session, by.reach(RESOLVE))
    return Waiting(row.items, row.since)


def _read(shape: type, row: Row, **more: object):
    names = [name for name in shape.__struct_fields__ if name not in more]
    return shape(**{name: getattr(row, name) for name in names}, **more)
