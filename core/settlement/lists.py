"""Settlement as finance looks at it. A client's money is settled as a whole: who reaches only part of the client does not find it."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

import msgspec

from core import paging
from core.billing.filters import BadFilter, day_of, word_of
from core.database import Row, Session
from core.identity.actor import Actor
from core.settlement import adjusting_repository, lists_repository, months, months_repository, payouts_repository, service
from core.settlement import gate as gates
from core.settlement.errors import AdjustmentNotFound, BatchNotFound, PayoutNotFound
from core.settlement.lists_repository import Asked
from core.settlement.schemas import (
    AdjustmentPage,
    AdjustmentRead,
    BatchPage,
    BatchRead,
    ItemPage,
    ItemRead,
    MerchantMonth,
    MonthPage,
    MonthRead,
    MonthRow,
    PayoutPage,
    PayoutRead,
    SplitRead,
)
from core.settlement.states import BATCH, ITEMS, OPEN, PAYOUT


def check_reach(by: Actor, permission: str = service.READ) -> None:
    """BatchNotFound for who reaches only some units of the client."""
    if by.reach(permission) is not None:
        raise BatchNotFound()


def asked_of(values: Mapping[str, str]) -> Asked:
    """What a page's address, an export or a program asks for."""
    status = word_of(values, "status")
    if status and status not in BATCH.states:
        raise BadFilter(value=status[:40])
    return Asked(
        typed=word_of(values, "q"), status=status, merchant=word_of(values, "merchant"), start=day_of(values.get("start")),
        until=day_of(values.get("until")),
    )  # fmt: skip


async def list_batches(session: Session, asked: Asked, by: Actor, cursor: str | None, limit: int = paging.PAGE) -> BatchPage:
    """A page of batches."""
    check_reach(by)
    rows = await lists_repository.list_page(session, asked, paging.read_cursor(cursor, tuple[dt.date, UUID]), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: paging.write_cursor(row.bill_on, row.id))
    sums = await lists_repository.sum_page(session, asked)
    return BatchPage(
        items=[_batch(row) for row in shown], next_cursor=more, batches=sums.batches, gross_fen=sums.gross_fen, refund_fen=sums.refund_fen,
        cost_fen=sums.cost_fen, net_fen=sums.net_fen, pay_fen=sums.pay_fen,
    )  # fmt: skip


async def find_batch(session: Session, batch_id: UUID, by: Actor, permission: str = service.READ) -> BatchRead:
    """One batch, while it is open with its gate as it stands now; BatchNotFound outside this client."""
    check_reach(by, permission)
    row = await lists_repository.find(session, batch_id)
    if row is None:
        raise BatchNotFound()
    found = _batch(row)
    if row.status not in OPEN:
        return found
    return msgspec.structs.replace(found, gate=await gates.as_it_stands(session, row.bill_on, found.gate))


def _batch(row: Row) -> BatchRead:
    facts = {name: getattr(row, name) for name in BatchRead.__struct_fields__ if name != "gate"}
    return BatchRead(**facts, gate=gates.read(row.gate))


async def list_items(
    session: Session, batch_id: UUID, kind: str = "", typed: str = "", cursor: str | None = None, limit: int = paging.PAGE
) -> ItemPage:
    """What a batch is made of, by kind."""
    if kind and kind not in ITEMS:
        raise BadFilter(value=kind[:40])
    after = paging.read_cursor(cursor, tuple[str, UUID])
    rows = await lists_repository.list_items(session, batch_id, kind, typed, after, limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: paging.write_cursor(row.kind, row.ref_id))
    return ItemPage([ItemRead(**{name: getattr(row, name) for name in ItemRead.__struct_fields__}) for row in shown], more)


async def list_payouts(
    session: Session, by: Actor, typed: str = "", status: str = "", batch_id: UUID | None = None, cursor: str | None = None,
    limit: int = paging.PAGE,
) -> PayoutPage:  # fmt: skip
    """Payment instructions, the newest first."""
    check_reach(by)
    if status and status not in PAYOUT.states:
        raise BadFilter(value=status[:40])
    rows = await payouts_repository.list_page(session, typed.replace("\0", ""), status, batch_id, paging.read_id(cursor), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: str(row.id))
    return PayoutPage([_payout(row) for row in shown], more)


async def find_payout(session: Session, payout_id: UUID, by: Actor) -> PayoutRead:
    """One instruction; PayoutNotFound outside this client."""
    check_reach(by)
    row = await payouts_repository.find(session, payout_id)
    if row is None:
        raise PayoutNotFound()
    found = await payouts_repository.list_page(session, row.number, "", row.batch_id, None, 1)
    return _payout(found[0])


def _payout(row: Row) -> PayoutRead:
    return PayoutRead(**{name: getattr(row, name) for name in PayoutRead.__struct_fields__})


async def list_adjustments(
    session: Session, by: Actor, merchant: str = "", state: str = "", cursor: str | None = None, limit: int = paging.PAGE
) -> AdjustmentPage:
    """Adjustments, the newest first; `state` is `open`, `settled` or empty."""
    check_reach(by)
    if state not in ("", "open", "settled"):
        raise BadFilter(value=state[:40])
    rows = await adjusting_repository.list_page(session, merchant.replace("\0", ""), state, paging.read_id(cursor), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: str(row.id))
    return AdjustmentPage([_adjustment(row) for row in shown], more)


async def find_adjustment(session: Session, adjustment_id: UUID, by: Actor) -> AdjustmentRead:
    """One adjustment; AdjustmentNotFound outside this client, or before a second person agreed."""
    check_reach(by)
    row = await adjusting_repository.find(session, adjustment_id)
    if row is None:
        raise AdjustmentNotFound()
    return _adjustment(row)


def _adjustment(row: Row) -> AdjustmentRead:
    return AdjustmentRead(**{name: getattr(row, name) for name in AdjustmentRead.__struct_fields__})


async def list_splits(session: Session, by: Actor) -> list[SplitRead]:
    """Every partner's share, past ones too."""
    check_reach(by)
    rows = await adjusting_repository.list_rules(session)
    return [SplitRead(**{name: getattr(row, name) for name in SplitRead.__struct_fields__}) for row in rows]


async def list_months(session: Session, by: Actor, cursor: str | None = None, limit: int = 24) -> MonthPage:
    """Months, the newest first."""
    check_reach(by)
    before = paging.read_cursor(cursor, tuple[dt.date])
    rows = await months_repository.list_page(session, before[0] if before else None, limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: paging.write_cursor(row.month))
    named = ("status", "made_by", "checked_by", "signed_at")
    counted = ("batches", "unfinished", "net_fen", "paid_fen")
    return MonthPage(
        [
            MonthRow(
                month=f"{row.month:%Y-%m}", **{name: getattr(row, name) for name in named},
                **{name: int(getattr(row, name) or 0) for name in counted},
            )
            for row in shown
        ],
        more,
    )  # fmt: skip


async def find_month(session: Session, first: dt.date, by: Actor) -> MonthRead:
    """One month with its sums by merchant."""
    check_reach(by)
    row = await months_repository.find(session, first)
    merchants = await months_repository.by_merchant(session, first, months.following(first))
    return MonthRead(
        id=row.id if row else None,
        month=f"{first:%Y-%m}",
        status=row.status if row else "open",
        totals=await months.totals(session, first),
        signed_totals=msgspec.convert(row.totals, dict[str, int]) if row and row.status != "open" else {},
        hindrances=await months.hindrances(session, first) if row is None or row.status == "open" else [],
        merchants=[MerchantMonth(**{name: getattr(each, name) for name in MerchantMonth.__struct_fields__}) for each in merchants],
        made_by=row.made_by if row else None,
        checked_by=row.checked_by if row else None,
        signed_at=row.signed_at if row else None,
    )


async def count_ready(session: Session, by: Actor) -> int | None:
    """The work list's count of batches that may be submitted; None for who does not see the whole client."""
    return None if by.reach(service.MAKE) is not None else await lists_repository.count_ready(session)


async def count_returned(session: Session, by: Actor) -> int | None:
    """The work list's count of batches whose money came back."""
    return None if by.reach(service.MAKE) is not None else await lists_repository.count_returned(session)
