"""One tenant's pulse: every registered step does what is due. Workers beat it (`worker.py`), tests may do so by hand."""

import datetime as dt
from collections.abc import Collection
from uuid import UUID

import structlog

from core import clock
from core.errors import NotFound, Unavailable
from core.hookspecs import PulseStep
from core.jobs import repository
from core.platform import Platform

log = structlog.get_logger()
AGAIN_AFTER_FAULT = dt.timedelta(seconds=5)


async def pulse(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """Do what is due for a tenant; answers when more will be (a moment in the past: at once), None when nothing waits.

    A step that fails is logged and tried again; the others go on. Raises Unavailable when the database is away.
    """
    due = [await _attempt(platform, tenant_id, step) for step in await steps_for(platform, tenant_id, "register_pulse")]
    return min((moment for moment in due if moment), default=None)


async def nightly(platform: Platform, tenant_id: UUID) -> bool:
    """Do a tenant's nightly work; False when a step failed and the night's work should be tried again."""
    due = [await _attempt(platform, tenant_id, step) for step in await steps_for(platform, tenant_id, "register_nightly")]
    return not any(due)


async def steps_for(platform: Platform, tenant_id: UUID, hook: str) -> list[PulseStep]:
    """The steps of core and of the plugins that are on for the client; for the bank's own tenant, those that say so."""
    enabled = await plugins_of(platform, tenant_id)
    bank = await _is_bank(platform, tenant_id)
    offered = platform.plugins.collect_all(hook)
    return [step for code, step in offered if (code == "core" or code in enabled) and (step.bank or not bank)]


async def _is_bank(platform: Platform, tenant_id: UUID) -> bool:
    try:
        return tenant_id == await platform.directory.bank_id()
    except NotFound:
        return False


async def plugins_of(platform: Platform, tenant_id: UUID) -> Collection[str]:
    """The plugins that are on for a client; none for the bank."""
    try:
        return (await platform.directory.profile(tenant_id)).plugins
    except NotFound:
        return frozenset()


async def paused_of(platform: Platform, tenant_id: UUID) -> Collection[str]:
    """The plugins that were on for a client and are off now: what happens meanwhile waits for them."""
    try:
        return (await platform.directory.profile(tenant_id)).paused
    except NotFound:
        return frozenset()


async def jobs_due(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """When a worker should next look for jobs of this tenant."""
    async with platform.database.tenant(tenant_id) as session:
        return await repository.next_due(session)


async def _attempt(platform: Platform, tenant_id: UUID, step: PulseStep) -> dt.datetime | None:
    try:
        return await step.run(platform, tenant_id)
    except Unavailable:
        raise
    except Exception as error:
        log.error("pulse_step_failed", step=step.code, tenant_id=str(tenant_id), exc_info=error)
        return clock.now() + AGAIN_AFTER_FAULT
