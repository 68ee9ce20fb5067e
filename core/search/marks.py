"""By which phones a person is found: keyed hashes of the whole number and of its last four digits, never the number (domain book §10)."""

from collections.abc import Iterable

from core.identity.vault import TenantKeys

Marks = tuple[tuple[bytes, bytes], ...]
"""Of each phone: the hash of the whole number, the hash of its end."""


def mark(keys: TenantKeys, phone: str) -> bytes:
    """The hash under which a whole number is found; payers are found by the same."""
    return keys.index("phone", phone)


def tail_mark(keys: TenantKeys, tail: str) -> bytes:
    """The hash under which the last four digits are found."""
    return keys.index("phone tail", tail)


def marks(keys: TenantKeys, numbers: Iterable[str | None]) -> Marks:
    """The hashes of somebody's phones, for `PartyRow.phones`."""
    return tuple((mark(keys, phone), tail_mark(keys, phone[-4:])) for phone in dict.fromkeys(numbers) if phone)
