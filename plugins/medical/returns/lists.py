"""Returns as people and programs list them."""

from collections.abc import Mapping

from core import paging
from core.billing.filters import word_of
from core.database import Row, Session
from core.identity.actor import Actor
from plugins.medical.returns import repository, service
from plugins.medical.returns.schemas import ReturnPage


def asked_of(given: Mapping[str, str], vendor: Row | None = None) -> dict[str, object]:
    """What a page's address, an export or a program asks for; a vendor sees its own only."""
    typed = {name: word_of(given, name)[:64] for name in ("status", "order_number")}
    return {**typed, "typed": word_of(given, "q")[:64], "vendor_id": vendor.id if vendor is not None else None}


async def list_returns(session: Session, asked: Mapping[str, object], cursor: str | None, limit: int = paging.PAGE) -> ReturnPage:
    """A page of returns, the newest first."""
    rows = await repository.list_page(session, asked, paging.read_id(cursor), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: str(row.id))
    sums = await repository.sum_page(session, asked)
    return ReturnPage([service.read(row) for row in shown], more, sums.returns, sums.cash_fen)


async def count_refused(session: Session, by: Actor) -> int:
    """The work list's count of returns that the insurer refused."""
    return await repository.count_status(session, "insurance_refused")


async def count_failed(session: Session, by: Actor) -> int:
    """The work list's count of returns whose money did not go."""
    return await repository.count_status(session, "failed")
