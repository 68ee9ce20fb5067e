"""The pulse steps of core itself: events are told, audit rows sealed, balances kept short."""

import datetime as dt
import inspect
import time
from uuid import UUID

import msgspec

from core import clock, hookspecs
from core.database import Row, Session
from core.errors import PlatformError
from core.identity import audit
from core.jobs.pulse import paused_of, plugins_of
from core.ledger import service as ledger
from core.outbox import repository as outbox_repository
from core.outbox import service as outbox
from core.platform import Platform

SNAPSHOT_EVERY_SECONDS = 300.0
_snapshots: dict[UUID, float] = {}


class EventUnknown(PlatformError):
    code = "EVENT_UNKNOWN"
    message = "没有名为“{kind}”的事件"


class PluginPaused(PlatformError):
    code = "PLUGIN_PAUSED"
    message = "插件 {plugin} 又被停用，事件继续等待"


def event_type(kind: str) -> type[msgspec.Struct]:
    """The struct of an event, as its hook's own signature names it."""
    spec = getattr(hookspecs, kind, None)
    parameter = inspect.signature(spec).parameters.get("event") if callable(spec) else None
    if parameter is None:
        raise EventUnknown(kind=kind)
    return parameter.annotation


async def deliver_events(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """Tell what happened to core's own parts and to the plugins that are on, at least once (architecture §5, §8)."""
    enabled, paused = await plugins_of(platform, tenant_id), await paused_of(platform, tenant_id)

    async def tell(session: Session, row: Row) -> None:
        event = msgspec.convert(row.payload, event_type(row.kind), strict=False)
        if row.only_plugin and row.only_plugin not in enabled:
            raise PluginPaused(plugin=row.only_plugin)
        if row.only_plugin:
            await platform.plugins.ask(row.kind, {row.only_plugin}, and_core=False, session=session, event=event)
            return
        await platform.plugins.ask(row.kind, enabled, session=session, event=event)
        for plugin in paused:
            if platform.plugins.implements(plugin, row.kind):
                await outbox.hold(session, row.id, plugin)

    if await outbox.deliver_due(platform.database, tenant_id, tell):
        return clock.now()
    async with platform.database.tenant(tenant_id) as session:
        _, due_at = await outbox_repository.waiting(session)
    return due_at


async def seal_audit(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """Chain what was written to the audit trail."""
    limit = 1000
    async with platform.database.tenant(tenant_id) as session:
        sealed = await audit.seal(session, limit)
    return clock.now() if sealed == limit else None


async def shorten_balances(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """Snapshot the balances of a tenant that is being worked for, every five minutes."""
    if time.monotonic() - _snapshots.get(tenant_id, -SNAPSHOT_EVERY_SECONDS) >= SNAPSHOT_EVERY_SECONDS:
        _snapshots[tenant_id] = time.monotonic()
        async with platform.database.tenant(tenant_id) as session:
            await ledger.take_snapshots(session)
    return None
