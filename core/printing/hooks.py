"""What printing offers through the plugin hooks: its page, its jobs, its right."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.hookspecs import JobKind, MenuItem, Permission, hook
from core.identity import audit_words
from core.printing import api, console, service
from core.web.i18n import N_

audit_words.register(
    {
        "printing.letter.make": N_("打印缴费通知单"),
        f"{service.LETTERS}.start": N_("批量打印缴费通知单"),
        f"{service.POSTERS}.start": N_("批量打印缴费海报"),
    }
)


@hook
def register_routes() -> Sequence[Any]:
    return [*console.ROUTES, *api.ROUTES]


@hook
def register_templates() -> Path:
    return Path(__file__).parent / "templates"


@hook
def register_permissions() -> Sequence[Permission]:
    return [Permission(service.MAKE, N_("打印海报与缴费通知单"))]


@hook
def register_jobs() -> Sequence[JobKind]:
    return [
        JobKind(service.LETTERS, N_("缴费通知单"), service.make_letters, N_("张通知单")),
        JobKind(service.POSTERS, N_("缴费海报"), service.make_posters, N_("张海报")),
    ]


@hook
def register_menu() -> Sequence[MenuItem]:
    return [MenuItem(N_("通知"), N_("海报与通知单"), "/console/printing", service.MAKE, icon="printer", position=640)]
