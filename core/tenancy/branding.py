"""A client's face on its pages and receipts."""

from core.tenancy.directory import ClientProfile
from core.web.branding import DEFAULT_COLOUR, Branding


def branding(profile: ClientProfile) -> Branding:
    """Name, colour and logo as the client declared them, with the bank's name for the foot."""
    given = profile.branding
    return Branding(
        name=str(given.get("name", profile.name)),
        colour=str(given.get("colour", DEFAULT_COLOUR)),
        logo_url=str(given.get("logo_url", "")),
        short_name=str(given.get("short_name", "")),
        bank_name=profile.bank_name,
        phone=str(given.get("phone", "")),
    )
