"""What ledger offers through the plugin hooks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.hookspecs import MenuItem, hook
from core.ledger import api, books, console
from core.web.i18n import N_


@hook
def register_routes() -> Sequence[Any]:
    return [*console.ROUTES, *api.ROUTES]


@hook
def register_templates() -> Path:
    return Path(__file__).parent / "templates"


@hook
def register_menu() -> Sequence[MenuItem]:
    return [
        MenuItem(N_("账务"), N_("试算平衡"), "/console/ledger", books.READ, icon="scale", position=500),
        MenuItem(N_("账务"), N_("记账凭证"), "/console/ledger/journals", books.READ, icon="notebook", position=510),
    ]
