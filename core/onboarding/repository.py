"""Cases, their documents and history: every statement. All of it runs in the client's transaction."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, insert, select, text, update

from core.database import Row, Session
from core.onboarding.models import case, document, event

_MERCHANT = "m.code AS merchant_code, m.name AS merchant_name"
_FROM = f"SELECT c.*, {_MERCHANT} FROM core.onboarding_case c JOIN core.merchant m ON m.id = c.merchant_id"
_LIST = text(f"{_FROM} ORDER BY c.created_at DESC, c.id DESC")
_FIND = text(f"{_FROM} WHERE c.id = :id")
_LOCK = text(f"{_FROM} WHERE c.id = :id FOR UPDATE OF c")
_MERCHANT_FACTS = text("UPDATE core.merchant SET legal_name = :legal_name, uscc = :uscc WHERE id = :id")


async def add_case(session: Session, row: dict[str, object]) -> None:
    """A new case."""
    await session.execute(insert(case), row)


async def list_cases(session: Session) -> Sequence[Row]:
    """Every case of the client, the newest first."""
    return await session.all(_LIST)


async def find_case(session: Session, case_id: UUID) -> Row | None:
    """One case."""
    return await session.one_or_none(_FIND, {"id": case_id})


async def lock_case(session: Session, case_id: UUID) -> Row | None:
    """One case, held while it moves."""
    return await session.one_or_none(_LOCK, {"id": case_id})


async def set_case(session: Session, case_id: UUID, values: dict[str, object]) -> None:
    """Change a case; its version tells forms that they are stale."""
    await session.execute(update(case).where(case.c.id == case_id).values(**values, version=case.c.version + 1))


async def set_merchant_facts(session: Session, merchant_id: UUID, legal_name: str, uscc: str | None) -> None:
    """The merchant is called what its case says. The table is tenancy's: hence SQL."""
    await session.execute(_MERCHANT_FACTS, {"id": merchant_id, "legal_name": legal_name, "uscc": uscc})


async def add_document(session: Session, row: dict[str, object]) -> None:
    """One more document."""
    await session.execute(insert(document), row)


async def find_document(session: Session, case_id: UUID, document_id: UUID) -> Row | None:
    """A document of a case."""
    return await session.one_or_none(select(document).where(document.c.id == document_id, document.c.case_id == case_id))


async def remove_document(session: Session, document_id: UUID) -> None:
    """A document is not wanted any more; its sealed file stays for its time."""
    await session.execute(delete(document).where(document.c.id == document_id))


async def list_documents(session: Session, case_id: UUID) -> Sequence[Row]:
    """A case's documents, the oldest first."""
    return await session.all(select(document).where(document.c.case_id == case_id).order_by(document.c.created_at, document.c.id))


async def add_event(session: Session, row: dict[str, object]) -> None:
    """A step was taken."""
    await session.execute(insert(event), row)


async def list_events(session: Session, case_id: UUID) -> Sequence[Row]:
    """A case's history, the newest first."""
    return await session.all(select(event).where(event.c.case_id == case_id).order_by(event.c.id.desc()))
