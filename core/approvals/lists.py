"""The checker's desk: what waits for me, what I asked for, what was decided."""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from core import paging
from core.approvals import lists_repository, repository
from core.approvals.errors import ApprovalNotFound
from core.approvals.schemas import ApprovalPage, ApprovalRead, Change
from core.approvals.service import Kinds
from core.database import Row, Session
from core.errors import InvalidRequest
from core.identity.actor import Actor
from core.identity.worklist import Waiting
from core.web import retold
from core.web.i18n import N_
from core.web.i18n import gettext as _

TABS = ("waiting", "mine", "decided")


async def desk(session: Session, kinds: Kinds, by: Actor, tab: str, cursor: str | None, limit: int = paging.PAGE) -> ApprovalPage:
    """One tab of the desk, the newest first."""
    before, checks = paging.read_id(cursor), _checks(kinds, by)
    if tab == "waiting":
        rows = await lists_repository.list_to_check(session, checks, by.id, before, limit + 1)
    elif tab == "mine":
        rows = await lists_repository.list_made_by(session, by.id, before, limit + 1)
    elif tab == "decided":
        rows = await lists_repository.list_decided(session, checks, before, limit + 1)
    else:
        raise InvalidRequest(N_("分类应为 waiting、mine 或 decided"))
    shown, more = paging.cut(rows, limit, lambda row: str(row.id))
    return ApprovalPage([_read(row, kinds, by) for row in shown], more)


async def find(session: Session, kinds: Kinds, approval_id: UUID, by: Actor) -> ApprovalRead:
    """One proposal, for its maker and for those who may check it; ApprovalNotFound for everybody else."""
    row = await repository.find(session, approval_id)
    if row is None or not (row.made_by_id == by.id or _may_check(row, kinds, by)):
        raise ApprovalNotFound()
    return _read(row, kinds, by)


async def about(session: Session, subject_id: UUID) -> Sequence[Row]:
    """Every proposal about one thing, the newest first."""
    return await lists_repository.list_about(session, subject_id)


async def waiting_about(session: Session, subject_ids: Sequence[UUID]) -> Sequence[Row]:
    """What waits for a second person about any of these things, asked once for all of them."""
    return await lists_repository.list_waiting_about(session, subject_ids)


async def count_waiting(session: Session, kinds: Kinds, by: Actor) -> int:
    """How many of others' proposals wait for this person."""
    return await lists_repository.count_to_check(session, _checks(kinds, by), by.id)


def waiting(permission: str, *kinds: str) -> Callable[[Session, Actor], Awaitable[Waiting]]:
    """A work list's counter: others' proposals of these kinds that wait within the actor's reach, and the oldest of them."""

    async def count(session: Session, by: Actor) -> Waiting:
        row = await lists_repository.oldest_to_check(session, [(list(kinds), by.reach(permission))], by.id)
        return Waiting(row.n, row.since, row.who) if row else Waiting(0)

    return count


def _checks(kinds: Kinds, by: Actor) -> lists_repository.Checks:
    permissions = sorted({kind.permission for kind in kinds.values() if by.may(kind.permission)})
    return [([code for code, kind in kinds.items() if kind.permission == p], by.reach(p)) for p in permissions]


def _may_check(row: Row, kinds: Kinds, by: Actor) -> bool:
    kind = kinds.get(row.kind)
    return kind is not None and by.reaches(kind.permission, row.org_id)


def _read(row: Row, kinds: Kinds, by: Actor) -> ApprovalRead:
    kind, mine = kinds.get(row.kind), row.made_by_id == by.id
    return ApprovalRead(
        id=row.id,
        kind=row.kind,
        kind_title=_(kind.title) if kind else row.kind,
        title=retold.retold(row.title),
        subject_id=row.subject_id,
        amount_fen=row.amount_fen,
        reason=row.reason,
        status=row.status,
        made_by=row.made_by,
        created_at=row.created_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        remark=row.remark,
        mine=mine,
        may_decide=row.status == "waiting" and not mine and _may_check(row, kinds, by),
        changes=_changes(row, kind.describe if kind else None),
        subject_path=kind.path.replace("{id}", str(row.subject_id)) if kind else "",
    )


def _changes(row: Row, describe: Callable[[dict], Sequence[tuple[str, str, str]]] | None) -> list[Change]:
    if describe is not None:
        return [Change(*told) for told in describe(row.proposal)]
    return [Change(name, "", str(value)) for name, value in row.proposal.items() if isinstance(value, (str, int)) and not name.startswith("_")]
