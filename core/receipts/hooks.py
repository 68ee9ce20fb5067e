"""What receipts offers through the plugin hooks: one for every payment, the page that checks one, the console and the API."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.approvals.lists import waiting
from core.database import Session
from core.hookspecs import Approval, Check, Export, MenuItem, PaymentSettled, Permission, PulseStep, WorkItem, hook
from core.receipts import api, console, demo, exports, faults, finding, h5, issuer_console, lists, service, words
from core.receipts.issuing import ask_due
from core.receipts.tasks import follow_moved, issue_due
from core.web.i18n import N_


@hook
async def payment_settled(session: Session, event: PaymentSettled) -> None:
    """Money came in: its receipts are due."""
    await service.hold_many(session, [event.payment_id])
    await service.prepare(session, event.payment_id, event.bill_ids)


@hook
async def load_demo(platform: Any, client: Any, folder: Path) -> None:
    """The demo's ticket issuers."""
    await demo.connect(platform, client, folder)


@hook
def register_pulse() -> list[PulseStep]:
    """Receipts get their numbers within seconds, in batches; tickets of outside issuers are asked for until they are decided."""
    return [PulseStep("receipts", issue_due), PulseStep("receipts.issuers", ask_due)]


@hook
def register_nightly() -> Sequence[PulseStep]:
    return [PulseStep("receipts.moved", follow_moved)]


@hook
def register_routes() -> Sequence[Any]:
    """The public check of a receipt, the console's pages, the API."""
    return [*h5.ROUTES, *console.ROUTES, *issuer_console.ROUTES, *api.ROUTES]


@hook
def register_templates() -> Path:
    """Their pages."""
    return Path(__file__).parent / "templates"


@hook
def register_permissions() -> Sequence[Permission]:
    return [
        Permission(lists.READ, N_("查看收据")),
        Permission(lists.FLUSH, N_("经办收据红冲")),
        Permission(lists.CHECK, N_("复核收据红冲")),
        Permission(lists.ISSUERS, N_("设置开票平台")),
    ]


@hook
def register_menu() -> Sequence[MenuItem]:
    return [
        MenuItem(N_("收款"), N_("收据"), console.PATH, lists.READ, icon="receipt", position=430),
        MenuItem(N_("单位设置"), N_("开票设置"), issuer_console.PATH, lists.ISSUERS, icon="receipt-tax", position=909),
    ]


@hook
def register_worklist() -> Sequence[WorkItem]:
    refused = f"{console.PATH}?status=refused"
    return [
        WorkItem("receipts.checks", N_("收据红冲待复核"), lists.CHECK, waiting(lists.CHECK, lists.KIND), "/console/approvals", position=25),
        WorkItem("receipts.refused", N_("开票被拒"), lists.ISSUERS, lists.count_refused, refused, N_("改正后重新提交"), 45),
    ]


@hook
def register_approvals() -> Sequence[Approval]:
    return [Approval(lists.KIND, N_("红冲收据"), lists.CHECK, lists.carry_out, words.describe, console.PATH + "/{id}")]


@hook
def register_checks() -> Sequence[Check]:
    return [Check("receipts", faults.list_faults)]


@hook
def register_exports() -> Sequence[Export]:
    return [exports.RECEIPTS]


@hook
def register_search() -> Sequence[Any]:
    return finding.SOURCES
