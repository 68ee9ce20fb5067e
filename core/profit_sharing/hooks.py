"""What profit sharing offers through the plugin hooks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.approvals.lists import waiting
from core.database import Session
from core.hookspecs import Approval, Check, Export, MenuItem, Permission, PulseStep, StatementReceived, WorkItem, hook
from core.profit_sharing import api, console, describing, exports, receivers, repository, service, tasks, words
from core.web.i18n import N_

WORDS = words
"""Loaded so that every page can name the states."""


@hook
def register_routes() -> Sequence[Any]:
    return [*console.ROUTES, *api.ROUTES]


@hook
def register_templates() -> Path:
    return Path(__file__).parent / "templates"


@hook
def register_permissions() -> Sequence[Permission]:
    return [
        Permission(service.READ, N_("查看分账")),
        Permission(service.MAKE, N_("经办分账")),
        Permission(service.CHECK, N_("复核分账")),
    ]


@hook
def register_menu() -> Sequence[MenuItem]:
    return [MenuItem(N_("结算"), N_("分账"), console.PATH, service.READ, icon="arrows-split-2", position=615)]


@hook
def register_worklist() -> Sequence[WorkItem]:
    check = waiting(service.CHECK, service.KIND, service.RETURN_KIND, receivers.KIND)
    under_way = f"{console.PATH}?stage=under_way"
    return [
        WorkItem("sharing.check", N_("分账待复核"), service.CHECK, check, "/console/approvals", position=24),
        WorkItem("sharing.under_way", N_("渠道处理中的分账"), service.MAKE, service.count_waiting, under_way, position=46),
    ]


@hook
def register_approvals() -> Sequence[Approval]:
    return [
        Approval(service.KIND, N_("分账"), service.CHECK, service.approve, describing.split, console.PATH, service.refuse),
        Approval(service.RETURN_KIND, N_("分账回退"), service.CHECK, service.approve_return, describing.give_back, console.PATH, service.refuse_return),
        Approval(receivers.KIND, N_("分账接收方"), service.CHECK, receivers.approve, receivers.describe, console.RECEIVERS, receivers.refuse),
    ]


@hook
def register_pulse() -> Sequence[PulseStep]:
    return [PulseStep("sharing.send", tasks.send)]


@hook
async def statement_received(session: Session, event: StatementReceived) -> None:
    """WeChat's fund flow of a day came: its lines of kind `split` say what truly left and came back."""
    if event.source == "wechatpay-fundflow":
        await repository.prove(session, event.statement_id, event.bill_on)


@hook
def register_exports() -> Sequence[Export]:
    return [exports.SHARES]


@hook
def register_checks() -> Sequence[Check]:
    return [Check("sharing", repository.list_faults)]
