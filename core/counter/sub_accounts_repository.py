"""Whose sub-account is asked for: every statement."""

from collections.abc import Sequence

from sqlalchemy import text

from core.database import Row, Session

_PEOPLE = text("SELECT id, name FROM core.party WHERE number = :number AND active ORDER BY id LIMIT 2")


async def list_people(session: Session, number: str) -> Sequence[Row]:
    """The people of a number; more than one when plugins share it. The table is the payers': hence SQL."""
    return await session.all(_PEOPLE, {"number": number})
