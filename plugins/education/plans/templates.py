"""Instalment templates of a school's own: percentages under a name, offered where a plan is made. Plans keep what they were made with."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Annotated
from uuid import UUID

import msgspec

from core import ids, money
from core.database import Row, Session
from core.errors import Conflict, InvalidRequest, NotFound, StaleForm
from core.identity import audit
from core.identity.actor import Actor
from plugins.education.organisation import service as organisation
from plugins.education.plans import templates_repository as repository
from plugins.education.plans.drafts import MOST_INSTALMENTS
from plugins.education.plans.service import MAKE, READ

OBJECT = "instalment_template"
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=50)]
Percents = Annotated[tuple[str, ...], msgspec.Meta(min_length=2, max_length=MOST_INSTALMENTS)]


class TemplateNotFound(NotFound):
    code = "INSTALMENT_TEMPLATE_NOT_FOUND"
    message = "没有找到这个分期模板"


class TemplateTaken(Conflict):
    code = "INSTALMENT_TEMPLATE_TAKEN"
    message = "分期模板编码 {template_code} 已被使用，请换一个"


class TemplateWrong(InvalidRequest):
    """`facts["field"]` names the field to mend."""

    code = "INSTALMENT_TEMPLATE_WRONG"
    message = "{why}"


class TemplateCreate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new template; percentages as text, together 100."""

    code: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$")]
    name: Word
    percents: Percents


class TemplatePatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What changes in this version; `active` false takes it out of use."""

    version: int
    name: Word | msgspec.UnsetType = msgspec.UNSET
    percents: Percents | msgspec.UnsetType = msgspec.UNSET
    active: bool | msgspec.UnsetType = msgspec.UNSET


class TemplateRead(msgspec.Struct, frozen=True, kw_only=True):
    """A template."""

    id: UUID
    code: str
    name: str
    percents: list[str]
    active: bool
    version: int
    made_by: str


class TemplatePage(msgspec.Struct, frozen=True):
    """Every template, by code."""

    items: list[TemplateRead]
    next_cursor: str | None = None


async def list_templates(session: Session, *, active_only: bool = False) -> list[TemplateRead]:
    """The school's own templates."""
    return [_read(row) for row in await repository.list_templates(session, active_only=active_only)]


async def create(session: Session, draft: TemplateCreate, by: Actor) -> TemplateRead:
    """A new template of the whole school."""
    await _check_whole(session, by, MAKE)
    row = {"id": ids.uuid7(), "code": draft.code, "name": draft.name.strip(), "percents": _percents(draft.percents), "made_by": by.name}
    if not await repository.add(session, row):
        raise TemplateTaken(template_code=draft.code)
    await audit.record(session, by, "education.template.create", OBJECT, row["id"], after=msgspec.to_builtins(draft))
    return _read(await repository.find(session, row["id"]))


async def change(session: Session, template_id: UUID, patch: TemplatePatch, by: Actor) -> TemplateRead:
    """Other facts of a template; plans made with it stay as they are."""
    await _check_whole(session, by, MAKE)
    held = await repository.lock(session, template_id)
    if held is None:
        raise TemplateNotFound()
    if held.version != patch.version:
        raise StaleForm()
    given = {name: value for name, value in msgspec.structs.asdict(patch).items() if name != "version" and value is not msgspec.UNSET}
    if "percents" in given:
        given["percents"] = _percents(given["percents"])
    new = {name: value for name, value in given.items() if getattr(held, name) != value}
    if new:
        await repository.change(session, template_id, new)
        before = {name: getattr(held, name) for name in new}
        await audit.record(session, by, "education.template.change", OBJECT, template_id, before=before, after=new)
    return _read(await repository.find(session, template_id))


async def find(session: Session, template_id: UUID, by: Actor) -> TemplateRead:
    """One template."""
    by.need(READ)
    row = await repository.find(session, template_id)
    if row is None:
        raise TemplateNotFound()
    return _read(row)


async def _check_whole(session: Session, by: Actor, permission: str) -> None:
    if not (await organisation.load(session)).whole(by.reach(permission)):
        raise TemplateNotFound()


def _percents(given: Sequence[str]) -> list[str]:
    try:
        money.instalments(10_000, [Decimal(percent) for percent in given])
    except InvalidOperation:
        raise TemplateWrong(field="percents", why="分期比例应为数字，例如 50、30、20") from None
    except InvalidRequest as fault:
        raise TemplateWrong(field="percents", why=fault.message) from None
    return list(given)


def _read(row: Row) -> TemplateRead:
    return TemplateRead(**{name: getattr(row, name) for name in TemplateRead.__struct_fields__})
