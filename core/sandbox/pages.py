"""How the sandbox's own pages are made: server-rendered, one style sheet, hardly any script."""

from pathlib import Path

from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template
from litestar.template.config import TemplateConfig

from core import clock
from core.money import format_yuan

HERE = Path(__file__).parent
STATIC = HERE / "static"


def page(template: str, *, status: int = 200, **context: object) -> Template:
    """A page by template name."""
    return Template(template, status_code=status, context=context, headers={"Cache-Control": "no-store"})


def templates() -> TemplateConfig:
    """Where the templates lie, with the two filters they use: yuan and Beijing time."""
    return TemplateConfig(directory=HERE / "templates", engine=JinjaTemplateEngine, engine_callback=_equip)


def _equip(engine: JinjaTemplateEngine) -> None:
    engine.engine.filters["yuan"] = format_yuan
    engine.engine.filters["local"] = lambda at: f"{at.astimezone(clock.SHANGHAI):%m-%d %H:%M:%S}"
