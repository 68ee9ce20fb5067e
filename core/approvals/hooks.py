"""What approvals offers through the plugin hooks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.approvals import api, console, telling, words
from core.hookspecs import MenuItem, PulseStep, hook
from core.web import statuses
from core.web.i18n import N_

statuses.register("approval", words.APPROVAL_WORDS)


@hook
def register_routes() -> Sequence[Any]:
    return [*console.ROUTES, *api.ROUTES]


@hook
def register_templates() -> Path:
    return Path(__file__).parent / "templates"


@hook
def register_pulse() -> list[PulseStep]:
    """Checkers are told."""
    return [PulseStep("approvals.tell", telling.tell)]


@hook
def register_menu() -> Sequence[MenuItem]:
    return [
        MenuItem(N_("工作台"), N_("复核"), "/console/approvals", "billing.bill.check", icon="checks", position=60),
        MenuItem(N_("工作台"), N_("我的申请"), "/console/approvals?tab=mine", "billing.bill.adjust", icon="send", position=70),
    ]
