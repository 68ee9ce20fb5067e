"""What the counter offers through the plugin hooks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.counter import api, console, figures, notices, payouts, scanning_api, scanning_console, shifts, sub_accounts_console
from core.counter.channel import DeskCounter
from core.hookspecs import MenuItem, Permission, WorkItem, hook
from core.web.i18n import N_


@hook
def register_channels() -> Sequence[Any]:
    return [DeskCounter]


@hook
def register_permissions() -> Sequence[Permission]:
    return [
        Permission(shifts.RUN, N_("窗口收费与交班")),
        Permission(shifts.ACCEPT, N_("接收班次与支票")),
        Permission(shifts.READ, N_("查看班次")),
    ]


@hook
def register_menu() -> Sequence[MenuItem]:
    return [
        MenuItem(N_("收款"), N_("窗口收费"), "/console/counter", shifts.RUN, icon="building-store", position=395),
        MenuItem(N_("收款"), N_("交班"), "/console/counter/shifts", shifts.ACCEPT, icon="clipboard-check", position=396),
    ]


@hook
def register_worklist() -> Sequence[WorkItem]:
    return [
        WorkItem("counter.open", N_("开班"), shifts.RUN, figures.to_open, console.PATH, N_("开班后才能收款"), 27),
        WorkItem("counter.shift", N_("本班收款"), shifts.RUN, figures.own_shift, console.PATH, position=900),
        WorkItem("counter.shifts", N_("待接收的班次"), shifts.ACCEPT, shifts.count_to_accept, "/console/counter/shifts", position=28),
        WorkItem("counter.payouts", N_("待付退款"), shifts.RUN, payouts.count_waiting, console.PATH, position=29),
    ]


@hook
def register_templates() -> Path:
    return Path(__file__).parent / "templates"


@hook
def register_routes() -> Sequence[Any]:
    return [notices.receive_transfer, *api.ROUTES, *console.ROUTES, *scanning_api.ROUTES, *scanning_console.ROUTES, *sub_accounts_console.ROUTES]
