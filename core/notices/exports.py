"""The list of notices as it leaves for Excel: the same filters, every row; names are masked as they leave, where a notice went stays masked."""

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from core.database import Session
from core.hookspecs import Export
from core.notices import filters, lists, lists_repository
from core.notices.defaults import EVENTS
from core.notices.words import MEANS, REASONS
from core.web.filters import status_label
from core.web.i18n import N_, gettext

AT_ONCE = 1000
COLUMNS = (
    (N_("事项"), "text"),
    (N_("姓名"), "name"),
    (N_("方式"), "text"),
    (N_("发送到"), "text"),
    (N_("状态"), "text"),
    (N_("原因"), "text"),
    (N_("尝试次数"), "number"),
    (N_("生成时间"), "datetime"),
    (N_("发送时间"), "datetime"),
    (N_("送达时间"), "datetime"),
    (N_("查看时间"), "datetime"),
)


async def rows(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """One row a notice, the newest first."""
    asked, before = filters.read(given), None
    while True:
        found = await lists_repository.list_notices(session, asked, reach, before, AT_ONCE)
        for row in found:
            one = lists.read(row, EVENTS)
            yield (
                one.event_title, row.party_name or "", gettext(MEANS[one.means]), one.to, status_label(one.status, "people_notice"),
                gettext(REASONS.get(one.reason or "", one.reason or "")), one.attempts, one.created_at, one.sent_at, one.delivered_at,
                one.read_at,
            )  # fmt: skip
        if len(found) < AT_ONCE:
            return
        before = found[-1].id


NOTICES = Export("notices.notices", N_("通知"), lists.READ, COLUMNS, rows)
