"""What reports offer through the plugin hooks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.hookspecs import Export, MenuItem, PulseStep, WorkItem, hook
from core.reports import api, charts_console, collection, console, exports, figures, sums
from core.web.i18n import N_


@hook
def register_routes() -> Sequence[Any]:
    return [*console.ROUTES, *charts_console.ROUTES, *api.ROUTES]


@hook
def register_templates() -> Path:
    return Path(__file__).parent / "templates"


@hook
def register_menu() -> Sequence[MenuItem]:
    return [
        MenuItem(N_("报表"), N_("收缴统计"), "/console/reports", collection.READ, icon="chart-bar", position=450),
        MenuItem(N_("报表"), N_("收缴图表"), charts_console.PATH, collection.READ, icon="chart-line", position=455),
        MenuItem(N_("报表"), N_("收款日报"), "/console/reports/daily", collection.READ, icon="calendar-stats", position=460),
        MenuItem(N_("报表"), N_("欠费清单"), "/console/reports/unpaid", collection.READ, icon="list-check", position=470),
        MenuItem(N_("报表"), N_("减免台账"), "/console/reports/discounts", collection.READ, icon="discount", position=480),
        MenuItem(N_("报表"), N_("缴费明细"), "/console/reports/details", collection.READ, icon="file-spreadsheet", position=490),
    ]


@hook
def register_worklist() -> Sequence[WorkItem]:
    return figures.FIGURES


@hook
def register_exports() -> Sequence[Export]:
    return exports.EXPORTS


@hook
def register_pulse() -> Sequence[PulseStep]:
    return [PulseStep("reports.sums", sums.pulse)]


@hook
def register_nightly() -> Sequence[PulseStep]:
    return [PulseStep("reports.sums", sums.nightly)]
