"""What going live offers through the plugin hooks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.database import Session
from core.golive import api, bank_console, console, facts_repository, house_steps, progress, repository, service, steps, trials
from core.hookspecs import MenuItem, Permission, PulseStep, WorkItem, hook
from core.identity import audit_words
from core.identity.actor import Actor
from core.web import statuses
from core.web.i18n import N_

audit_words.register(
    {
        "golive.step.take_on": N_("安排上线步骤"),
        "golive.way.live": N_("开通收费"),
        "golive.trial.make": N_("生成测试账单"),
        "golive.trial.refund": N_("退回测试的一分钱"),
        "golive.progress.export": N_("导出上线进度"),
    }
)
audit_words.register_facts({"owner": N_("负责人"), "due_on": N_("应完成"), "note": N_("备注"), "position": N_("第几次")})
statuses.register(
    "go_live_step",
    {
        "todo": (N_("未开始"), statuses.QUIET),
        "doing": (N_("进行中"), statuses.INFO),
        "waiting": (N_("等待中"), statuses.WAIT),
        "done": (N_("已完成"), statuses.GOOD),
    },
)
statuses.register(
    "go_live",
    {
        "early": (N_("未开始"), statuses.QUIET),
        "under_way": (N_("上线中"), statuses.INFO),
        "ready": (N_("可以开通"), statuses.WAIT),
        "live": (N_("已上线"), statuses.GOOD),
    },
)
statuses.register(
    "go_live_owner",
    {
        "client": (N_("客户"), statuses.QUIET),
        "bank": (N_("开户网点"), statuses.QUIET),
        "channel": (N_("支付渠道"), statuses.QUIET),
        "second": (N_("复核人"), statuses.QUIET),
    },
)
statuses.register(
    "go_live_trial",
    {
        "unpaid": (N_("等付款"), statuses.WAIT),
        "paid": (N_("已付款"), statuses.INFO),
        "refunding": (N_("退款中"), statuses.WAIT),
        "refunded": (N_("已退回"), statuses.INFO),
        "reconciled": (N_("已对上"), statuses.GOOD),
    },
)


@hook
def register_go_live() -> Sequence[steps.Step]:
    return house_steps.STEPS


@hook
def register_routes() -> Sequence[Any]:
    return [*console.ROUTES, *bank_console.ROUTES, *api.ROUTES]


@hook
def register_templates() -> Path:
    return Path(__file__).parent / "templates"


@hook
def register_permissions() -> Sequence[Permission]:
    return [Permission(service.READ, N_("查看上线步骤")), Permission(service.MANAGE, N_("安排上线步骤与一分钱测试"))]


@hook
def register_menu() -> Sequence[MenuItem]:
    return [
        MenuItem(N_("单位设置"), N_("上线"), console.PATH, service.READ, icon="rocket", position=900),
        MenuItem(N_("客户"), N_("上线进度"), bank_console.PATH, progress.LOOK, icon="rocket", position=105, side="bank"),
    ]


async def _on_the_way(session: Session, _: Actor) -> int | None:
    """One line until the client collects: said so, or seen by its payments."""
    way = await repository.find_way(session)
    if (way is not None and way.live_at is not None) or await facts_repository.first_payment(session) is not None:
        return None
    return 1


async def _to_give_back(session: Session, _: Actor) -> int | None:
    """A trial's cent that was paid and not given back yet."""
    trial = await trials.newest(session)
    return 1 if trial is not None and trial.stage == "paid" else None


@hook
def register_worklist() -> Sequence[WorkItem]:
    colleagues = [step for step in house_steps.STEPS if step.code == "staff"]
    return [
        WorkItem("golive.way", N_("完成上线步骤"), service.MANAGE, _on_the_way, console.PATH, N_("一页看清还缺什么、该谁办"), 0),
        *steps.work_items(colleagues),
        WorkItem("golive.refund", N_("退回测试的一分钱"), house_steps.MAKE, _to_give_back, trials.PATH, N_("上线测试已付款，等您退回"), 6),
    ]


@hook
def register_pulse() -> Sequence[PulseStep]:
    return [PulseStep("golive.progress", progress.pulse)]


@hook
def register_nightly() -> Sequence[PulseStep]:
    return [PulseStep("golive.progress", progress.nightly)]
