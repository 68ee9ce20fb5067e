"""What self-service offers through the plugin hooks: its addresses."""

from core.hookspecs import hook
from core.self_service import bills_api, orders_api


@hook
def register_routes() -> list:
    """Bills, payments, receipts."""
    return [*bills_api.ROUTES, *orders_api.ROUTES]
