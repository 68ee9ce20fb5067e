"""Merchant numbers in the API: read, added, re-keyed, stopped, tested. Secrets go in and never come out."""

from uuid import UUID

import msgspec
from litestar import Request, Response, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from core.database import Session
from core.identity.actor import Actor
from core.once import once
from core.payments.accounts import desk as accounts_desk
from core.payments.accounts import probe
from core.payments.accounts import view as accounts_view
from core.payments.accounts.desk import MANAGE, READ
from core.payments.accounts.schemas import AccountCreate, AccountFace, AccountPage, AccountRead, Asked, KeysReplace, ProbeRead, StatusChange
from core.payments.errors import UnknownChannel
from core.platform import Platform
from core.tenancy.directory import ClientProfile

ACCOUNTS = "/api/v1/channel-accounts"
ONE = ACCOUNTS + "/{account_id:uuid}"
TAGS = ["支付 payments"]


@get(ACCOUNTS, opt={"permission": READ}, tags=TAGS)
async def list_accounts(session: NamedDependency[Session], platform: NamedDependency[Platform]) -> AccountPage:
    """Our merchant numbers at channels, without secrets."""
    return AccountPage(await accounts_view.listed(session, platform.channels))


@get(ONE, opt={"permission": READ}, tags=TAGS)
async def get_account(session: NamedDependency[Session], platform: NamedDependency[Platform], account_id: FromPath[UUID]) -> AccountRead:
    """One merchant number: which keys are there, their fingerprints, when certificates end."""
    return await accounts_view.one(session, platform.channels, account_id)


@post(ACCOUNTS, opt={"permission": MANAGE}, status_code=201, tags=TAGS)
async def add_account(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform],
    data: JSONBody[AccountCreate],
) -> Response[Asked]:
    """Propose a merchant number with its keys; a second person decides. Needs an `Idempotency-Key`."""
    way = platform.channels.get(data.channel)
    if way is None:
        raise UnknownChannel(channel=data.channel[:40])

    async def work() -> Asked:
        account_id, approval_id = await accounts_desk.propose_new(session, platform.vault, actor, way, data, sandbox_of(platform))
        return Asked(account_id=account_id, approval_id=approval_id)

    return await once(request, session, actor, 201, work)


@post(ONE + "/keys", opt={"permission": MANAGE}, status_code=201, tags=TAGS)
async def replace_keys(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform],
    account_id: FromPath[UUID], data: JSONBody[KeysReplace],
) -> Response[Asked]:
    """Propose other keys for a merchant number; a second person decides. Needs an `Idempotency-Key`."""
    found = await accounts_view.one(session, platform.channels, account_id)
    way = platform.channels.get(found.channel)
    if way is None:
        raise UnknownChannel(channel=found.channel)

    async def work() -> Asked:
        approval_id = await accounts_desk.propose_keys(session, platform.vault, actor, way, account_id, data.credentials, data.reason)
        return Asked(account_id=account_id, approval_id=approval_id)

    return await once(request, session, actor, 201, work)


@post(ONE + "/status", opt={"permission": MANAGE}, status_code=200, tags=TAGS)
async def change_status(
    session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform], account_id: FromPath[UUID],
    data: JSONBody[StatusChange],
) -> AccountRead:
    """Stop a merchant number (`suspended`) or let it go on (`active`)."""
    await accounts_desk.change_status(session, actor, account_id, data.status, data.reason)
    return await accounts_view.one(session, platform.channels, account_id)


@patch(ONE, opt={"permission": MANAGE}, tags=TAGS)
async def change_face(
    session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform], account_id: FromPath[UUID],
    data: JSONBody[AccountFace],
) -> AccountRead:
    """Another name, another merchant, another phone for warnings; keys are changed under `/keys`, by two people."""
    found = await accounts_view.one(session, platform.channels, account_id)
    name = found.name if data.name is None else data.name
    merchant_id = found.merchant_id if data.merchant_id is msgspec.UNSET else data.merchant_id
    await accounts_desk.change_face(
        session, platform.vault, actor, account_id, name=name, merchant_id=merchant_id, alert_phone=data.alert_phone
    )
    return await accounts_view.one(session, platform.channels, account_id)


@post(ONE + "/probe", opt={"permission": MANAGE}, status_code=200, tags=TAGS)
async def run_probe(
    asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform], account_id: FromPath[UUID]
) -> ProbeRead:
    """Send an order of 0.01 yuan over the real wire and close it; tells how each step went."""
    return await probe.run(platform, client, account_id, asker)


def sandbox_of(platform: Platform) -> str:
    """The sandbox's address, where there may be one."""
    return platform.settings.sandbox_url if platform.settings.demo else ""


ROUTES = [list_accounts, get_account, add_account, replace_keys, change_status, change_face, run_probe]
