"""Two people where money moves: one proposes, another decides, and only then it happens (architecture §6)."""

from collections.abc import Mapping
from uuid import UUID

from core import clock, ids
from core.approvals import repository, telling_repository
from core.approvals.errors import AlreadyDecided, AlreadyWaiting, ApprovalNotFound
from core.database import Row, Session
from core.errors import InvalidRequest
from core.hookspecs import Approval
from core.identity import audit
from core.identity.actor import Actor
from core.plugin_manager import PluginManager

Kinds = Mapping[str, Approval]


def kinds_of(plugins: PluginManager, enabled: frozenset[str]) -> dict[str, Approval]:
    """The decisions that core and the client's plugins know, by kind."""
    return {a.kind: a for code, a in plugins.collect_all("register_approvals") if code == "core" or code in enabled}


async def propose(
    session: Session,
    by: Actor,
    *,
    kind: str,
    title: str,
    subject_id: UUID,
    proposal: dict[str, object],
    reason: str,
    amount_fen: int | None = None,
    org_id: UUID | None = None,
) -> UUID:
    """Ask a second person; AlreadyWaiting when the same is asked twice. The reason is the maker's, in words.

    What a proposal keeps under a name with `_` in front (a sealed phone) is for its execution alone and not in the audit trail.
    """
    if not reason.strip():
        raise InvalidRequest("请填写原因，复核人需要据此判断")
    approval_id = ids.uuid7()
    row = {
        "id": approval_id,
        "kind": kind,
        "title": title,
        "subject_id": subject_id,
        "org_id": org_id,
        "amount_fen": amount_fen,
        "proposal": proposal,
        "reason": reason.strip(),
        "status": "waiting",
        "made_by": by.name,
        "made_by_id": by.id,
    }
    if not await repository.add(session, row):
        raise AlreadyWaiting()
    await telling_repository.hurry(session)
    await audit.record(session, by, "approval.propose", kind, subject_id, after=_plain(proposal), reason=reason)
    return approval_id


async def approve(session: Session, kinds: Kinds, approval_id: UUID, by: Actor, remark: str = "") -> Row:
    """Agree, and do it in the same transaction: it happens as proposed or not at all."""
    row, kind = await _held(session, kinds, approval_id, by)
    by.check_other(row.made_by_id)
    await repository.decide(session, approval_id, "approved", by.name, remark or None, clock.now())
    await kind.execute(session, row.subject_id, _told(row), by)
    await audit.record(session, by, "approval.approve", row.kind, row.subject_id, after=_plain(row.proposal), reason=remark or row.reason)
    return row


async def reject(session: Session, kinds: Kinds, approval_id: UUID, by: Actor, remark: str) -> Row:
    """Refuse, saying why; nothing happens."""
    if not remark.strip():
        raise InvalidRequest("请填写退回原因")
    row, kind = await _held(session, kinds, approval_id, by)
    by.check_other(row.made_by_id)
    await repository.decide(session, approval_id, "rejected", by.name, remark, clock.now())
    if kind.refused:
        await kind.refused(session, row.subject_id, "rejected", by)
    await audit.record(session, by, "approval.reject", row.kind, row.subject_id, reason=remark)
    return row


async def withdraw(session: Session, kinds: Kinds, approval_id: UUID, by: Actor) -> Row:
    """The maker takes a proposal back."""
    row = await repository.lock(session, approval_id)
    if row is None or row.made_by_id != by.id:
        raise ApprovalNotFound()
    if row.status != "waiting":
        raise AlreadyDecided()
    await repository.decide(session, approval_id, "withdrawn", by.name, None, clock.now())
    if row.kind in kinds and kinds[row.kind].refused:
        await kinds[row.kind].refused(session, row.subject_id, "withdrawn", by)
    await audit.record(session, by, "approval.withdraw", row.kind, row.subject_id)
    return row


def _plain(proposal: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in proposal.items() if not name.startswith("_")}


def _told(row: Row) -> dict[str, object]:
    """The proposal with what its execution writes down: who asked, why, and under which number."""
    return {**row.proposal, "reason": row.reason, "made_by": row.made_by, "approval_id": str(row.id)}


async def _held(session: Session, kinds: Kinds, approval_id: UUID, by: Actor) -> tuple[Row, Approval]:
    row = await repository.lock(session, approval_id)
    kind = kinds.get(row.kind) if row else None
    if row is None or kind is None or not by.reaches(kind.permission, row.org_id):
        raise ApprovalNotFound()
    if row.status != "waiting":
        raise AlreadyDecided()
    return row, kind
