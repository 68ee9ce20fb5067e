"""The penny trace and the equation of every day in the API."""

import datetime as dt

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core.database import Session
from core.errors import NotFound
from core.identity.actor import Actor
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.trace import board, charts, rights, service
from core.trace.charts import Charts
from core.trace.equation import SIX, Gap, Number
from core.trace.reckoning import terms_for
from core.trace.schemas import TraceAnswer

TAGS = ["追踪 traces"]


class EquationRead(msgspec.Struct, frozen=True, kw_only=True):
    """The equation of a day and channel: `numbers` are gross fen with refunds taken off; `gaps` lie between neighbours, `open` is by class."""

    day: dt.date
    channel: str
    state: str
    imported: bool
    run_status: str
    fee_fen: int
    numbers: dict[str, Number]
    gaps: dict[str, Gap]
    open: dict[str, Number]
    expected: Number


class EquationPage(msgspec.Struct, frozen=True):
    """The days of a month, by day and channel."""

    items: list[EquationRead]
    next_cursor: str | None


@get("/api/v1/traces/{number:str}", opt={"permission": rights.READ}, tags=TAGS)
async def get_trace(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    number: FromPath[str],
    choose: FromQuery[str] = "",
) -> TraceAnswer:
    """The life of the money behind any number; with several things of that number, `choices` lists them: ask again with `choose`."""
    return await service.trace(session, number, actor, choose, tuple(platform.channels))


@get("/api/v1/equations", opt={"permission": rights.RECON}, tags=TAGS)
async def list_equations(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    month: FromQuery[str] = "",
    channel: FromQuery[str] = "",
) -> EquationPage:
    """The equation of every day of a month (`2026-11`, this one if none is named), by channel."""
    if actor.reach(rights.RECON) is not None:
        raise NotFound()
    asked = board.asked_of({"month": month, "channel": channel})
    found = await board.cells(session, terms_for(platform, client), asked.month, board.last_of(asked.month))
    return EquationPage([_read(cell) for cell in found if asked.channel in ("", cell.channel)], None)


@get("/api/v1/recon-charts", opt={"permission": rights.RECON}, tags=TAGS)
async def get_charts(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    start: FromQuery[str] = "",
    until: FromQuery[str] = "",
) -> Charts:
    """What the charts of reconciliation draw between two days (the last thirty): open differences by age, time to close, match rate, fees too high."""
    if actor.reach(rights.RECON) is not None:
        raise NotFound()
    first, last = charts.span_of({"start": start, "until": until})
    return await charts.draw(session, terms_for(platform, client), first, last)


def _read(cell: object) -> EquationRead:
    numbers = {name: cell.number(name) for name in SIX}
    facts = {name: getattr(cell, name) for name in EquationRead.__struct_fields__ if name != "numbers"}
    return EquationRead(**facts, numbers=numbers)


ROUTES = [get_trace, list_equations, get_charts]
