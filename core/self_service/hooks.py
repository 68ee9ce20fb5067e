"""What self-service offers through the plugin hooks: its addresses."""

from core.hookspecs import hook
from core.self_service import bills_api, messages_api, orders_api, privacy_api


@hook
def register_routes() -> list:
    """Bills, payments, receipts, messages, consents."""
    return [*bills_api.ROUTES, *orders_api.ROUTES, *messages_api.ROUTES, *privacy_api.ROUTES]
