"""The long lists behind reports: who owes, what was discounted, every payment in detail."""

import datetime as dt
from collections.abc import Callable
from uuid import UUID

from core import clock, paging
from core.billing.filters import BillFilter
from core.billing.states import OPEN
from core.billing.units import Units
from core.database import Row, Session
from core.masking import mask_name
from core.reports import repository
from core.reports.schemas import Debtor, DebtorPage, DetailPage, DetailRow, DiscountPage, DiscountRow
from core.web.i18n import labelled, listed

Span = tuple[dt.datetime | None, dt.datetime | None]
Shown = Callable[[str], str]
"""How a name is written: masked for people's eyes, whole only for an export, which masks it itself."""


async def debtors(
    session: Session, units: Units, asked: BillFilter, cursor: str | None, limit: int = paging.PAGE, *, shown: Shown = mask_name
) -> DebtorPage:
    """Who owes within reach; with the state `overdue`, only what is past its day."""
    org_ids = units.scope(asked.org_id)
    rows = await repository.list_debtors(session, asked, org_ids, paging.read_cursor(cursor, tuple[str, UUID]), limit + 1)
    kept, more = paging.cut(rows, limit, lambda row: paging.write_cursor(row.number, row.party_id))
    sums = await repository.sum_debts(session, asked, org_ids)
    return DebtorPage([_debtor(row, units, shown) for row in kept], more, sums.people, sums.open_fen)


def _debtor(row: Row, units: Units, shown: Shown) -> Debtor:
    return Debtor(
        party_id=row.party_id,
        number=row.number,
        name=shown(row.name),
        org=units.path(row.org_id),
        bills=row.bills,
        open_fen=row.open_fen,
        due_on=row.due_on,
        overdue_days=max(0, (clock.today() - row.due_on).days),
    )


async def discounts(
    session: Session, units: Units, asked: BillFilter, cursor: str | None, limit: int = paging.PAGE, *, shown: Shown = mask_name
) -> DiscountPage:
    """The discount ledger, the newest bills first."""
    org_ids = units.scope(asked.org_id)
    rows = await repository.list_discounts(session, asked, org_ids, paging.read_cursor(cursor, tuple[UUID, int]), limit + 1)
    kept, more = paging.cut(rows, limit, lambda row: paging.write_cursor(row.bill_id, row.line_no))
    sums = await repository.sum_discounts(session, asked, org_ids)
    return DiscountPage([_discount(row, units, shown) for row in kept], more, sums.lines, sums.discount_fen)


def _discount(row: Row, units: Units, shown: Shown) -> DiscountRow:
    return DiscountRow(
        bill_id=row.bill_id,
        bill_number=row.bill_number,
        line_no=row.line_no,
        number=row.number,
        name=shown(row.name),
        org=units.path(row.org_id),
        item_code=row.item_code,
        item_name=row.item_name,
        gross_fen=row.amount_fen,
        discount_fen=row.discount_fen,
        net_fen=row.net_fen,
        reason=listed((labelled(label, value) for label, value in row.rule.get("explanation", [])), "；"),
    )


async def details(
    session: Session, units: Units, asked: BillFilter, span: Span, cursor: str | None, limit: int = paging.PAGE, *, shown: Shown = mask_name
) -> DetailPage:
    """Bill lines with the payments on them; with a span, what was booked in it."""
    after = paging.read_cursor(cursor, tuple[UUID, int, int])
    rows = await repository.list_details(session, asked, units.scope(asked.org_id), span, after, limit + 1)
    kept, more = paging.cut(rows, limit, lambda row: paging.write_cursor(row.bill_id, row.line_no, row.nth))
    return DetailPage([detail(row, units, shown) for row in kept], more)


def detail(row: Row, units: Units, shown: Shown = mask_name) -> DetailRow:
    """One row of payment details, the name masked unless said otherwise."""
    first = row.nth <= 1
    open_fen = row.net_fen - row.line_paid_fen if row.status in OPEN else 0
    return DetailRow(
        bill_id=row.bill_id,
        bill_number=row.bill_number,
        line_no=row.line_no,
        org_id=row.org_id,
        org=units.path(row.org_id),
        number=row.number,
        name=shown(row.name),
        item_code=row.item_code,
        item_name=row.item_name,
        gross_fen=row.amount_fen if first else None,
        discount_fen=row.discount_fen if first else None,
        paid_fen=row.paid_fen,
        open_fen=open_fen if first else None,
        payment_id=row.payment_id,
        channel=row.channel,
        paid_at=row.paid_at,
        order_number=row.order_number,
        channel_txn_id=row.channel_txn_id,
        receipt_number=row.receipt_number,
        status=_line_status(row, open_fen),
    )


def _line_status(row: Row, open_fen: int) -> str:
    """The state of one line, in the words of a bill."""
    if row.status not in (*OPEN, "paid"):
        return row.status
    if open_fen <= 0:
        return "paid"
    if clock.today() > row.due_on:
        return "overdue"
    return "partially_paid" if row.line_paid_fen else "issued"
