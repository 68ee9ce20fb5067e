"""How often one may guess: too many wrong answers close the door for a day, without telling which fact was wrong (domain book §3.5).

A guess leaves marks: the device, the network address, and what was guessed at (a student number). Each mark has its own limit, so that
neither a new device nor a new address helps, and a school's shared Wi-Fi is not closed by one clumsy family.
"""

from uuid import UUID

import msgspec

from core import clock, ids
from core.database import Session
from core.identity.vault import TenantKeys
from core.payers import tries_repository as repository
from core.payers.errors import TooManyTries

DEVICE_LIMIT, SUBJECT_LIMIT, ADDRESS_LIMIT = 5, 5, 30
"""Failures in 24 hours that close the door for the next 24; an address is shared by many families, hence its wider limit."""


class Marks(msgspec.Struct, frozen=True):
    """What a guess leaves behind, as keyed hashes, with how many failures each may have."""

    purpose: str
    allowed: dict[bytes, int]


def marks(keys: TenantKeys, purpose: str, *, device: bytes, address: str, subject: str = "") -> Marks:
    """The marks of one guess; `subject` is what is guessed at, empty when the guess itself is all there is."""
    allowed = {
        keys.index("try device", device.hex()): DEVICE_LIMIT,
        keys.index("try address", network(address)): ADDRESS_LIMIT,
    }
    if subject:
        allowed[keys.index("try subject", subject)] = SUBJECT_LIMIT
    return Marks(purpose, allowed)


def network(address: str) -> str:
    """An IPv4 address, or the /64 of an IPv6 one: a household has a whole /64 to itself."""
    return ":".join(address.split(":")[:4]) if address.count(":") > 1 else address


async def check(session: Session, given: Marks) -> None:
    """Raise TooManyTries while the door is closed. Guesses with a mark in common wait for one another, so that none slips by."""
    ordered = sorted(given.allowed)
    await repository.hold(session, ordered)
    if await repository.closed(session, given.purpose, ordered, [given.allowed[mark] for mark in ordered], clock.now()):
        raise TooManyTries()


async def failed(session: Session, given: Marks) -> None:
    """Write a wrong guess down."""
    now = clock.now()
    await repository.add(session, [_row(given.purpose, mark, now) for mark in sorted(given.allowed)])


def _row(purpose: str, mark: bytes, now: object) -> dict[str, object]:
    row_id: UUID = ids.uuid7()
    return {"id": row_id, "purpose": purpose, "mark": mark, "at": now}
