"""How support keeps its word: read by boards and by the bank's overview of clients."""

import datetime as dt
from uuid import UUID

from core import clock
from core.database import Session
from core.support.tickets import repository
from core.support.tickets.schemas import TicketFigures


async def ticket_figures(
    session: Session, reach: list[UUID] | None, since: dt.datetime, until: dt.datetime, client_id: UUID | None = None
) -> TicketFigures:
    """Tickets raised in a span of time within some branches (None: all), in the bank's transaction; of one client if it is named.

    In time means: first answer, and solution, within the hours of the ticket's severity, not counting while the client's answer was awaited.
    """
    row = await repository.figures(session, reach, since, until, clock.now(), client_id)
    return TicketFigures(**row._mapping)
