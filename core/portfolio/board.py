"""The business board: what clients, plugins and branches bring, sorted and narrowed as the page's address says."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec

from core import clock
from core.billing.filters import BadFilter, day_of, uuid_of, word_of
from core.database import Row, Session
from core.errors import NotFound
from core.portfolio import repository
from core.tenancy.branches_repository import branch_subtree
from core.web.charts import permille

SPANS = (7, 30, 90)
VIEWS = ("client", "plugin", "branch")
SUMS = (
    "bills", "cleared", "billed_fen", "collected_fen", "open_fen", "overdue_fen", "payments", "paid_fen", "refunded_fen", "active_payers",
    "known_payers", "accounts", "deposits_fen", "differences", "difference_fen",
)  # fmt: skip
SORTS = ("label", "rate", "delay_tenths", *SUMS)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked at: until which day, how many days of movement, which clients, in which order."""

    day: dt.date
    days: int = 30
    view: str = "client"
    plugin: str = ""
    kind: str = ""
    branch_id: UUID | None = None
    text: str = ""
    sort: str = "-billed_fen"


class Line(msgspec.Struct, kw_only=True):
    """A client, a plugin or a branch with its figures; None where nothing was told."""

    key: str
    label: str
    sub: str = ""
    kind: str = ""
    clients: int = 1
    as_of: dt.date | None = None
    delay_tenths: int | None = None
    oldest_difference_on: dt.date | None = None
    bills: int | None = None
    cleared: int | None = None
    billed_fen: int | None = None
    collected_fen: int | None = None
    open_fen: int | None = None
    overdue_fen: int | None = None
    payments: int | None = None
    paid_fen: int | None = None
    refunded_fen: int | None = None
    active_payers: int | None = None
    known_payers: int | None = None
    accounts: int | None = None
    deposits_fen: int | None = None
    differences: int | None = None
    difference_fen: int | None = None

    @property
    def rate(self) -> int | None:
        """Collected of billed, tenths of a percent."""
        return permille(self.collected_fen or 0, self.billed_fen or 0)


def asked_of(values: Mapping[str, str]) -> Asked:
    """What the page's address asks for; BadFilter for what cannot be."""
    days, view, sort = word_of(values, "days") or "30", word_of(values, "by") or "client", word_of(values, "sort") or "-billed_fen"
    if days not in map(str, SPANS) or view not in VIEWS or sort.removeprefix("-") not in SORTS:
        raise BadFilter(value=f"{days} {view} {sort}"[:40])
    return Asked(
        day=day_of(values.get("day")) or clock.today(), days=int(days), view=view, plugin=word_of(values, "plugin"), kind=word_of(values, "kind"),
        branch_id=uuid_of(values.get("branch")), text=word_of(values, "q"), sort=sort,
    )  # fmt: skip


async def load(session: Session, asked: Asked, reach: Sequence[UUID] | None) -> tuple[list[Line], Line, list[UUID]]:
    """The lines of the view, what they come to together, and the clients behind them; a branch outside the reach is not found."""
    branches = None
    if asked.branch_id is not None:
        branches = await branch_subtree(session, asked.branch_id)
        if reach is not None and not set(branches) & set(reach):
            raise NotFound()
    plugins = await repository.list_plugins(session) if asked.view == "plugin" and not asked.plugin else [asked.plugin]
    rows = await repository.list_clients(session, reach, plugins, asked.day, asked.days, kind=asked.kind, q=asked.text, branches=branches)
    lines = sorted(_lines(asked.view, rows), key=lambda line: line.label)
    name, down = asked.sort.removeprefix("-"), asked.sort.startswith("-")
    known = [line for line in lines if getattr(line, name) is not None]
    known.sort(key=lambda line: getattr(line, name), reverse=down)
    clients = list({row.id: row.id for row in rows})
    whole = _together("", "", rows)
    whole.clients = len(clients)
    return [*known, *(line for line in lines if getattr(line, name) is None)], whole, clients


def page_of(lines: Sequence[Line], cursor: str | None, size: int) -> tuple[list[Line], str | None]:
    """The lines after the one whose key is the cursor, and the cursor of the page behind them."""
    start = next((place + 1 for place, line in enumerate(lines) if cursor and line.key == cursor), 0)
    shown = list(lines[start : start + size])
    return shown, shown[-1].key if shown and start + size < len(lines) else None


def _lines(view: str, rows: Sequence[Row]) -> Iterable[Line]:
    if view == "client":
        for row in rows:
            line = _together(str(row.id), row.name, [row])
            line.sub, line.kind, line.as_of = f"{row.code} · {row.branch}", row.kind, row.as_of
            line.delay_tenths, line.oldest_difference_on = row.delay_tenths, row.oldest_difference_on
            yield line
        return
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.plugin, row.plugin) if view == "plugin" else (str(row.branch_id), row.branch), []).append(row)
    for (key, label), mine in groups.items():
        yield _together(key, label, mine)


def _together(key: str, label: str, rows: Sequence[Row]) -> Line:
    sums: dict[str, int | None] = {}
    for name in SUMS:
        told = [value for row in rows if (value := getattr(row, name)) is not None]
        sums[name] = sum(told) if told else None
    delays = [row.delay_tenths for row in rows if row.delay_tenths is not None]
    return Line(key=key, label=label, clients=len({row.id for row in rows}), delay_tenths=sum(delays) // len(delays) if delays else None, **sums)
