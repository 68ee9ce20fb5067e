"""The way of a client: each step looked at, its owner and day said, and the word that it collects from now on."""

import datetime as dt
from collections.abc import Collection, Mapping
from uuid import UUID

from core import clock
from core.database import Row, Session
from core.golive import facts_repository, repository
from core.golive.errors import AlreadyLive, DueWrong, NotReady, OwnerUnknown, StepNotFound
from core.golive.schemas import StepPatch, StepRead, WayRead
from core.golive.states import BANK, DONE, EARLY, LIVE, NOT_BEGUN, OWNERS, READY, UNDER_WAY
from core.golive.steps import Ground, Seen, Step, way_of
from core.identity import audit
from core.identity.actor import Actor
from core.identity.sessions import roles_for
from core.plugin_manager import PluginManager
from core.tenancy.schemas import ClientProfile
from core.web.i18n import gettext as _
from core.web.i18n import listed

READ, MANAGE = "golive.way.read", "golive.way.manage"
LONGEST_NOTE = 200
FURTHEST = dt.timedelta(days=366)


async def look(session: Session, plugins: PluginManager, client: ClientProfile) -> WayRead:
    """The whole way as it stands now: every step read from the client's own rows."""
    ground = Ground(session=session, client=client, roles=roles_for(plugins, "client", client.plugins))
    said = {row.code: row for row in await repository.list_steps(session)}
    kept = await repository.find_way(session)
    began = await facts_repository.began_at(session)
    start = (kept.started_on if kept else None) or (clock.business_day(began) if began else clock.today())
    steps: list[StepRead] = []
    ended: set[str] = set()
    for step in way_of(plugins, client.plugins):
        found = await step.look(ground)
        if found.state == DONE:
            ended.add(step.code)
        steps.append(_read(step, found, said.get(step.code), start, client.id))
    return _way(steps, ended, start, kept)


def _way(steps: list[StepRead], ended: Collection[str], start: dt.date, kept: Row | None) -> WayRead:
    live_at = kept.live_at if kept else None
    lacking = [step for step in steps if step.state != DONE]
    if live_at is not None:
        status = LIVE
    elif not any(step.needed for step in lacking):
        status = READY
    else:
        status = UNDER_WAY if ended or any(step.state != NOT_BEGUN for step in steps) else EARLY
    free = [step for step in lacking if ended.issuperset(step.after)]
    return WayRead(
        status=status, started_on=start, due_on=max((step.due_on for step in steps), default=start), done=len(ended), total=len(steps),
        late=sum(step.overdue for step in steps) if status != LIVE else 0, current=free[0].code if free else "", live_at=live_at,
        live_by=(kept.live_by if kept else "") or "", steps=steps,
    )  # fmt: skip


def _read(step: Step, found: Seen, said: Row | None, start: dt.date, client_id: UUID) -> StepRead:
    due_on = (said.due_on if said else None) or start + dt.timedelta(days=step.within_days)
    return StepRead(
        code=step.code, title=_(step.title), hint=_(step.hint) if step.hint else "", state=found.state, missing=found.missing,
        waiting_for=found.waiting_for, owner=said.owner if said else step.owner, owner_id=said.owner_id if said else "",
        owner_name=said.owner_name if said else "", note=said.note if said else "", due_on=due_on,
        overdue=found.state != DONE and due_on < clock.today(), needed=step.needed, evidence=list(found.evidence),
        task=found.task or _(step.task), path=found.path or step.path, bank_path=step.bank_path.format(client=client_id),
        permission=step.permission if not found.path or found.path == step.path else "", after=list(step.after),
    )  # fmt: skip


async def take_on(
    session: Session, plugins: PluginManager, client: ClientProfile, code: str, patch: StepPatch, by: Actor, people: Mapping[str, str]
) -> None:
    """Say who takes a step on, until when, and a note. `people` are those who may be named: id → name."""
    if code not in {step.code for step in way_of(plugins, client.plugins)}:
        raise StepNotFound()
    if patch.owner not in OWNERS and patch.owner not in people:
        raise OwnerUnknown()
    if patch.due_on is not None and abs(patch.due_on - clock.today()) > FURTHEST:
        raise DueWrong()
    named = people.get(patch.owner, "")
    side = patch.owner if not named else (BANK if by.kind == "bank" else "client")
    values = {
        "owner": side, "owner_id": patch.owner if named else "", "owner_name": named, "due_on": patch.due_on,
        "note": " ".join(patch.note.split())[:LONGEST_NOTE], "changed_by": by.name,
    }  # fmt: skip
    await repository.set_step(session, code, values)
    after = {"owner": named or side, "due_on": patch.due_on and patch.due_on.isoformat(), "note": values["note"]}
    await audit.record(session, by, "golive.step.take_on", "go_live_step", code, after=after)


async def go_live(session: Session, plugins: PluginManager, client: ClientProfile, by: Actor) -> None:
    """The client says that it collects from now on. Raises NotReady with the steps that are missing, AlreadyLive the second time."""
    found = await look(session, plugins, client)
    if found.status == LIVE:
        raise AlreadyLive()
    if found.lacking:
        raise NotReady(steps=listed(step.title for step in found.lacking))
    if not await repository.set_live(session, client.id, clock.now(), by.name):
        raise AlreadyLive()
    await audit.record(session, by, "golive.way.live", "go_live", client.id, after={"done": found.done, "total": found.total})


async def colleagues(session: Session) -> dict[str, str]:
    """The client's people who may take a step on."""
    return {str(row.id): row.name for row in await facts_repository.list_users(session)}
