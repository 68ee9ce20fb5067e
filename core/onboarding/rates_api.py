"""What merchants pay, and other rates for them, in the API: the bank proposes and agrees, the client reads."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from core.database import Session
from core.errors import NotFound
from core.identity.actor import Actor
from core.onboarding import rate_changes, rate_doors
from core.onboarding.cases import READ
from core.onboarding.rate_changes import CHECK, MAKE
from core.onboarding.schemas import RateChangeAsk, RateChangeCheck, RateChangePage, RateChangeRead, RatePage, RateRead
from core.platform import Platform

OWN = "/api/v1/merchants/{merchant_id:uuid}/rate-changes"
BANK = "/api/v1/clients/{client_id:uuid}/merchants/{merchant_id:uuid}"
CHANGES = BANK + "/rate-changes"
TAGS = ["进件 onboarding"]
LOOK, MAKING, CHECKING = ({"permission": permission, "side": "bank"} for permission in (rate_doors.LOOK, MAKE, CHECK))


def _one(found: rate_doors.Book, change_id: UUID) -> RateChangeRead:
    for change in found.changes:
        if change.id == change_id:
            return change
    raise NotFound()


@get(OWN, opt={"permission": READ}, tags=TAGS)
async def list_own_changes(session: NamedDependency[Session], merchant_id: FromPath[UUID]) -> RateChangePage:
    """What the bank proposed for a merchant of ours, and what came of it."""
    return RateChangePage(await rate_changes.listed(session, merchant_id))


@get(BANK + "/rates", opt=LOOK, tags=TAGS)
async def list_rates_of_client(
    asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID], merchant_id: FromPath[UUID]
) -> RatePage:
    """What a client's merchant pays for payments, from which day on."""
    _client, found = await rate_doors.read(platform, asker, client_id, merchant_id)
    return RatePage([RateRead(**{name: getattr(row, name) for name in RateRead.__struct_fields__}) for row in found.rates])


@get(CHANGES, opt=LOOK, tags=TAGS)
async def list_changes(
    asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID], merchant_id: FromPath[UUID]
) -> RateChangePage:
    """What was proposed for a merchant's rates, the newest first."""
    _client, found = await rate_doors.read(platform, asker, client_id, merchant_id)
    return RateChangePage(found.changes)


@post(CHANGES, opt=MAKING, tags=TAGS)
async def propose_change(
    asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID], merchant_id: FromPath[UUID],
    data: JSONBody[RateChangeAsk],
) -> RateChangeRead:
    """Propose other rates for a channel from a day on; 409 ALREADY_WAITING while another proposal for it waits."""
    change_id = await rate_doors.propose(platform, asker, client_id, merchant_id, data)
    return _one(await rate_doors.book(platform, client_id, merchant_id), change_id)


@post(CHANGES + "/{change_id:uuid}/check", opt=CHECKING, status_code=200, tags=TAGS)
async def check_change(
    asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID], merchant_id: FromPath[UUID],
    change_id: FromPath[UUID], data: JSONBody[RateChangeCheck],
) -> RateChangeRead:
    """The second person's word; 409 SELF_APPROVAL for whoever proposed it, RATE_CHANGE_STALE when the rates moved meanwhile."""
    await rate_doors.check(platform, asker, client_id, merchant_id, change_id, data)
    return _one(await rate_doors.book(platform, client_id, merchant_id), change_id)


@post(CHANGES + "/{change_id:uuid}/withdraw", opt=MAKING, status_code=200, tags=TAGS)
async def withdraw_change(
    asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID], merchant_id: FromPath[UUID],
    change_id: FromPath[UUID],
) -> RateChangeRead:
    """Whoever proposed it takes it back before it is decided."""
    await rate_doors.withdraw(platform, asker, client_id, merchant_id, change_id)
    return _one(await rate_doors.book(platform, client_id, merchant_id), change_id)


ROUTES = [list_own_changes, list_rates_of_client, list_changes, propose_change, check_change, withdraw_change]
