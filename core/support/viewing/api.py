"""客服查看 in the bank's API: whom one may look at, asking a client, and the view of a log-in. What is looked at are pages: a key has no view."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core import clock, paging
from core.database import Session
from core.identity.actor import Actor
from core.platform import Platform
from core.support.consents import doors, lists, repository, service
from core.support.consents.schemas import ClientConsentPage, ClientConsentRead, ConsentAsk, ConsentOpened, consent_of
from core.support.errors import ConsentNotFound
from core.support.rights import VIEW
from core.support.viewing import service as viewing

TAGS = ["客服 support"]
CONSENTS = "/api/v1/clients/support-consents"
CONSENT = CONSENTS + "/{consent_id:uuid}"
MAY = {"permission": VIEW, "side": "bank"}


@get(CONSENTS, opt=MAY, tags=TAGS)
async def list_client_consents(
    session: NamedDependency[Session], actor: NamedDependency[Actor], q: FromQuery[str] = "", status: FromQuery[str] = "",
    client_id: FromQuery[UUID | None] = None, cursor: FromQuery[str | None] = None, limit: FromQuery[int] = paging.PAGE,
) -> ClientConsentPage:  # fmt: skip
    """Consents of one's branches' clients that one may use, or has asked for."""
    now, size = clock.now(), paging.page_size(limit)
    rows = await repository.list_for_bank(
        session, actor.reach(VIEW), UUID(actor.id), now, service.stale(now), state=lists.state_asked(status), words=q.strip()[:60],
        before=paging.read_id(cursor), limit=size + 1, client_id=client_id,
    )  # fmt: skip
    shown, more = paging.cut(rows, size, lambda row: str(row.id))
    items = [
        ClientConsentRead(client_id=row.client_id, client_code=row.client_code, client_name=row.client_name, consent=consent_of(row, {}))
        for row in shown
    ]
    return ClientConsentPage(items, more)


@post("/api/v1/clients/{client_id:uuid}/support-consents", opt=MAY, tags=TAGS, status_code=201)
async def ask_client(
    asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID], data: JSONBody[ConsentAsk]
) -> ConsentOpened:
    """Ask a client to let one look; 409 while a request waits, 404 for a client of another branch, 403 for a key: people look, not programs."""
    return ConsentOpened(await doors.ask(platform, asker, client_id, purpose=data.purpose, days=data.days, ticket_id=data.ticket_id))


@post(CONSENT + "/withdraw", opt=MAY, tags=TAGS, status_code=204)
async def withdraw_request(asker: NamedDependency[Actor], platform: NamedDependency[Platform], consent_id: FromPath[UUID]) -> None:
    """Take one's own request back; 404 for a colleague's."""
    async with platform.database.tenant(asker.tenant_id) as session:
        copy = await repository.find(session, consent_id)
    if copy is None:
        raise ConsentNotFound()
    await doors.withdraw(platform, asker, copy.client_id, consent_id)


@post(CONSENT + "/view", opt=MAY, tags=TAGS, status_code=204)
async def begin_view(asker: NamedDependency[Actor], platform: NamedDependency[Platform], consent_id: FromPath[UUID]) -> None:
    """From here on this log-in's pages under `/console` are the client's, to read; 403 once the consent is over."""
    await viewing.begin(platform, asker, consent_id)


@post("/api/v1/support-views/leave", opt={"permission": "any", "side": "bank"}, tags=TAGS, status_code=204)
async def leave_view(asker: NamedDependency[Actor], platform: NamedDependency[Platform]) -> None:
    """Leave the client's console; again without effect."""
    await viewing.leave(platform, asker)


ROUTES = [list_client_consents, ask_client, withdraw_request, begin_view, leave_view]
