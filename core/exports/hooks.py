"""What exports offer through the plugin hooks."""

from core.exports import api, console, service
from core.hookspecs import JobKind, hook
from core.web.i18n import N_


@hook
def register_routes():
    return [*console.ROUTES, *api.ROUTES]


@hook
def register_jobs():
    return [JobKind(service.KIND, N_("导出"), service.run, N_("条记录"))]
