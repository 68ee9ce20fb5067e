"""Every query of the club."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from core.database import Row, Session
from tests.plugins.specimen.models import member, told

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('club.cards' || current_setting('app.tenant_id'), 0))")
_NUMBER_CARDS = text("""
    WITH last AS (SELECT coalesce(max(card_no), 0) AS no FROM club.member),
    waiting AS (SELECT id, row_number() OVER (ORDER BY number) AS place FROM club.member WHERE card_no IS NULL ORDER BY number LIMIT 100)
    UPDATE club.member m SET card_no = last.no + waiting.place FROM waiting, last WHERE m.id = waiting.id
""")


async def upsert(session: Session, rows: Sequence[dict[str, object]]) -> None:
    """Write members, new or changed."""
    statement = insert(member)
    changed = {name: statement.excluded[name] for name in ("name", "phone_sealed", "phone_tail_index", "due_fen", "joined_on")}
    await session.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "id"], set_=changed), list(rows))


async def list_members(session: Session) -> Sequence[Row]:
    """Everybody, by number."""
    return await session.all(select(member).order_by(member.c.number))


async def list_by_ids(session: Session, ids: Sequence[UUID]) -> Sequence[Row]:
    """Some members."""
    return await session.all(select(member).where(member.c.id.in_(ids)).order_by(member.c.number))


async def find_by_facts(session: Session, number: str, name: str, phone_tail_index: bytes) -> Row | None:
    """The member whom a payer's facts describe."""
    facts = (member.c.number == number, member.c.name == name, member.c.phone_tail_index == phone_tail_index)
    return await session.one_or_none(select(member).where(*facts))


async def set_due(session: Session, member_id: UUID, due_fen: int) -> int:
    """What a member owes a year; answers how many rows that changed."""
    return (await session.execute(update(member).where(member.c.id == member_id).values(due_fen=due_fen))).rowcount


async def number_cards(session: Session) -> int:
    """Give the next hundred members a card number; two workers at once wait for each other."""
    await session.execute(_ONE_AT_A_TIME)
    return (await session.execute(_NUMBER_CARDS)).rowcount


async def lapse(session: Session, joined_before: dt.date) -> int:
    """Mark those whose year is over."""
    over = (member.c.joined_on < joined_before, ~member.c.lapsed)
    return (await session.execute(update(member).where(*over).values(lapsed=True))).rowcount


async def count_lapsed(session: Session) -> int:
    """How many have to renew."""
    return int(await session.scalar(select(func.count()).select_from(member).where(member.c.lapsed)))


async def keep(session: Session, kind: str, about: str, amount_fen: int) -> None:
    """Write down what we were told, once however often it is said."""
    row = {"kind": kind, "about": about, "amount_fen": amount_fen}
    await session.execute(insert(told).values(row).on_conflict_do_nothing())


async def list_told(session: Session) -> Sequence[Row]:
    """What we were told, oldest first."""
    return await session.all(select(told).order_by(told.c.created_at))


async def list_faults(session: Session) -> dict[str, Sequence[Row]]:
    """Card numbers run from 1 without a gap."""
    gaps = select(func.max(member.c.card_no)).having(func.max(member.c.card_no) != func.count(member.c.card_no))
    return {"cards_have_no_gaps": await session.all(gaps)}
