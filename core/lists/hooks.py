"""What list choices offer through the plugin hooks: the buttons above every list."""

from core.hookspecs import hook
from core.lists import console


@hook
def register_routes() -> list:
    """Views and columns."""
    return console.ROUTES
