"""Keep files that came in or went out, sealed with the tenant's key, for as long as they are needed."""

import datetime as dt
import hashlib
from uuid import UUID

from msgspec import Struct

from core import clock, ids
from core.database import Session
from core.errors import NotPermitted
from core.files import repository
from core.files.errors import FileGone
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import Vault

KEEP = dt.timedelta(days=30)


class StoredFile(Struct, frozen=True):
    """A file as it was stored."""

    id: UUID
    name: str
    media_type: str
    content: bytes
    made_by: str
    permission: str | None


async def store(
    session: Session,
    vault: Vault,
    name: str,
    content: bytes,
    media_type: str,
    *,
    by: Actor,
    keep: dt.timedelta = KEEP,
    permission: str | None = None,
) -> UUID:
    """Seal a file and keep it; `permission` is what its download asks for besides being its maker's."""
    keys = await vault.keys(session)
    file_id = ids.uuid7()
    row = {
        "id": file_id,
        "name": name,
        "media_type": media_type,
        "sha256": hashlib.sha256(content).digest(),
        "size": len(content),
        "sealed": keys.seal(content),
        "made_by": by.id,
        "permission": permission,
        "expires_at": clock.now() + keep,
    }
    await repository.add(session, row)
    return file_id


async def load(session: Session, vault: Vault, file_id: UUID) -> StoredFile:
    """A file's content; FileGone when it is not there or its time is over."""
    row = await repository.find(session, file_id)
    if row is None or row.sealed is None:
        raise FileGone()
    content = (await vault.keys(session)).open_bytes(row.sealed)
    return StoredFile(row.id, row.name, row.media_type, content, row.made_by, row.permission)


async def download(session: Session, vault: Vault, file_id: UUID, *, by: Actor) -> StoredFile:
    """The file for the person who made it and still has the right; everybody else does not find it. Written to the audit trail."""
    row = await repository.find(session, file_id)
    if row is None or row.made_by != by.id:
        raise FileGone()
    if row.permission and not by.may(row.permission):
        raise NotPermitted(permission=row.permission)
    file = await load(session, vault, file_id)
    await audit.record(session, by, "files.file.download", "file", file_id, after={"name": file.name, "bytes": len(file.content)})
    return file
