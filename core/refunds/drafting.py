"""Drafts: what the policies come to when somebody leaves, worked out by itself for many people at once, for a person to look at and submit.

A draft moves and holds nothing. A bill has at most one that is open; whoever submits it is its maker, and the ordinary rules follow.
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

import msgspec

from core import clock, ids
from core.billing import service as billing
from core.billing.schemas import BillRead
from core.database import Row, Session
from core.hookspecs import RefundAsked, RefundProposal
from core.identity import audit
from core.identity.actor import Actor
from core.refunds import drafts_repository, money_repository, policy, policy_repository, repository, service
from core.refunds.errors import BadRefund, RefundNotFound, RefundNotWaiting
from core.refunds.schemas import LineAsk, PolicyLine, RefundAsk, RefundRead
from core.refunds.states import REFUND

Rules = Callable[[Session, Sequence[RefundAsked]], Awaitable[Mapping[UUID, RefundProposal]]]
"""What a vertical's own policies give back of many bills, by bill; core answers for the lines it leaves out."""
NOTHING_PAID, NOTHING_BACK, UNDER_WAY, DRAFTED = "nothing_paid", "nothing_back", "under_way", "drafted"


class Leave(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody stops using what was paid for: since when (the first day without it), and why (`cause`: a word of `words.CAUSES`)."""

    party_id: UUID
    cause: str
    reason: str
    effective_on: dt.date


class Outcome(msgspec.Struct, frozen=True):
    """The new drafts of a person, and why: `drafted` (also when the open ones stay), `nothing_paid`, `nothing_back`, `under_way`."""

    drafts: tuple[UUID, ...]
    why: str


async def make(
    session: Session, settings: service.Settings, leaves: Sequence[Leave], rules: Rules, causes: Sequence[str], by: Actor
) -> dict[UUID, Outcome]:
    """Draft a refund for every paid bill of these people that gives something back, in a fixed number of statements.

    A bill of which money goes or went back for one of the `causes` gets none; a line that no policy can reckon leaves its amount open.
    """
    leaving = {leave.party_id: leave for leave in leaves}
    bills = [bill for bill in await billing.bills_of(session, list(leaving)) if any(line.paid_fen for line in bill.lines)]
    busy = await drafts_repository.list_busy(session, [bill.id for bill in bills], causes) if bills else {}
    looked = [bill for bill in bills if bill.id not in busy]
    told = await _told(session, looked, {bill.id: leaving[bill.party_id].effective_on for bill in looked}, rules)
    worth = [bill for bill in looked if any(line.amount_fen is None or line.amount_fen for line in told[bill.id])]
    rows = [_row(bill, leaving[bill.party_id], told[bill.id], settings, by) for bill in worth]
    new = {row.id: row.party_id for row in await drafts_repository.add(session, rows)} if rows else {}
    await _write_down(session, [row for row in rows if row["id"] in new], by)
    drafted = [*worth, *(bill for bill in bills if busy.get(bill.id))]
    owners = [{bill.party_id for bill in found} for found in (drafted, [bill for bill in bills if bill.id in busy], bills)]
    return {
        party_id: Outcome(tuple(draft for draft, owner in new.items() if owner == party_id), _why(party_id, *owners)) for party_id in leaving
    }


def _why(party_id: UUID, drafted: set[UUID], busy: set[UUID], paid: set[UUID]) -> str:
    if party_id in drafted:
        return DRAFTED
    if party_id in busy:
        return UNDER_WAY
    return NOTHING_BACK if party_id in paid else NOTHING_PAID


async def _told(session: Session, bills: Sequence[BillRead], days: Mapping[UUID, dt.date], rules: Rules) -> dict[UUID, list[PolicyLine]]:
    """What the policies say of each bill, line by line: core's own, and the vertical's."""
    if not bills:
        return {}
    free: dict[UUID, dict[int, int]] = {bill.id: {} for bill in bills}
    for row in await money_repository.list_on_bills(session, list(free)):
        free[row.bill_id][row.line_no] = row.amount_fen
    known: dict[UUID, list] = {bill.id: [] for bill in bills}
    for row in await policy_repository.list_policies(session, list(known)):
        known[row.bill_id].append(row)
    said = await rules(session, [_asked(bill, days[bill.id]) for bill in bills])
    return {
        bill.id: policy.proposed(
            policy.lines_of(bill, known[bill.id], days[bill.id], free[bill.id]), [said[bill.id].lines] if bill.id in said else []
        )
        for bill in bills
    }  # fmt: skip


def _asked(bill: BillRead, day: dt.date) -> RefundAsked:
    paid = tuple((line.line_no, line.item_code, line.paid_fen) for line in bill.lines if line.paid_fen)
    return RefundAsked(bill_id=bill.id, plugin=bill.plugin, effective_on=day, lines=paid)


def _row(bill: BillRead, leave: Leave, told: Sequence[PolicyLine], settings: service.Settings, by: Actor) -> dict[str, object]:
    lines = [LineAsk(line.line_no, line.amount_fen) for line in told if line.amount_fen]
    return {
        "id": ids.uuid7(), "number": service.new_number(), "bill_id": bill.id, "party_id": bill.party_id, "org_id": bill.org_id,
        "title": f"{bill.title} {bill.number}", "amount_fen": sum(line.amount_fen for line in lines), "lines": msgspec.to_builtins(lines),
        "policy": msgspec.to_builtins(list(told)), "split": service.split_of(settings), "reason": leave.reason[:200], "cause": leave.cause,
        "effective_on": leave.effective_on, "requested_by": by.name, "requested_by_id": by.id, "requested_by_kind": by.kind,
    }  # fmt: skip


async def _write_down(session: Session, rows: Sequence[Mapping[str, object]], by: Actor) -> None:
    told = [(row["id"], None, {"number": row["number"], "amount_fen": row["amount_fen"], "cause": row["cause"]}, row["reason"]) for row in rows]
    await audit.record_many(session, by, "refunds.refund.draft", "refund", told)


async def submit(
    session: Session, settings: service.Settings, refund_id: UUID, ask: RefundAsk, by: Actor, told: list[PolicyLine] | None = None
) -> RefundRead:
    """Somebody looked at a draft and asks for it, with the amounts, day and words that are theirs now; then it is a request like any other.

    Raises RefundNotWaiting when it was submitted or put away already, BadRefund when `ask` is about another bill.
    """
    draft = await _held(session, refund_id)
    if ask.bill_id != draft.bill_id:
        raise BadRefund(why="草稿只能按它自己的账单提交")
    facts = await service.checked(session, settings, ask, by, told)
    await money_repository.lock_source(session, bill_id=draft.bill_id, suspense_id=None)
    await repository.change(session, refund_id, status=REFUND.check(draft.status, "requested"), **facts)
    await service.check_free(session, await repository.find(session, refund_id))
    before, after = {"amount_fen": draft.amount_fen, "status": draft.status}, {"amount_fen": ask.amount_fen, "status": "requested"}
    await audit.record(session, by, "refunds.refund.submit", "refund", refund_id, before=before, after=after, reason=facts["reason"])
    return await service.decide(session, settings, {"id": refund_id, "number": draft.number, **facts}, by)


async def drop(session: Session, refund_id: UUID, reason: str, by: Actor) -> None:
    """Nothing is to go back after all: the draft is put away, and why is kept."""
    if not reason.strip():
        raise BadRefund(why="请填写作废草稿的原因")
    draft = await _held(session, refund_id)
    REFUND.check(draft.status, "dropped")
    await _drop(session, [refund_id], reason, by)


async def drop_of(session: Session, party_ids: Sequence[UUID], causes: Sequence[str], reason: str, by: Actor) -> dict[UUID, int]:
    """They stay after all: the drafts that nobody submitted are put away. Answers how many, by person."""
    found: dict[UUID, int] = {}
    rows = await drafts_repository.lock_open(session, party_ids, causes)
    for row in rows:
        found[row.party_id] = found.get(row.party_id, 0) + 1
    await _drop(session, [row.id for row in rows], reason, by)
    return found


async def _drop(session: Session, refund_ids: Sequence[UUID], reason: str, by: Actor) -> None:
    if refund_ids:
        await drafts_repository.drop(session, refund_ids, clock.now())
        told = [(refund_id, {"status": "draft"}, {"status": "dropped"}, reason.strip()) for refund_id in refund_ids]
        await audit.record_many(session, by, "refunds.refund.drop", "refund", told)


async def _held(session: Session, refund_id: UUID) -> Row:
    draft = await repository.lock(session, refund_id)
    if draft is None:
        raise RefundNotFound()
    if draft.status != "draft":
        raise RefundNotWaiting(status=draft.status)
    return draft
