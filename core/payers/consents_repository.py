"""Consents: every statement."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert, select, update

from core.database import Row, Session
from core.payers.models import consent, party


async def find_held(session: Session, payer_id: UUID, purpose: str, party_id: UUID | None) -> Row | None:
    """The consent that holds now for a purpose (and a child)."""
    query = select(consent).where(consent.c.payer_id == payer_id, consent.c.purpose == purpose, consent.c.withdrawn_at.is_(None))
    query = query.where(consent.c.party_id.is_(None) if party_id is None else consent.c.party_id == party_id)
    return (await session.execute(query.order_by(consent.c.given_at.desc()).limit(1))).one_or_none()


async def insert_consent(session: Session, row: dict[str, object]) -> None:
    """Write a consent."""
    await session.execute(insert(consent), row)


async def end_consents(session: Session, payer_id: UUID, purposes: list[str], party_id: UUID | None, now: dt.datetime) -> int:
    """Mark consents as withdrawn."""
    held = (consent.c.payer_id == payer_id) & consent.c.purpose.in_(purposes) & consent.c.withdrawn_at.is_(None)
    if party_id is not None:
        held &= consent.c.party_id == party_id
    return (await session.execute(update(consent).where(held).values(withdrawn_at=now))).rowcount


async def list_consents(session: Session, payer_id: UUID) -> Sequence[Row]:
    """A payer's consents, the newest first, with the child's name."""
    query = (
        select(
            consent.c.id, consent.c.purpose, consent.c.version, consent.c.party_id, party.c.name.label("party_name"),
            consent.c.given_at, consent.c.withdrawn_at,
        )
        .outerjoin(party, (party.c.tenant_id == consent.c.tenant_id) & (party.c.id == consent.c.party_id))
        .where(consent.c.payer_id == payer_id)
        .order_by(consent.c.given_at.desc(), consent.c.id)
    )  # fmt: skip
    return await session.all(query)
