"""The steps of the way as declared data: core has eight, a plugin puts its own in their place or between them (hook `register_go_live`)."""

import datetime as dt
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

import msgspec

from core.database import Session
from core.golive.states import DOING, DONE, NOT_BEGUN, WAITING
from core.hookspecs import Role, WorkItem
from core.identity.actor import Actor
from core.plugin_manager import PluginManager
from core.tenancy.schemas import ClientProfile


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What proves a step: in words, where it lies, and when it happened."""

    text: str
    path: str = ""
    at: dt.datetime | None = None


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a look at the real data found. `missing` is one sentence; `path` and `task` lead elsewhere than the step's own."""

    state: str
    missing: str = ""
    waiting_for: str = ""
    evidence: tuple[Evidence, ...] = ()
    path: str = ""
    task: str = ""


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """What a step may look at: the client's own rows; on a work list neither the client nor its roles are known."""

    session: Session
    client: ClientProfile | None = None
    roles: Mapping[str, Role] = {}


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step: whose it is, within how many days of the start, where it is done (`path`, with `permission`), what must be done before.

    `bank_path` is where the branch does it (`{client}` is the client's id). `needed` steps stand between a client and going live.
    """

    code: str
    title: str
    task: str
    owner: str
    within_days: int
    position: int
    look: Callable[[Ground], Awaitable[Seen]]
    path: str = ""
    bank_path: str = ""
    permission: str = ""
    hint: str = ""
    after: tuple[str, ...] = ()
    needed: bool = True


def todo(missing: str, **more: object) -> Seen:
    """Nothing of it is there."""
    return Seen(state=NOT_BEGUN, missing=missing, **more)


def doing(missing: str, **more: object) -> Seen:
    """Begun; it is the owner's turn."""
    return Seen(state=DOING, missing=missing, **more)


def waiting(missing: str, waiting_for: str, **more: object) -> Seen:
    """Begun; somebody else has to say something."""
    return Seen(state=WAITING, missing=missing, waiting_for=waiting_for, **more)


def done(*evidence: Evidence) -> Seen:
    """It is there, and this is where."""
    return Seen(state=DONE, evidence=evidence)


def way_of(plugins: PluginManager, enabled: Iterable[str]) -> list[Step]:
    """The steps of a client in their order: core's, and those of its plugins in place of core's of the same code."""
    enabled = frozenset(enabled)
    steps = {step.code: step for code, step in plugins.collect_all("register_go_live") if code == "core" or code in enabled}
    return sorted(steps.values(), key=lambda step: (step.position, step.code))


def work_items(steps: Sequence[Step], first: int = 1) -> list[WorkItem]:
    """The same steps as lines of a work list: each for those who may do it, once what comes before is begun, until it is begun itself."""
    by_code = {step.code: step for step in steps}

    def counting(step: Step) -> Callable[[Session, Actor], Awaitable[int | None]]:
        async def count(session: Session, _: Actor) -> int | None:
            ground = Ground(session=session)
            for code in step.after:
                if code in by_code and (await by_code[code].look(ground)).state == NOT_BEGUN:
                    return None
            return 1 if (await step.look(ground)).state == NOT_BEGUN else None

        return count

    return [
        WorkItem(f"golive.{step.code}", step.task, step.permission, counting(step), step.path, step.hint, first + place)
        for place, step in enumerate(steps)
    ]
