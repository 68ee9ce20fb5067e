"""A vendor's statement of a day: its own orders and refunds and nothing else; all vendors' together are the hospital's."""

import datetime as dt
from uuid import UUID

from core import clock, paging
from core.database import Row, Session
from plugins.medical.vendors import statement_repository as repository
from plugins.medical.vendors.schemas import Line, Statement, Sum

READ = "medical.statement.read"
START = (dt.datetime.min.replace(tzinfo=dt.UTC), UUID(int=0), "")


def span(on: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """A Shanghai day as instants."""
    start = dt.datetime.combine(on, dt.time(), clock.SHANGHAI)
    return start, start + dt.timedelta(days=1)


async def read(session: Session, on: dt.date, vendor: Row | None, cursor: str | None, limit: int) -> Statement:
    """A day of one vendor, or of all with HIS's own orders; sums are of the whole day, lines a page of it."""
    after = paging.read_cursor(cursor, tuple[dt.datetime, UUID, str]) or START
    vendor_id, (start, end) = vendor.id if vendor else None, span(on)
    sums = [_sum(row) for row in await repository.totals(session, start, end, vendor_id)]
    rows = await repository.list_lines(session, start, end, vendor_id, after, limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: paging.write_cursor(row.at, row.id, row.number))
    return Statement(
        on=on, app_id=vendor.app_id if vendor else None, pays=sum(s.pays for s in sums), pay_fen=sum(s.pay_fen for s in sums),
        refunds=sum(s.refunds for s in sums), refund_fen=sum(s.refund_fen for s in sums), net_fen=sum(s.net_fen for s in sums),
        vendors=sums, items=[_line(row) for row in shown], next_cursor=more,
    )  # fmt: skip


def _sum(row: Row) -> Sum:
    return Sum(
        vendor_id=row.vendor_id, app_id=row.app_id, vendor=row.vendor, pays=row.pays, pay_fen=int(row.pay_fen), refunds=row.refunds,
        refund_fen=int(row.refund_fen),
    )  # fmt: skip


def _line(row: Row) -> Line:
    return Line(
        kind=row.kind, at=row.at, order_number=row.number, his_bill_no=row.his_bill_no, vendor_order_no=row.vendor_order_no, app_id=row.app_id,
        vendor=row.vendor, scene=row.scene, order_kind=row.order_kind, channel=row.channel, number=row.our_number,
        channel_number=row.channel_number, amount_fen=int(row.fen),
    )  # fmt: skip
