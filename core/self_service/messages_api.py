"""A payer's inbox, for programs: what was told, in the language asked for; looked at one by one or all at once."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core import paging
from core.database import Session
from core.notices import inbox, templates
from core.payers.access import Payer
from core.payers.api import ROOT, TAGS, opt
from core.platform import Platform
from core.self_service.schemas import Messages, MessagesRead
from core.tenancy.directory import ClientProfile

MESSAGES = ROOT + "/messages"


@get(MESSAGES, opt=opt("payer"), tags=TAGS)
async def list_messages(
    session: NamedDependency[Session],
    payer: NamedDependency[Payer],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> Messages:
    """What was told, the newest first, and how many are new; `href` leads to a payers' page. Listing marks nothing as read; `lang=en` for English."""
    events, home = templates.events_of(platform, client), f"/h5/{client.code}"
    items, more = await inbox.of_payer(session, events, payer.payer_id, client.name, home, cursor, paging.page_size(limit))
    return Messages(items, await inbox.unread_of_payer(session, events, payer.payer_id), more)


@post(MESSAGES + "/read", opt=opt("payer"), tags=TAGS, status_code=200)
async def read_all(
    session: NamedDependency[Session],
    payer: NamedDependency[Payer],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
) -> MessagesRead:
    """The payer has looked at everything."""
    seen = await inbox.seen_by_payer(session, payer.payer_id)
    return MessagesRead(seen, await inbox.unread_of_payer(session, templates.events_of(platform, client), payer.payer_id))


@post(MESSAGES + "/{message_id:uuid}/read", opt=opt("payer"), tags=TAGS, status_code=200)
async def read_one(
    session: NamedDependency[Session],
    payer: NamedDependency[Payer],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    message_id: FromPath[UUID],
) -> MessagesRead:
    """The payer has looked at one; somebody else's does not exist (404)."""
    seen = await inbox.seen_by_payer(session, payer.payer_id, message_id)
    return MessagesRead(seen, await inbox.unread_of_payer(session, templates.events_of(platform, client), payer.payer_id))


ROUTES = [list_messages, read_all, read_one]
