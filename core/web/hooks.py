"""What the web shell offers through the plugin hooks: its own addresses."""

from core.hookspecs import hook
from core.web.routes import shell_routes


@hook
def register_routes() -> list:
    """Static files, client colours, the gallery and the API page."""
    return shell_routes()
