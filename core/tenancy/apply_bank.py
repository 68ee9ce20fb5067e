"""Bring the bank's own rows to its declaration: head office, branches, plugin defaults, people."""

from typing import Any
from uuid import UUID

from core.database import Session
from core.database.tables import new_tenant_id
from core.identity.sessions import roles_for
from core.tenancy import apply_people, branches, branches_repository, repository, service
from core.tenancy.changes import Change, Step

WHERE = "_bank"


async def bank(work: Any) -> UUID | None:
    """The bank's tenant; None where it is yet to be founded and nothing may be changed."""
    platform, facts = work.platform, work.declared.bank.bank
    bank_id = await platform.routes.find("bank", "bank")
    if bank_id is not None:
        return bank_id
    fresh = new_tenant_id() if work.changing else None

    async def found() -> None:
        async with platform.database.tenant(fresh) as session:
            await platform.routes.add(session, "bank", "bank")
            await branches.found(session, work.acting(fresh), facts.code, facts.name)

    await work.take([Step(Change(WHERE, "create", "bank", facts.name), found)])
    return fresh


async def rows(work: Any, bank_id: UUID | None) -> None:
    """Everything else of the bank, in one transaction."""
    if bank_id is None:
        for step in [*_branches(work, None, None, []), *_defaults(work, None, None, [])]:
            await work.take([step])
        await apply_people.people(work, None, None, WHERE, work.declared.bank.staff, {}, {})
        return
    async with work.platform.database.tenant(bank_id) as session:
        for level in ("branch", "sub_branch"):
            known = list(await branches_repository.list_branches(session))
            await work.take([s for s in _branches(work, session, bank_id, known) if s.change.subject == level])
        await work.take(_defaults(work, session, bank_id, list(await repository.list_defaults(session))))
        places = {row.code: row.id for row in await branches_repository.list_branches(session)}
        roles = roles_for(work.platform.plugins, "bank", ())
        await apply_people.people(work, session, bank_id, WHERE, work.declared.bank.staff, roles, places)


def _branches(work: Any, session: Session | None, bank_id: UUID | None, known: list) -> list[Step]:
    by_code = {row.code: row for row in known}
    steps = []
    for facts in work.declared.bank.branches:
        row = by_code.get(facts.code)
        kind = "sub_branch" if facts.parent else "branch"
        if row is None:
            parent = by_code.get(facts.parent or work.declared.bank.bank.code)

            async def add(facts=facts, parent=parent, kind=kind) -> None:
                await branches.add(session, work.acting(bank_id), parent.id, kind, facts.code, facts.name)

            pending = "" if parent or not work.changing else f"没有上级机构 {facts.parent}"
            steps.append(Step(Change(WHERE, "create", kind, facts.name, facts.code, pending), add if parent else None))
        elif row.name != facts.name:

            async def rename(facts=facts, row=row) -> None:
                await branches.rename(session, work.acting(bank_id), row.id, facts.name)

            steps.append(Step(Change(WHERE, "change", kind, facts.name, f"{row.name} → {facts.name}"), rename))
    return steps


def _defaults(work: Any, session: Session | None, bank_id: UUID | None, known: list) -> list[Step]:
    kept = {(row.plugin, row.client_kind): (row.on_by_default, row.visible) for row in known}
    steps = []
    for facts in work.declared.bank.plugin_defaults:
        if kept.get((facts.plugin, facts.client_kind)) == (facts.on_by_default, facts.visible):
            continue
        detail = f"{facts.client_kind} on_by_default={facts.on_by_default} visible={facts.visible}"
        if facts.plugin not in work.platform.plugins.info:
            steps.append(Step(Change(WHERE, "set", "plugin_default", facts.plugin, detail, "平台没有安装这个插件")))
            continue

        async def put(facts=facts) -> None:
            await service.set_default(
                session, work.platform.plugins, work.acting(bank_id), facts.plugin, facts.client_kind, facts.on_by_default, facts.visible
            )

        steps.append(Step(Change(WHERE, "set", "plugin_default", facts.plugin, detail), put))
    return steps
