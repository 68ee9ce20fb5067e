"""What payers offers through the plugin hooks: their pages, and forgetting what need not be known any more."""

from pathlib import Path

from core.approvals.lists import waiting
from core.hookspecs import Approval, Permission, PulseStep, WorkItem, hook
from core.identity import audit_words
from core.payers import api, console, h5_account, h5_bind, naming, releasing, staff_api
from core.payers.tasks import forget_tries
from core.web import statuses
from core.web.i18n import N_

statuses.register(
    "binding",
    {
        "bound": (N_("已绑定"), statuses.GOOD),
        "manual_review": (N_("待主监护人确认"), statuses.WAIT),
        "rejected": (N_("已拒绝"), statuses.QUIET),
        "ended": (N_("已解除"), statuses.QUIET),
    },
)
audit_words.register(
    {
        "payers.binding.bound": N_("绑定缴费人"),
        "payers.binding.manual_review": N_("申请绑定"),
        "payers.binding.rejected": N_("拒绝绑定"),
        "payers.binding.ended": N_("解除绑定"),
        "payers.consent.give": N_("同意授权"),
        "payers.consent.withdraw": N_("撤回授权"),
    }
)


@hook
def register_routes() -> list:
    """Binding, log-in, bindings, privacy."""
    return [*h5_bind.ROUTES, *h5_account.ROUTES, *api.ROUTES, *console.ROUTES, *staff_api.ROUTES]


@hook
def register_templates() -> Path:
    """Their pages."""
    return Path(__file__).parent / "templates"


@hook
def register_nightly() -> list[PulseStep]:
    """Old guesses are forgotten every night, names that were not are spelt in pinyin."""
    return [PulseStep("payers.forget", forget_tries), PulseStep("payers.spell", naming.spell)]


@hook
def register_permissions() -> list[Permission]:
    """Staff's rights over bindings; releasing one takes two people."""
    return [
        Permission(releasing.READ, N_("查看绑定的缴费人")),
        Permission(releasing.RELEASE, N_("申请解除绑定")),
        Permission(releasing.CHECK, N_("复核解除绑定")),
    ]


@hook
def register_approvals() -> list[Approval]:
    """A binding is released by a second person."""
    return [
        Approval(
            releasing.KIND, N_("解除缴费人绑定"), releasing.CHECK, releasing.release, releasing.describe, "/console/bindings/{id}"
        )
    ]


@hook
def register_worklist() -> list[WorkItem]:
    """What waits for the second person."""
    return [WorkItem(releasing.KIND, N_("解除绑定待复核"), releasing.CHECK, waiting(releasing.CHECK, releasing.KIND), "/console/approvals", position=30)]
