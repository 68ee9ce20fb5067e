"""Ids and secrets as the gateway makes them."""

import secrets
import string

_LETTERS = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    """A fresh id: `pi_3Sk…`."""
    return f"{prefix}_{letters(length)}"


def letters(length: int) -> str:
    """Random letters and digits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
