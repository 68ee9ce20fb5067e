"""Tickets as each side reads them."""

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from core import clock, paging
from core.database import Row, Session
from core.errors import InvalidRequest
from core.hookspecs import Export
from core.identity.actor import Actor
from core.identity.vault import Vault
from core.support.consents.lists import UnknownState
from core.support.errors import TicketNotFound
from core.support.rights import GRANT, QUEUE
from core.support.states import SEVERITIES, TICKET
from core.support.tickets import repository
from core.support.tickets.repository import RUNNING, Asked
from core.support.tickets.schemas import EntryRead, TicketPage, TicketRead, TicketStory
from core.web.filters import status_label
from core.web.i18n import N_, gettext

AT_ONCE = 500


def asked_of(values: Mapping[str, str]) -> Asked:
    """What an address asks for; UnknownState for a word that is none."""
    status, severity = values.get("status", ""), values.get("severity", "")
    for value, known in ((status, (*TICKET.states, "live", "late")), (severity, SEVERITIES)):
        if value and value not in known:
            raise UnknownState(value=value[:40])
    try:
        client_id = UUID(values["client"]) if values.get("client") else None
    except ValueError:
        raise InvalidRequest() from None
    return Asked(status=status, severity=severity, words=values.get("q", "").replace("\0", "").strip()[:60], client_id=client_id)


def _own(by: Actor, asked: Asked) -> Asked:
    """Everybody sees what they raised; the client's administrators see all of it."""
    narrowed = Asked(status=asked.status, severity=asked.severity, words=asked.words)
    return narrowed if by.may(GRANT) else Asked(status=asked.status, severity=asked.severity, words=asked.words, made_by=by.id)


def read(row: Row) -> TicketRead:
    """A row in words."""
    return TicketRead(
        id=row.id, number=row.number, title=row.title, severity=row.severity, status=row.status,
        late=row.status in RUNNING and row.due_at < clock.now(), page=row.page, page_title=row.page_title, job_id=row.job_id,
        made_by=row.made_by_name, owner=row.owner_name, due_at=row.due_at, answered_at=row.answered_at, resolved_at=row.resolved_at,
        created_at=row.created_at,
    )  # fmt: skip


async def list_own(session: Session, by: Actor, asked: Asked, cursor: str | None, limit: int = paging.PAGE) -> TicketPage:
    """A client's tickets."""
    rows = await repository.list_own(session, _own(by, asked), clock.now(), paging.read_id(cursor), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: str(row.id))
    return TicketPage([read(row) for row in shown], more)


async def mine(session: Session, by: Actor, ticket_id: UUID) -> Row:
    """A ticket that one raised, or of one's client for its administrators; TicketNotFound otherwise."""
    row = await repository.find(session, ticket_id)
    if row is None or (row.made_by != by.id and not by.may(GRANT)):
        raise TicketNotFound()
    return row


async def story(session: Session, vault: Vault, ticket_id: UUID) -> TicketStory:
    """A ticket with everything about it, in the client's transaction; whoever calls this has admitted the asker."""
    row = await repository.find(session, ticket_id)
    if row is None:
        raise TicketNotFound()
    keys = await vault.keys(session)
    entries = [
        EntryRead(
            id=one.id, at=one.created_at, side=one.side, by=one.by_name, what=one.what, text=keys.open(one.text_sealed), file_name=one.file_name
        )
        for one in await repository.list_entries(session, ticket_id)
    ]
    return TicketStory(read(row), entries)


async def people_of(session: Session, row: Row) -> list[UUID]:
    """Who is told when support writes: the member of staff who raised the ticket (a program is not told)."""
    entries = await repository.list_entries(session, row.id)
    wrote = {entry.by_id for entry in entries if entry.side == "client"}
    return [UUID(each) for each in sorted(wrote) if await repository.is_user(session, UUID(each))]


async def awaited(session: Session, by: Actor) -> int | None:
    """How many of one's tickets wait for one's answer: a line of the work list, where there are any."""
    return await repository.count_own(session, _own(by, Asked(status="waiting_client")), clock.now()) or None


async def in_queue(session: Session, by: Actor) -> int:
    """How many tickets nobody has looked at yet."""
    return await repository.count_queue(session, by.reach(QUEUE), Asked(status="open"), clock.now())


async def late(session: Session, by: Actor) -> int:
    """How many are late."""
    return await repository.count_queue(session, by.reach(QUEUE), Asked(status="late"), clock.now())


async def answered_back(session: Session, by: Actor) -> int:
    """How many of one's own are under way."""
    return await repository.count_queue(session, by.reach(QUEUE), Asked(status="in_progress", owner_id=by.id), clock.now())


async def rows(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """A client's tickets for Excel."""
    before, asked = None, asked_of(given)
    while True:
        found = await repository.list_own(session, asked, clock.now(), before, AT_ONCE)
        for row in found:
            one = read(row)
            yield (
                one.number, one.title, status_label(one.severity, "ticket_severity"), status_label(one.status, "support_ticket"),
                gettext("已超时") if one.late else "", one.made_by, one.owner or "", gettext(one.page_title), one.created_at, one.answered_at, one.resolved_at,
            )  # fmt: skip
        if len(found) < AT_ONCE:
            return
        before = found[-1].id


EXPORTS = [
    Export(
        "support.tickets", N_("工单"), GRANT,
        ((N_("编号"), "text"), (N_("问题"), "text"), (N_("紧急程度"), "text"), (N_("状态"), "text"), (N_("是否超时"), "text"), (N_("提交人"), "text"),
         (N_("客服"), "text"), (N_("页面"), "text"), (N_("提交时间"), "datetime"), (N_("首次答复"), "datetime"), (N_("解决时间"), "datetime")),
        rows,
    )
]  # fmt: skip
