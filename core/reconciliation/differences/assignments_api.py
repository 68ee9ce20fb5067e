"""Whose differences become whose, in the API: the rules in their order, and views of the work list that were kept."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from core.database import Session
from core.identity.actor import Actor
from core.once import once
from core.reconciliation import rights
from core.reconciliation.differences import assignments, views
from core.reconciliation.differences.assignments import Conditions

READ, HANDLE = {"permission": rights.READ}, {"permission": rights.HANDLE}
TAGS = ["对账差异 differences"]
RULES, VIEWS = "/api/v1/difference-assignments", "/api/v1/difference-views"
Fen = Annotated[int, msgspec.Meta(ge=0, le=10**13)]


class AssignmentWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule: what it fits (empty: everything), whose such differences become, and in how many days (0: by severity)."""

    title: str
    owner_id: str
    classes: list[str] = []
    severities: list[str] = []
    channel: str = ""
    least_fen: Fen = 0
    days: Annotated[int, msgspec.Meta(ge=0, le=99)] = 0


class AssignmentRead(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as it is kept."""

    id: UUID
    title: str
    owner_id: str
    owner_name: str
    conditions: Conditions
    active: bool


class AssignmentPage(msgspec.Struct, frozen=True):
    """Every rule, the first tried first."""

    items: list[AssignmentRead]


class AssignmentChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One place up or down, in use or not."""

    change: Literal["up", "down", "on", "off"]


class ViewWrite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A filter as it stands in the list's address (`class=LG1&status=live`), under a name, for oneself or for everybody."""

    title: str
    query: str
    shared: bool = False


class ViewRead(msgspec.Struct, frozen=True):
    """A view of the work list."""

    id: UUID
    title: str
    query: str
    shared: bool


class ViewPage(msgspec.Struct, frozen=True):
    """One's own views and the shared ones."""

    items: list[ViewRead]


@get(RULES, opt=HANDLE, tags=TAGS)
async def list_assignments(session: NamedDependency[Session], actor: NamedDependency[Actor]) -> AssignmentPage:
    """The rules, in the order in which they are tried."""
    return await _rules(session, actor)


@post(RULES, opt=HANDLE, status_code=201, tags=TAGS)
async def add_assignment(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], data: JSONBody[AssignmentWrite]
) -> Response[AssignmentRead]:
    """A rule more, at the end; it counts from the next run on. Needs an `Idempotency-Key`."""

    async def work() -> AssignmentRead:
        typed = {
            "title": data.title, "owner": data.owner_id, "channel": data.channel, "days": str(data.days),
            "least": f"{data.least_fen // 100}.{data.least_fen % 100:02d}" if data.least_fen else "",
        }  # fmt: skip
        rule_id = await assignments.add(session, actor, typed, data.classes, data.severities)
        return next(rule for rule in (await _rules(session, actor)).items if rule.id == rule_id)

    return await once(request, session, actor, 201, work)


@post(RULES + "/{rule_id:uuid}/change", opt=HANDLE, status_code=200, tags=TAGS)
async def change_assignment(
    session: NamedDependency[Session], actor: NamedDependency[Actor], rule_id: FromPath[UUID], data: JSONBody[AssignmentChange]
) -> AssignmentPage:
    """Move a rule, or take it out of use and back; answers all of them."""
    if data.change in ("up", "down"):
        await assignments.move(session, rule_id, actor, -1 if data.change == "up" else 1)
    else:
        await assignments.switch(session, rule_id, actor, active=data.change == "on")
    return await _rules(session, actor)


@delete(RULES + "/{rule_id:uuid}", opt=HANDLE, status_code=204, tags=TAGS)
async def remove_assignment(session: NamedDependency[Session], actor: NamedDependency[Actor], rule_id: FromPath[UUID]) -> None:
    """Drop a rule; what it assigned stays assigned."""
    await assignments.remove(session, rule_id, actor)


@get(VIEWS, opt=READ, tags=TAGS)
async def list_views(session: NamedDependency[Session], actor: NamedDependency[Actor]) -> ViewPage:
    """One's own views and the shared ones, by title."""
    return await _views(session, actor)


@post(VIEWS, opt=READ, status_code=201, tags=TAGS)
async def save_view(session: NamedDependency[Session], actor: NamedDependency[Actor], data: JSONBody[ViewWrite]) -> ViewPage:
    """Keep a filter under a name; 422 where it is none."""
    await views.save(session, actor, data.title, data.query, shared=data.shared)
    return await _views(session, actor)


@delete(VIEWS + "/{view_id:uuid}", opt=READ, status_code=204, tags=TAGS)
async def remove_view(session: NamedDependency[Session], actor: NamedDependency[Actor], view_id: FromPath[UUID]) -> None:
    """Drop one's own view."""
    await views.remove(session, view_id, actor)


async def _rules(session: Session, by: Actor) -> AssignmentPage:
    return AssignmentPage(
        [
            AssignmentRead(
                id=row.id, title=row.title, owner_id=row.owner_id, owner_name=row.owner_name, active=row.active,
                conditions=msgspec.convert(row.conditions, Conditions),
            )
            for row in await assignments.list_rules(session, by)
        ]
    )  # fmt: skip


async def _views(session: Session, by: Actor) -> ViewPage:
    return ViewPage([ViewRead(row.id, row.title, row.query, row.shared) for row in await views.list_views(session, by)])


ROUTES = [
    list_assignments, add_assignment, change_assignment, remove_assignment, list_views, save_view, remove_view,
]  # fmt: skip
