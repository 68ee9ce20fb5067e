"""Settlements, and a month's comparison with the insurer, as they leave for Excel; nobody is named in them."""

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from core.database import Session
from core.hookspecs import Export
from core.web.filters import status_label
from core.web.i18n import N_
from plugins.medical.insurance import lists, repository

AT_ONCE = 1000
_SETTLED = (
    (N_("医保结算号"), "text"), (N_("清算类别"), "text"), (N_("结算日期"), "date"), (N_("状态"), "text"), (N_("费用总额"), "money"),
    (N_("医保统筹"), "money"), (N_("个人账户"), "money"), (N_("账户共济"), "money"), (N_("现金部分"), "money"), (N_("医院负担"), "money"),
    (N_("应收医保"), "money"), (N_("诊疗订单号"), "text"), (N_("就诊号"), "text"),
)  # fmt: skip
_COMPARED = (
    (N_("医保结算号"), "text"), (N_("结果"), "text"), (N_("清算类别"), "text"), (N_("结算日期"), "date"), (N_("费用总额"), "money"),
    (N_("应收医保"), "money"), (N_("拨付金额"), "money"), (N_("拒付金额"), "money"), (N_("拒付原因"), "text"), (N_("未到金额"), "money"),
)  # fmt: skip


async def settlements(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """One row a settlement, the newest first."""
    asked, before = lists.asked_of(given), None
    while True:
        found = await repository.list_page(session, asked, before, AT_ONCE)
        for row in found:
            one = lists.read(row)
            yield (
                one.setl_id, one.clr_type, one.settled_on, status_label(one.status, "medical.settlement"), one.total_fen, one.fund_fen,
                one.account_fen, one.mutual_aid_fen, one.cash_fen, one.hospital_fen, one.receivable_fen, one.order_number or "", one.visit_no or "",
            )  # fmt: skip
        if len(found) < AT_ONCE:
            return
        before = found[-1].id


async def compared(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """One row a settlement number of a month."""
    cursor: str | None = None
    while True:
        page = await lists.compare(session, given.get("period") or lists.months(1)[0], given.get("verdict", ""), cursor, AT_ONCE)
        for one in page.items:
            yield (
                one.setl_id, status_label(one.verdict, "medical.clearing"), one.clr_type or "", one.settled_on, one.total_fen, one.ours_fen,
                one.paid_fen, one.refused_fen, one.reason or "", one.difference_fen,
            )  # fmt: skip
        cursor = page.next_cursor
        if cursor is None:
            return


SETTLEMENTS = Export("medical.insurance", N_("医保结算"), lists.READ, _SETTLED, settlements)
COMPARED = Export("medical.clearing", N_("医保清算核对"), lists.READ, _COMPARED, compared)
