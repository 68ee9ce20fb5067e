"""What reconciliation offers through the plugin hooks."""

from collections.abc import Sequence
from pathlib import Path

from core.hookspecs import Permission, hook
from core.reconciliation import rights
from core.web.i18n import N_


@hook
def register_templates() -> Path:
    return Path(__file__).parent / "templates"


@hook
def register_permissions() -> Sequence[Permission]:
    return [
        Permission(rights.READ, N_("查看对账")),
        Permission(rights.RUN, N_("经办对账")),
        Permission(rights.CLOSE, N_("复核关账")),
        Permission(rights.HANDLE, N_("经办差异处理")),
        Permission(rights.CHECK, N_("复核差异处理")),
    ]
