"""What notices offer through the plugin hooks: core's events, sending what is due, the pages, the list as Excel."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.hookspecs import Export, MenuItem, Permission, PulseStep, WorkItem, hook
from core.notices import api, console, exports, inbox_console, lists, receiving, rules_console, templates_console, words
from core.notices.defaults import EVENTS
from core.notices.events import NoticeEvent
from core.notices.sending import send_due
from core.web import statuses
from core.web.i18n import N_

statuses.register("people_notice", words.STATES)


@hook
def register_notices() -> Sequence[NoticeEvent]:
    """Core's own events; a plugin's stand beside them."""
    return list(EVENTS.values())


@hook
def register_pulse() -> list[PulseStep]:
    """Notices leave within seconds, or in the morning."""
    return [PulseStep("notices", send_due)]


@hook
def register_routes() -> Sequence[Any]:
    return [
        *console.ROUTES, *templates_console.ROUTES, *rules_console.ROUTES, *inbox_console.ROUTES, *api.ROUTES, *receiving.ROUTES,
    ]  # fmt: skip


@hook
def register_templates() -> Path:
    return Path(__file__).parent / "templates"


@hook
def register_permissions() -> Sequence[Permission]:
    return [
        Permission(lists.READ, N_("查看通知")),
        Permission(lists.MANAGE, N_("管理通知模板、规则与重发")),
        Permission("notices.remind", N_("发送催缴提醒")),
    ]


@hook
def register_menu() -> Sequence[MenuItem]:
    return [
        MenuItem(N_("通知"), N_("通知记录"), "/console/notices", lists.READ, icon="bell", position=610),
        MenuItem(N_("通知"), N_("发布与送达"), "/console/notice-runs", lists.READ, icon="send", position=615),
        MenuItem(N_("通知"), N_("通知模板"), "/console/notice-templates", lists.MANAGE, icon="template", position=620),
        MenuItem(N_("通知"), N_("发送规则"), "/console/notice-rules", lists.MANAGE, icon="adjustments", position=630),
    ]


@hook
def register_worklist() -> Sequence[WorkItem]:
    return [
        WorkItem(
            "notices.dead", N_("发送失败的通知"), lists.MANAGE, lists.count_dead, "/console/notices?status=failed",
            hint=N_("看原因，排除后重发"), position=150,
        )
    ]  # fmt: skip


@hook
def register_exports() -> Sequence[Export]:
    return [exports.NOTICES]
