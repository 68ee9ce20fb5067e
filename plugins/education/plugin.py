"""The education plugin: everything it adds to the trunk, read from top to bottom. A school collects its fees."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import MetaData

from core.golive.steps import Step, work_items
from core.hookspecs import (
    Approval,
    BindingFacts,
    BindingProposal,
    Blueprint,
    Command,
    Export,
    Importer,
    JobKind,
    MenuItem,
    PaymentRefunded,
    Permission,
    PluginInfo,
    PulseStep,
    RefundAsked,
    RefundProposal,
    Role,
    WorkItem,
    hook,
)
from core.payers import consents
from core.reports.exports import payment_details
from core.web.i18n import N_
from plugins.education import bench, commands, demo, faces, go_live, histories, schema, words, worklist
from plugins.education.dormitory import exports as dormitory_exports
from plugins.education.dormitory import importing as dormitory_file
from plugins.education.dormitory import leaving as dormitory_leaving
from plugins.education.dormitory import meter_importing as meters
from plugins.education.dormitory import models as dormitory_models
from plugins.education.meals import exports as meal_exports
from plugins.education.meals import importing as meal_file
from plugins.education.meals import models as meal_models
from plugins.education.organisation import service as organisation
from plugins.education.people import binding, roles
from plugins.education.plans import exports, tasks
from plugins.education.plans import importing as bill_file
from plugins.education.plans import models as plan_models
from plugins.education.plans import service as plans
from plugins.education.pricing.rules import CATEGORIES
from plugins.education.refunding import leaving, settled
from plugins.education.refunding import rules as refund_rules
from plugins.education.refunding import service as refunding
from plugins.education.roster import exports as roster_exports
from plugins.education.roster import finding, phones, steps
from plugins.education.roster import models as roster_models
from plugins.education.roster import service as roster
from plugins.education.standards import importing as fee_file
from plugins.education.standards import models as standard_models
from plugins.education.standards import service as standards
from plugins.education.standards import tasks as standard_tasks
from plugins.education.terms import models as term_models
from plugins.education.usage import models as usage_models

WORDS = words
"""Loaded so that every page can name the school's states and deeds."""
HISTORIES = histories
"""Loaded so that standards and plans have a history."""
steps.register(leaving.follow)
steps.register(dormitory_leaving.follow)
consents.register("education", consents.MINOR)
TABLES = (term_models, roster_models, standard_models, plan_models, usage_models, dormitory_models, meal_models)
"""The modules that declare this plugin's tables; naming them here makes sure that they are loaded."""


@hook
def register_plugin() -> PluginInfo:
    return PluginInfo(
        code="education",
        title=N_("教育缴费"),
        client_kinds=("school_group",),
        summary=N_("名册、收费标准、优惠、收费批次与家长缴费"),
        package="plugins.education",
    )


@hook
def register_metadata() -> MetaData:
    return schema.metadata


@hook
def register_permissions() -> Sequence[Permission]:
    return roles.PERMISSIONS


@hook
def register_roles() -> Sequence[Role]:
    return roles.ROLES


@hook
def register_routes() -> Sequence[Any]:
    return faces.ROUTES


@hook
def register_fee_categories() -> Sequence[str]:
    return CATEGORIES


@hook
def register_refund_policies() -> Sequence[str]:
    return refund_rules.OWN


@hook
def register_menu() -> Sequence[MenuItem]:
    return faces.MENU


@hook
def register_templates() -> Path:
    return Path(__file__).parent / "templates"


@hook
def register_importers() -> Sequence[Importer]:
    tables = (".xlsx", ".xls", ".csv")
    return [
        Importer(
            "education.org", N_("组织架构"), "education.org.import", (".json",), organisation.check, organisation.apply
        ),
        Importer(
            "education.roster", N_("学生名册"), "education.roster.import", tables, roster.check, roster.apply, roster.template,
            "学生名册模板.xlsx",
        ),
        Importer(
            "education.standards", N_("收费标准"), "education.standards.import", (".xlsx", ".xls"), fee_file.check, fee_file.apply,
            fee_file.template, "收费标准模板.xlsx",
        ),
        Importer(
            "education.bills", N_("账单"), plans.MAKE, tables, bill_file.check, bill_file.apply, bill_file.template, "账单模板.xlsx",
        ),
        Importer(
            "education.dorm", N_("住宿名单"), "education.dorm.keep", tables, dormitory_file.check, dormitory_file.apply,
            dormitory_file.template, "住宿名单模板.xlsx",
        ),
        Importer(
            "education.meters", N_("水电表"), "education.dorm.keep", tables, meters.check_meters, meters.apply_meters, meters.meters_template,
            "水电表模板.xlsx",
        ),
        Importer(
            "education.readings", N_("抄表"), "education.dorm.keep", tables, meters.check_readings, meters.apply_readings,
            meters.readings_template, "抄表模板.xlsx",
        ),
        Importer(
            "education.meal_days", N_("用餐天数"), "education.meal.keep", tables, meal_file.check, meal_file.apply, meal_file.template,
            "用餐天数模板.xlsx",
        ),
    ]  # fmt: skip


@hook
def register_jobs() -> Sequence[JobKind]:
    return [tasks.PUBLISH, standard_tasks.CARRY]


@hook
def register_nightly() -> Sequence[PulseStep]:
    return [tasks.CLOSE_DUE, PulseStep("education.phones", roster.mark_phones)]


@hook
def register_worklist() -> Sequence[WorkItem]:
    return (*work_items(go_live.STEPS, first=2), *worklist.WORKLIST)


@hook
def register_go_live() -> Sequence[Step]:
    return go_live.STEPS


@hook
def register_exports() -> Sequence[Export]:
    levels = (("campus", N_("校区")), ("division", N_("学部")), ("grade", N_("年级")), ("class", N_("班级")))
    own = (*dormitory_exports.EXPORTS, *meal_exports.EXPORTS)
    return [exports.TRIAL_RUN, roster_exports.STUDENTS, *own, payment_details("education.payment_details", N_("缴费明细"), levels, N_("学号"))]


@hook
def register_approvals() -> Sequence[Approval]:
    return [
        Approval(
            "education.standards",
            N_("收费标准复核"),
            "education.standard.check",
            standards.approve,
            standards.describe,
            "/console/education/standards",
        ),
        Approval(phones.KIND, N_("登记手机号变更"), phones.CHECK, phones.change, phones.describe, "/console/education/students/{id}"),
        Approval("education.plan", N_("收费批次复核"), "education.plan.check", plans.approve, plans.describe, "/console/education/plans/{id}"),
    ]


@hook
def register_benchmarks() -> Sequence[Any]:
    return bench.BENCHMARKS


@hook
def register_commands() -> Sequence[Command]:
    return commands.COMMANDS


@hook
def register_blueprints() -> Sequence[Blueprint]:
    return [
        Blueprint(
            kind="school_group",
            title=N_("学校（集团）"),
            plugins=("education",),
            merchants=(("TUITION", "学费商户"), ("SERVICE", "服务与代收费商户")),
            admin_roles=("edu.group_admin",),
            settings={"education": {"merchants": {"服务性收费": "SERVICE", "代收费": "SERVICE"}}},
        )
    ]


@hook
def register_search() -> Sequence[Any]:
    return finding.SOURCES


@hook
async def propose_binding(session: Any, keys: Any, facts: BindingFacts) -> BindingProposal | None:
    return await binding.propose(session, facts, keys)


@hook
async def propose_contacts(session: Any, party_ids: Sequence[UUID]) -> Sequence[BindingProposal]:
    return await binding.contacts(session, party_ids)


@hook
async def propose_refund(session: Any, asked: RefundAsked) -> RefundProposal | None:
    return await refunding.propose(session, asked)


@hook
async def payment_refunded(session: Any, event: PaymentRefunded) -> None:
    await settled.refunded(session, event.refund_id)


@hook
async def load_demo(platform: Any, client: Any, folder: Path) -> None:
    await demo.load(platform, client, folder)


plugin = sys.modules[__name__]
