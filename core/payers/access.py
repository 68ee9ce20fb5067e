"""A payer's device and who stands behind it: a session begins unnamed and gains a payer once a phone is verified."""

import datetime as dt
import secrets
from uuid import UUID

import msgspec

from core import clock, ids
from core.database import Session
from core.errors import NotAuthenticated
from core.identity.actor import Actor
from core.payers import sessions_repository as repository

LIFETIME = dt.timedelta(days=90)


class PayerUnknown(NotAuthenticated):
    code = "PAYER_UNKNOWN"
    message = "请先绑定后再查看"


class Payer(msgspec.Struct, frozen=True, kw_only=True):
    """A device session; `payer_id` is None before a phone is verified, `bill_ids` are bills opened by pay code on this device."""

    session_id: UUID
    payer_id: UUID | None
    csrf: str
    device: bytes
    openids: dict[str, str]
    bill_ids: frozenset[UUID]


async def begin(session: Session, token_hash: bytes) -> Payer:
    """A new, unnamed device session."""
    payer = Payer(session_id=ids.uuid7(), payer_id=None, csrf=ids.token(), device=secrets.token_bytes(16), openids={}, bill_ids=frozenset())
    await repository.insert_session(
        session,
        {
            "id": payer.session_id,
            "token_hash": token_hash,
            "csrf": payer.csrf,
            "device": payer.device,
            "expires_at": clock.now() + LIFETIME,
        },
    )
    return payer


async def load(session: Session, token_hash: bytes) -> Payer | None:
    """A device session that is still good."""
    row = await repository.find_session(session, token_hash, clock.now())
    if row is None:
        return None
    return Payer(
        session_id=row.id,
        payer_id=row.payer_id,
        csrf=row.csrf,
        device=row.device,
        openids=row.openids,
        bill_ids=frozenset(UUID(value) for value in row.bill_ids),
    )


async def recognise(session: Session, payer: Payer, payer_id: UUID, token_hash: bytes) -> None:
    """A phone was verified on this device: it belongs to a payer now, under a new token, so that an older one is worth nothing."""
    await repository.set_payer(session, payer.session_id, payer_id, token_hash=token_hash, csrf=ids.token())


async def forget(session: Session, payer: Payer) -> None:
    """Log this device out."""
    await repository.end_session(session, payer.session_id, clock.now())


def actor_of(payer: Payer, tenant_id: UUID, *, ip: str = "", request_id: str = "", payer_id: UUID | None = None) -> Actor:
    """The payer as the audit trail names him: never by name or phone."""
    known = payer_id or payer.payer_id
    return Actor(
        kind="payer",
        id=str(known or payer.session_id),
        name="缴费人" if known else "访客",
        tenant_id=tenant_id,
        ip=ip,
        request_id=request_id,
    )
