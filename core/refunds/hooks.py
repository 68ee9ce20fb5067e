"""What refunds offer through the plugin hooks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core import clock
from core.approvals.lists import waiting
from core.database import Session
from core.hookspecs import Approval, Check, Export, JobKind, MenuItem, PaymentRefunded, PaymentSettled, PulseStep, WorkItem, hook
from core.payments import refund_notices
from core.refunds import (
    api,
    batches,
    batches_api,
    batches_console,
    console,
    describing,
    exports,
    faults,
    finding,
    h5,
    histories,
    lists,
    payer_api,
    pushing,
    repository,
    service,
    settling,
    tasks,
    transfers,
    transfers_console,
    words,
)
from core.web.i18n import N_

HISTORIES = histories
"""Loaded so that these objects have a history."""

WORDS = words
"""Loaded so that every page can name the states."""

refund_notices.register(settling.settle)


@hook
def register_routes() -> Sequence[Any]:
    faces = (console, transfers_console, batches_console, api, batches_api, h5, payer_api)
    return [route for face in faces for route in face.ROUTES]


@hook
def register_menu() -> Sequence[MenuItem]:
    return [
        MenuItem(N_("收款"), N_("退款"), console.PATH, service.READ, icon="receipt-refund", position=430),
        MenuItem(N_("收款"), N_("退款批次"), batches_console.PATH, service.READ, icon="stack-2", position=440),
    ]


@hook
def register_exports() -> Sequence[Export]:
    return [exports.REFUNDS]


@hook
def register_templates() -> Path:
    return Path(__file__).parent / "templates"


@hook
def register_pulse() -> Sequence[PulseStep]:
    return [PulseStep("refunds.excess", tasks.give_excess_back), PulseStep("refunds.send", tasks.send)]


@hook
def register_jobs() -> Sequence[JobKind]:
    return [JobKind(batches.JOB, N_("批量退款"), tasks.run_batch)]


@hook
def register_approvals() -> Sequence[Approval]:
    path = "/console/refunds/{id}"
    return [
        Approval(service.KIND, N_("退款"), service.CHECK, service.approve, describing.refund, path, service.refuse),
        Approval(transfers.KIND, N_("人工汇款"), service.CHECK, transfers.approve, describing.transfer, "/console/refund-items/{id}"),
        Approval(batches.KIND, N_("批量退款"), service.CHECK, batches.approve, describing.batch, "/console/refund-batches/{id}", batches.refuse),
    ]


@hook
def register_worklist() -> Sequence[WorkItem]:
    check = waiting(service.CHECK, service.KIND, transfers.KIND, batches.KIND)
    return [
        WorkItem("refunds.check", N_("退款待复核"), service.CHECK, check, "/console/approvals", position=15),
        WorkItem(
            "refunds.drafts", N_("退款草稿待核对"), service.MAKE, lists.count_drafts, f"{console.PATH}?status=draft",
            N_("按退费规则算好，核对后提交"), 34,
        ),
        WorkItem(
            "refunds.by_hand", N_("退款待人工汇款"), service.MAKE, lists.count_by_hand, f"{console.PATH}?status=manual_transfer", position=35
        ),
        WorkItem(
            "refunds.stuck", N_("超过一天未到账的退款"), service.MAKE, lists.count_stuck, f"{console.PATH}?status=processing",
            N_("含等待资金的"), 36,
        ),
    ]  # fmt: skip


@hook
def register_checks() -> Sequence[Check]:
    return [Check("refunds", faults.list_faults)]


@hook
async def payment_settled(session: Session, event: PaymentSettled) -> None:
    """Money came in: refunds that wait for it are tried now."""
    await repository.kick_waiting(session, clock.now())


@hook
def register_search() -> Sequence[Any]:
    return finding.SOURCES


@hook
async def payment_refunded(session: Session, event: PaymentRefunded) -> None:
    """Money went back: the client's systems are told."""
    await pushing.push(session, event)
