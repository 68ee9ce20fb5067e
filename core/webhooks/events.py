"""What can be told: each event is registered by the feature that sends it, with its name on the screen."""

_known: dict[str, str] = {}


def register(code: str, title: str) -> None:
    """An event that addresses can ask for."""
    _known[code] = title


def known() -> dict[str, str]:
    """Every event by its code."""
    return dict(_known)
