"""Documents of a case in the API: added and taken out by the client, opened by both houses, each opening in the audit trail."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from core.database import Session
from core.files.answers import attachment
from core.identity.actor import Actor
from core.onboarding import cases, doors, reading
from core.onboarding.cases import MANAGE, READ
from core.onboarding.schemas import CaseRead
from core.platform import Platform
from core.tenancy.directory import ClientProfile

PATH = "/api/v1/onboarding-cases/{case_id:uuid}/documents"
BANK = "/api/v1/clients/{client_id:uuid}/onboarding-cases/{case_id:uuid}/documents/{document_id:uuid}"
TAGS = ["进件 onboarding"]


class DocumentUpload(msgspec.Struct, kw_only=True):
    """A document and which one it is (`business_licence`, `legal_id`, `account_permit`, `permit`, …); PDF or picture."""

    kind: str
    file: UploadFile


@post(PATH, opt={"permission": MANAGE}, status_code=201, tags=TAGS)
async def add_document(
    session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform], case_id: FromPath[UUID],
    data: Annotated[DocumentUpload, Body(media_type=RequestEncodingType.MULTI_PART)],
) -> CaseRead:
    """One more document of a draft."""
    await cases.attach(session, platform.vault, actor, case_id, data.kind, data.file.filename or "", await data.file.read())
    return await reading.one(session, case_id, client.kind)


@get(PATH + "/{document_id:uuid}", opt={"permission": READ}, tags=TAGS)
async def get_document(
    session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform], case_id: FromPath[UUID],
    document_id: FromPath[UUID],
) -> Response[bytes]:
    """A document, as a download."""
    file = await cases.open_document(session, platform.vault, actor, case_id, document_id)
    return attachment(file.name, file.content, file.media_type)


@delete(PATH + "/{document_id:uuid}", opt={"permission": MANAGE}, status_code=204, tags=TAGS)
async def remove_document(
    session: NamedDependency[Session], actor: NamedDependency[Actor], case_id: FromPath[UUID], document_id: FromPath[UUID]
) -> None:
    """Take a document out of a draft."""
    await cases.detach(session, actor, case_id, document_id)


@get(BANK, opt={"permission": doors.REVIEW, "side": "bank"}, tags=TAGS)
async def get_document_of_client(
    asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID], case_id: FromPath[UUID],
    document_id: FromPath[UUID],
) -> Response[bytes]:
    """A document of a client's case, for the branch that looks at it."""
    file = await doors.open_document(platform, asker, client_id, case_id, document_id)
    return attachment(file.name, file.content, file.media_type)


ROUTES = [add_document, get_document, remove_document, get_document_of_client]
