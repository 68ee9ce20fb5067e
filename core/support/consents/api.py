"""Consents in a client's API: let support look, answer its requests, see every look, take it back at once."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody

from core import clock, paging
from core.database import Session
from core.identity.actor import Actor
from core.platform import Platform
from core.support.consents import doors, lists
from core.support.consents.schemas import ConsentCreate, ConsentPage, ConsentRead, DeskPerson, LookPage
from core.support.rights import GRANT

TAGS = ["客服 support"]
CONSENTS = "/api/v1/support-consents"
CONSENT = CONSENTS + "/{consent_id:uuid}"
MAY = {"permission": GRANT}


async def _one(platform: Platform, by: Actor, consent_id: UUID) -> ConsentRead:
    async with platform.database.tenant(by.tenant_id) as session:
        return await lists.find(session, consent_id)


@get(CONSENTS, opt=MAY, tags=TAGS)
async def list_consents(
    session: NamedDependency[Session], actor: NamedDependency[Actor], q: FromQuery[str] = "", status: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None, limit: FromQuery[int] = paging.PAGE,
) -> ConsentPage:  # fmt: skip
    """Who may look, who asks to, who could; `status` may also be `coming` or `lapsed`."""
    return ConsentPage(*await lists.list_consents(session, lists.state_asked(status), q.strip()[:60], cursor, paging.page_size(limit)))


@get("/api/v1/support-desk", opt=MAY, tags=TAGS)
async def list_desk(asker: NamedDependency[Actor], platform: NamedDependency[Platform]) -> list[DeskPerson]:
    """The people of the bank's support desk, who may be named in a consent."""
    return [DeskPerson(each, name) for each, name in (await doors.desk(platform)).items()]


@post(CONSENTS, opt=MAY, tags=TAGS, status_code=201)
async def create_consent(asker: NamedDependency[Actor], platform: NamedDependency[Platform], data: JSONBody[ConsentCreate]) -> ConsentRead:
    """Let support look, for today or the days that are named; 422 for more days than may be, or a person who is none of the desk."""
    today = clock.today()
    consent_id = await doors.grant(
        platform, asker, purpose=data.purpose, person_id=data.person_id, from_on=data.from_on or today,
        until_on=data.until_on or data.from_on or today, ticket_id=data.ticket_id,
    )  # fmt: skip
    return await _one(platform, asker, consent_id)


@get(CONSENT, opt=MAY, tags=TAGS)
async def get_consent(session: NamedDependency[Session], actor: NamedDependency[Actor], consent_id: FromPath[UUID]) -> ConsentRead:
    """One consent, with how much was looked at."""
    return await lists.find(session, consent_id)


@get(CONSENT + "/looks", opt=MAY, tags=TAGS)
async def list_looks(
    session: NamedDependency[Session], actor: NamedDependency[Actor], consent_id: FromPath[UUID], cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> LookPage:  # fmt: skip
    """Every page that was looked at under it, and what was refused."""
    await lists.find(session, consent_id)
    return LookPage(*await lists.looks(session, consent_id, cursor, paging.page_size(limit)))


def _answer(verb: str, yes: bool) -> HTTPRouteHandler:
    @post(f"{CONSENT}/{verb}", opt=MAY, tags=TAGS, status_code=200, name=f"support.consent.{verb}")
    async def answer(asker: NamedDependency[Actor], platform: NamedDependency[Platform], consent_id: FromPath[UUID]) -> ConsentRead:
        """Answer a request of support; 409 for one that was answered, withdrawn or left to lapse."""
        await doors.answer(platform, asker, consent_id, yes=yes)
        return await _one(platform, asker, consent_id)

    return answer


@post(CONSENT + "/end", opt=MAY, tags=TAGS, status_code=200)
async def end_consent(asker: NamedDependency[Actor], platform: NamedDependency[Platform], consent_id: FromPath[UUID]) -> ConsentRead:
    """Take it back: the next look is refused."""
    await doors.end(platform, asker, consent_id)
    return await _one(platform, asker, consent_id)


ROUTES = [list_consents, list_desk, create_consent, get_consent, list_looks, _answer("agree", True), _answer("refuse", False), end_consent]
