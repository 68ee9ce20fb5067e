"""The day board of a client: its days as rows, the six numbers as columns, and one day by channel with every link explained."""

import datetime as dt

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from core import clock
from core.billing.filters import day_of
from core.database import Session
from core.errors import NotFound
from core.identity.actor import Actor
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.trace import board, board_repository, rights
from core.trace.equation import SIX
from core.trace.models import STATES
from core.trace.reckoning import terms_for
from core.trace.words import FORMULAS, LINKS
from core.web.filters import status_label
from core.web.i18n import gettext as _
from core.web.templating import render

PATH = "/console/day-board"
READ = {"permission": rights.RECON}


@get(PATH, opt=READ, include_in_schema=False)
async def board_page(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
) -> Response:
    """The days of a month."""
    _whole(actor)
    asked = board.asked_of(request.query_params)
    rows = await board.month(session, terms_for(platform, client), asked)
    months = [f"{month:%Y-%m}" for month in {*await board_repository.list_months(session), clock.today().replace(day=1), asked.month}]
    return render(
        request, "trace/board.html", rows=rows, asked=asked, total=board.total(rows), six=SIX, may_export=actor.may("exports.make"),
        months=[(month, month) for month in sorted(months, reverse=True)],
        states=[(state, status_label(state, "equation")) for state in STATES],
        channels=[(code, status_label(code, "channel")) for code in sorted(platform.channels)],
    )  # fmt: skip


@get(PATH + "/{day:str}", opt=READ, include_in_schema=False)
async def day_page(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    day: FromPath[str],
) -> Response:
    """One day by channel: each number, its formula, what lies between neighbours."""
    _whole(actor)
    on: dt.date | None = day_of(day)
    if on is None:
        raise NotFound()
    cells = await board.day(session, terms_for(platform, client), on)
    return render(
        request, "trace/day.html", day=on, cells=cells, row=board.row_of(on, cells), six=SIX, formulas=FORMULAS,
        titles={name: _(title) for name, title in LINKS.items()}, links=lambda cell: [name for name in LINKS if name in cell.gaps],
    )  # fmt: skip


def _whole(by: Actor) -> None:
    """The equation is a client's as a whole."""
    if by.reach(rights.RECON) is not None:
        raise NotFound()


ROUTES = [board_page, day_page]
