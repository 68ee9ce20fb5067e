"""A wrong file of the insurer is taken back by two people: nothing of it is removed, it counts no more."""

from collections.abc import Sequence
from uuid import UUID

from core import clock
from core.approvals import service as approvals
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from core.money import format_yuan
from core.web.i18n import N_
from plugins.medical.insurance import repository
from plugins.medical.insurance.errors import ClearingNotFound, ClearingTakenBack
from plugins.medical.insurance.lists import MANAGE

CHECK = "medical.insurance.check"
KIND = "medical.clearing_file"
OBJECT = "insurance_clearing"


async def propose(session: Session, clearing_id: UUID, reason: str, by: Actor) -> UUID:
    """Ask a second person to take a file back; answers the proposal's id. ClearingTakenBack for one that counts no more."""
    by.need(MANAGE)
    row = await _held(session, clearing_id)
    proposal = {"file": row.file_name, "loaded_by": row.loaded_by, "lines": row.lines, "insurer_paid_fen": row.paid_fen, "insurer_refused_fen": row.refused_fen}
    return await approvals.propose(
        session, by, kind=KIND, title=f"撤回医保清算文件 {row.file_name}", subject_id=row.id, proposal=proposal, reason=reason, amount_fen=row.paid_fen,
    )  # fmt: skip


async def take_back(session: Session, clearing_id: UUID, proposal: dict, by: Actor) -> None:
    """The second person agreed: the file counts no more, and what it had cleared waits again unless other files account for it."""
    row = await _held(session, clearing_id)
    await repository.take_back(session, row.id, clock.now(), by.name)
    reopened = await repository.reopen(session, row.id)
    cleared = await repository.mark_cleared(session, row.id)
    after = {"file": row.file_name, "lines": row.lines, "insurer_paid_fen": row.paid_fen, "waiting_again": reopened - cleared}
    await audit.record(session, by, "medical.clearing.take_back", OBJECT, row.id, after=after, reason=proposal["reason"])


def describe(proposal: dict) -> Sequence[tuple[str, str, str]]:
    """What a second person reads."""
    return [
        (N_("文件"), "", str(proposal["file"])),
        (N_("导入人"), "", str(proposal["loaded_by"])),
        (N_("笔数"), "", str(proposal["lines"])),
        (N_("拨付金额"), "", format_yuan(proposal["insurer_paid_fen"])),
        (N_("拒付金额"), "", format_yuan(proposal["insurer_refused_fen"])),
    ]


async def _held(session: Session, clearing_id: UUID) -> Row:
    """A file that counts; one comparison of a client's at a time."""
    await repository.hold(session)
    row = await repository.find_clearing(session, clearing_id)
    if row is None:
        raise ClearingNotFound()
    if row.taken_back_at is not None:
        raise ClearingTakenBack(file=row.file_name)
    return row
