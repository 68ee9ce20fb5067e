"""What identity offers through the plugin hooks."""

from pathlib import Path

from core.hookspecs import Permission, Role, hook
from core.identity.permissions import PERMISSIONS
from core.identity.roles import ROLES


@hook
def register_permissions() -> tuple[Permission, ...]:
    return PERMISSIONS


@hook
def register_roles() -> tuple[Role, ...]:
    return ROLES


@hook
def register_templates() -> Path:
    return Path(__file__).parent / "templates"
