"""Sending: the attempt is claimed and committed, the call made with no transaction open, the outcome committed. Twice is possible, never none.

A receiver tells equal messages by their id. Redirects are not followed, long answers not read, slow ones not waited for: those of other
addresses are sent meanwhile.
"""

import asyncio
import datetime as dt
import time
from collections.abc import Sequence
from uuid import UUID

import httpx
import structlog

from core import clock, ids
from core.database import Row
from core.errors import PlatformError
from core.platform import Platform
from core.webhooks import addresses, repository, signing
from core.webhooks.models import DELIVERY

log = structlog.get_logger()
LADDER_SECONDS = (10, 30, 120, 600, 1800, 7200, 21_600, 43_200, 86_400)
LEASE = dt.timedelta(seconds=60)
TIMEOUT_SECONDS = 10.0
AT_ONCE = 20
"""Messages to one address that are under way together."""
KEPT_OF_ANSWER = 300
PAUSE = dt.timedelta(seconds=1)
"""Until a client whose messages are under way is looked at again."""
_rounds: dict[UUID, asyncio.Task[None]] = {}


async def send_due(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """Begin to send every message of a client whose turn it is; answers when to look again.

    One round a client is under way, beside its pulse: what else waits for the client does not wait for receivers.
    """
    now = clock.now()
    async with platform.database.tenant(tenant_id) as session:
        due = await repository.claim(session, now, now + LEASE, AT_ONCE) if tenant_id not in _rounds else []
        next_at = await repository.next_due(session)
    if due:
        _rounds[tenant_id] = asyncio.create_task(_round(platform, tenant_id, due))
        _rounds[tenant_id].add_done_callback(lambda _: _rounds.pop(tenant_id, None))
    return max(next_at, now + PAUSE) if next_at and tenant_id in _rounds else next_at


async def finished(tenant_id: UUID) -> None:
    """Wait for what is being sent for a client."""
    if tenant_id in _rounds:
        await asyncio.wait([_rounds[tenant_id]])


async def _round(platform: Platform, tenant_id: UUID, due: Sequence[UUID]) -> None:
    unlimited = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, limits=unlimited, trust_env=False, follow_redirects=False) as outside:
        outcomes = await asyncio.gather(*(_send(platform, tenant_id, each, outside) for each in due), return_exceptions=True)
    for delivery_id, outcome in zip(due, outcomes, strict=True):
        if isinstance(outcome, BaseException):
            log.error("webhook_not_sent", delivery=str(delivery_id), exc_info=outcome)


async def _send(platform: Platform, tenant_id: UUID, delivery_id: UUID, outside: httpx.AsyncClient) -> None:
    async with platform.database.tenant(tenant_id) as session:
        row = await repository.find(session, delivery_id)
        secret = (await platform.vault.keys(session)).open(row.secret_sealed)
    began = time.monotonic()
    status, said = await _call(platform, row, secret, outside)
    spent = int((time.monotonic() - began) * 1000)
    async with platform.database.tenant(tenant_id) as session:
        tried = {"id": ids.uuid7(), "delivery_id": delivery_id, "http_status": status, "answer": said, "milliseconds": spent}
        await repository.add_attempt(session, tried)
        await repository.change(session, delivery_id, _outcome(row, status, said))


def _outcome(row: Row, status: int | None, said: str) -> dict[str, object]:
    now, tries = clock.now(), row.tries + 1
    if status is not None and 200 <= status < 300:
        return {"status": DELIVERY.check(row.status, "delivered"), "tries": tries, "next_at": None, "answer": said, "delivered_at": now}
    if tries > len(LADDER_SECONDS):
        return {"status": DELIVERY.check(row.status, "failed"), "tries": tries, "next_at": None, "answer": said}
    return {"tries": tries, "next_at": now + dt.timedelta(seconds=LADDER_SECONDS[tries - 1]), "answer": said}


async def _call(platform: Platform, row: Row, secret: str, outside: httpx.AsyncClient) -> tuple[int | None, str]:
    """The answer's status and beginning; no status where there was none in time."""
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            return await _ask(platform, row, secret, outside)
    except PlatformError as error:
        return None, error.message
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:  # TimeoutError is one of the last
        log.info("webhook_unanswered", delivery=str(row.id), error=repr(error)[:200])
        return None, f"没有应答（{type(error).__name__}）"


async def _ask(platform: Platform, row: Row, secret: str, outside: httpx.AsyncClient) -> tuple[int, str]:
    body = row.body.encode()
    target = await addresses.look_up(row.url, platform.settings)
    headers = {
        "Host": target.host, "Content-Type": "application/json", "User-Agent": "Banyan-Webhook/1",
        **signing.headers(secret, str(row.id), int(clock.now().timestamp()), body),
    }  # fmt: skip
    asked = outside.build_request("POST", target.url, content=body, headers=headers, extensions={"sni_hostname": target.name})
    answer = await outside.send(asked, stream=True)
    try:
        beginning = b""
        async for piece in answer.aiter_raw():
            beginning += piece
            if len(beginning) >= KEPT_OF_ANSWER:
                break
    finally:
        await answer.aclose()
    text = "".join(letter for letter in beginning[:KEPT_OF_ANSWER].decode("utf-8", "replace") if letter.isprintable())
    return answer.status_code, f"HTTP {answer.status_code} {text}".strip()
