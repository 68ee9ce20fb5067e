"""Shares as they leave for Excel."""

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from core.database import Session
from core.errors import NotPermitted
from core.hookspecs import Export
from core.profit_sharing import receivers, repository, service
from core.web.filters import status_label
from core.web.i18n import N_

COLUMNS = (
    (N_("分账单号"), "text"), (N_("支付单"), "text"), (N_("商户号"), "text"), (N_("接收方"), "text"), (N_("名称"), "text"), (N_("金额"), "money"),
    (N_("已回退"), "money"), (N_("状态"), "text"), (N_("经办人"), "text"), (N_("复核人"), "text"), (N_("申请时间"), "datetime"), (N_("完成时间"), "datetime"),
)  # fmt: skip


async def rows(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """A line for each share; a release has a line of its own."""
    if reach is not None:
        raise NotPermitted()
    for row in await repository.list_export(session):
        account = receivers.shown_account(row.receiver_kind, row.account) if row.account else ""
        state = status_label(row.share_state, "sharing.share") if row.share_state else status_label(row.state, "sharing.split")
        yield (
            row.number, row.order_number, row.mchid, account, row.name_masked or "", row.amount_fen or 0, row.returned_fen or 0, state, row.made_by,
            row.checked_by or "", row.created_at, row.finished_at,
        )  # fmt: skip


SHARES = Export("sharing.shares", N_("分账明细"), service.READ, COLUMNS, rows)
