"""What the insurance office looks at: what the insurer owes, and a period's settlements against the insurer's files. Nobody is named."""

import datetime as dt
import re
from collections.abc import Mapping

from core import clock, paging
from core.billing import filters
from core.database import Row, Session
from plugins.medical.insurance import repository
from plugins.medical.insurance.schemas import ComparedPage, ComparedRow, SettlementPage, SettlementRow
from plugins.medical.insurance.states import SETTLEMENT
from plugins.medical.insurance.words import VERDICTS

READ, MANAGE = "medical.insurance.read", "medical.insurance.manage"
_MONTH = re.compile("20[0-9]{2}-(0[1-9]|1[0-2])")


def asked_of(values: Mapping[str, str]) -> dict[str, object]:
    """The filter that an address or an export names; BadFilter when a value cannot be one. `period` is a month."""
    status, period = filters.word_of(values, "status"), filters.word_of(values, "period")
    if status and status not in SETTLEMENT.states:
        raise filters.BadFilter(value=status[:40])
    start, until = month(period) if period else (None, None)
    typed, clr_type = filters.word_of(values, "q")[:64], filters.word_of(values, "clr_type")[:20]
    return {"status": status, "clr_type": clr_type, "typed": typed, "start": start, "until": until}


def month(period: str) -> tuple[dt.date, dt.date]:
    """The first day of a month and of the next; BadFilter for anything else."""
    if not _MONTH.fullmatch(period):
        raise filters.BadFilter(value=period[:40])
    start = dt.date.fromisoformat(f"{period}-01")
    return start, (start + dt.timedelta(days=32)).replace(day=1)


def months(count: int = 24) -> list[str]:
    """The months one may choose, this one first."""
    today = clock.today()
    return [f"{at // 12}-{at % 12 + 1:02d}" for at in (today.year * 12 + today.month - 1 - back for back in range(count))]


async def list_settlements(session: Session, asked: Mapping[str, object], cursor: str | None, limit: int = paging.PAGE) -> SettlementPage:
    """Settlements, the newest first, with what the insurer owes for everything the filter means."""
    rows = await repository.list_page(session, asked, paging.read_id(cursor), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: str(row.id))
    sums = await repository.sums(session, asked)
    return SettlementPage(
        items=[read(row) for row in shown], next_cursor=more, count=sums.settlements, receivable_fen=sums.receivable_fen, total_fen=sums.total_fen
    )


async def compare(session: Session, period: str, verdict: str, cursor: str | None, limit: int = paging.PAGE) -> ComparedPage:
    """A month's settlements against the insurer's files, by settlement number; what was reversed or never settled is not expected."""
    if verdict and verdict not in VERDICTS:
        raise filters.BadFilter(value=verdict[:40])
    start, until = month(period)
    last = paging.read_cursor(cursor, tuple[str])
    rows = await repository.list_compared(session, start, until, verdict, last[0] if last else "", limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: paging.write_cursor(row.setl_id))
    sums = {row.verdict: (row.n, row.fen) for row in await repository.compared_sums(session, start, until)}
    names = ComparedRow.__struct_fields__
    return ComparedPage(
        period=period, items=[ComparedRow(**{name: getattr(row, name) for name in names}) for row in shown], next_cursor=more,
        totals={name: sums.get(name, (0, 0)) for name in VERDICTS},
    )  # fmt: skip


def read(row: Row) -> SettlementRow:
    """A settlement as the office sees it."""
    same = ("id", "setl_id", "clr_type", "settled_on", "status", "receivable_fen", "order_number", "visit_no")
    return SettlementRow(
        **{name: getattr(row, name) for name in same}, total_fen=row.medfee_sumamt_fen, fund_fen=row.fund_pay_sumamt_fen,
        account_fen=row.acct_pay_fen, mutual_aid_fen=row.acct_mulaid_pay_fen, cash_fen=row.psn_cash_pay_fen, hospital_fen=row.hosp_part_amt_fen,
    )  # fmt: skip
