"""Passwords: what is good enough, and argon2id in a thread so that no request waits for another's hashing."""

import asyncio
import re
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.identity.errors import PasswordTooWeak

MIN_LENGTH = 10
_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)  # OWASP's floor for argon2id
_SPELLABLE = "abcdefghjkmnpqrstuvwxyz23456789"
_NOBODY = _HASHER.hash(secrets.token_hex(16))


async def hashed(password: str) -> str:
    """The argon2id hash of a password."""
    return await asyncio.to_thread(_HASHER.hash, password)


async def fits(stored: str | None, password: str) -> bool:
    """Whether a password is right. Without a stored hash it takes the same time and is wrong."""
    return await asyncio.to_thread(_fits, stored, password)


def _fits(stored: str | None, password: str) -> bool:
    try:
        return _HASHER.verify(stored or _NOBODY, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def outdated(stored: str) -> bool:
    """Whether a hash was made with weaker settings than today's."""
    return _HASHER.check_needs_rehash(stored)


def check_strength(password: str, login: str) -> str:
    """The password, if it is long and mixed enough and does not hold the log-in name."""
    mixed = re.search(r"[A-Za-z]", password) and re.search(r"\d", password)
    if len(password) < MIN_LENGTH or len(password) > 128 or not mixed or login.lower() in password.lower():
        raise PasswordTooWeak()
    return password


def initial() -> str:
    """A one-time password that can be read aloud: three groups of four, 60 bits."""
    while True:
        groups = ["".join(secrets.choice(_SPELLABLE) for _ in range(4)) for _ in range(3)]
        if re.search(r"\d", "".join(groups)) and re.search(r"[a-z]", "".join(groups)):
            return "-".join(groups)
