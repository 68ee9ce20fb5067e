"""Identifiers: time-ordered UUIDs for rows, letters and digits for people and channels."""

import os
import secrets
import time
import uuid

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Digits and letters without I, L, O and U, which people misread: 32 of them, so that five random bits choose one fairly."""


def uuid7() -> uuid.UUID:
    """A time-ordered UUID (RFC 9562 version 7), so that new rows lie next to each other in an index."""
    value = int.from_bytes(os.urandom(10)) | (time.time_ns() // 1_000_000) << 80
    value = value & ~(0xF << 76) | 0x7 << 76
    return uuid.UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


def number(prefix: str, day: str, random_length: int = 12) -> str:
    """A number that people and channels can carry: prefix, day (yymmdd), random letters and digits.

    Our order numbers are 16 to 32 letters and digits, which every channel accepts (architecture §11.5).
    """
    return prefix + day + "".join([_ALPHABET[byte & 31] for byte in os.urandom(random_length)])


def digits(length: int) -> str:
    """Random decimal digits, the first not zero (pay codes, one-time codes)."""
    return str(secrets.randbelow(9 * 10 ** (length - 1)) + 10 ** (length - 1))


def token() -> str:
    """A secret of 256 random bits, safe in URLs and cookies."""
    return secrets.token_urlsafe(32)
