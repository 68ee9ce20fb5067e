"""What payers offers through the plugin hooks: their pages, and forgetting what need not be known any more."""

from pathlib import Path

from core.hookspecs import PulseStep, hook
from core.identity import audit_words
from core.payers import h5_account, h5_bind
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
    return [*h5_bind.ROUTES, *h5_account.ROUTES]


@hook
def register_templates() -> Path:
    """Their pages."""
    return Path(__file__).parent / "templates"


@hook
def register_nightly() -> list[PulseStep]:
    """Old guesses are forgotten every night."""
    return [PulseStep("payers.forget", forget_tries)]
