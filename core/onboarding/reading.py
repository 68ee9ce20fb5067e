"""Cases as they are shown to both sides."""

from uuid import UUID

import msgspec

from core.database import Row, Session
from core.onboarding import checking, repository
from core.onboarding.errors import CaseNotFound
from core.onboarding.schemas import CaseRead, ChannelResult, DocumentRead, EventRead, Rate

_PLAIN = tuple(
    name for name in CaseRead.__struct_fields__ if name not in ("rates", "results", "documents", "events", "lacking", "submitted_by_name")
)


async def listed(session: Session) -> list[CaseRead]:
    """Every case of a client, the newest first, without documents and history."""
    return [_read(row) for row in await repository.list_cases(session)]


async def one(session: Session, case_id: UUID, client_kind: str) -> CaseRead:
    """One case with its documents, its history and what it still lacks."""
    row = await repository.find_case(session, case_id)
    if row is None:
        raise CaseNotFound()
    documents = await repository.list_documents(session, case_id)
    return msgspec.structs.replace(
        _read(row),
        documents=[_taken(DocumentRead, document) for document in documents],
        events=[_taken(EventRead, event) for event in await repository.list_events(session, case_id)],
        lacking=checking.lacking(row, documents, client_kind) if row.status == "draft" else [],
    )


def _read(row: Row) -> CaseRead:
    return CaseRead(
        **{name: getattr(row, name) for name in _PLAIN},
        submitted_by_name=row.submitted_by_name or "",
        rates=msgspec.convert(row.rates, list[Rate]),
        results=msgspec.convert(row.results, dict[str, ChannelResult]),
    )


def _taken(kind: type, row: Row) -> object:
    return kind(**{name: getattr(row, name) for name in kind.__struct_fields__})
