"""What a client tells its bank of its way: states and sums. The branch's list reads these rows and never a client's own.

CROSSES TENANTS: client → bank, how far it is; bank → client, one way read by its branch. First one transaction, then the other.
"""

import datetime as dt
import time
from uuid import UUID

from core import clock
from core.database import Row
from core.errors import NotFound
from core.golive import progress_repository as repository
from core.golive import service, trials
from core.golive.schemas import ProgressRead, StepPatch, TrialRead, WayRead
from core.golive.states import DONE, LIVE, WAITING
from core.golive.steps import way_of
from core.identity.actor import Actor
from core.platform import Platform
from core.tenancy.threshold import admit, visiting
from core.web.i18n import gettext as _

EVERY_SECONDS = 60
LIVE_SECONDS = 86_400
"""Who collects moves on no more; the night looks again."""
LOOK, ACT = "tenancy.client.read", "tenancy.client.manage"
_written: dict[UUID, float] = {}


async def write(platform: Platform, tenant_id: UUID) -> WayRead:
    """Look at a client's way and write how far it is into the bank's books."""
    client = await platform.directory.profile(tenant_id)
    async with platform.database.tenant(tenant_id) as session:
        found = await service.look(session, platform.plugins, client)
    async with platform.database.tenant(await platform.directory.bank_id()) as session:
        await repository.write(session, tenant_id, _values(found))
    return found


def _values(found: WayRead) -> dict[str, object]:
    now = next((step for step in found.steps if step.code == found.current), None)
    owes = (now.waiting_for if now.state == WAITING else now.owner) if now else ""
    dues = [step.due_on for step in found.steps if step.state != DONE and step.needed]
    return {
        "status": found.status, "done": found.done, "total": found.total, "current": found.current, "waiting_for": owes,
        "owner_name": now.owner_name if now else "", "due_on": min(dues, default=None), "started_on": found.started_on,
        "live_at": found.live_at, "steps": [{"code": step.code, "state": step.state, "due_on": step.due_on} for step in found.steps],
        "trial_done": any(step.code == "trial" and step.state == DONE for step in found.steps),
    }  # fmt: skip


async def pulse(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """After work: the client's row, now and then; answers when to look again."""
    wait = _written.get(tenant_id, 0.0) + EVERY_SECONDS - time.monotonic()
    if tenant_id in _written and wait > 0:
        return clock.now() + dt.timedelta(seconds=wait)
    found = await _written_now(platform, tenant_id)
    _written[tenant_id] = time.monotonic() + (LIVE_SECONDS if found is not None and found.status == LIVE else 0)
    return None


async def nightly(platform: Platform, tenant_id: UUID) -> None:
    """At night: what became true by the day alone (a file came, a day was reconciled)."""
    await _written_now(platform, tenant_id)


async def _written_now(platform: Platform, tenant_id: UUID) -> WayRead | None:
    """None for the bank itself, which goes nowhere."""
    try:
        return await write(platform, tenant_id)
    except NotFound:
        return None


async def of_client(platform: Platform, by: Actor, client_id: UUID) -> tuple[Row, WayRead, TrialRead | None]:
    """One client's way for somebody of its branch, read from the client's own rows."""
    row = await admit(platform, by, client_id, LOOK)
    client = await platform.directory.profile(client_id)
    async with platform.database.tenant(client_id) as session:
        return row, await service.look(session, platform.plugins, client), await trials.newest(session)


async def take_on(platform: Platform, by: Actor, client_id: UUID, code: str, patch: StepPatch) -> None:
    """Somebody of the branch says who takes a step on: the branch itself, one of the bank's people (the asker), or the client."""
    await admit(platform, by, client_id, ACT)
    client = await platform.directory.profile(client_id)
    async with platform.database.tenant(client_id) as session:
        await service.take_on(session, platform.plugins, client, code, patch, visiting(by, client_id), {by.id: by.name})
    await write(platform, client_id)


def told(platform: Platform, row: Row) -> ProgressRead:
    """A row of the bank's list; steps by the names that the client's kind gives them."""
    enabled = [code for code, info in platform.plugins.info.items() if row.kind in info.client_kinds]
    titles = {step.code: _(step.title) for step in way_of(platform.plugins, enabled)}
    facts = {name: getattr(row, name) for name in ProgressRead.__struct_fields__ if name not in ("current_title", "lacking")}
    lacking = [titles.get(step["code"], step["code"]) for step in row.steps if step["state"] != DONE]
    return ProgressRead(**facts, current_title=titles.get(row.current, row.current), lacking=lacking)
