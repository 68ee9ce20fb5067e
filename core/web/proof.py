"""The proof that a form is our own, written another way on every page: the size of a packed page could otherwise betray it, letter by letter (BREACH)."""

import base64
import binascii
import secrets

_MARK = "~"
"""Begins a masked proof; our tokens never do."""


def masked(proof: str) -> str:
    """A proof as a page holds it: never the same twice."""
    if not proof:
        return ""
    plain = proof.encode()
    pad = secrets.token_bytes(len(plain))
    return _MARK + base64.urlsafe_b64encode(pad + _crossed(pad, plain)).decode()


def unmasked(given: str) -> str:
    """The proof again; what was never masked stays as it is, what is broken is nothing."""
    if not given.startswith(_MARK):
        return given
    try:
        raw = base64.urlsafe_b64decode(given[len(_MARK) :].encode())
        return _crossed(raw[: len(raw) // 2], raw[len(raw) // 2 :]).decode()
    except (binascii.Error, ValueError):
        return ""


def _crossed(pad: bytes, text: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(pad, text, strict=True))
