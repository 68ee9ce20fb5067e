"""A client's consents and what was looked at under each, as pages and Excel show them."""

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from core import clock, paging
from core.database import Session
from core.errors import InvalidRequest
from core.hookspecs import Export
from core.identity.actor import Actor
from core.support.consents import repository, service
from core.support.consents.schemas import ConsentRead, LookRead, consent_of, look_of
from core.support.errors import ConsentNotFound
from core.support.rights import GRANT
from core.support.words import CONSENT_STATES
from core.web.filters import status_label
from core.web.i18n import N_, gettext

AT_ONCE = 500


class UnknownState(InvalidRequest):
    code = "BAD_FILTER"
    message = "查询条件“{value}”无效，请清除后重试"


def state_asked(value: str) -> str:
    """A state to filter by, or nothing."""
    if value and value not in CONSENT_STATES:
        raise UnknownState(value=value[:40])
    return value


async def list_consents(session: Session, state: str, words: str, cursor: str | None, limit: int = paging.PAGE) -> tuple[list[ConsentRead], str | None]:
    """A page of consents, the newest first, with how much was looked at."""
    now = clock.now()
    before = paging.read_id(cursor)
    rows = await repository.list_own(session, now, service.stale(now), state=state, words=words, before=before, limit=limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: str(row.id))
    looks = await repository.count_looks(session, [row.id for row in shown])
    return [consent_of(row, looks) for row in shown], more


async def find(session: Session, consent_id: UUID) -> ConsentRead:
    """One consent."""
    row = await repository.find(session, consent_id)
    if row is None:
        raise ConsentNotFound()
    return consent_of(row, await repository.count_looks(session, [consent_id]))


async def looks(session: Session, consent_id: UUID, cursor: str | None, limit: int = paging.PAGE) -> tuple[list[LookRead], str | None]:
    """What was looked at, the newest first."""
    rows = await repository.list_looks(session, consent_id, paging.read_id(cursor), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: str(row.id))
    return [look_of(row) for row in shown], more


async def waiting(session: Session, by: Actor) -> int:
    """How many requests wait for the client's answer: a line of the work list."""
    now = clock.now()
    return await repository.count_own(session, now, service.stale(now), "asked")


async def standing(session: Session, by: Actor) -> int | None:
    """How many consents stand now; no line where none does."""
    now = clock.now()
    return await repository.count_own(session, now, service.stale(now), "granted") or None


async def consent_rows(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """Consents for Excel."""
    cursor, state = None, state_asked(given.get("status", ""))
    while True:
        found, cursor = await list_consents(session, state, given.get("q", "").strip(), cursor, AT_ONCE)
        for one in found:
            yield one.purpose, one.person, status_label(one.state, "support_consent"), one.from_at, one.until_at, one.asked_by or "", one.looks
        if cursor is None:
            return


async def look_rows(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """What was looked at under one consent, for Excel."""
    cursor, consent_id = None, paging.read_id(given.get("consent"))
    while consent_id:
        found, cursor = await looks(session, consent_id, cursor, AT_ONCE)
        for one in found:
            yield one.at, one.who, one.page, one.path, one.asked, gettext("已拒绝") if one.refused else gettext("查看")
        if cursor is None:
            return


EXPORTS = [
    Export(
        "support.consents", N_("客服查看授权"), GRANT,
        ((N_("目的"), "text"), (N_("查看人"), "text"), (N_("状态"), "text"), (N_("开始"), "datetime"), (N_("截止"), "datetime"), (N_("申请人"), "text"),
         (N_("查看页数"), "number")),
        consent_rows,
    ),
    Export(
        "support.looks", N_("客服查看记录"), GRANT,
        ((N_("时间"), "datetime"), (N_("查看人"), "text"), (N_("页面"), "text"), (N_("地址"), "text"), (N_("筛选"), "text"), (N_("结果"), "text")),
        look_rows,
    ),
]  # fmt: skip
