"""What the search box offers through the plugin hooks: its page, its drop-down and its API."""

from pathlib import Path

from core.hookspecs import hook
from core.search import api, console


@hook
def register_routes() -> list:
    """The page, the drop-down, the API."""
    return [*console.ROUTES, *api.ROUTES]


@hook
def register_templates() -> Path:
    """Its pages."""
    return Path(__file__).parent / "templates"
