"""Payer accounts and their bindings: every statement."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from core.database import Row, Session
from core.payers.models import binding, payer
from core.payers.repository import PLACE, PLACED

_HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended(current_setting('app.tenant_id') || CAST(CAST(:party_id AS uuid) AS text), 9))")

_LIST = f"""
    SELECT b.id, b.payer_id, b.party_id, p.name AS party_name, {PLACE} AS org_name, b.relation, b.method, b.is_primary,
           b.status, y.phone_masked, b.created_at
    FROM core.binding b JOIN core.party p ON p.id = b.party_id JOIN core.payer y ON y.id = b.payer_id
    {PLACED}
"""
_OF_PAYER = text(_LIST + " WHERE b.payer_id = :payer_id AND b.status IN ('bound', 'manual_review') ORDER BY b.created_at, b.id")
_LIVING = text(_LIST + " WHERE b.party_id = :party_id AND b.status IN ('bound', 'manual_review') ORDER BY b.created_at, b.id")
_TO_DECIDE = text(
    _LIST
    + """
    WHERE b.status = 'manual_review' AND EXISTS (
        SELECT FROM core.binding mine
        WHERE mine.party_id = b.party_id AND mine.payer_id = :payer_id AND mine.is_primary AND mine.status = 'bound')
    ORDER BY b.created_at, b.id
"""
)
_BESIDE = text(
    _LIST
    + """
    WHERE b.status = 'bound' AND b.payer_id <> :payer_id AND b.party_id IN (
        SELECT mine.party_id FROM core.binding mine WHERE mine.payer_id = :payer_id AND mine.status = 'bound')
    ORDER BY b.created_at, b.id
"""
)
_HEIR = text("""
    UPDATE core.binding SET is_primary = true WHERE id = (
        SELECT id FROM core.binding WHERE party_id = :party_id AND status = 'bound' ORDER BY created_at, id LIMIT 1)
""")


async def hold_party(session: Session, party_id: UUID) -> None:
    """Bindings of one person follow one another: there is one primary."""
    await session.execute(_HOLD, {"party_id": party_id})


async def find_or_add_payer(session: Session, row: dict[str, object]) -> UUID:
    """The payer with this phone, made on first use."""
    await session.execute(upsert(payer).values(row).on_conflict_do_nothing())
    return await session.scalar(select(payer.c.id).where(payer.c.phone_index == row["phone_index"]))


async def find_payer_by_phone(session: Session, phone_index: bytes) -> UUID | None:
    """The payer with this phone, if there is one."""
    return await session.scalar(select(payer.c.id).where(payer.c.phone_index == phone_index))


async def find_payer(session: Session, payer_id: UUID) -> Row | None:
    """A payer account."""
    return await session.one_or_none(select(payer).where(payer.c.id == payer_id))


async def list_bindings(session: Session, payer_id: UUID) -> Sequence[Row]:
    """A payer's living bindings, also those that wait for the primary."""
    return await session.all(_OF_PAYER, {"payer_id": payer_id})


async def list_to_decide(session: Session, payer_id: UUID) -> Sequence[Row]:
    """Bindings that wait for this payer's word."""
    return await session.all(_TO_DECIDE, {"payer_id": payer_id})


async def list_beside(session: Session, payer_id: UUID) -> Sequence[Row]:
    """The other guardians of the people that a payer is bound to."""
    return await session.all(_BESIDE, {"payer_id": payer_id})


async def list_party_bindings(session: Session, party_id: UUID) -> Sequence[Row]:
    """Every binding of a person."""
    return await session.all(select(binding).where(binding.c.party_id == party_id).order_by(binding.c.created_at, binding.c.id))


async def list_living(session: Session, party_id: UUID) -> Sequence[Row]:
    """Who is bound to a person or waits to be."""
    return await session.all(_LIVING, {"party_id": party_id})


async def lock_binding(session: Session, binding_id: UUID) -> Row | None:
    """Hold one binding while it changes."""
    return await session.one_or_none(select(binding).where(binding.c.id == binding_id).with_for_update())


async def insert_binding(session: Session, row: dict[str, object]) -> None:
    """Write a new binding."""
    await session.execute(insert(binding), row)


async def change_binding(session: Session, binding_id: UUID, **values: object) -> None:
    """Change a binding."""
    await session.execute(update(binding).where(binding.c.id == binding_id).values(**values))


async def name_heir(session: Session, party_id: UUID) -> None:
    """The primary left: the eldest bound guardian takes the place."""
    await session.execute(_HEIR, {"party_id": party_id})
