"""Downloads of what long work has made."""

from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.database import Session
from core.files import service
from core.files.answers import attachment
from core.identity.actor import Actor
from core.platform import Platform

ANYBODY = {"permission": "any", "side": "both"}


@get(["/console/files/{file_id:uuid}", "/api/v1/files/{file_id:uuid}"], opt=ANYBODY)
async def download(
    session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform], file_id: FromPath[UUID]
) -> Response[bytes]:
    """A file of one's own."""
    file = await service.download(session, platform.vault, file_id, by=actor)
    return attachment(file.name, file.content, file.media_type)


ROUTES = [download]
