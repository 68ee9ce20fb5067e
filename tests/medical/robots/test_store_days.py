"""What platforms owe against what tills have, per store and day, to the fen."""

import datetime as dt

import msgspec
import pytest
from sqlalchemy import text

from core.approvals import service as approvals
from core.errors import SelfApproval
from plugins.medical.robots import days, lists, till_files, tills
from plugins.medical.robots.errors import TillOrderBroken
from plugins.medical.robots.schemas import TillOrder
from tests.medical.robots.pharmacy import DAY, NUMBERS
from tests.medical.robots.test_till_files import context_of


async def fetched(pharmacy):
    """A day that a robot brought by mail; answers the platform's orders."""
    shop, box = await pharmacy.shop(), await pharmacy.box()
    orders = await pharmacy.fill(shop)
    robot_id = await pharmacy.robot("mailbox", box)
    await pharmacy.authorise(robot_id)
    await pharmacy.mail(box, content=await pharmacy.file(shop))
    await pharmacy.beat()
    return robot_id, orders


def till_of(orders, **changed: int) -> list[TillOrder]:
    def settle(order):
        return order["item_fen"] - order["promotion_fen"] - order["service_fen"] - order["delivery_fen"] + order["subsidy_fen"]

    return [TillOrder("meituan", NUMBERS[o["store"]], DAY, o["order_no"], changed.get(o["order_no"], settle(o))) for o in orders]


async def take(pharmacy, orders, by=None):
    async with pharmacy.tenant() as session:
        return await tills.take(session, orders, by or pharmacy.signer)


async def day_of(pharmacy, store="S001"):
    async with pharmacy.tenant() as session:
        page = await lists.list_days(session, lists.asked_of({}, None), None)
    return next(day for day in page.items if day.store_code == store)


async def test_equal_to_the_fen_is_balanced_and_the_run_reconciled(pharmacy):
    robot_id, orders = await fetched(pharmacy)
    assert (await day_of(pharmacy)).status == "waiting"
    taken = await take(pharmacy, till_of(orders))
    assert (taken.new, taken.changed, taken.unchanged) == (12, 0, 0)
    day = await day_of(pharmacy)
    assert (day.status, day.shop_orders, day.till_orders, day.gap_fen, day.differences) == ("balanced", 6, 6, 0, 0)
    assert (await pharmacy.run(robot_id)).status == "reconciled"
    again = await take(pharmacy, till_of(orders))
    assert (again.new, again.changed, again.unchanged) == (0, 0, 12)


async def test_amounts_that_cancel_each_other_out_are_found_by_order(pharmacy):
    robot_id, orders = await fetched(pharmacy)
    mine = [order for order in orders if order["store"] == "MT-1"]
    till = {t.order_no: t for t in till_of(orders)}
    first, second = mine[0]["order_no"], mine[1]["order_no"]
    changed = [*till.values()]
    for place, order in enumerate(changed):
        shift = {first: 100, second: -100}.get(order.order_no, 0)
        changed[place] = msgspec.structs.replace(order, settle_fen=order.settle_fen + shift)
    await take(pharmacy, changed)
    day = await day_of(pharmacy)
    assert (day.status, day.gap_fen, day.differences) == ("different", 0, 2)
    async with pharmacy.tenant() as session:
        page = await lists.list_differences(session, await days.find(session, day.id, None))
    assert sorted(found.order_no for found in page.items) == sorted([first, second])
    assert (await pharmacy.run(robot_id)).status == "different"
    assert (await day_of(pharmacy, "S002")).status == "balanced"


async def test_a_missing_order_is_listed_on_the_side_that_lacks_it(pharmacy):
    _, orders = await fetched(pharmacy)
    till = till_of(orders)
    await take(pharmacy, [*till[1:], TillOrder("meituan", "S001", DAY, "ONLY-TILL", 500)])
    day = await day_of(pharmacy)
    async with pharmacy.tenant() as session:
        page = await lists.list_differences(session, await days.find(session, day.id, None))
    assert {(found.order_no, found.shop_fen is None, found.till_fen is None) for found in page.items} == {
        (till[0].order_no, False, True), ("ONLY-TILL", True, False),
    }  # fmt: skip


async def test_a_difference_is_accepted_by_a_second_person_until_a_figure_changes(pharmacy, plugins):
    robot_id, orders = await fetched(pharmacy)
    till = till_of(orders)
    await take(pharmacy, till[1:])
    day = await day_of(pharmacy)
    kinds = approvals.kinds_of(pharmacy.platform.plugins, frozenset({"medical"}))
    async with pharmacy.tenant() as session:
        proposal = await days.propose(session, day.id, "平台漏推一单，次日补", pharmacy.signer)
        with pytest.raises(SelfApproval):
            await approvals.approve(session, kinds, proposal, pharmacy.signer)
        await approvals.approve(session, kinds, proposal, pharmacy.other)
    day = await day_of(pharmacy)
    assert (day.status, day.accepted_by, day.reason) == ("accepted", "柳药房", "平台漏推一单，次日补")
    assert (await pharmacy.run(robot_id)).status == "reconciled"
    await take(pharmacy, till[1:])
    assert (await day_of(pharmacy)).status == "accepted"
    await take(pharmacy, [msgspec.structs.replace(till[2], settle_fen=till[2].settle_fen + 1)])
    assert (await day_of(pharmacy, till[2].store_code)).status == "different"


@pytest.mark.parametrize(
    ("change", "field"), [({"store_code": "S999"}, "store_code"), ({"bill_on": DAY + dt.timedelta(days=9)}, "bill_on"), ({}, "order_no")]
)
async def test_a_bad_till_order_refuses_all_and_names_the_row(pharmacy, change, field):
    good = TillOrder("meituan", "S001", DAY, "A1", 100)
    with pytest.raises(TillOrderBroken) as told:
        await take(pharmacy, [good, msgspec.structs.replace(good, **change)])
    assert told.value.facts["row"] == 2 and told.value.facts["field"] == field
    async with pharmacy.tenant() as session:
        assert await session.scalar(text("SELECT count(*) FROM medical.till_order")) == 0


async def test_a_store_beyond_ones_reach_is_not_there(pharmacy):
    by = msgspec.structs.replace(pharmacy.signer, rights={tills.IMPORT: frozenset({pharmacy.hospital.units["S002"]})})
    with pytest.raises(TillOrderBroken):
        await take(pharmacy, [TillOrder("meituan", "S001", DAY, "A1", 100)], by)


async def test_an_order_of_another_store_cannot_be_taken_over_by_a_file_or_a_program(pharmacy):
    await take(pharmacy, [TillOrder("meituan", "S001", DAY, "A1", 100)])
    by = pharmacy.hospital.person("二店", tills.IMPORT, reach=frozenset({pharmacy.hospital.units["S002"]}))
    with pytest.raises(TillOrderBroken) as told:
        await take(pharmacy, [TillOrder("meituan", "S002", DAY, "A1", 999)], by)
    assert told.value.facts["field"] == "order_no"
    content = f"平台*,门店编码*,账单日期*,平台订单号*,结算金额*\n美团,S002,{DAY},A1,9.99\n美团,S002,{DAY},A2,1\n".encode()
    check = await till_files.check(context_of(pharmacy, by), content, "tills.csv")
    assert [(row.row, row.code) for row in check.rows if row.verdict == "reject"] == [(2, "order_of_other_store")]
    await till_files.apply(context_of(pharmacy, by), check)
    async with pharmacy.tenant() as session:
        rows = await session.all(text("SELECT order_no, settle_fen FROM medical.till_order ORDER BY order_no"))
    assert [tuple(row) for row in rows] == [("A1", 100), ("A2", 100)]
