"""Two reports: what departments earned (sums only, within the asker's reach), and each cashier's day as a hospital reads it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from core import clock, paging
from core.billing import filters, units
from core.counter import shifts
from core.counter.schemas import ShiftRead
from core.database import Row, Session
from core.errors import InvalidRequest
from core.identity.actor import Actor
from core.payments.lists import begin_of
from core.web.filters import status_label
from core.web.i18n import gettext as _
from plugins.medical.orders.states import KINDS, SCENES
from plugins.medical.reports import repository

REVENUE, SHIFTS = "medical.report.read", "medical.shift.read"
MOST_DAYS = 366
TAKEN = ("cash", "pos", "barcode", "cheque")
"""The ways of paying at a window, in the order of the report; whatever else went through a shift counts as other."""


class LongTime(InvalidRequest):
    code = "REPORT_TOO_LONG"
    message = "一次最多查看 366 天，结束日期不能早于开始日期，请调整"


class RevenueRow(msgspec.Struct, frozen=True, kw_only=True):
    """What one department, day, kind or scene came to, fen; `net_cash_fen` is cash less what went back."""

    key: str
    label: str
    orders: int
    total_fen: int
    insured_fen: int
    hospital_fen: int
    cash_fen: int
    refunded_fen: int
    net_cash_fen: int


class Revenue(msgspec.Struct, frozen=True, kw_only=True):
    """A report and its sums."""

    by: str
    start: dt.date
    until: dt.date
    rows: list[RevenueRow]
    sums: RevenueRow


class DayRow(msgspec.Struct, frozen=True, kw_only=True):
    """A cashier's shift: count and fen by way of paying, what the drawer should hold, what was counted, and the difference."""

    id: UUID
    cashier: str
    window: str
    status: str
    opened_at: dt.datetime
    submitted_at: dt.datetime | None
    taken: dict[str, tuple[int, int]]
    count: int
    amount_fen: int
    expected_fen: int | None
    counted_fen: int | None
    variance_fen: int | None
    variance_reason: str | None


async def revenue(session: Session, values: Mapping[str, str], reach: list[UUID] | None) -> Revenue:
    """What was earned between two days (this month when left out), deposits left out; only departments within reach."""
    today = clock.today()
    start, until = filters.day_of(values.get("from")) or today.replace(day=1), filters.day_of(values.get("to")) or today
    if not 0 <= (until - start).days < MOST_DAYS:
        raise LongTime()
    by = _word(values, "by", repository.BY) or "department"
    tree = await units.load(session, reach)
    found = await repository.revenue(
        session, by, begin_of(start), begin_of(until + dt.timedelta(days=1)), tree.scope(filters.uuid_of(values.get("department"))),
        _word(values, "kind", KINDS), _word(values, "scene", SCENES),
    )  # fmt: skip
    rows = [_row(row, _label(by, row.key, tree)) for row in found]
    return Revenue(by=by, start=start, until=until, rows=rows, sums=_sums(rows))


async def list_days(session: Session, by: Actor, status: str, cursor: str | None, limit: int = paging.PAGE) -> tuple[list[DayRow], str | None]:
    """Shifts as core keeps them, the newest first, with a hospital's columns."""
    found, more = await shifts.list_shifts(session, by, status, cursor, limit)
    return [_day(shift) for shift in found], more


def _day(shift: ShiftRead) -> DayRow:
    kinds = shift.by_kind or {}
    taken = {kind: kinds.get(kind, (0, 0)) for kind in TAKEN}
    taken["other"] = tuple(sum(numbers) for numbers in zip(*(kinds[kind] for kind in kinds if kind not in TAKEN), strict=True)) or (0, 0)
    same = ("id", "cashier", "window", "status", "opened_at", "submitted_at", "expected_fen", "counted_fen", "variance_fen", "variance_reason")
    return DayRow(
        **{name: getattr(shift, name) for name in same}, taken=taken, count=sum(count for count, _fen in taken.values()),
        amount_fen=sum(fen for _count, fen in taken.values()),
    )  # fmt: skip


def _word(values: Mapping[str, str], name: str, known: Sequence[str]) -> str:
    word = filters.word_of(values, name)
    if word and word not in known:
        raise filters.BadFilter(value=word[:40])
    return word


def _label(by: str, key: str, tree: units.Units) -> str:
    if by == "department":
        return tree.path(UUID(key), 2) if key else _("未注明科室")
    return key if by == "day" else status_label(key, "medical.order_kind" if by == "kind" else "medical.scene")


def _row(row: Row, label: str) -> RevenueRow:
    same = ("key", "orders", "total_fen", "insured_fen", "hospital_fen", "cash_fen", "refunded_fen")
    return RevenueRow(**{name: getattr(row, name) for name in same}, label=label, net_cash_fen=row.cash_fen - row.refunded_fen)


def _sums(rows: Sequence[RevenueRow]) -> RevenueRow:
    names = ("orders", "total_fen", "insured_fen", "hospital_fen", "cash_fen", "refunded_fen", "net_cash_fen")
    return RevenueRow(key="", label="", **{name: sum(getattr(row, name) for row in rows) for name in names})
