"""The medical plugin: everything it adds to the trunk, read from top to bottom. A hospital's payments, and one login that finds every difference."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import MetaData

from core.events import PaymentRefunded, PaymentSettled, RepostAsked
from core.golive.steps import Step, work_items
from core.hookspecs import (
    Approval,
    BindingFacts,
    BindingProposal,
    Blueprint,
    Check,
    Export,
    Importer,
    JobKind,
    MenuItem,
    Permission,
    PluginInfo,
    PulseStep,
    Role,
    WorkItem,
    hook,
)
from core.payers import consents
from core.web.i18n import N_
from plugins.medical import bench, demo, faces, go_live, paid, schema, words, worklist
from plugins.medical.his import exports as his_exports
from plugins.medical.his import models as his_models
from plugins.medical.his import notices as his_notices
from plugins.medical.his import reposting as his_reposting
from plugins.medical.his import statement as his_statement
from plugins.medical.his import tasks as his_tasks
from plugins.medical.his import words as his_words
from plugins.medical.inpatients import exports as inpatient_exports
from plugins.medical.inpatients import faults as inpatient_faults
from plugins.medical.inpatients import guarding as inpatient_guard
from plugins.medical.inpatients import histories as inpatient_histories
from plugins.medical.inpatients import models as inpatient_models
from plugins.medical.inpatients import service as inpatients
from plugins.medical.inpatients import tasks as inpatient_tasks
from plugins.medical.inpatients import worklist as inpatient_worklist
from plugins.medical.insurance import exports as insurance_exports
from plugins.medical.insurance import histories as insurance_histories
from plugins.medical.insurance import importing as insurance_file
from plugins.medical.insurance import lists as insurance_lists
from plugins.medical.insurance import models as insurance_models
from plugins.medical.insurance import taking_back
from plugins.medical.insurance import words as insurance_words
from plugins.medical.orders import checks as order_checks
from plugins.medical.orders import exports as order_exports
from plugins.medical.orders import models as order_models
from plugins.medical.orders import prepaying as order_prepaying
from plugins.medical.orders import service as orders
from plugins.medical.orders import ticket_facts
from plugins.medical.orders import words as order_words
from plugins.medical.organisation import importing as organisation
from plugins.medical.patients import exports as patient_exports
from plugins.medical.patients import finding
from plugins.medical.patients import histories as patient_histories
from plugins.medical.patients import importing as patients
from plugins.medical.patients import models as patient_models
from plugins.medical.people import binding, roles
from plugins.medical.people import consents as patient_consents
from plugins.medical.prepaid import clearing as prepaid_clearing
from plugins.medical.prepaid import exports as prepaid_exports
from plugins.medical.prepaid import importing as prepaid_file
from plugins.medical.prepaid import models as prepaid_models
from plugins.medical.prepaid import notices as prepaid_notices
from plugins.medical.prepaid import service as prepaid
from plugins.medical.reports import exports as report_exports
from plugins.medical.returns import exports as return_exports
from plugins.medical.returns import giving_back
from plugins.medical.returns import models as return_models
from plugins.medical.returns import service as returns
from plugins.medical.returns import tasks as return_tasks
from plugins.medical.returns import words as return_words
from plugins.medical.robots import days as store_days
from plugins.medical.robots import exports as robot_exports
from plugins.medical.robots import histories as robot_histories
from plugins.medical.robots import models as robot_models
from plugins.medical.robots import tasks as robot_tasks
from plugins.medical.robots import till_files
from plugins.medical.robots import tills as till_orders
from plugins.medical.robots import words as robot_words
from plugins.medical.robots import worklist as robot_worklist
from plugins.medical.sandbox.his.world import WORLD as HIS_WORLD
from plugins.medical.sandbox.mailbox.world import WORLD as MAILBOX_WORLD
from plugins.medical.sandbox.shops.world import WORLD as SHOPS_WORLD
from plugins.medical.vendors import exports as vendor_exports
from plugins.medical.vendors import histories as vendor_histories
from plugins.medical.vendors import models as vendor_models

TABLES = (
    patient_models, vendor_models, order_models, insurance_models, inpatient_models, return_models, his_models, prepaid_models, robot_models,
)  # fmt: skip
"""The modules that declare this plugin's tables; naming them here makes sure that they are loaded."""
WORDS = (words, order_words, insurance_words, his_words, return_words, robot_words)
"""Loaded so that every page can name the hospital's states and deeds."""
HISTORIES = (inpatient_histories, insurance_histories, patient_histories, robot_histories, vendor_histories)
"""Loaded so that patients, vendors, stays, the insurer's files and robots have a history."""
consents.register("medical", patient_consents.PATIENT)
order_checks.register("deposit", inpatient_guard.deposit)
order_checks.register("discharge", inpatient_guard.discharge)
order_checks.register("prepay", order_prepaying.check)


@hook
def register_plugin() -> PluginInfo:
    return PluginInfo(
        code="medical",
        title=N_("医疗支付"),
        client_kinds=("hospital",),
        summary=N_("患者、诊疗订单、医保分账、住院预交金、HIS 回写与统一对账"),
        package="plugins.medical",
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
            "medical.org", N_("医院组织架构"), "medical.org.import", (*tables, ".json"), organisation.check, organisation.apply,
            organisation.template, "医院组织架构模板.xlsx",
        ),
        Importer(
            "medical.patients", N_("患者"), "medical.patient.import", tables, patients.check, patients.apply, patients.template,
            "患者模板.xlsx",
        ),
        Importer(
            "medical.prepaid", N_("历史预交金"), prepaid.MAKE, tables, prepaid_file.check, prepaid_file.apply, prepaid_file.template,
            "历史预交金模板.xlsx",
        ),
        Importer(
            "medical.clearing", N_("医保清算文件"), insurance_lists.MANAGE, tables, insurance_file.check, insurance_file.apply, insurance_file.template,
            "医保清算模板.xlsx",
        ),
        Importer(
            "medical.till_orders", N_("门店订单"), till_orders.IMPORT, tables, till_files.check, till_files.apply, till_files.template,
            "门店订单模板.xlsx",
        ),
    ]  # fmt: skip


@hook
def register_exports() -> Sequence[Export]:
    insured = (insurance_exports.SETTLEMENTS, insurance_exports.COMPARED)
    own = (order_exports.ORDERS, *insured, *report_exports.ALL, his_exports.POST_FAILURES, return_exports.RETURNS)
    return [inpatient_exports.STAYS, patient_exports.PATIENTS, prepaid_exports.BALANCES, vendor_exports.STATEMENT, *own, *robot_exports.ALL]


@hook
def register_jobs() -> Sequence[JobKind]:
    return [prepaid_clearing.JOB, robot_tasks.JOB]


@hook
def register_nightly() -> Sequence[PulseStep]:
    return [prepaid_clearing.STEP]


@hook
def register_notices() -> Sequence[Any]:
    return (*prepaid_notices.EVENTS, *his_notices.EVENTS)


@hook
def register_approvals() -> Sequence[Approval]:
    return [
        Approval(
            prepaid.KIND, N_("历史预交金退还"), prepaid.CHECK, prepaid.agree, prepaid.describe, "/console/medical/prepaid/{id}", prepaid.refuse
        ),
        Approval(
            taking_back.KIND, N_("撤回医保清算文件"), taking_back.CHECK, taking_back.take_back, taking_back.describe, "/console/medical/insurance/clearing"
        ),
        Approval(store_days.KIND, N_("接受门店日差异"), store_days.CHECK, store_days.accept, store_days.describe, "/console/medical/store-days/{id}"),
    ]


@hook
def register_worklist() -> Sequence[WorkItem]:
    return (*work_items(go_live.STEPS, first=2), *worklist.WORKLIST, *inpatient_worklist.WORKLIST, *robot_worklist.WORKLIST)


@hook
def register_go_live() -> Sequence[Step]:
    return go_live.STEPS


@hook
def register_checks() -> Sequence[Check]:
    return [inpatient_faults.CHECK]


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
def register_blueprints() -> Sequence[Blueprint]:
    return [
        Blueprint(
            kind="hospital",
            title=N_("医院"),
            plugins=("medical",),
            merchants=(("main", "基本收款户"),),
            admin_roles=("med.admin",),
        )
    ]


@hook
def register_statement_sources() -> Sequence[Any]:
    return [his_statement.SOURCE]


@hook
def register_benchmarks() -> Sequence[Any]:
    return bench.BENCHMARKS


@hook
def register_sandbox() -> Sequence[Any]:
    return [HIS_WORLD, SHOPS_WORLD, MAILBOX_WORLD]


@hook
def register_pulse() -> Sequence[PulseStep]:
    return [
        paid.STEP,
        PulseStep("medical.his", his_tasks.post_due),
        PulseStep("medical.give_back", giving_back.give_back_due),
        PulseStep("medical.returns", return_tasks.go_on),
        inpatient_tasks.STEP,
        PulseStep("medical.reposts", his_reposting.carry_out_due),
        robot_tasks.STEP,
    ]


@hook
async def propose_refund_wait(session: Any, bill_ids: Sequence[UUID]) -> Mapping[UUID, str] | None:
    return await returns.waiting(session, bill_ids)


@hook
async def propose_ticket_facts(session: Any, bill_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[tuple[str, str]]] | None:
    return await ticket_facts.propose(session, bill_ids)


@hook
async def payment_settled(session: Any, event: PaymentSettled) -> None:
    await inpatients.hold(session, event.bill_ids)
    await paid.follow(session, await orders.settled(session, event))


@hook
async def payment_refunded(session: Any, event: PaymentRefunded) -> None:
    if event.bill_id is not None:
        await inpatients.hold(session, [event.bill_id])
        await returns.refunded(session, event.bill_id)
        await inpatients.moved(session, [event.bill_id])


@hook
async def repost_asked(session: Any, event: RepostAsked) -> None:
    await his_reposting.keep(session, event)


@hook
async def load_demo(platform: Any, client: Any, folder: Path) -> None:
    await demo.load(platform, client, folder)


plugin = sys.modules[__name__]
