"""What a statement's file itself says: its bytes as they came, and one line of it as a person reads it."""

from collections.abc import AsyncIterator
from uuid import UUID

from core.database import Session
from core.identity import audit
from core.identity.actor import Actor
from core.platform import Platform
from core.statements import field_maps, originals, packing, repository
from core.statements.lists import LineRead, StatementRead
from core.statements.protocol import StatementSource


async def original(platform: Platform, tenant_id: UUID, statement_id: UUID) -> AsyncIterator[bytes]:
    """A file piece by piece; no transaction is held while a slow reader takes it."""
    number = 0
    while True:
        async with platform.database.tenant(tenant_id) as session:
            keys = await platform.vault.keys(session)
            sealed = await repository.find_piece(session, statement_id, number)
        if sealed is None:
            return
        yield packing.unpack(keys.open_bytes(sealed))
        number += 1


async def note_download(session: Session, found: StatementRead, by: Actor) -> None:
    """Write down that somebody took the original out."""
    after = {"source": found.source, "day": found.bill_on.isoformat(), "file": found.file_name}
    await audit.record(session, by, "statements.file.download", "statement", found.id, after=after)


async def raw_line(session: Session, platform: Platform, found: StatementRead, line: LineRead) -> str:
    """A line as it stands in the file; LineGone when it is not there."""
    return await originals.raw_line(session, platform.vault, await _source(session, platform, found.source), found.id, line.line_no)


async def _source(session: Session, platform: Platform, code: str) -> StatementSource:
    """The source a file came as, though its plugin or field map be off by now; a plain text for one that is no more."""
    for _, source in platform.plugins.collect_all("register_statement_sources"):
        if source.code == code:
            return source
    found = await field_maps.source_of(session, code)
    return found or StatementSource(code=code, title=code, side="business", read=lambda *_: iter(()))
