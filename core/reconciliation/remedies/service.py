"""Remedies: proposed by one person with a reason, agreed to by another, done once, undone only by their reversal.

The difference is `handling` meanwhile and resolved when nothing of it is left; a reversal takes it back to `confirmed`.
"""

from collections.abc import Mapping
from uuid import UUID

import msgspec

from core import clock, ids
from core.approvals import service as approvals
from core.billing.filters import word_of
from core.database import Row, Session
from core.errors import InvalidRequest, PlatformError
from core.identity import audit
from core.identity.actor import Actor, system
from core.money import format_yuan, yuan
from core.reconciliation import rights
from core.reconciliation.differences import repository as differences_repository
from core.reconciliation.differences import service as differences
from core.reconciliation.remedies import carrying_out, offering, repository, reversing, targets
from core.reconciliation.remedies.carrying_out import Outcome
from core.reconciliation.remedies.refusals import BadRemedy, RemedyNotFound, RemedyNotOffered, RemedyNotWaiting, RemedyTooLarge, RemedyUnderWay
from core.reconciliation.states import OPEN, REMEDIES, REMEDY
from core.web import i18n
from core.web.filters import status_label

KIND, REVERSAL = "reconciliation.remedy", "reconciliation.reversal"
STAYS_OPEN = ("chase",)
"""Done, and the difference is still there: it ends when the other side comes, or is written off."""
Settings = Mapping[str, object]


class RemedyAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody wants done: `target` holds what the verb needs (a bill's or person's number, how money goes back, who bears it)."""

    kind: str
    reason: str
    amount_fen: int | None = None
    version: int | None = None
    target: dict[str, str] = {}


TARGETS = ("bill_number", "person_number", "way", "reference", "evidence", "due_on", "bearer")


def ask_of(typed: Mapping[str, str]) -> RemedyAsk:
    """What a form asks for."""
    version, amount = typed.get("version", ""), typed.get("amount", "").strip()
    return RemedyAsk(
        kind=word_of(typed, "kind"), reason=word_of(typed, "reason"), amount_fen=yuan(amount) if amount else None,
        version=int(version) if version.isdigit() and len(version) < 10 else None,
        target={name: word_of(typed, name) for name in TARGETS if word_of(typed, name)},
    )  # fmt: skip


async def propose(session: Session, settings: Settings, difference_id: UUID, ask: RemedyAsk, by: Actor) -> UUID:
    """Ask a second person for a remedy; answers its id. A query needs nobody's word and goes through `requery`."""
    differences.check_reach(by, rights.HANDLE)
    row = await differences.held(session, difference_id, ask.version)
    remedy = await drafted(session, settings, row, ask, by)
    await repository.add(session, [remedy])
    await differences.move(session, row, "handling", by, "proposed", remedy["reason"], {"kind": ask.kind, "remedy": str(remedy["id"])})
    proposal = {
        "kind": ask.kind, "code": row.code, "class": row.klass, "number": row.number, "channel": row.channel, "amount_fen": remedy["amount_fen"],
        "target": remedy["target"],
    }  # fmt: skip
    with i18n.speaking(i18n.SOURCE):
        title = f"{status_label(ask.kind, 'remedy_kind')} · {row.code}"
    await approvals.propose(
        session, by, kind=KIND, title=title, subject_id=remedy["id"], proposal=proposal, reason=remedy["reason"], amount_fen=remedy["amount_fen"]
    )
    return remedy["id"]


async def drafted(session: Session, settings: Settings, row: Row, ask: RemedyAsk, by: Actor) -> dict[str, object]:
    """A remedy for a held, open difference, checked and ready to be written; nothing is written yet."""
    reason = " ".join(ask.reason.replace("\0", "").split())
    if not reason or len(reason) > 200:
        raise BadRemedy(why="请填写 1–200 字的处理原因")
    if ask.kind not in REMEDIES or ask.kind == "requery":
        raise RemedyNotOffered(code=row.code, why="没有这种处理办法")
    offering.check(row, ask.kind)
    if await repository.list_live(session, [row.id]):
        raise RemedyUnderWay(code=row.code)
    left_fen = await repository.left(session, row.id)
    fen = left_fen if ask.amount_fen is None else ask.amount_fen
    if fen > left_fen:
        raise RemedyTooLarge(left=format_yuan(max(left_fen, 0)), amount=format_yuan(fen))
    if fen < 0 or (fen == 0 and ask.kind != "repost") or (fen < left_fen and ask.kind not in offering.IN_PARTS):
        raise BadRemedy(why="处理金额不对：这种处理须按差异全额办理")
    target = await targets.checked(session, settings, row, ask.kind, fen, ask.target, by)
    return {
        "id": ids.uuid7(), "difference_id": row.id, "kind": ask.kind, "amount_fen": fen, "target": target, "reason": reason, "status": "proposed",
        "made_by": by.name, "made_by_id": by.id,
    }  # fmt: skip


async def execute(session: Session, remedy_id: UUID, proposal: Mapping[str, object], by: Actor) -> None:
    """The second person agrees: it happens now, as proposed or not at all."""
    row, remedy = await held(session, remedy_id)
    by.check_other(remedy.made_by_id)
    if (remedy.amount_fen, remedy.kind) != (proposal["amount_fen"], proposal["kind"]) or remedy.status != "proposed":
        raise RemedyNotWaiting(status=status_label(remedy.status, "remedy"))
    await repository.change(session, remedy_id, status=REMEDY.check(remedy.status, "approved"), checked_by=by.name)
    await carry(session, row, await repository.find(session, remedy_id), by)


async def carry(session: Session, row: Row, remedy: Row, by: Actor) -> None:
    """Do an agreed remedy of a held difference and write down what came of it."""
    if row.status != "handling":
        raise differences.resolved(row)
    outcome = await carrying_out.carry_out(session, row, remedy, by)
    now = clock.now()
    values = {"journal_id": outcome.journal_id, "refund_id": outcome.refund_id or remedy.refund_id, "error": None, "tries": remedy.tries + 1}
    if outcome.target is not None:
        values["target"] = outcome.target
    await repository.change(
        session, remedy.id, status=REMEDY.check(remedy.status, outcome.status), finished_at=now if outcome.status == "done" else None, **values
    )
    facts = {"kind": remedy.kind, "remedy": str(remedy.id), "journal": str(outcome.journal_id or ""), "amount_fen": remedy.amount_fen}
    if outcome.status == "done":
        await _close(session, row, remedy, by, outcome, facts)
        return
    if outcome.changes:
        await differences_repository.change(session, row.id, **outcome.changes)
    await differences.note(session, [row.id], "executed", by, remedy.reason, facts)


async def _close(session: Session, row: Row, remedy: Row, by: Actor, outcome: Outcome, facts: dict[str, object]) -> None:
    over = remedy.kind not in STAYS_OPEN and await repository.left(session, row.id) <= 0
    values = dict(outcome.changes)
    if over or remedy.kind == "repost":
        values |= {"resolution": remedy.kind, "resolved_at": clock.now()}
        await differences.move(session, row, "resolved", by, "done", remedy.reason, facts, **values)
    else:
        await differences.move(session, row, "confirmed", by, "done", remedy.reason, facts, **values)


async def finish(session: Session, remedy_id: UUID, by: Actor, *, error: str | None = None) -> None:
    """What a running remedy waited for has come (or, with an error, will not): remedy and difference follow."""
    row, remedy = await held(session, remedy_id)
    if remedy.status != "running":
        return
    await repository.change(session, remedy_id, status=REMEDY.check(remedy.status, "failed" if error else "done"), error=error, finished_at=clock.now())
    facts = {"kind": remedy.kind, "remedy": str(remedy.id), "amount_fen": remedy.amount_fen}
    if row.status not in OPEN:
        await differences.note(session, [row.id], "failed" if error else "done", by, error or remedy.reason, facts)
    elif error:
        await differences.move(session, row, "confirmed", by, "failed", error, facts)
    else:
        await _close(session, row, remedy, by, Outcome(), facts)


async def fail(session: Session, remedy_id: UUID, error: PlatformError) -> None:
    """An agreed remedy could not be done: said on it; the difference is free for another one."""
    row, remedy = await held(session, remedy_id)
    if remedy.status != "approved":
        return
    status = REMEDY.check(remedy.status, "failed")
    await repository.change(session, remedy_id, status=status, error=error.message, tries=remedy.tries + 1, finished_at=clock.now())
    by = system(session.tenant_id)
    facts = {"kind": remedy.kind, "remedy": str(remedy.id), "code": error.code}
    if row.status == "handling":
        await differences.move(session, row, "confirmed", by, "failed", error.message, facts)
    else:
        await differences.note(session, [row.id], "failed", by, error.message, facts)


async def refused(session: Session, remedy_id: UUID, status: str, by: Actor) -> None:
    """The second person refused, or the maker took it back."""
    row, remedy = await held(session, remedy_id)
    ended = "rejected" if status == "rejected" else "withdrawn"
    await repository.change(session, remedy_id, status=REMEDY.check(remedy.status, ended), finished_at=clock.now())
    if row.status == "handling":
        await differences.move(session, row, "rejected" if ended == "rejected" else "confirmed", by, ended, "", {"kind": remedy.kind})


async def propose_reversal(session: Session, remedy_id: UUID, reason: str, by: Actor) -> UUID:
    """Ask that a remedy be undone; answers the approval's id."""
    differences.check_reach(by, rights.HANDLE)
    row, remedy = await held(session, remedy_id)
    if not reason.strip():
        raise InvalidRequest("请填写撤销原因，复核人需要据此判断")
    await reversing.check(session, row, remedy)
    proposal = {"kind": remedy.kind, "code": row.code, "amount_fen": remedy.amount_fen, "number": row.number, "reversal": True}
    with i18n.speaking(i18n.SOURCE):
        title = f"撤销{status_label(remedy.kind, 'remedy_kind')} · {row.code}"
    return await approvals.propose(
        session, by, kind=REVERSAL, title=title, subject_id=remedy_id, proposal=proposal, reason=reason.strip()[:200], amount_fen=remedy.amount_fen
    )


async def reverse(session: Session, remedy_id: UUID, proposal: Mapping[str, object], by: Actor) -> None:
    """The second person agrees: the journal's mirror image is posted, and the difference is there again."""
    row, remedy = await held(session, remedy_id)
    await reversing.check(session, row, remedy)
    reversal_id = await reversing.reverse(session, row, remedy, by, str(proposal["reason"]))
    await repository.change(session, remedy_id, status=REMEDY.check(remedy.status, "reversed"), reversal_id=reversal_id)
    facts = {"kind": remedy.kind, "remedy": str(remedy.id), "journal": str(reversal_id or ""), "amount_fen": remedy.amount_fen}
    await differences.move(session, row, "confirmed", by, "reversed", str(proposal["reason"]), facts, resolution=None, resolved_at=None)
    await audit.record(session, by, "recon.remedy.reverse", "remedy", remedy_id, after=facts, reason=str(proposal["reason"]))


async def held(session: Session, remedy_id: UUID) -> tuple[Row, Row]:
    """A remedy with its difference, both held, the difference first; RemedyNotFound outside this client."""
    found = await repository.find(session, remedy_id)
    if found is None:
        raise RemedyNotFound()
    row = await differences_repository.lock(session, found.difference_id)
    return row, await repository.lock(session, remedy_id)
