"""What reports offer through the plugin hooks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.hookspecs import Export, MenuItem, PulseStep, hook
from core.reports import api, client_day, collection, console, exports
from core.web.i18n import N_


@hook
def register_routes() -> Sequence[Any]:
    return [*console.ROUTES, *api.ROUTES]


@hook
def register_templates() -> Path:
    return Path(__file__).parent / "templates"


@hook
def register_menu() -> Sequence[MenuItem]:
    return [
        MenuItem(N_("报表"), N_("收缴统计"), "/console/reports", collection.READ, icon="chart-bar", position=450),
        MenuItem(N_("报表"), N_("收款日报"), "/console/reports/daily", collection.READ, icon="calendar-stats", position=460),
        MenuItem(N_("报表"), N_("欠费清单"), "/console/reports/unpaid", collection.READ, icon="list-check", position=470),
        MenuItem(N_("报表"), N_("减免台账"), "/console/reports/discounts", collection.READ, icon="discount", position=480),
        MenuItem(N_("报表"), N_("缴费明细"), "/console/reports/details", collection.READ, icon="file-spreadsheet", position=490),
    ]


@hook
def register_exports() -> Sequence[Export]:
    return exports.EXPORTS


@hook
def register_pulse() -> Sequence[PulseStep]:
    return [PulseStep("reports.client_day", client_day.pulse)]


@hook
def register_nightly() -> Sequence[PulseStep]:
    return [PulseStep("reports.client_day", client_day.nightly)]
