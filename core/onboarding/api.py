"""Cases in the API: the client's side, the branch's side, and the door at which a channel's system reports its word."""

from uuid import UUID

from litestar import Request, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from core import clock
from core.database import Session
from core.identity.actor import Actor
from core.onboarding import cases, doors, rates, reading
from core.onboarding.cases import MANAGE, READ, SIGN
from core.onboarding.schemas import CaseCreate, CasePage, CaseRead, CaseWrite, ChannelWord, RatePage, RateRead, Review, Signature
from core.once import once
from core.platform import Platform
from core.tenancy.directory import ClientProfile

OWN = "/api/v1/onboarding-cases"
ONE = OWN + "/{case_id:uuid}"
BANK = "/api/v1/clients/{client_id:uuid}/onboarding-cases"
BANK_ONE = BANK + "/{case_id:uuid}"
TAGS = ["进件 onboarding"]


def _bank(permission: str) -> dict[str, str]:
    return {"permission": permission, "side": "bank"}


@get(OWN, opt={"permission": READ}, tags=TAGS)
async def list_cases(session: NamedDependency[Session]) -> CasePage:
    """Our merchants on their way to collecting."""
    return CasePage(await reading.listed(session))


@get(ONE, opt={"permission": READ}, tags=TAGS)
async def get_case(session: NamedDependency[Session], client: NamedDependency[ClientProfile], case_id: FromPath[UUID]) -> CaseRead:
    """One case with documents, history and what it still lacks."""
    return await reading.one(session, case_id, client.kind)


@post(OWN, opt={"permission": MANAGE}, status_code=201, tags=TAGS)
async def begin(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform], data: JSONBody[CaseCreate],
) -> Response[CaseRead]:
    """Begin a case for a new merchant; needs an `Idempotency-Key`."""

    async def work() -> CaseRead:
        case_id = await cases.begin(session, actor, data.code, data.name, platform.channels)
        return await reading.one(session, case_id, client.kind)

    return await once(request, session, actor, 201, work)


@put(ONE, opt={"permission": MANAGE}, tags=TAGS)
async def save(
    session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform], case_id: FromPath[UUID], data: JSONBody[CaseWrite],
) -> CaseRead:
    """Fill a draft in; `version` must be the one that was read."""
    await cases.save(session, platform.vault, actor, case_id, data, platform.channels)
    return await reading.one(session, case_id, client.kind)


@post(ONE + "/submit", opt={"permission": MANAGE}, status_code=200, tags=TAGS)
async def submit(
    asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform], case_id: FromPath[UUID]
) -> CaseRead:
    """Hand it in, complete."""
    async with platform.database.tenant(client.id) as session:
        await cases.submit(session, asker, case_id, client.kind)
        found = await reading.one(session, case_id, client.kind)
    await doors.sync(platform, client.id)
    return found


@post(ONE + "/take-back", opt={"permission": MANAGE}, status_code=200, tags=TAGS)
async def take_back(
    asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform], case_id: FromPath[UUID]
) -> CaseRead:
    """Make it a draft again: before the branch has begun, or after a refusal."""
    async with platform.database.tenant(client.id) as session:
        await cases.take_back(session, asker, case_id)
        found = await reading.one(session, case_id, client.kind)
    await doors.sync(platform, client.id)
    return found


@post(ONE + "/sign", opt={"permission": SIGN}, status_code=200, tags=TAGS)
async def sign(
    session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile], case_id: FromPath[UUID],
    data: JSONBody[Signature],
) -> CaseRead:
    """The signatory's word; 409 SELF_APPROVAL for whoever handed the case in."""
    await cases.sign(session, actor, case_id, data, clock.today())
    return await reading.one(session, case_id, client.kind)


@get("/api/v1/merchants/{merchant_id:uuid}/rates", opt={"permission": READ}, tags=TAGS)
async def list_rates(session: NamedDependency[Session], merchant_id: FromPath[UUID]) -> RatePage:
    """What a merchant of ours pays for payments, from which day on."""
    rows = await rates.listed(session, merchant_id)
    return RatePage([RateRead(**{name: getattr(row, name) for name in RateRead.__struct_fields__}) for row in rows])


@get(BANK, opt=_bank(doors.LOOK), tags=TAGS)
async def list_of_client(asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID]) -> CasePage:
    """A client's cases."""
    return CasePage(await doors.list_of(platform, asker, client_id))


@get(BANK_ONE, opt=_bank(doors.LOOK), tags=TAGS)
async def get_of_client(
    asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID], case_id: FromPath[UUID]
) -> CaseRead:
    """One case of a client."""
    return await doors.read(platform, asker, client_id, case_id)


@post(BANK_ONE + "/review", opt=_bank(doors.REVIEW), status_code=200, tags=TAGS)
async def decide(
    asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID], case_id: FromPath[UUID],
    data: JSONBody[Review],
) -> CaseRead:
    """The branch's word: `take`, `approve` with rates, `reject` with a remark."""
    await doors.decide(platform, asker, client_id, case_id, data)
    return await doors.read(platform, asker, client_id, case_id)


@post(BANK_ONE + "/channel-results", opt=_bank(doors.REVIEW), status_code=200, tags=TAGS)
async def channel_said(
    asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID], case_id: FromPath[UUID],
    data: JSONBody[ChannelWord],
) -> CaseRead:
    """A channel's word, reported by its system with a key of the bank's or entered by the branch; told twice it counts once."""
    await doors.channel_said(platform, asker, client_id, case_id, data)
    return await doors.read(platform, asker, client_id, case_id)


ROUTES = [
    list_cases, get_case, begin, save, submit, take_back, sign, list_rates, list_of_client, get_of_client, decide, channel_said,
]  # fmt: skip
