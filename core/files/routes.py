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


async def download(
    session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform], file_id: FromPath[UUID]
) -> Response[bytes]:
    """A file of one's own."""
    file = await service.download(session, platform.vault, file_id, by=actor)
    return attachment(file.name, file.content, file.media_type)


from_page = get("/console/files/{file_id:uuid}", opt=ANYBODY, include_in_schema=False)(download)
from_api = get("/api/v1/files/{file_id:uuid}", opt=ANYBODY)(download)

ROUTES = [from_page, from_api]
