"""The day board as it leaves for Excel: a row for every day and channel, as it was last reckoned."""

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from core.database import Session
from core.errors import NotFound
from core.hookspecs import Export
from core.trace import board, board_repository, rights
from core.trace.equation import SIX
from core.trace.reckoning import cell_of
from core.web.filters import status_label
from core.web.i18n import N_

_NUMBERS = tuple(
    column for title in (N_("账单"), N_("收款"), N_("渠道文件"), N_("总账"), N_("结算"), N_("银行")) for column in ((title, "money"), (N_("笔数"), "number"))
)
COLUMNS = (
    (N_("账单日"), "date"), (N_("渠道"), "text"), (N_("状态"), "text"), *_NUMBERS, (N_("渠道手续费"), "money"), (N_("未处理条数"), "number"),
    (N_("未处理金额"), "money"), (N_("等次日条数"), "number"), (N_("说不清"), "money"),
)  # fmt: skip


async def rows(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """The days of the month that the page shows."""
    if reach is not None:
        raise NotFound()
    asked = board.asked_of(given)
    for kept in await board_repository.list_days(session, asked.month, board.last_of(asked.month)):
        cell = cell_of(kept)
        if asked.channel not in ("", cell.channel) or asked.state not in ("", cell.state):
            continue
        six = [value for name in SIX for value in (cell.number(name).fen, cell.number(name).count)]
        yield (
            cell.day, status_label(cell.channel, "channel"), status_label(cell.state, "equation"), *six, cell.fee_fen,
            sum(number.count for number in cell.open.values()), sum(number.fen for number in cell.open.values()), cell.expected.count,
            sum(gap.strange_fen for gap in cell.gaps.values()),
        )  # fmt: skip


DAYS = Export("trace.days", N_("日清看板"), rights.RECON, COLUMNS, rows)
