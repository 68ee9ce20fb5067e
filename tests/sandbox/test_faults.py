"""The sandbox misbehaves exactly when and where it is told to."""

import httpx
import pytest

from core import clock
from core.payments.channels.protocol import OrderRef
from core.sandbox.faults import kinds


@pytest.fixture
async def calm(outside):
    """No faults before, none after."""
    await outside.delete("/sandbox/api/faults")
    yield outside
    await outside.delete("/sandbox/api/faults")


async def test_the_kinds_are_listed_with_their_chinese_titles(calm):
    given = (await calm.get("/sandbox/api/faults")).json()
    assert {kind["code"] for kind in given["kinds"]} == set(kinds.BY_CODE)
    assert given["faults"] == []


async def test_faults_are_replaced_as_a_whole_and_cleared(calm):
    wanted = [{"kind": "api_error", "percent": 10}, {"kind": "notice_delay", "percent": 5, "seconds": 1.5}]
    given = (await calm.put("/sandbox/api/faults", json={"faults": wanted})).json()["faults"]
    assert [(f["kind"], f["percent"], f["seconds"]) for f in given] == [("api_error", 10, None), ("notice_delay", 5, 1.5)]
    assert (await calm.put("/sandbox/api/faults", json={"faults": []})).json()["faults"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "earthquake"},
        {"kind": "api_error", "percent": 0},
        {"kind": "api_error", "percent": 101},
        {"kind": "api_error", "out_trade_no": "T1"},
        {"kind": "api_error", "colour": "red"},
    ],
)
async def test_a_fault_that_cannot_be_is_refused(calm, wrong):
    assert (await calm.put("/sandbox/api/faults", json={"faults": [wrong]})).status_code == 400


async def test_a_certain_fault_happens_to_everyone_and_stops_when_cleared(calm, merchant):
    await calm.put("/sandbox/api/faults", json={"faults": [{"kind": "api_error"}]})
    reply = await merchant.place(merchant.order())
    assert (reply.status_code, reply.json()["code"]) == (500, "SYSTEM_ERROR")
    await calm.delete("/sandbox/api/faults")
    assert (await merchant.place(merchant.order())).status_code == 200


async def test_a_counted_fault_is_used_up(calm, merchant):
    order = merchant.order()
    await merchant.faults(order["out_trade_no"], {"kind": "api_error", "remaining": 2})
    statuses = [(await merchant.place(order)).status_code for _ in range(4)]
    assert statuses == [500, 500, 200, 200]
    assert (await calm.get("/sandbox/api/faults")).json()["faults"] == []


async def test_a_merchants_fault_leaves_other_merchants_alone(calm, merchant, merchant_of):
    other = await merchant_of(calm)
    await calm.put("/sandbox/api/faults", json={"faults": [{"kind": "api_error", "mchid": merchant.mchid}]})
    assert (await merchant.place(merchant.order())).status_code == 500
    assert (await other.place(other.order())).status_code == 200


async def test_an_orders_fault_leaves_other_orders_alone(calm, merchant):
    broken, sound = merchant.order(), merchant.order()
    await merchant.faults(broken["out_trade_no"], {"kind": "api_error"})
    assert (await merchant.place(broken)).status_code == 500
    assert (await merchant.place(sound)).status_code == 200


async def test_a_fault_by_chance_happens_sometimes(calm, merchant):
    await calm.put("/sandbox/api/faults", json={"faults": [{"kind": "api_error", "percent": 50}]})
    order = merchant.order()
    statuses = {(await merchant.place(order)).status_code for _ in range(60)}
    assert statuses == {200, 500}


async def test_an_error_means_that_nothing_was_done(calm, merchant):
    order = merchant.order()
    await merchant.faults(order["out_trade_no"], {"kind": "api_error", "remaining": 1})
    await merchant.place(order)
    assert (await merchant.query(order["out_trade_no"])).status_code == 404


async def test_a_time_out_means_that_it_was_done_all_the_same(calm, merchant):
    order = merchant.order()
    await merchant.faults(order["out_trade_no"], {"kind": "api_timeout", "seconds": 2, "remaining": 1})
    merchant.client.timeout = httpx.Timeout(0.3)
    try:
        with pytest.raises(httpx.ReadTimeout):
            await merchant.place(order)
    finally:
        merchant.client.timeout = httpx.Timeout(5)
    assert (await merchant.query(order["out_trade_no"])).json()["trade_state"] == "NOTPAY"


async def test_a_late_answer_is_still_genuine(calm, merchant, channel):
    order = merchant.order()
    await merchant.place(order)
    await merchant.faults(order["out_trade_no"], {"kind": "api_delay", "seconds": 0.05})
    now = clock.now()
    asked = OrderRef(number=order["out_trade_no"], amount_fen=1, scene="h5", placed_at=now, expires_at=now)
    assert (await channel.query(merchant.account, asked)).state == "pending"


async def test_the_page_sets_common_faults_and_keeps_those_of_single_orders(calm, merchant):
    await merchant.faults("T1", {"kind": "api_error"})
    form = {"percent-notice_delay": "20", "seconds-notice_delay": "7", "percent-api_error": "0"}
    assert (await calm.post("/faults", data=form)).status_code == 303
    given = (await calm.get("/sandbox/api/faults")).json()["faults"]
    assert {(f["kind"], f["percent"], f["seconds"], f["out_trade_no"]) for f in given} == {
        ("notice_delay", 20, 7.0, None),
        ("api_error", 100, None, "T1"),
    }
