"""What colleagues write to each other beside a difference, with the papers that prove it."""

import datetime as dt
from uuid import UUID

from core.database import Session
from core.errors import InvalidRequest
from core.files import service as files
from core.files.errors import FileGone
from core.files.service import StoredFile
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import Vault
from core.reconciliation import rights
from core.reconciliation.differences import repository
from core.reconciliation.differences import service as differences

LONGEST = 500
_LONG = dt.timedelta(days=3_650)
LARGEST = 10 * 1024 * 1024


async def comment(
    session: Session, vault: Vault, difference_id: UUID, by: Actor, text: str, *, file_name: str = "", content: bytes = b"", media_type: str = ""
) -> None:
    """Say something, with a file if there is one; possible after the end too, for whoever asks later."""
    row = await differences.find(session, difference_id, by, rights.HANDLE)
    text = text.replace("\0", "").strip()
    if not text and not content:
        raise InvalidRequest("请填写备注，或附上文件")
    if len(text) > LONGEST:
        raise InvalidRequest(f"备注最多 {LONGEST} 个字")
    if len(content) > LARGEST:
        raise InvalidRequest("附件最大 10 MB，请压缩后再上传")
    file_id = None
    if content:
        name = (file_name.replace("\0", "").rsplit("/", 1)[-1].rsplit("\\", 1)[-1] or "附件")[:120]
        file_id = await files.store(session, vault, name, content, media_type or "application/octet-stream", by=by, keep=_LONG, permission=rights.READ)
        text = text or name
    await differences.note(session, [row.id], "attached" if file_id else "comment", by, text, file_id=file_id)


async def attachment(session: Session, vault: Vault, difference_id: UUID, event_id: UUID, by: Actor) -> StoredFile:
    """A paper beside a difference, for everybody who may see the difference; each look at it is in the trail."""
    await differences.find(session, difference_id, by)
    found = await repository.find_event(session, event_id)
    if found is None or found.difference_id != difference_id or found.file_id is None:
        raise FileGone()
    file = await files.load(session, vault, found.file_id)
    await audit.record(session, by, "files.file.download", "file", found.file_id, after={"name": file.name, "bytes": len(file.content)})
    return file
