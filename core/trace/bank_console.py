"""The day board of the bank: a branch's clients on a day, and one client's days; sums and counts out of the bank's own books."""

import datetime as dt
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core import clock, paging
from core.billing.filters import day_of, word_of
from core.database import Session
from core.errors import NotFound
from core.identity.actor import Actor
from core.trace import board, board_repository, rights
from core.trace.equation import SIX
from core.trace.models import STATES
from core.web.filters import status_label
from core.web.templating import render

PATH = "/bank/day-board"
READ = {"permission": rights.BANK, "side": "bank"}
ONE_DAY = dt.timedelta(days=1)


@get(PATH, opt=READ, include_in_schema=False)
async def clients_page(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[str | None] = None) -> Response:
    """Every client of the branch on one day, yesterday unless another is asked for."""
    reach = actor.reach(rights.BANK)
    day = day_of(request.query_params.get("day")) or clock.today() - ONE_DAY
    state = word_of(request.query_params, "state")
    after = paging.read_cursor(cursor, tuple[str])
    rows = await board_repository.list_clients(
        session, day, reach, state if state in STATES else "", word_of(request.query_params, "q"), after[0] if after else None, paging.PAGE + 1
    )
    shown, more = paging.cut(rows, paging.PAGE, lambda row: paging.write_cursor(row.code))
    return render(
        request, "trace/clients.html", rows=shown, next_cursor=more, day=day, state=state, six=SIX,
        sums=await board_repository.sum_clients(session, day, reach), before=day - ONE_DAY, after=day + ONE_DAY,
        states=[(code, status_label(code, "equation")) for code in STATES],
    )  # fmt: skip


@get(PATH + "/{client_id:uuid}", opt=READ, include_in_schema=False)
async def client_page(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], client_id: FromPath[UUID]) -> Response:
    """One client's days of a month."""
    reach = actor.reach(rights.BANK)
    client = await board_repository.find_client(session, client_id, reach)
    if client is None:
        raise NotFound()
    asked = board.asked_of(request.query_params)
    rows = await board_repository.list_of_client(session, client_id, asked.month, board.last_of(asked.month), reach)
    return render(
        request, "trace/client.html", rows=[row for row in rows if asked.state in ("", row.state)], one=client, asked=asked, six=SIX,
        before=asked.month - ONE_DAY, after=board.last_of(asked.month) + ONE_DAY,
        states=[(code, status_label(code, "equation")) for code in STATES],
    )  # fmt: skip


ROUTES = [clients_page, client_page]
