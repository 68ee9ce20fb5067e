"""What billing offers through the plugin hooks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.approvals.lists import waiting
from core.billing import (
    api,
    console,
    corrections,
    corrections_console,
    describing,
    exports,
    faults,
    finding,
    histories,
    items_api,
    lists,
    reminders_api,
    status,
    status_console,
)
from core.hookspecs import Approval, Check, Export, MenuItem, WorkItem, hook
from core.web.i18n import N_

HISTORIES = histories
"""Loaded so that these objects have a history."""

BILL = "/console/bills/{id}"
CHECK = "billing.bill.check"
KINDS = ("billing.void", "billing.write_off", "billing.adjust", "billing.move")


@hook
def register_routes() -> Sequence[Any]:
    return [*console.ROUTES, *corrections_console.ROUTES, *status_console.ROUTES, *api.ROUTES, *items_api.ROUTES, *reminders_api.ROUTES]


@hook
def register_templates() -> Path:
    return Path(__file__).parent / "templates"


@hook
def register_menu() -> Sequence[MenuItem]:
    return [
        MenuItem(N_("收费"), N_("账单"), "/console/bills", lists.READ, icon="file-invoice", position=300),
        MenuItem(N_("收费"), N_("缴费状态"), status_console.PATH, "billing.status.read", icon="user-check", position=310),
    ]


@hook
def register_worklist() -> Sequence[WorkItem]:
    return [
        WorkItem("billing.corrections", N_("账单更正待复核"), CHECK, waiting(CHECK, *KINDS), "/console/approvals", position=20),
        WorkItem("billing.owing", N_("未缴清的人"), status.REMIND, status.count_owing, status_console.PATH, N_("提醒他们的缴费人"), 90),
    ]


@hook
def register_exports() -> Sequence[Export]:
    return [exports.BILLS]


@hook
def register_approvals() -> Sequence[Approval]:
    return [
        Approval("billing.void", N_("作废账单"), CHECK, corrections.void, describing.void, BILL),
        Approval("billing.write_off", N_("核销账单"), CHECK, corrections.write_off, describing.write_off, BILL),
        Approval("billing.adjust", N_("调整账单"), CHECK, corrections.adjust, describing.adjust, BILL),
        Approval("billing.move", N_("转移缴费"), CHECK, corrections.move, describing.move, BILL),
    ]


@hook
def register_checks() -> Sequence[Check]:
    return [Check("billing", faults.list_faults)]


@hook
def register_search() -> Sequence[Any]:
    return finding.SOURCES
