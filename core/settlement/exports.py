"""Settlement batches as they leave for Excel: the list of the page, a line for each channel of a batch, in the columns of §2.7."""

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from core.database import Session
from core.errors import NotPermitted
from core.hookspecs import Export
from core.settlement import lists, lists_repository, service, statement
from core.web.i18n import N_

AT_ONCE = 200


async def rows(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """A line for each channel of every batch that is meant, the newest day first."""
    if reach is not None:
        raise NotPermitted()
    asked, before = lists.asked_of(given), None
    while True:
        found = await lists_repository.list_page(session, asked, before, AT_ONCE)
        for row in found:
            for line in (await statement.of_batch(session, row.id))[1]:
                yield line.cells()
        if len(found) < AT_ONCE:
            return
        before = (found[-1].bill_on, found[-1].id)


BATCHES = Export("settlement.batches", N_("结算单"), service.READ, statement.COLUMNS, rows)
