"""What the stores' own tills say: by file or from their system; the same order again with the same amount changes nothing."""

from collections.abc import Sequence
from uuid import UUID

from core import clock
from core.database import Session
from core.identity import audit
from core.identity.actor import Actor
from core.web.i18n import N_
from plugins.medical.robots import days_repository as repository
from plugins.medical.robots import repository as robots
from plugins.medical.robots.errors import TillOrderBroken
from plugins.medical.robots.schemas import TillOrder, TillOrdersTaken

IMPORT = "medical.till.import"


async def take(session: Session, orders: Sequence[TillOrder], by: Actor) -> TillOrdersTaken:
    """Write till orders and compare the days they touch, the old day of a moved order too. TillOrderBroken names the row."""
    stores = await robots.stores_by_code(session, [order.store_code for order in orders])
    seen: set[tuple[str, str]] = set()
    for place, order in enumerate(orders, 1):
        store_id = stores.get(order.store_code)
        if store_id is None or not by.reaches(IMPORT, store_id):
            raise TillOrderBroken(row=place, why=N_("没有这个门店编码，或不在您的管辖范围内"), field="store_code")
        if order.bill_on > clock.today():
            raise TillOrderBroken(row=place, why=N_("日期在今天之后"), field="bill_on")
        if (order.platform, order.order_no) in seen:
            raise TillOrderBroken(row=place, why=N_("同一订单出现两次"), field="order_no")
        seen.add((order.platform, order.order_no))
    return await write(session, orders, stores, by)


async def write(session: Session, orders: Sequence[TillOrder], stores: dict[str, UUID], by: Actor) -> TillOrdersTaken:
    """Write orders that were judged."""
    await repository.hold(session)
    there = await repository.list_known_tills(session, [order.platform for order in orders], [order.order_no for order in orders])
    known = {(row.platform, row.order_no): row for row in there}
    rows, touched, changed = [], [], 0
    for order in orders:
        before = known.get((order.platform, order.order_no))
        row = {
            "platform": order.platform, "order_no": order.order_no, "store_id": stores[order.store_code], "bill_on": order.bill_on,
            "settle_fen": order.settle_fen,
        }  # fmt: skip
        if before is not None and all(getattr(before, name) == value for name, value in row.items()):
            continue
        if before is not None:
            if not by.reaches(IMPORT, before.store_id):
                raise TillOrderBroken(row=orders.index(order) + 1, why=N_("这个订单属于别的门店"), field="order_no")
            changed += 1
            touched.append((before.platform, before.store_id, before.bill_on))
        rows.append(row)
        touched.append((order.platform, row["store_id"], order.bill_on))
    if rows:
        await repository.write_tills(session, rows)
        await repository.compare(session, touched, clock.now())
        after = {"new": len(rows) - changed, "changed": changed}
        await audit.record(session, by, "medical.till_orders.take", "till_order", rows[0]["bill_on"], after=after)
    return TillOrdersTaken(len(rows) - changed, changed, len(orders) - len(rows))
