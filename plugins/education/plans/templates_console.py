"""Instalment templates in the console: the list, a new one, other percentages, out of use and back."""

from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.database import Session
from core.errors import PlatformError
from core.identity.actor import Actor
from core.web.error_words import translated
from core.web.i18n import gettext as _
from core.web.i18n import listed
from core.web.templating import redirect, render
from plugins.education.plans import service, templates
from plugins.education.plans.templates import TemplateCreate, TemplatePatch

READ, MAKE = {"permission": service.READ}, {"permission": service.MAKE}
BASE = "/console/education/instalment-templates"


@get(BASE, opt=READ, include_in_schema=False)
async def template_list(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """The school's own templates, also those out of use."""
    return render(request, "education/instalments.html", templates=await templates.list_templates(session), may_make=actor.may(service.MAKE))


@get(BASE + "/new", opt=MAKE, include_in_schema=False)
async def template_new(request: Request, session: NamedDependency[Session]) -> Response:
    """The form for one template."""
    return _form(request, {}, {})


@post(BASE, opt=MAKE, include_in_schema=False)
async def template_create(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """A new template; what is wrong is said beside the field."""
    typed = await _typed(request)
    try:
        draft = msgspec.convert({"code": typed.get("code"), "name": typed.get("name"), "percents": _percents(typed)}, TemplateCreate)
        await templates.create(session, draft, actor)
    except (PlatformError, msgspec.ValidationError) as error:
        return _form(request, typed, _beside(error))
    return redirect(request, BASE, success=_("分期模板已添加，制定批次时可以选用"))


@get(BASE + "/{template_id:uuid}", opt=MAKE, include_in_schema=False)
async def template_edit(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], template_id: FromPath[UUID]
) -> Response:
    """The form of a template as it is now."""
    found = await templates.find(session, template_id, actor)
    typed = {"code": found.code, "name": found.name, "percents": listed(found.percents), "version": str(found.version)}
    return _form(request, typed, {}, template_id)


@post(BASE + "/{template_id:uuid}", opt=MAKE, include_in_schema=False)
async def template_change(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], template_id: FromPath[UUID]
) -> Response:
    """Other facts, or out of use and back; plans made with it stay as they are."""
    typed = await _typed(request)
    given: dict[str, object] = {"version": int(typed["version"]) if typed.get("version", "").isdigit() else 0}
    given |= {"active": typed["active"] == "1"} if "active" in typed else {"name": typed.get("name"), "percents": _percents(typed)}
    try:
        await templates.change(session, template_id, msgspec.convert(given, TemplatePatch), actor)
    except (PlatformError, msgspec.ValidationError) as error:
        return _form(request, typed, _beside(error), template_id)
    return redirect(request, BASE, success=_("分期模板已更新，已有的批次不变"))


async def _typed(request: Request) -> dict[str, str]:
    return {name: str(value).strip() for name, value in (await request.form()).items()}


def _percents(typed: dict[str, str]) -> list[str]:
    return typed.get("percents", "").replace("%", "").replace("，", "、").replace(",", "、").replace(" ", "、").split("、")


def _beside(error: PlatformError | msgspec.ValidationError) -> dict[str, str]:
    if isinstance(error, PlatformError):
        if error.code not in ("INSTALMENT_TEMPLATE_WRONG", "INSTALMENT_TEMPLATE_TAKEN"):
            raise error
        return {str(error.facts.get("field", "code")): translated(error)}
    told = {
        "code": _("编码只能用字母、数字、-、_，最多 32 位"),
        "name": _("请填写名称，最多 50 个字"),
        "percents": _("至少分两期，例如 50、30、20"),
    }
    field = next((name for name in told if f"$.{name}" in str(error)), "percents")
    return {field: told[field]}


def _form(request: Request, typed: dict[str, str], errors: dict[str, str], template_id: UUID | None = None) -> Response:
    return render(
        request, "education/instalment_form.html", status=422 if errors else 200, typed=typed, errors=errors, template_id=template_id
    )


ROUTES = [template_list, template_new, template_create, template_edit, template_change]
