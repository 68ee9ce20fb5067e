"""What support offers through the plugin hooks: consents and looking in, tickets, the bank's copies."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.hookspecs import Export, MenuItem, Permission, PulseStep, WorkItem, hook
from core.notices.events import NoticeEvent
from core.support import copying, notices, words
from core.support.consents import api as consents_api
from core.support.consents import console as consents
from core.support.consents import lists
from core.support.rights import ANSWER, GRANT, PERMISSIONS, QUEUE, VIEW
from core.support.tickets import api, bank_api, bank_console, tasks
from core.support.tickets import console as tickets
from core.support.tickets import lists as ticket_lists
from core.support.viewing import api as viewing_api
from core.support.viewing import console as viewing
from core.web.i18n import N_

WORDS = words
"""Loaded so that every page can name the states and deeds."""


@hook
def register_routes() -> Sequence[Any]:
    pages = [*consents.ROUTES, *viewing.ROUTES, *tickets.ROUTES, *bank_console.ROUTES]
    return [*pages, *api.ROUTES, *bank_api.ROUTES, *consents_api.ROUTES, *viewing_api.ROUTES]


@hook
def register_permissions() -> Sequence[Permission]:
    return PERMISSIONS


@hook
def register_templates() -> Path:
    return Path(__file__).parent / "templates"


@hook
def register_menu() -> Sequence[MenuItem]:
    return [
        MenuItem(N_("单位设置"), N_("客服查看授权"), consents.PATH, GRANT, icon="eye-check", position=935),
        MenuItem(N_("单位设置"), N_("工单"), tickets.PATH, "", icon="lifebuoy", position=945),
        MenuItem(N_("客户"), N_("客服查看"), viewing.PATH, VIEW, icon="eye", position=120, side="bank"),
        MenuItem(N_("客户"), N_("工单"), bank_console.PATH, QUEUE, icon="lifebuoy", position=115, side="bank"),
    ]


@hook
def register_worklist() -> Sequence[WorkItem]:
    hint = N_("看清目的与天数，再同意或拒绝；同意后随时可以收回")
    return [
        WorkItem("support.asked", N_("银行客服申请只读查看"), GRANT, lists.waiting, f"{consents.PATH}?status=asked", hint=hint, position=5),
        WorkItem("support.new", N_("待受理的工单"), ANSWER, ticket_lists.in_queue, f"{bank_console.PATH}?status=open", position=5, side="bank"),
        WorkItem("support.late", N_("已超时的工单"), QUEUE, ticket_lists.late, f"{bank_console.PATH}?status=late", position=4, side="bank"),
        WorkItem(
            "support.mine", N_("我在处理的工单"), ANSWER, ticket_lists.answered_back, f"{bank_console.PATH}?status=in_progress&mine=1", position=6,
            side="bank",
        ),
        WorkItem("support.standing", N_("银行客服现在可以查看"), GRANT, lists.standing, f"{consents.PATH}?status=granted", position=6),
    ]


@hook
def register_notices() -> Sequence[NoticeEvent]:
    return notices.EVENTS


@hook
def register_pulse() -> Sequence[PulseStep]:
    return [PulseStep("support.copy", copying.copy_due)]


@hook
def register_nightly() -> Sequence[PulseStep]:
    return [PulseStep("support.close", tasks.close_quiet)]


@hook
def register_exports() -> Sequence[Export]:
    return [*lists.EXPORTS, *ticket_lists.EXPORTS]
