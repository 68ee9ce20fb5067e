"""What pushes offer through the plugin hooks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.hookspecs import MenuItem, Permission, PulseStep, WorkItem, hook
from core.web.i18n import N_
from core.webhooks import api, console, sending, service, words

WORDS = words
"""Loaded so that every page can name the states."""


@hook
def register_routes() -> Sequence[Any]:
    return [*console.ROUTES, *api.ROUTES]


@hook
def register_menu() -> Sequence[MenuItem]:
    return [MenuItem(N_("单位设置"), N_("推送"), console.PATH, service.READ, icon="send", position=930)]


@hook
def register_permissions() -> Sequence[Permission]:
    return [Permission(service.READ, N_("查看推送")), Permission(service.MAKE, N_("管理推送地址"))]


@hook
def register_templates() -> Path:
    return Path(__file__).parent / "templates"


@hook
def register_pulse() -> Sequence[PulseStep]:
    return [PulseStep("webhooks.send", sending.send_due)]


@hook
def register_worklist() -> Sequence[WorkItem]:
    return [WorkItem("webhooks.failed", N_("没有送达的推送"), service.READ, service.count_failed, f"{console.PATH}?status=failed", position=45)]
