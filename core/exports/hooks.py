"""What exports offer through the plugin hooks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.approvals.lists import waiting
from core.exports import agreement, api, clear, console, service
from core.hookspecs import Approval, JobKind, Permission, WorkItem, hook
from core.identity import audit_words
from core.web.i18n import N_

audit_words.register_facts({"checked_by": N_("复核人"), "readable": N_("明文的列"), "export": N_("清单")})


@hook
def register_routes() -> Sequence[Any]:
    return [*console.ROUTES, *api.ROUTES]


@hook
def register_templates() -> Path:
    return Path(__file__).parent / "templates"


@hook
def register_permissions() -> Sequence[Permission]:
    return [Permission(agreement.MAKE, N_("申请明文导出")), Permission(agreement.CHECK, N_("复核明文导出"))]


@hook
def register_approvals() -> Sequence[Approval]:
    return [Approval(agreement.KIND, N_("明文导出"), agreement.CHECK, clear.start, clear.describe, "/console/jobs")]


@hook
def register_worklist() -> Sequence[WorkItem]:
    check = waiting(agreement.CHECK, agreement.KIND)
    return [WorkItem("exports.clear", N_("明文导出待复核"), agreement.CHECK, check, "/console/approvals", N_("文件里的姓名不脱敏"), 16)]


@hook
def register_jobs() -> Sequence[JobKind]:
    return [JobKind(service.KIND, N_("导出"), service.run, N_("条记录"))]
