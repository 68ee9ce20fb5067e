"""Statements as finance looks at them: the list, one file with what was said of it, its lines, and which day lacks which file."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from core import clock, paging
from core.billing.filters import day_of, word_of
from core.database import Row, Session
from core.errors import NotFound
from core.identity.actor import Actor
from core.statements import fetching_repository, lists_repository
from core.statements.lists_repository import Asked, LinesAsked

LOOK_BACK = dt.timedelta(days=30)
STRIP_DAYS = 14
KNOWN_FOR = dt.timedelta(days=45)


class StatementNotFound(NotFound):
    code = "STATEMENT_NOT_FOUND"
    message = "没有找到这个对账文件"


class LineNotFound(NotFound):
    code = "STATEMENT_LINE_NOT_FOUND"
    message = "这个文件里没有这一行"


class StatementRead(msgspec.Struct, frozen=True, kw_only=True):
    """A file that came in and what was said of it; amounts in fen, a fee is the merchant's cost."""

    id: UUID
    source: str
    side: str
    channel: str
    merchant_number: str
    bill_on: dt.date
    version: int
    status: str
    verdict: str
    reason_code: str
    reason: str
    repairs: list[str]
    file_name: str
    size: int
    lines: int
    rows_loaded: int
    ignored_lines: int
    other_lines: int
    rejected_rows: int
    pay_count: int
    pay_amount_fen: int
    refund_count: int
    refund_amount_fen: int
    fee_fen: int
    net_fen: int
    origin: str
    made_by: str
    created_at: dt.datetime
    sha256: str
    facts: dict[str, Any]
    """Sums by channel, the version of the field map it was read with, and where a refused file's fault stands."""


class LineRead(msgspec.Struct, frozen=True, kw_only=True):
    """A normalised line. `number` is the order's number of a payment and the refund's number of a refund."""

    row_no: int
    line_no: int
    channel: str
    kind: str
    counts: bool
    number: str
    order_number: str | None
    channel_number: str | None
    channel_order_number: str | None
    amount_fen: int
    fee_fen: int | None
    net_fen: int | None
    happened_at: dt.datetime | None
    settle_on: dt.date | None
    status: str
    bill_number: str | None
    serial: str | None


class RefusalRead(msgspec.Struct, frozen=True, kw_only=True):
    """A row that was left out: where it stands, what stands there, why."""

    row_no: int
    line_no: int
    number: str
    column_name: str
    value: str
    code: str
    message: str


class StatementPage(msgspec.Struct, frozen=True):
    """Statements, the last to come first."""

    items: list[StatementRead]
    next_cursor: str | None


class LinePage(msgspec.Struct, frozen=True):
    """Lines in the order of the file."""

    items: list[LineRead]
    next_cursor: str | None


class RefusalPage(msgspec.Struct, frozen=True):
    """Refused rows in the order of the file."""

    items: list[RefusalRead]
    next_cursor: str | None


class Cell(msgspec.Struct, frozen=True):
    """One day of one source: loaded, rows (loaded with rows left out), empty, refused, waiting, failed, missing, none (nothing is due)."""

    day: dt.date
    state: str
    statement_id: UUID | None = None


class StripRow(msgspec.Struct, frozen=True):
    """A source and number over the last days."""

    source: str
    number: str
    cells: list[Cell]


class Strip(msgspec.Struct, frozen=True):
    """Which day lacks which file."""

    days: list[dt.date]
    rows: list[StripRow]

    @property
    def lacking(self) -> int:
        """How many files are not there that should be."""
        return sum(cell.state in ("missing", "failed", "refused") for row in self.rows for cell in row.cells)


def asked_of(values: Mapping[str, str]) -> Asked:
    """What a page's address, the API or an export asks for."""
    words = {name: word_of(values, name) for name in ("source", "side", "verdict", "status", "origin")}
    return Asked(typed=word_of(values, "q"), start=day_of(values.get("start")), until=day_of(values.get("until")), **words)


def lines_asked_of(values: Mapping[str, str]) -> LinesAsked:
    """The same for a statement's lines."""
    return LinesAsked(typed=word_of(values, "q"), kind=word_of(values, "kind"), channel=word_of(values, "channel"))


async def list_statements(session: Session, asked: Asked, cursor: str | None, limit: int = paging.PAGE) -> StatementPage:
    """Files that came in."""
    rows = await lists_repository.list_page(session, asked, paging.read_cursor(cursor, tuple[dt.datetime, UUID]), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: paging.write_cursor(row.created_at, row.id))
    return StatementPage([read_of(row) for row in shown], more)


async def count(session: Session, asked: Asked) -> int:
    """How many are meant."""
    return await lists_repository.count(session, asked)


async def list_versions(session: Session, found: StatementRead) -> Sequence[Row]:
    """Every file that came for the same source, number and day, the last first."""
    return await lists_repository.list_versions(session, found.source, found.merchant_number, found.bill_on)


async def find(session: Session, statement_id: UUID) -> StatementRead:
    """One file of this client."""
    row = await lists_repository.find(session, statement_id)
    if row is None:
        raise StatementNotFound()
    return read_of(row)


def read_of(row: Row) -> StatementRead:
    """A row as pages and the API show it."""
    names = [name for name in StatementRead.__struct_fields__ if name != "sha256"]
    return StatementRead(**{name: getattr(row, name) for name in names}, sha256=row.sha256.hex())


async def list_lines(session: Session, statement_id: UUID, asked: LinesAsked, cursor: str | None, limit: int = paging.PAGE) -> LinePage:
    """A file's lines."""
    after = paging.read_cursor(cursor, tuple[int])
    rows = await lists_repository.list_lines(session, statement_id, asked, after[0] if after else 0, limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: paging.write_cursor(row.row_no))
    return LinePage([_line(row) for row in shown], more)


async def find_line(session: Session, statement_id: UUID, row_no: int) -> LineRead:
    """One line of a file."""
    row = await lists_repository.find_line(session, statement_id, row_no)
    if row is None:
        raise LineNotFound()
    return _line(row)


async def list_refusals(session: Session, statement_id: UUID, cursor: str | None, limit: int = paging.PAGE) -> RefusalPage:
    """A file's refused rows."""
    after = paging.read_cursor(cursor, tuple[int])
    rows = await lists_repository.list_refusals(session, statement_id, after[0] if after else 0, limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: paging.write_cursor(row.row_no))
    return RefusalPage([RefusalRead(**{name: getattr(row, name) for name in RefusalRead.__struct_fields__}) for row in shown], more)


def _line(row: Row) -> LineRead:
    return LineRead(**{name: getattr(row, name) for name in LineRead.__struct_fields__})


async def strip(session: Session, until: dt.date | None = None) -> Strip:
    """The last two weeks, the latest day first: for each source that is awaited or has come lately, what there is of each day."""
    until = until or clock.today() - dt.timedelta(days=1)
    days = [until - dt.timedelta(days=n) for n in range(STRIP_DAYS)]
    there = {(r.source, r.merchant_number, r.bill_on): r for r in await lists_repository.list_latest(session, days[-1], until)}
    awaited = {(r.source, r.merchant_number, r.bill_on): r for r in await fetching_repository.list_days(session, days[-1], until)}
    known = {(r.source, r.merchant_number) for r in await lists_repository.list_known(session, until - KNOWN_FOR)}
    rows = sorted(known | {key[:2] for key in there} | {key[:2] for key in awaited})
    first = {row: min((key[2] for key in there if key[:2] == row), default=None) for row in rows}
    return Strip(days, [StripRow(*row, [_cell(row, day, there, awaited, first[row]) for day in days]) for row in rows])


def _cell(row: tuple[str, str], day: dt.date, there: dict, awaited: dict, first: dt.date | None) -> Cell:
    found, fetch = there.get((*row, day)), awaited.get((*row, day))
    if found is not None and found.status == "loaded":
        state = "rows" if found.rejected_rows else "loaded" if found.lines else "empty"
        return Cell(day, state, found.id)
    if fetch is not None and fetch.status in ("waiting", "failed"):
        return Cell(day, fetch.status, found.id if found else fetch.statement_id)
    if found is not None:
        return Cell(day, "refused", found.id)
    return Cell(day, "missing" if first is not None and day > first else "none")


async def count_refused(session: Session, _: Actor) -> int:
    """The work list's count of refused files nothing good has come after."""
    return await lists_repository.count_refused(session, clock.now() - LOOK_BACK)


async def count_with_refused_rows(session: Session, _: Actor) -> int:
    """The work list's count of files with rows left out."""
    return await lists_repository.count_with_refused_rows(session, clock.now() - LOOK_BACK)
