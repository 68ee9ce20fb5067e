"""What the penny trace and the day board offer through the plugin hooks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.hookspecs import Check, Export, MenuItem, PulseStep, hook
from core.trace import api, bank_console, board_console, charts_console, console, exports, faults, reckoning, rights, words
from core.web.i18n import N_

WORDS = words
"""Loaded so that every page can name the states."""


@hook
def register_routes() -> Sequence[Any]:
    return [*console.ROUTES, *board_console.ROUTES, *charts_console.ROUTES, *bank_console.ROUTES, *api.ROUTES]


@hook
def register_templates() -> Path:
    return Path(__file__).parent / "templates"


@hook
def register_menu() -> Sequence[MenuItem]:
    return [
        MenuItem(N_("对账"), N_("日清看板"), board_console.PATH, rights.RECON, icon="calendar-check", position=500),
        MenuItem(N_("对账"), N_("资金追踪"), console.PATH, rights.READ, icon="route", position=501),
        MenuItem(N_("对账"), N_("差异图表"), charts_console.PATH, rights.RECON, icon="chart-line", position=545),
        MenuItem(N_("客户"), N_("日清看板"), bank_console.PATH, rights.BANK, icon="calendar-check", position=450, side="bank"),
    ]


@hook
def register_exports() -> Sequence[Export]:
    return [exports.DAYS]


@hook
def register_pulse() -> Sequence[PulseStep]:
    return [PulseStep("trace.equation", reckoning.pulse)]


@hook
def register_nightly() -> Sequence[PulseStep]:
    return [PulseStep("trace.equation", reckoning.nightly)]


@hook
def register_checks() -> Sequence[Check]:
    return [Check("equation", faults.list_faults)]
