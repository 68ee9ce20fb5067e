"""What reconciliation offers through the plugin hooks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.approvals.lists import waiting
from core.database import Session
from core.hookspecs import Approval, Check, Export, Importer, JobKind, MenuItem, PaymentRefunded, Permission, PulseStep, StatementReceived, WorkItem, hook
from core.reconciliation import histories, rights
from core.reconciliation.differences import api as differences_api
from core.reconciliation.differences import assignments_api, assignments_console, sheet
from core.reconciliation.differences import console as differences_console
from core.reconciliation.differences import service as differences
from core.reconciliation.remedies import api as remedies_api
from core.reconciliation.remedies import bulk, bulk_console, describing, following, tasks, words
from core.reconciliation.remedies import faults as remedies_faults
from core.reconciliation.remedies import service as remedies
from core.reconciliation.rules import api as rules_api
from core.reconciliation.rules import console as rules_console
from core.reconciliation.runs import api as runs_api
from core.reconciliation.runs import console as runs_console
from core.reconciliation.runs import exports as runs_exports
from core.reconciliation.runs import tasks as runs_tasks
from core.reconciliation.runs import words as runs_words
from core.web.i18n import N_

HISTORIES = histories
"""Loaded so that these objects have a history."""

WORDS = words, runs_words
"""Loaded so that every page can name the states."""
DIFFERENCES = "/console/differences"
FACES: tuple[Any, ...] = (
    runs_console, runs_api, rules_console, rules_api, differences_console, bulk_console, assignments_console, assignments_api, differences_api, remedies_api,
)  # fmt: skip


@hook
def register_routes() -> Sequence[Any]:
    return [route for face in FACES for route in face.ROUTES]


@hook
def register_menu() -> Sequence[MenuItem]:
    return [
        MenuItem(N_("对账"), N_("对账"), runs_console.PATH, rights.READ, icon="scale", position=510),
        MenuItem(N_("对账"), N_("差异"), DIFFERENCES, rights.READ, icon="git-compare", position=520),
        MenuItem(N_("对账"), N_("批量处理"), "/console/remedy-batches", rights.READ, icon="stack-2", position=530),
        MenuItem(N_("对账"), N_("差异分派"), "/console/difference-assignments", rights.HANDLE, icon="users", position=540),
        MenuItem(N_("对账"), N_("匹配规则"), rules_console.PATH, rights.READ, icon="adjustments", position=550),
    ]


@hook
def register_exports() -> Sequence[Export]:
    return [runs_exports.RUNS, sheet.DIFFERENCES, sheet.REMEDIES]


@hook
def register_importers() -> Sequence[Importer]:
    return [sheet.DECISIONS_IN]


@hook
def register_jobs() -> Sequence[JobKind]:
    return [JobKind(bulk.JOB, N_("批量处理差异"), tasks.run_batch, N_("条差异")), JobKind(runs_tasks.JOB, N_("对账"), runs_tasks.run_day, N_("天"))]


@hook
def register_pulse() -> Sequence[PulseStep]:
    return [PulseStep("reconciliation.run", runs_tasks.run_due), PulseStep("reconciliation.follow", following.follow)]


@hook
def register_approvals() -> Sequence[Approval]:
    batch = "/console/remedy-batches/{id}"
    remedy = "/console/remedies/{id}"
    return [
        Approval(remedies.KIND, N_("差异处理"), rights.CHECK, remedies.execute, describing.remedy, remedy, remedies.refused),
        Approval(remedies.REVERSAL, N_("撤销差异处理"), rights.CHECK, remedies.reverse, describing.reversal, remedy),
        Approval(bulk.KIND, N_("批量处理差异"), rights.CHECK, bulk.approve, describing.batch, batch, bulk.refuse),
    ]


@hook
def register_checks() -> Sequence[Check]:
    return [Check("reconciliation", remedies_faults.list_faults)]


@hook
def register_worklist() -> Sequence[WorkItem]:
    check = waiting(rights.CHECK, remedies.KIND, remedies.REVERSAL, bulk.KIND)
    return [
        WorkItem("recon.figure", N_("对账差异"), rights.READ, differences.figure, DIFFERENCES, position=930),
        WorkItem("recon.check", N_("差异处理待复核"), rights.CHECK, check, "/console/approvals", position=16),
        WorkItem("recon.overdue", N_("超期的对账差异"), rights.HANDLE, differences.count_overdue, DIFFERENCES + "?overdue=1", position=18),
        WorkItem("recon.open", N_("对账差异待处理"), rights.HANDLE, differences.count_live, DIFFERENCES, position=28),
    ]


@hook
async def payment_refunded(session: Session, event: PaymentRefunded) -> None:
    """Money reached a payer: the remedy that sent it is done."""
    await following.follow_refunds(session)


@hook
def register_templates() -> Path:
    return Path(__file__).parent / "templates"


@hook
def register_permissions() -> Sequence[Permission]:
    return [
        Permission(rights.READ, N_("查看对账")),
        Permission(rights.RUN, N_("经办对账")),
        Permission(rights.CLOSE, N_("复核关账")),
        Permission(rights.HANDLE, N_("经办差异处理")),
        Permission(rights.CHECK, N_("复核差异处理")),
    ]


@hook
async def statement_received(session: Session, event: StatementReceived) -> None:
    """A file came: its day is due to be run, again if it was."""
    if event.side != "funds":
        await runs_tasks.note_file(session, event.bill_on)
