"""The door at which the client's bank tells of transfers: verified, booked once, answered after the commit."""

from uuid import UUID

import structlog
from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.counter import transfers
from core.errors import NotFound, PlatformError
from core.ledger.errors import AlreadyPosted
from core.payments.accounts import service as accounts
from core.payments.channels.counter import Counter
from core.payments.channels.errors import ForgedNotice
from core.platform import Platform

log = structlog.get_logger()


@post("/notify/bank/{client_code:str}/{account_id:uuid}", opt={"permission": "public"}, status_code=200, include_in_schema=False)
async def receive_transfer(
    request: Request, platform: NamedDependency[Platform], client_code: FromPath[str], account_id: FromPath[UUID]
) -> Response[bytes]:
    """A transfer that arrived; the bank tells it again until it hears 200."""
    way: Counter = platform.channels[Counter.code]
    tenant_id = await platform.routes.find("client", client_code)
    if tenant_id is None:
        raise NotFound()
    body = await request.body()
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        async with platform.database.tenant(tenant_id) as session:
            account = await accounts.by_id(session, platform.vault, account_id)
            if account is None or account.channel != Counter.code:
                raise NotFound()
            transfer = way.read_transfer(account, headers, body)
            decision = await transfers.receive(session, platform.vault, account_id, account, transfer, body)
        log.info("transfer_received", outcome=decision.outcome, order=decision.order_number)
    except AlreadyPosted:
        log.info("transfer_received", outcome="duplicate")
    except NotFound:
        raise
    except ForgedNotice as error:
        log.warning("transfer_refused", code=error.code)
        return _answer(way, False, error.message, error.status)
    except PlatformError as error:
        log.warning("transfer_not_booked", code=error.code)
        return _answer(way, False, error.message, error.status)
    return _answer(way, True, "")


def _answer(way: Counter, ok: bool, message: str, instead: int | None = None) -> Response[bytes]:
    status, headers, body = way.answer(ok, message)
    return Response(body, status_code=instead or status, headers=headers, media_type="application/json")
