"""Every page and address of the plugin, and its lines in the console's menu."""

from core.hookspecs import MenuItem

ROUTES: list = []
MENU: tuple[MenuItem, ...] = ()
