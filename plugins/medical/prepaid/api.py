"""Balances of former years in the API. A file of them comes in through /api/v1/imports with kind `medical.prepaid`."""

from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core import paging
from core.database import Session
from core.identity.actor import Actor
from core.jobs import service as jobs
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from plugins.medical.prepaid import clearing, lists, service
from plugins.medical.prepaid.schemas import BalancePage, BalanceRead, ClaimAsk, CreditTotals, PaidAsk, WhyAsk

TAGS = ["医疗 medical"]
READ, MAKE = {"permission": service.READ}, {"permission": service.MAKE}
BALANCES = "/api/v1/medical/prepaid-balances"
ONE = BALANCES + "/{balance_id:uuid}"


class Proposed(msgspec.Struct, frozen=True):
    """The proposal that a second person decides, under /api/v1/approvals."""

    approval_id: UUID


class Begun(msgspec.Struct, frozen=True):
    """The job, or the refund batch, that was begun."""

    id: UUID


@get(BALANCES, opt=READ, tags=TAGS)
async def list_balances(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    status: FromQuery[str] = "",
    source: FromQuery[str] = "",
    q: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> BalancePage:
    """Balances with cards and fen by state; names, phones and accounts masked."""
    keys = await platform.vault.keys(session)
    return await lists.list_page(
        session, keys, actor, status=status, source=source, words=q, cursor=cursor, limit=paging.page_size(limit)
    )


@get(BALANCES + "/credit", opt=READ, tags=TAGS)
async def credit(session: NamedDependency[Session]) -> CreditTotals:
    """What patients have as credit in our own books."""
    return await lists.credit(session)


@post(ONE + "/claims", opt=MAKE, tags=TAGS)
async def claim(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    balance_id: FromPath[UUID],
    data: JSONBody[ClaimAsk],
) -> Proposed:
    """A person claims a balance with an account; a second person agrees."""
    return Proposed(await service.claim(session, await platform.vault.keys(session), balance_id, data, actor))


@post(ONE + "/transfer", opt=MAKE, status_code=200, tags=TAGS)
async def paid(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    balance_id: FromPath[UUID],
    data: JSONBody[PaidAsk],
) -> BalanceRead:
    """The bank's number of the transfer."""
    await service.paid(session, balance_id, data, actor)
    return await _read(session, platform, balance_id, actor)


@post(ONE + "/return", opt=MAKE, status_code=200, tags=TAGS)
async def returned(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    balance_id: FromPath[UUID],
    data: JSONBody[WhyAsk],
) -> BalanceRead:
    """The bank returned the transfer: the balance is listed again."""
    await service.returned(session, balance_id, data.reason, actor)
    return await _read(session, platform, balance_id, actor)


@post(BALANCES + "/clearing", opt=MAKE, status_code=202, tags=TAGS)
async def clear(session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Begun:
    """Tell patients and count: a job."""
    return Begun(await jobs.start(session, clearing.KIND, "历史预交金清退", {}, by=actor))


@post(BALANCES + "/credit-batch", opt=MAKE, tags=TAGS)
async def credit_batch(
    session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile]
) -> Begun:
    """One refund batch over all credit of patients; a second person agrees under /api/v1/approvals."""
    return Begun(await clearing.give_credit_back(session, client.settings, actor))


async def _read(session: Session, platform: Platform, balance_id: UUID, by: Actor) -> BalanceRead:
    return await lists.find(session, await platform.vault.keys(session), balance_id, by)


ROUTES = [list_balances, credit, claim, paid, returned, clear, credit_batch]
