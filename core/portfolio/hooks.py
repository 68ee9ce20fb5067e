"""What the business board offers through the plugin hooks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.hookspecs import MenuItem, PulseStep, WorkItem, hook
from core.portfolio import console, figures, telling, words
from core.reports.collection import READ
from core.web.i18n import N_

WORDS = words.WORDS
"""Loaded so that the audit trail can name what was done."""


@hook
def register_routes() -> Sequence[Any]:
    return console.ROUTES


@hook
def register_templates() -> Path:
    return Path(__file__).parent / "templates"


@hook
def register_menu() -> Sequence[MenuItem]:
    return [MenuItem(N_("客户"), N_("业务总览"), console.PATH, READ, icon="chart-pie", position=90, side="bank")]


@hook
def register_worklist() -> Sequence[WorkItem]:
    return [
        WorkItem("portfolio.received", N_("近 30 天收款"), READ, figures.received, console.PATH + "?sort=-paid_fen", position=910, side="bank"),
        WorkItem("portfolio.differences", N_("未处理差异"), READ, figures.differences, console.PATH + "?sort=-differences", position=920, side="bank"),
    ]


@hook
def register_pulse() -> Sequence[PulseStep]:
    return [PulseStep("portfolio.day", telling.pulse)]


@hook
def register_nightly() -> Sequence[PulseStep]:
    return [PulseStep("portfolio.day", telling.nightly)]
