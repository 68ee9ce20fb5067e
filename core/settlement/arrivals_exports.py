"""Arrivals and bank entries as they leave for Excel: the lists of the pages."""

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from core.database import Session
from core.hookspecs import Export
from core.settlement import arrivals_lists as lists
from core.settlement import arrivals_lists_repository as repository
from core.settlement.bank_accounts import masked
from core.web.filters import status_label
from core.web.i18n import N_

AT_ONCE = 500
ARRIVAL_COLUMNS = (
    (N_("账单日"), "date"),
    (N_("渠道"), "text"),
    (N_("商户号"), "text"),
    (N_("应到日"), "date"),
    (N_("交易净额"), "money"),
    (N_("渠道手续费"), "money"),
    (N_("应到金额"), "money"),
    (N_("实到金额"), "money"),
    (N_("相差"), "money"),
    (N_("状态"), "text"),
    (N_("到账日"), "date"),
    (N_("银行流水号"), "text"),
)
ENTRY_COLUMNS = (
    (N_("入账时间"), "datetime"),
    (N_("清算户"), "text"),
    (N_("流水号"), "text"),
    (N_("收入金额"), "money"),
    (N_("支出金额"), "money"),
    (N_("附言"), "text"),
    (N_("种类"), "text"),
    (N_("渠道"), "text"),
    (N_("商户号"), "text"),
    (N_("账单日"), "date"),
    (N_("付款指令号"), "text"),
    (N_("状态"), "text"),
    (N_("依据"), "text"),
)


async def arrival_rows(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """One row an arrival, in the order of the page; nothing for who reaches only part of the client."""
    asked, before = lists.asked_of(given), None
    while reach is None:
        found = await repository.list_page(session, asked, before, AT_ONCE)
        for row in found:
            yield (
                row.bill_on, status_label(row.channel, "channel"), row.merchant_number, row.due_on, row.gross_fen, row.fee_fen, row.net_fen,
                row.arrived_fen, row.arrived_fen - row.net_fen, status_label(row.status, "arrival"), row.arrived_on, row.bank_serial or "",
            )  # fmt: skip
        if len(found) < AT_ONCE:
            return
        before = (found[-1].bill_on, found[-1].id)


async def entry_rows(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """One row a bank entry, in the order of the page."""
    asked, before = lists.entries_asked_of(given), None
    while reach is None:
        found = await repository.list_entries(session, asked, before, AT_ONCE)
        for row in found:
            fen = row.amount_fen
            yield (
                row.booked_at, masked(row.account_number), row.serial, fen if fen > 0 else None, -fen if fen < 0 else None, row.reference,
                status_label(row.kind, "bank_entry_kind"), status_label(row.channel, "channel") if row.channel else "", row.merchant_number,
                row.bill_on, row.payout_number or "", status_label(row.status, "bank_entry"),
                status_label(row.matched_by, "bank_entry_by") if row.matched_by else "",
            )  # fmt: skip
        if len(found) < AT_ONCE:
            return
        before = (found[-1].booked_on, found[-1].id)


EXPORTS = [
    Export("settlement.arrivals", N_("渠道到账"), lists.READ, ARRIVAL_COLUMNS, arrival_rows),
    Export("settlement.bank_entries", N_("银行流水"), lists.READ, ENTRY_COLUMNS, entry_rows),
]
