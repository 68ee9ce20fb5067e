"""The page of rules that give differences their owner."""

from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.database import Session
from core.errors import PlatformError
from core.identity.actor import Actor
from core.platform import Platform
from core.reconciliation import rights
from core.reconciliation.differences import assignments, repository
from core.reconciliation.differences.assignments import Conditions
from core.reconciliation.remedies.words import CLASS_WORDS, SEVERITY_WORDS
from core.reconciliation.severity import GRADES
from core.tenancy.directory import ClientProfile
from core.web.filters import status_label
from core.web.i18n import gettext as _
from core.web.i18n import listed
from core.web.templating import redirect, render

PATH = "/console/difference-assignments"
HANDLE = {"permission": rights.HANDLE}


@get(PATH, opt=HANDLE, include_in_schema=False)
async def rule_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform]
) -> Response:
    """The rules in their order, and a form for another."""
    rules = [(rule, _told(msgspec.convert(rule.conditions, Conditions))) for rule in await assignments.list_rules(session, actor)]
    return render(
        request, "reconciliation/assignments.html", rules=rules, owners=[(row.id, row.name) for row in await repository.list_owners(session)],
        classes=[(code, f"{code} {_(label)}") for code, label in CLASS_WORDS.items()],
        severities=[(code, _(word[0])) for code, word in SEVERITY_WORDS.items()],
        channels=[(code, status_label(code, "channel")) for code in sorted(platform.channels)], days={grade.code: grade.due_days for grade in GRADES},
    )  # fmt: skip


@post(PATH, opt=HANDLE, include_in_schema=False)
async def add(
    request: Request, asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform]
) -> Response:
    """Another rule."""
    form = await request.form()
    typed = {name: str(value) for name, value in form.items()}
    chosen = [[str(value) for value in form.getall(name, [])] for name in ("classes", "severities")]
    try:
        async with platform.database.tenant(client.id) as session:
            await assignments.add(session, asker, typed, *chosen)
    except PlatformError as error:
        if error.status >= 500:
            raise
        return redirect(request, PATH, danger=error.message)
    return redirect(request, PATH, success=_("规则已添加，下一次对账起生效"))


@post(PATH + "/{rule_id:uuid}/{action:str}", opt=HANDLE, include_in_schema=False)
async def change(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], rule_id: FromPath[UUID], action: FromPath[str]
) -> Response:
    """Up, down, on, off, away."""
    if action in ("up", "down"):
        await assignments.move(session, rule_id, actor, -1 if action == "up" else 1)
    elif action in ("on", "off"):
        await assignments.switch(session, rule_id, actor, active=action == "on")
    elif action == "remove":
        await assignments.remove(session, rule_id, actor)
    return redirect(request, PATH, success=_("已保存"))


def _told(conditions: Conditions) -> str:
    parts = [status_label(code, "difference_class") for code in conditions.classes]
    parts += [status_label(code, "channel") for code in conditions.channels]
    parts += [status_label(code, "severity") for code in conditions.severities]
    if conditions.least_fen:
        parts.append(_("不小于 %(n)s 分", n=conditions.least_fen))
    return listed(parts) or _("全部差异")


ROUTES = [rule_list, add, change]
