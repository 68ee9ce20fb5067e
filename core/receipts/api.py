"""Receipts in the API: look, fetch the PDF, propose that one be taken back, set the issuers of tickets."""

import datetime as dt
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core import paging
from core.database import Session
from core.identity.actor import Actor
from core.once import once
from core.platform import Platform
from core.receipts import issuing, lists, setup
from core.receipts.console import printed, verify_root
from core.receipts.lists_repository import Asked
from core.receipts.setup import IssuerRead, IssuerWrite
from core.receipts.story_schemas import FlushProposed, FlushRequest, ReceiptPage, ReceiptStory
from core.tenancy.directory import ClientProfile

READ = {"permission": lists.READ}
ISSUERS = {"permission": lists.ISSUERS}
TAGS = ["收据 receipts"]
RECEIPT = "/api/v1/receipts/{receipt_id:uuid}"


@get("/api/v1/receipts", opt=READ, tags=TAGS)
async def list_receipts(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    q: FromQuery[str] = "",
    status: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    ticket: FromQuery[str] = "",
    bill: FromQuery[UUID | None] = None,
    payment: FromQuery[UUID | None] = None,
    created_from: FromQuery[dt.datetime | None] = None,
    created_to: FromQuery[dt.datetime | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> ReceiptPage:
    """Receipts, the newest first; `q` is a receipt, ticket, order or bill number, or a person's name or number; `status` may be `refused`."""
    words = lists.asked_of({"q": q, "status": status, "kind": kind, "ticket": ticket})
    asked: Asked = msgspec.structs.replace(words, bill_id=bill, payment_id=payment, start=created_from, until=created_to)
    return await lists.list_receipts(session, asked, actor, cursor, paging.page_size(limit))


@get(RECEIPT, opt=READ, tags=TAGS)
async def get_receipt(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    receipt_id: FromPath[UUID],
) -> ReceiptStory:
    """One receipt with what it replaced and was replaced by; the payer's name is masked."""
    return await lists.story(session, receipt_id, actor, verify_root(platform, client))


@get(RECEIPT + "/pdf", opt=READ, tags=TAGS)
async def get_pdf(
    asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform], receipt_id: FromPath[UUID]
) -> Response[bytes]:
    """The receipt as a PDF, names in full; 409 RECEIPT_NOT_READY while it has no number."""
    return await printed(platform, client, receipt_id, asker)


@post(RECEIPT + "/red-flush", opt={"permission": lists.FLUSH}, status_code=201, tags=TAGS)
async def propose_red_flush(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    receipt_id: FromPath[UUID],
    data: JSONBody[FlushRequest],
) -> Response[FlushProposed]:
    """Propose that a receipt be taken back, a second person decides; needs an `Idempotency-Key`."""

    async def work() -> FlushProposed:
        return FlushProposed(await lists.propose(session, receipt_id, data.reissue, data.reason, actor))

    return await once(request, session, actor, 201, work)


@post(RECEIPT + "/retry", opt=ISSUERS, status_code=200, tags=TAGS)
async def retry_receipt(
    session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform], receipt_id: FromPath[UUID],
) -> ReceiptStory:
    """Submit a ticket again that its issuer refused; one that was not refused stays as it is."""
    await lists.find(session, receipt_id, actor, lists.ISSUERS)
    await issuing.retry(session, receipt_id, actor)
    return await lists.story(session, receipt_id, actor, verify_root(platform, client))


@get("/api/v1/receipt-issuers", opt=ISSUERS, tags=TAGS)
async def list_issuers(session: NamedDependency[Session], actor: NamedDependency[Actor]) -> list[IssuerRead]:
    """Where tickets are issued; keys are never shown."""
    return await setup.list_issuers(session)


@put("/api/v1/receipt-issuers/{ticket:str}", opt=ISSUERS, tags=TAGS)
async def save_issuer(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    ticket: FromPath[str],
    data: JSONBody[IssuerWrite],
) -> IssuerRead:
    """Set where `fiscal` or `einvoice` tickets are issued, and for which fee items; without `secret` the key stays."""
    keys = await platform.vault.keys(session)
    return await setup.save(session, keys, ticket, data, actor, _simulated(platform))


def _simulated(platform: Platform) -> str:
    return platform.settings.sandbox_url if platform.settings.demo else ""


ROUTES = [list_receipts, get_receipt, get_pdf, propose_red_flush, retry_receipt, list_issuers, save_issuer]
