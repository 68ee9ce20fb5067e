"""The statement of the clearing as Excel: every balance, how far it is, by whom and with which evidence; names masked as they leave."""

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from core.database import Session
from core.hookspecs import Export
from core.web.filters import status_label
from core.web.i18n import N_
from plugins.medical.prepaid import lists, repository, service

AT_ONCE = 1000
COLUMNS = (
    (N_("来源系统"), "text"),
    (N_("卡号"), "text"),
    (N_("患者编号"), "text"),
    (N_("患者"), "name"),
    (N_("最后使用日期"), "date"),
    (N_("卡内余额"), "money"),
    (N_("状态"), "text"),
    (N_("收款账户"), "text"),
    (N_("身份核验"), "text"),
    (N_("经办人"), "text"),
    (N_("复核人"), "text"),
    (N_("转账凭证号"), "text"),
    (N_("转账日期"), "date"),
    (N_("退还时间"), "datetime"),
)


async def rows(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """One row a balance, the oldest first."""
    asked = {"status": given.get("status", ""), "source": given.get("source", ""), "search": lists.words_of(given.get("q", ""))}
    after: UUID | None = None
    while True:
        found = await repository.list_page(session, **asked, after=after, limit=AT_ONCE)
        for row in found:
            yield (
                row.source, row.card_no, row.patient_no, row.name, row.last_used_on, row.amount_fen, status_label(row.status, "medical.legacy"),
                row.account_masked, row.identity, row.made_by, row.checked_by, row.evidence, row.paid_on, row.refunded_at,
            )  # fmt: skip
        if len(found) < AT_ONCE:
            return
        after = found[-1].id


BALANCES = Export("medical.prepaid", N_("历史预交金清退"), service.READ, COLUMNS, rows)
