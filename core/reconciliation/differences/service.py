"""The work list of differences: which ones are meant, one with everything known about it, confirmed, assigned, dated."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from core import clock, ids, money, paging
from core.billing.filters import BadFilter, day_of, word_of
from core.database import Row, Session
from core.errors import InvalidRequest, StaleForm
from core.identity import audit
from core.identity.actor import Actor
from core.identity.worklist import Figure, Waiting
from core.reconciliation import rights
from core.reconciliation.differences import repository
from core.reconciliation.differences.repository import Asked
from core.reconciliation.remedies.refusals import DifferenceNotFound, DifferenceResolved
from core.reconciliation.states import CLASSES, DIFFERENCE, OPEN
from core.web.filters import in_yuan, status_label
from core.web.i18n import gettext as _

SEVERITIES = ("critical", "high", "medium", "low")
STATES = ("live", "all", *DIFFERENCE.states)


class DifferenceRead(msgspec.Struct, frozen=True, kw_only=True):
    """A difference as pages and programs see it; amounts are fen, `business` is the HIS or our own bills."""

    id: UUID
    code: str
    bill_on: dt.date
    klass: str = msgspec.field(name="class")
    channel: str
    merchant_number: str
    kind: str
    number: str
    order_number: str | None
    channel_number: str | None
    channel_order_number: str | None
    bill_number: str | None
    serial: str | None
    business_fen: int | None
    platform_fen: int | None
    channel_fen: int | None
    platform_fee_fen: int | None
    channel_fee_fen: int | None
    amount_fen: int
    differs: str
    missing_in: list[str]
    business_at: dt.datetime | None
    platform_at: dt.datetime | None
    channel_at: dt.datetime | None
    near_cut: bool
    platform_status: str | None
    facts: dict[str, object]
    status: str
    healed_by: str | None
    settle_on: dt.date | None
    resolved_at: dt.datetime | None
    resolution: str | None
    severity: str
    owner_id: str | None
    owner_name: str | None
    due_at: dt.datetime | None
    payment_id: UUID | None
    refund_item_id: UUID | None
    suspense_id: UUID | None
    version: int
    created_at: dt.datetime


class DifferencePage(msgspec.Struct, frozen=True):
    """Differences, the newest day first, with the sum of everything the filter means."""

    items: list[DifferenceRead]
    next_cursor: str | None
    differences: int
    amount_fen: int


def check_reach(by: Actor, permission: str = rights.READ) -> None:
    """A client's days are reconciled as a whole: who reaches only part of it does not find them."""
    if by.reach(permission) is not None:
        raise DifferenceNotFound()


def asked_of(values: Mapping[str, str]) -> Asked:
    """What a page's address, an export or a program asks for; BadFilter for what cannot be meant."""
    state = word_of(values, "status") or word_of(values, "state") or "live"
    known = (("class", CLASSES), ("severity", SEVERITIES))
    for name, allowed in known:
        if word_of(values, name) and word_of(values, name) not in allowed:
            raise BadFilter(value=word_of(values, name)[:40])
    if state not in STATES:
        raise BadFilter(value=state[:40])
    return Asked(
        q=word_of(values, "q"), klass=word_of(values, "class"), channel=word_of(values, "channel"), state=state,
        severity=word_of(values, "severity"), owner=word_of(values, "owner"), start=day_of(values.get("start")), until=day_of(values.get("until")),
        least_fen=_fen(values.get("least")), most_fen=_fen(values.get("most")), overdue=values.get("overdue") == "1",
        longs=values.get("longs") == "1",
    )  # fmt: skip


def _fen(typed: str | None) -> int | None:
    try:
        return money.yuan(typed) if typed and typed.strip() else None
    except InvalidRequest:
        raise BadFilter(value=typed[:40]) from None


async def list_differences(session: Session, asked: Asked, by: Actor, cursor: str | None, limit: int = paging.PAGE) -> DifferencePage:
    """A page of the work list."""
    check_reach(by)
    now = clock.now()
    rows = await repository.list_page(session, asked, now, paging.read_cursor(cursor, tuple[dt.date, UUID]), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: paging.write_cursor(row.bill_on, row.id))
    sums = await repository.sum_page(session, asked, now)
    return DifferencePage([read(row) for row in shown], more, sums.differences, int(sums.amount_fen))


async def count_states(session: Session, asked: Asked) -> dict[str, int]:
    """How many of what the rest of the filter means are open, and how many may still heal by themselves."""
    found = {row.status: row.differences for row in await repository.sum_states(session, msgspec.structs.replace(asked, state="all"), clock.now())}
    return {"live": sum(found.get(code, 0) for code in OPEN), "all": sum(found.values()), **found}


async def sum_longs(session: Session, asked: Asked) -> Row:
    """How many longs of the filter wait for one click, and what they come to."""
    asked = msgspec.structs.replace(asked, longs=True, free=True, state="live")
    return await repository.sum_page(session, asked, clock.now())


async def count_live(session: Session, by: Actor) -> Waiting | None:
    """How many differences are open, and since which day, for the work list; None for who does not see the whole client."""
    return await _waiting(session, by, Asked())


async def count_overdue(session: Session, by: Actor) -> Waiting | None:
    """How many are past their day."""
    return await _waiting(session, by, Asked(overdue=True))


async def _waiting(session: Session, by: Actor, asked: Asked) -> Waiting | None:
    if by.reach(rights.HANDLE) is not None:
        return None
    row = await repository.sum_page(session, asked, clock.now())
    return Waiting(row.differences, row.oldest_on)


async def figure(session: Session, by: Actor) -> Figure | None:
    """The key figure of those who see reconciliation: what is open, in money."""
    if by.reach(rights.READ) is not None:
        return None
    row = await repository.sum_page(session, Asked(), clock.now())
    hint = _("%(n)s 条，最早 %(day)s", n=row.differences, day=row.oldest_on) if row.differences else _("没有未处理的差异")
    return Figure(in_yuan(row.amount_fen), hint, _("未处理的对账差异金额之和"), "bad" if row.differences else "good")


async def find(session: Session, difference_id: UUID, by: Actor, permission: str = rights.READ) -> Row:
    """One difference; DifferenceNotFound outside this client."""
    check_reach(by, permission)
    row = await repository.find(session, difference_id)
    if row is None:
        raise DifferenceNotFound()
    return row


async def held(session: Session, difference_id: UUID, version: int | None = None, *, live: bool = True) -> Row:
    """One difference for a change: still as it was seen, and open unless `live` is off."""
    row = await repository.lock(session, difference_id)
    if row is None:
        raise DifferenceNotFound()
    if live and row.status not in OPEN:
        raise resolved(row)
    if version is not None and version != row.version:
        raise StaleForm()
    return row


def resolved(row: Row) -> DifferenceResolved:
    """The refusal of whoever comes too late."""
    return DifferenceResolved(code=row.code, status=status_label(row.status, "difference"))


async def confirm(session: Session, difference_id: UUID, by: Actor, *, version: int | None = None, remark: str = "") -> None:
    """A person looked at it: it is real, and somebody will do something about it."""
    check_reach(by, rights.HANDLE)
    row = await held(session, difference_id, version)
    await move(session, row, "confirmed", by, "confirmed", remark)


async def assign(
    session: Session, difference_id: UUID, by: Actor, owner_id: str, *, version: int | None = None, due_on: dt.date | None = None
) -> None:
    """Give it to somebody, with a day by which it should be done (Shanghai, end of day)."""
    check_reach(by, rights.HANDLE)
    row = await held(session, difference_id, version)
    owner = await owner_of(session, owner_id)
    values = {"owner_id": owner and owner.id, "owner_name": owner and owner.name}
    if due_on is not None:
        values["due_at"] = end_of_day(due_on)
    await repository.change(session, row.id, **values)
    facts = {"owner": values["owner_name"] or "", "due_on": due_on and due_on.isoformat()}
    await note(session, [row.id], "assigned", by, facts=facts)


async def owner_of(session: Session, owner_id: str) -> Row | None:
    """Somebody who could look after differences; None for nobody."""
    if not owner_id:
        return None
    found = next((row for row in await repository.list_owners(session) if row.id == owner_id), None)
    if found is None:
        raise InvalidRequest("没有找到这位同事，请重新选择")
    return found


def end_of_day(day: dt.date) -> dt.datetime:
    """The last second of a day in Shanghai."""
    if not 2000 <= day.year <= 2100:
        raise InvalidRequest("日期不合理，请核对")
    return dt.datetime.combine(day, dt.time(23, 59, 59), clock.SHANGHAI)


async def move(
    session: Session, row: Row, status: str, by: Actor, what: str, remark: str = "", facts: dict[str, object] | None = None, **values: object
) -> None:
    """Take a held difference to another state, and write down who did it."""
    if status != row.status:
        DIFFERENCE.check(row.status, status)
    await repository.change(session, row.id, status=status, **values)
    await note(session, [row.id], what, by, remark, facts)
    after = {"code": row.code, "status": status, **(facts or {})}
    await audit.record(session, by, f"recon.difference.{what}", "difference", row.id, before={"status": row.status}, after=after, reason=remark or None)


async def note(
    session: Session, difference_ids: Sequence[UUID], what: str, by: Actor, remark: str = "", facts: dict[str, object] | None = None,
    file_id: UUID | None = None,
) -> None:
    """One line in the history of each."""
    now = clock.now()
    rows = [
        {
            "id": ids.uuid7(), "difference_id": each, "what": what, "by_name": by.name, "remark": remark[:500], "facts": facts or {},
            "file_id": file_id, "at": now,
        }
        for each in difference_ids
    ]  # fmt: skip
    await repository.add_events(session, rows)


def read(row: Row) -> DifferenceRead:
    """A difference from its row."""
    return DifferenceRead(**{name: getattr(row, name) for name in DifferenceRead.__struct_fields__})
