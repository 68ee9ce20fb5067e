"""What happened is written with the money and told after it, at least once (architecture §8)."""

import datetime as dt
import re
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid5

import msgspec
import structlog

from core import clock, ids
from core.database import Database, Row, Session, Write
from core.outbox import repository

log = structlog.get_logger()
LEASE = dt.timedelta(seconds=60)
NEVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
Deliver = Callable[[Session, Row], Awaitable[None]]


def kind_of(event: msgspec.Struct) -> str:
    """The name under which an event is stored: PaymentSettled → payment_settled."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(event).__name__).lower()


async def add(session: Session, event: msgspec.Struct) -> None:
    """Write an event in the transaction that makes it true."""
    await session.together(adding(session, event))


def adding(session: Session, event: msgspec.Struct) -> Write:
    """An event, to be written together with what makes it true."""
    session.has_work = True
    return repository.adding(
        {
            "event_id": ids.uuid7(),
            "event_kind": kind_of(event),
            "event_payload": msgspec.json.encode(event).decode(),
            "event_at": clock.now(),
            "event_tenant": session.tenant_id,
        }
    )


async def hold(session: Session, event_id: UUID, plugin: str) -> None:
    """Keep an event for a plugin that is off for the client; it waits until the plugin is switched on again (architecture §5)."""
    await repository.hold(session, event_id, uuid5(event_id, plugin), plugin, NEVER)


async def release(session: Session, plugin: str) -> int:
    """A plugin was switched on: tell it what happened meanwhile."""
    session.has_work = True
    return await repository.release(session, plugin, clock.now())


async def deliver_due(database: Database, tenant_id: UUID, deliver: Deliver, limit: int = 100) -> int:
    """Hand each due event to `deliver` in a transaction of its own; a failure backs off and never blocks the others."""
    now = clock.now()
    async with database.tenant(tenant_id) as session:
        events = await repository.claim(session, now, now + LEASE, limit)
    for event in events:
        try:
            async with database.tenant(tenant_id) as session:
                await deliver(session, event)
                await repository.mark_delivered(session, event.id, clock.now())
        except Exception as error:
            log.warning("outbox_delivery_failed", tenant_id=str(tenant_id), kind=event.kind, attempts=event.attempts, error=repr(error))
            async with database.tenant(tenant_id) as session:
                due_at = clock.now() + dt.timedelta(seconds=min(3600, 2**event.attempts))
                await repository.mark_failed(session, event.id, due_at, repr(error)[:500])
    return len(events)
