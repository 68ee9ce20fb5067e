"""Instalment templates in the API."""

from uuid import UUID

from litestar import get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from core.database import Session
from core.identity.actor import Actor
from plugins.education.plans import service, templates
from plugins.education.plans.templates import TemplateCreate, TemplatePage, TemplatePatch, TemplateRead

READ, MAKE = {"permission": service.READ}, {"permission": service.MAKE}
TAGS = ["教育 education"]
BASE = "/api/v1/education/instalment-templates"
TEMPLATE = BASE + "/{template_id:uuid}"


@get(BASE, opt=READ, tags=TAGS)
async def list_templates(session: NamedDependency[Session]) -> TemplatePage:
    """The school's own templates, also those out of use."""
    return TemplatePage(await templates.list_templates(session))


@post(BASE, opt=MAKE, tags=TAGS)
async def create_template(session: NamedDependency[Session], actor: NamedDependency[Actor], data: JSONBody[TemplateCreate]) -> TemplateRead:
    """A new template, offered from now on where a plan is made."""
    return await templates.create(session, data, actor)


@get(TEMPLATE, opt=READ, tags=TAGS)
async def get_template(session: NamedDependency[Session], actor: NamedDependency[Actor], template_id: FromPath[UUID]) -> TemplateRead:
    """One template."""
    return await templates.find(session, template_id, actor)


@patch(TEMPLATE, opt=MAKE, tags=TAGS)
async def change_template(
    session: NamedDependency[Session], actor: NamedDependency[Actor], template_id: FromPath[UUID], data: JSONBody[TemplatePatch]
) -> TemplateRead:
    """Another name, other percentages, out of use or back; a stale version is refused."""
    return await templates.change(session, template_id, data, actor)


ROUTES = [list_templates, create_template, get_template, change_template]
