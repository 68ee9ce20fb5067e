"""What settlement offers through the plugin hooks."""

from collections.abc import Sequence
from pathlib import Path

from core.hookspecs import Permission, hook
from core.web.i18n import N_

READ, MAKE, CHECK = "settlement.batch.read", "settlement.batch.make", "settlement.batch.check"


@hook
def register_templates() -> Path:
    return Path(__file__).parent / "templates"


@hook
def register_permissions() -> Sequence[Permission]:
    return [
        Permission(READ, N_("查看结算")),
        Permission(MAKE, N_("经办结算")),
        Permission(CHECK, N_("复核结算")),
    ]
