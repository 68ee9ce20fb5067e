"""Addresses a client wants to be told at, and what they are told: written with what happened, sent after it."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from core import clock, ids
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import TenantKeys
from core.settings import Settings
from core.webhooks import addresses, events, repository
from core.webhooks.errors import DeliveryNotFound, DeliveryWaiting, EndpointInvalid, EndpointNotFound
from core.webhooks.models import DELIVERY
from core.webhooks.signing import new_secret

READ, MAKE = "webhooks.endpoint.read", "webhooks.endpoint.make"


class EndpointAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An address and the events it wants to hear of."""

    title: str
    url: str
    events: list[str]


class Made(msgspec.Struct, frozen=True):
    """A new address; its secret is told once."""

    id: UUID
    secret: str


async def declare(session: Session, keys: TenantKeys, settings: Settings, ask: EndpointAsk, by: Actor) -> Made:
    """A new address; its secret is answered once and lies sealed from then on."""
    title = " ".join(ask.title.split())
    if not title or len(title) > 60:
        raise EndpointInvalid(fault="请填写 1–60 字的名称")
    if not ask.events or not set(ask.events) <= set(events.known()):
        raise EndpointInvalid(fault="请至少选择一种要推送的事件")
    made, secret = ids.uuid7(), new_secret()
    row = {
        "id": made, "title": title, "url": addresses.check(ask.url, settings), "events": sorted(set(ask.events)), "secret_sealed": keys.seal(secret),
        "made_by": by.name,
    }  # fmt: skip
    await repository.add_endpoint(session, row)
    await audit.record(session, by, "webhooks.endpoint.add", "webhook", made, after={"title": title, "url": row["url"], "events": row["events"]})
    return Made(made, secret)


async def set_status(session: Session, endpoint_id: UUID, status: str, by: Actor) -> None:
    """Pause an address, or use it again; what it was to hear meanwhile waits."""
    found = await repository.find_endpoint(session, endpoint_id)
    if found is None:
        raise EndpointNotFound()
    if status not in ("active", "paused"):
        raise EndpointInvalid(fault="状态应为 active 或 paused")
    await repository.change_endpoint(session, endpoint_id, {"status": status})
    session.has_work = True
    before, after = {"status": found.status}, {"status": status}
    await audit.record(session, by, "webhooks.endpoint.change", "webhook", endpoint_id, before=before, after=after)


async def wanted(session: Session, event: str) -> bool:
    """Whether any address wants to hear of it."""
    return any(event in row.events for row in await repository.list_endpoints(session))


async def send(session: Session, event: str, key: str, about_id: UUID, told: dict[str, object]) -> int:
    """Tell every address that wants to hear of it, in the transaction that makes it true; the same key again tells nobody twice."""
    wanting = [row for row in await repository.list_endpoints(session) if event in row.events]
    if not wanting:
        return 0
    at, rows = clock.now(), []
    for row in wanting:
        made = ids.uuid7()
        body = {"id": str(made), "type": event, "timestamp": at.isoformat(), "data": told}
        rows.append({
            "id": made, "endpoint_id": row.id, "event": event, "key": key, "about_id": about_id, "body": msgspec.json.encode(body, enc_hook=str).decode(),
            "next_at": at,
        })  # fmt: skip
    session.has_work = True
    return await repository.add(session, rows)


async def resend(session: Session, delivery_id: UUID, by: Actor) -> None:
    """Send a message again, from the first rung."""
    row = await repository.find(session, delivery_id)
    if row is None:
        raise DeliveryNotFound()
    if row.status == "waiting":
        raise DeliveryWaiting()
    await repository.change(session, delivery_id, {"status": DELIVERY.check(row.status, "waiting"), "tries": 0, "next_at": clock.now()})
    session.has_work = True
    await audit.record(session, by, "webhooks.delivery.resend", "webhook_delivery", delivery_id, after={"key": row.key})


async def about(session: Session, ids_: Sequence[UUID]) -> dict[UUID, list[Row]]:
    """What was told of some things, by thing."""
    found: dict[UUID, list[Row]] = {}
    for row in await repository.list_about(session, ids_):
        found.setdefault(row.about_id, []).append(row)
    return found


async def count_failed(session: Session, _by: Actor) -> int:
    """The work list's count of messages that nobody took."""
    return await repository.count_failed(session)
