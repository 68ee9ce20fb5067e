"""What settlement offers through the plugin hooks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.approvals.lists import waiting
from core.database import Session
from core.hookspecs import Approval, Check, Export, JobKind, MenuItem, Permission, PulseStep, StatementReceived, WorkItem, hook
from core.reconciliation.runs import closing
from core.settlement import (
    adjusting,
    adjusting_console,
    api,
    arrivals,
    arrivals_api,
    arrivals_console,
    arrivals_exports,
    arrivals_faults,
    arrivals_lists,
    arrivals_words,
    assigning,
    assigning_api,
    assigning_console,
    bank_accounts,
    bank_accounts_console,
    bank_connecting,
    console,
    describing,
    exports,
    faults,
    guard,
    histories,
    lists,
    months,
    months_api,
    months_console,
    partners,
    service,
    tasks,
    words,
)
from core.web.i18n import N_

HISTORIES = histories
"""Loaded so that these objects have a history."""

READ, MAKE, CHECK = service.READ, service.MAKE, service.CHECK
WORDS = (words, arrivals_words)
"""Loaded so that every page can name the states."""

closing.register_guard(guard.check_open)

FACES: tuple[Any, ...] = (
    console, adjusting_console, months_console, arrivals_console, assigning_console, bank_accounts_console, api, months_api, arrivals_api, assigning_api,
)  # fmt: skip


@hook
def register_routes() -> Sequence[Any]:
    return [route for face in FACES for route in face.ROUTES]


@hook
def register_menu() -> Sequence[MenuItem]:
    return [
        MenuItem(N_("结算"), N_("结算批次"), console.PATH, READ, icon="cash-banknote", position=610),
        MenuItem(N_("结算"), N_("月度签认"), months_console.PATH, READ, icon="signature", position=620),
        MenuItem(N_("结算"), N_("到账"), arrivals_console.PATH, READ, icon="building-bank", position=640),
        MenuItem(N_("结算"), N_("银行流水"), arrivals_console.ENTRIES, READ, icon="list-details", position=650),
        MenuItem(N_("结算"), N_("清算户"), bank_accounts_console.PATH, READ, icon="building-community", position=660),
    ]


@hook
def register_exports() -> Sequence[Export]:
    return [exports.BATCHES, *arrivals_exports.EXPORTS]


@hook
def register_templates() -> Path:
    return Path(__file__).parent / "templates"


@hook
def register_permissions() -> Sequence[Permission]:
    return [
        Permission(READ, N_("查看结算")),
        Permission(MAKE, N_("经办结算")),
        Permission(CHECK, N_("复核结算")),
    ]


@hook
def register_approvals() -> Sequence[Approval]:
    path = "/console/settlement-batches/{id}"
    return [
        Approval(service.KIND, N_("结算批次"), CHECK, service.approve, describing.batch, path),
        Approval(service.REPAY, N_("重新付款"), CHECK, service.approve_repay, describing.repay, path),
        Approval(adjusting.KIND, N_("结算调整"), CHECK, adjusting.approve, adjusting.describe, "/console/settlement-adjustments"),
        Approval(partners.KIND, N_("分账规则"), CHECK, partners.approve, partners.describe, "/console/settlement-splits"),
        Approval(bank_connecting.KIND, N_("清算户"), CHECK, bank_connecting.approve, bank_connecting.describe, bank_accounts_console.PATH),
        Approval(assigning.KIND, N_("认领银行款项"), CHECK, assigning.approve, assigning.describe, f"{arrivals_console.ENTRIES}/{{id}}"),
        Approval(assigning.UNDO, N_("撤销认领"), CHECK, assigning.approve_undoing, assigning.describe, f"{arrivals_console.ENTRIES}/{{id}}"),
        Approval(months.KIND, N_("月度签认"), CHECK, months.approve, describing.month, "/console/settlement-months", months.refuse),
    ]


@hook
def register_jobs() -> Sequence[JobKind]:
    return [JobKind(tasks.JOB, N_("计算结算批次"), tasks.run_day, N_("天"))]


@hook
def register_pulse() -> Sequence[PulseStep]:
    return [PulseStep("settlement.calculate", tasks.calculate_due), PulseStep("settlement.pay", tasks.send_payouts)]


@hook
def register_nightly() -> Sequence[PulseStep]:
    return [PulseStep("settlement.arrivals", arrivals.match_nightly)]


@hook
async def statement_received(session: Session, event: StatementReceived) -> None:
    """A channel or the bank told of a day: does the money agree?"""
    if event.side in ("channel", "funds"):
        await arrivals.match(session)


@hook
def register_statement_fetchers() -> Sequence[Any]:
    return [bank_accounts.FETCHER]


@hook
def register_checks() -> Sequence[Check]:
    return [Check("settlement", faults.list_faults), Check("arrivals", arrivals_faults.list_faults)]


@hook
def register_worklist() -> Sequence[WorkItem]:
    kinds = (service.KIND, service.REPAY, adjusting.KIND, partners.KIND, months.KIND, bank_connecting.KIND, assigning.KIND, assigning.UNDO)
    unexplained = f"{arrivals_console.ENTRIES}?status=suspense"
    open_arrivals = f"{arrivals_console.PATH}?status={arrivals_lists.OPEN}"
    return [
        WorkItem("settlement.check", N_("结算待复核"), CHECK, waiting(CHECK, *kinds), "/console/approvals", position=16),
        WorkItem("settlement.returned", N_("被银行退回的结算"), MAKE, lists.count_returned, f"{console.PATH}?status=returned", position=17),
        WorkItem("settlement.ready", N_("可提交的结算批次"), MAKE, lists.count_ready, f"{console.PATH}?status=pending_review", position=36),
        WorkItem("settlement.unexplained", N_("待认领的银行款项"), READ, arrivals_lists.count_unexplained, unexplained, position=21),
        WorkItem("settlement.arrivals", N_("渠道款项不符或未到"), READ, arrivals_lists.count_open, open_arrivals, position=20),
    ]
