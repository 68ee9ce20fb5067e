"""Publications and reminder runs: which there were, and what each is called."""

import datetime as dt

import msgspec

from core import paging
from core.database import Session
from core.identity.actor import Actor
from core.notices import lists_repository
from core.notices.lists import READ
from core.web.i18n import gettext as _


class RunRow(msgspec.Struct, frozen=True, kw_only=True):
    """A run in the list: a publication's source, or `reminder:` and `due:` runs."""

    run: str
    title: str
    notices: int
    begun_at: dt.datetime


async def page_of(session: Session, by: Actor, cursor: str | None, limit: int = 30) -> tuple[list[RunRow], str | None]:
    """The newest runs; what became of each within reach is one click away."""
    by.need(READ)
    rows = await lists_repository.list_runs(session, paging.read_id(cursor), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: str(row.newest))
    found = [RunRow(run=row.run, title=_title(row.run, row.title), notices=row.notices, begun_at=row.begun_at) for row in shown]
    return found, more


async def title_of(session: Session, run: str) -> str:
    """What a run is called on screen."""
    return _title(run, await lists_repository.title_of(session, run))


def _title(run: str, bill_title: str | None) -> str:
    kind, _sep, rest = run.partition(":")
    if kind == "due":
        return _("到期与逾期提醒 %(day)s", day=rest)
    if kind == "reminder":
        return _("催缴提醒")
    return bill_title or run
