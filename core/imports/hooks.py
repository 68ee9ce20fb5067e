"""What imports offer through the plugin hooks."""

from pathlib import Path

from core.files import routes as files
from core.hookspecs import JobKind, MenuItem, hook
from core.imports import api, console, service
from core.web.i18n import N_


@hook
def register_routes():
    return [*console.ROUTES, *api.ROUTES, *files.ROUTES]


@hook
def register_templates():
    return Path(__file__).parent / "templates"


@hook
def register_menu():
    return [MenuItem(N_("工作台"), N_("导入"), "/console/imports", "imports.make", icon="upload", position=810)]


@hook
def register_jobs():
    return [JobKind(service.CHECK, N_("检查导入文件"), service.run_check), JobKind(service.APPLY, N_("导入"), service.run_apply, N_("条记录"))]
