"""The door at which channels knock: verify, believe only what agrees with our order, commit, then answer."""

from uuid import UUID

import msgspec
import structlog
from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core import clock, ids
from core.database import Write
from core.errors import NotFound, PlatformError
from core.ledger.errors import AlreadyPosted
from core.payments import refund_notices, repository
from core.payments.accounts import service as accounts
from core.payments.capture import decide
from core.payments.channels.errors import ForgedNotice, UnknownChannelKey
from core.payments.channels.protocol import Channel, ChannelAccount, Notice
from core.payments.schemas import Decision
from core.platform import Platform

log = structlog.get_logger()


@post("/notify/{channel:str}/{client_code:str}/{account_id:uuid}", opt={"permission": "public"}, status_code=200)
async def receive_notice(
    request: Request,
    platform: NamedDependency[Platform],
    channel: FromPath[str],
    client_code: FromPath[str],
    account_id: FromPath[UUID],
) -> Response[bytes]:
    """A channel's notification. Answered after the commit: yes when it is booked (or was before), no when it should come again.

    A suspended client's money is booked all the same: it has moved.
    """
    way: Channel | None = platform.channels.get(channel)
    if way is None:
        raise NotFound()
    tenant_id = await platform.routes.find("client", client_code)
    if tenant_id is None:
        raise NotFound()
    body = await request.body()
    headers = {name.lower(): value for name, value in request.headers.items()}
    account = await _account(platform, tenant_id, account_id)
    if account.channel != channel:
        raise NotFound()
    try:
        notice = await _read(platform, tenant_id, account_id, way, account, headers, body)
        decision = await _settle(platform, tenant_id, account, notice, headers, body)
    except ForgedNotice as error:
        log.warning("notice_refused", channel=channel, code=error.code)
        return _answer(way, False, error.message, error.status)
    except PlatformError as error:
        log.warning("notice_not_booked", channel=channel, code=error.code)
        return _answer(way, False, error.message)
    if decision.outcome == "mismatch":
        log.warning("notice_disagrees", channel=channel, order=decision.order_number)
        return _answer(way, False, "通知与订单不一致")
    return _answer(way, True, "")


async def _account(platform: Platform, tenant_id: UUID, account_id: UUID) -> ChannelAccount:
    account = accounts.remembered(tenant_id, account_id)
    if account is None:
        async with platform.database.tenant(tenant_id) as session:
            account = await accounts.by_id(session, platform.vault, account_id)
    if account is None:
        raise NotFound()
    return account


async def _read(
    platform: Platform, tenant_id: UUID, account_id: UUID, way: Channel, account: ChannelAccount, headers: dict[str, str], body: bytes
) -> Notice:
    """Under the keys in force; under those before them, where they were replaced since yesterday; never under any others."""
    try:
        return await _verified(way, account, headers, body)
    except ForgedNotice:
        async with platform.database.tenant(tenant_id) as session:
            before = await accounts.before_rotation(session, platform.vault, account_id)
        if before is None:
            raise
        return await _verified(way, before, headers, body)


async def _verified(way: Channel, account: ChannelAccount, headers: dict[str, str], body: bytes) -> Notice:
    try:
        return way.read_notice(account, headers, body)
    except UnknownChannelKey:
        await way.refresh_keys(account)
        return way.read_notice(account, headers, body)


async def _settle(
    platform: Platform, tenant_id: UUID, account: ChannelAccount, notice: Notice, headers: dict[str, str], body: bytes
) -> Decision:

    def told(outcome: str) -> Write:
        return repository.noting(
            {
                "notice_id": ids.uuid7(),
                "notice_channel": account.channel,
                "notice_order": notice.state.order_number,
                "notice_outcome": outcome,
                "notice_headers": msgspec.json.encode({n: v for n, v in headers.items() if n.startswith(f"{account.channel}-")}).decode(),
                "notice_body": body,
                "noticed_at": clock.now(),
            }
        )

    try:
        async with platform.database.tenant(tenant_id) as session:
            if notice.kind == "payment":
                return await decide(session, account, notice.state, told)
            if notice.kind == "refund" and notice.refund is not None:
                decision = await refund_notices.settle(session, account, notice.refund)
                await session.together(told(decision.outcome))
                return decision
            await session.together(told("kept"))
            return Decision(outcome="kept", order_number=notice.state.order_number)
    except AlreadyPosted:
        return Decision(outcome="duplicate", order_number=notice.state.order_number)


def _answer(way: Channel, ok: bool, message: str, instead: int | None = None) -> Response[bytes]:
    """The channel's own form of yes and no; `instead` is the status of a no that is the sender's fault."""
    status, headers, body = way.answer(ok, message)
    return Response(body, status_code=instead or status, headers=headers, media_type=headers.get("Content-Type", "application/json"))
