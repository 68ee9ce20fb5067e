"""A bill follows its order: HIS decides what it comes to, so finance neither adjusts it nor moves its money."""

import pytest

from core.billing import corrections
from core.billing import service as billing
from core.billing.errors import BillBound
from core.billing.schemas import LineChange
from plugins.medical.returns import service as returns
from tests.medical.his.conftest import channel, house

__all__ = ["channel", "house"]


async def test_a_bill_is_not_adjusted_behind_its_order(house, staff):
    order = await house.order(insured=False)
    finance = await staff(house.hospital.client, "billing.bill.read", "billing.bill.adjust")
    async with house.tenant() as session:
        bill = await billing.find_bill(session, order.bill_id)
        with pytest.raises(BillBound, match="由 HIS 定"):
            await corrections.propose_adjust(session, bill, [LineChange(line_no=bill.lines[0].line_no, net_fen=5_000)], "改", house.hospital.maker)
    page = (await finance.get(f"/console/bills/{order.bill_id}")).text
    assert ("调整金额" in page, "转移缴费" in page, "作废" in page) == (False, False, True)
    asked = await finance.post(f"/api/v1/bills/{order.bill_id}/adjustments", json={"changes": [{"line_no": 1, "net_fen": 1}], "reason": "改"})
    assert asked.status_code in (404, 409)


async def test_money_is_neither_moved_from_an_order_nor_onto_one(house):
    paid, open_ = await house.posted(insured=False), await house.order(insured=False)
    async with house.tenant() as session:
        source, target = await billing.find_bill(session, paid.bill_id), await billing.find_bill(session, open_.bill_id)
        with pytest.raises(BillBound):
            await corrections.propose_move(session, source, target, 3_000, "串户", house.hospital.maker)


async def test_money_that_paid_no_order_changes_none_when_it_goes_back(house):
    order = await house.order(insured=False)
    async with house.tenant() as session:
        await returns.refunded(session, order.bill_id)
    assert (await house.read(order.number)).status == order.status
