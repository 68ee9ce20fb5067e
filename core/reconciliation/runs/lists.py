"""Days and their runs as finance looks at them."""

import datetime as dt
from collections.abc import Mapping

import msgspec

from core import clock, paging
from core.billing.filters import BadFilter, day_of, word_of
from core.database import Row, Session
from core.reconciliation.errors import RunNotFound
from core.reconciliation.runs import closing
from core.reconciliation.runs import repository as runs_repository
from core.reconciliation.states import RUN


class RunRow(msgspec.Struct, frozen=True, kw_only=True):
    """A day in the list: its state, what agrees, what differs and how much of that is open. Amounts are fen."""

    bill_on: dt.date
    status: str
    runs: int
    matched: dict[str, object]
    by_class: dict[str, object]
    missing: list[dict[str, str]]
    stale: bool
    made_by: str
    finished_at: dt.datetime | None
    closed_at: dt.datetime | None
    closed_by: str | None

    @property
    def matched_rows(self) -> int:
        """How many payments and refunds agree."""
        return self.matched.get("total", {}).get("rows", 0)

    @property
    def found(self) -> int:
        """Differences first seen on this day."""
        return sum(told["count"] for told in self.by_class.values())


class RunPage(msgspec.Struct, frozen=True):
    """Days, the newest first."""

    items: list[RunRow]
    next_cursor: str | None


class RunRead(msgspec.Struct, frozen=True, kw_only=True):
    """A day's run with its sums by side and channel, differences by class, and what keeps it from being closed."""

    bill_on: dt.date
    status: str
    runs: int
    totals: dict[str, object]
    matched: dict[str, object]
    by_class: dict[str, object]
    missing: list[dict[str, str]]
    stale: bool
    job_id: object = None
    made_by: str = ""
    made_by_id: str = ""
    started_at: dt.datetime | None = None
    finished_at: dt.datetime | None = None
    closed_at: dt.datetime | None = None
    closed_by: str | None = None
    open: int = 0
    obstacles: list[str] = []


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What narrows the list of days."""

    status: str = ""
    start: dt.date | None = None
    until: dt.date | None = None


def asked_of(values: Mapping[str, str]) -> Asked:
    """What a page's address or an export asks for."""
    status = word_of(values, "status")
    if status and status not in RUN.states:
        raise BadFilter(value=status[:40])
    return Asked(status=status, start=day_of(values.get("start")), until=day_of(values.get("until")))


async def list_runs(session: Session, asked: Asked, cursor: str | None, limit: int = paging.PAGE) -> RunPage:
    """Days, the newest first."""
    before = paging.read_cursor(cursor, tuple[dt.date])
    rows = await runs_repository.list_page(session, asked.status, asked.start, asked.until, before[0] if before else None, limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: paging.write_cursor(row.bill_on))
    return RunPage([_row(row) for row in shown], more)


async def find_run(session: Session, day: dt.date, settings: Mapping[str, object]) -> RunRead:
    """One day; RunNotFound where nothing of it is known."""
    row = await runs_repository.find(session, day)
    if row is None:
        raise RunNotFound()
    live = {told.klass: told.open for told in await runs_repository.count_open(session, day)}
    by_class = {name: told | {"open": live.get(name, 0)} for name, told in row.by_class.items()}
    given = {name: getattr(row, name) for name in RunRead.__struct_fields__ if name not in ("open", "obstacles", "by_class")}
    in_the_way = await closing.obstacles(session, row, settings) if row.status != "closed" else []
    return RunRead(**given, by_class=by_class, open=sum(live.values()), obstacles=in_the_way)


def last_day() -> dt.date:
    """The last day that is over."""
    return clock.today() - dt.timedelta(days=1)


def _row(row: Row) -> RunRow:
    return RunRow(**{name: getattr(row, name) for name in RunRow.__struct_fields__})
