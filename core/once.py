"""The `Idempotency-Key` header at the API's door: the same request sent twice is done once and answered the same (architecture §6)."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from litestar import Request, Response

from core.database import Session
from core.identity import idempotency
from core.identity.actor import Actor

HEADER = "idempotency-key"


async def once(request: Request, session: Session, actor: Actor, status: int, work: Callable[[], Awaitable[Any]]) -> Response[Any]:
    """Answer with what the work gives, or with what it gave the first time; an error keeps nothing and may be tried again."""

    async def answer() -> idempotency.Answer:
        return idempotency.Answer(status, msgspec.to_builtins(await work()))

    found = await idempotency.once(
        session,
        who=actor.id,
        route=f"{request.method} {request.url.path}",
        key=request.headers.get(HEADER),
        body=await request.body(),
        work=answer,
    )
    return Response(found.body, status_code=found.status)
