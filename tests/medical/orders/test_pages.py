"""Pages of orders: what staff see and do, what they do not see, and the patient's own page."""

import pytest
from sqlalchemy import text

from core.imports import sheets
from core.payments.service import settle
from tests import trade
from tests.medical.orders.places import SECRETS, place, rows

ORDERS = "/console/medical/orders"
CLERK = (
    "medical.order.read", "medical.order.make", "counter.shift.run", "billing.bill.read", "exports.make", "jobs.read", "medical.return.make",
    "medical.return.read", "payments.suspense.read", "payments.order.read",
)  # fmt: skip


@pytest.fixture
async def clerk(staff, quiet_hospital):
    return await staff(quiet_hospital, *CLERK)


async def test_the_list_is_found_filtered_and_masked(platform, quiet_hospital, clerk):
    made = await place(platform, quiet_hospital)
    for query in ("", f"?q={made.number}", "?q=HB1", "?q=P0001", "?status=awaiting_payment&kind=outpatient&scene=window", f"?q={made.pay_code}",
                  f"?department={quiet_hospital.units['C1']}"):  # fmt: skip
        page = (await clerk.get(ORDERS + query)).text
        assert made.number in page, query
        assert "张**" in page and "张小明" not in page
        assert "486.40" in page and "74.56" in page
    for query in ("?q=HB9", "?status=paid", "?kind=register", "?to=2020-01-01", f"?department={quiet_hospital.units['EK']}"):
        page = (await clerk.get(ORDERS + query)).text
        assert made.number not in page and "没有符合条件的订单" in page, query
    assert (await clerk.get(ORDERS + "?status=moon")).status_code == 422


async def test_an_empty_list_says_the_next_step(quiet_hospital, clerk):
    assert "接入厂商" in (await clerk.get(ORDERS)).text


async def test_an_orders_page_shows_split_code_and_counter_but_no_item(platform, quiet_hospital, clerk):
    made = await place(platform, quiet_hospital, "window-sys", vendor_order_no="V1")
    page = await clerk.get(f"{ORDERS}/{made.number}")
    assert page.status_code == 200, page.text
    for word in ("西药费", "246.40", "医保统筹", "291.84", "个人账户", "120.00", "74.56", "窗口系统厂商", f"/console/counter?q={made.bill_number}", "撤销订单"):
        assert word in page.text, word
    for path in (ORDERS, f"{ORDERS}/{made.number}", f"/console/bills/{made.bill_id}", f"/console/counter?q={made.bill_number}"):
        seen = (await clerk.get(path)).text
        assert all(secret not in seen for secret in SECRETS), path


async def test_an_order_is_withdrawn_from_its_page(platform, quiet_hospital, clerk):
    made = await place(platform, quiet_hospital)
    assert (await clerk.post(f"{ORDERS}/{made.number}/cancel", data={"reason": "开错了"})).status_code == 303
    assert "已撤销" in (await clerk.get(f"{ORDERS}/{made.number}")).text
    assert "开错了" in (await clerk.get(f"/console/history/medical.order/{made.number}")).text
    assert (await clerk.post(f"{ORDERS}/M0/cancel", data={"reason": "x"})).status_code == 404


async def test_money_that_came_after_the_withdrawal_is_told(platform, quiet_hospital, clerk):
    made = await place(platform, quiet_hospital)
    number = await trade.order(platform, quiet_hospital.trade, [(made.bill_id, made.cash_fen)])
    async with platform.database.tenant(quiet_hospital.id) as session:
        await session.execute(text("UPDATE core.payment_order SET status = 'closed' WHERE number = :number"), {"number": number})
    assert (await clerk.post(f"{ORDERS}/{made.number}/cancel", data={"reason": "不看了"})).status_code == 303
    await settle(platform, quiet_hospital.id, quiet_hospital.trade.account, trade.success(number, made.cash_fen))
    [row] = await rows(platform, quiet_hospital, "SELECT status FROM medical.med_order")
    assert row.status == "cancelled", "the money is not the order's: it lies in suspense and goes back"
    page = (await clerk.get(f"{ORDERS}/{made.number}")).text
    assert "74.56" in page
    assert "没有记到这张订单" in page and "/console/suspense" in page
    assert "已支付" in page and "succeeded" not in page
    assert await trade.faults(platform, quiet_hospital.id) == {}


async def test_without_the_right_there_is_no_page(platform, quiet_hospital, staff):
    made = await place(platform, quiet_hospital)
    stranger = await staff(quiet_hospital, "jobs.read")
    assert (await stranger.get(ORDERS)).status_code == 403
    reader = await staff(quiet_hospital, "medical.order.read")
    assert "撤销订单" not in (await reader.get(f"{ORDERS}/{made.number}")).text
    assert (await reader.post(f"{ORDERS}/{made.number}/cancel", data={})).status_code == 403
    assert (await reader.get(ORDERS + "/M0")).status_code == 404


async def test_the_list_leaves_for_excel_without_items(platform, quiet_hospital, clerk, settle):
    made = await place(platform, quiet_hospital)
    started = await clerk.post("/api/v1/exports", json={"code": "medical.orders", "filters": {"kind": "outpatient"}})
    await settle(quiet_hospital)
    job = (await clerk.get(f"/api/v1/jobs/{started.json()['job_id']}")).json()
    found = sheets.read((await clerk.get(job["result_url"])).content, "x.xlsx").rows
    whole = " ".join(str(cell) for row in found for cell in row)
    assert made.number in whole and "张小明" not in whole
    assert all(secret not in whole for secret in SECRETS)
