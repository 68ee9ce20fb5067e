"""What imports offer through the plugin hooks."""

from pathlib import Path

from core.files import routes as files
from core.hookspecs import JobKind, MenuItem, WorkItem, hook
from core.imports import api, console, service, waiting
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
def register_worklist():
    return [
        WorkItem("imports.apply", N_("检查过、还没有写入的导入"), "imports.make", waiting.to_apply, "/console/imports", N_("看过逐行结果后确认"), 8),
        WorkItem("imports.mend", N_("有行没有通过的导入"), "imports.make", waiting.to_mend, "/console/imports", N_("下载未通过的行，改好后再导入"), 9),
    ]


@hook
def register_jobs():
    return [JobKind(service.CHECK, N_("检查导入文件"), service.run_check), JobKind(service.APPLY, N_("导入"), service.run_apply, N_("条记录"))]
