"""Runs, store days and till orders for programs: what they read, and what is refused with its row, field and reason."""

import datetime as dt

import pytest

from core import clock, ids
from tests.medical.conftest import KIND
from tests.medical.robots.chain import FINANCE, READ, brought, day_of, robot, store_day, tills_of, told
from tests.medical.robots.pharmacy import DAY, NUMBERS

API = "/api/v1/medical"
GOOD = {"platform": "meituan", "store_code": "S001", "bill_on": str(DAY), "order_no": "A1", "settle_fen": 1_234}


@pytest.fixture
async def program(staff, chain):
    return await staff(chain.hospital, *FINANCE, org_id=chain.hospital.units["CH"])


async def send(program, *orders: dict):
    return await program.post(f"{API}/till-orders", json={"orders": list(orders)})


async def test_till_orders_are_taken_once_and_compared(chain, program):
    orders = day_of()
    await brought(chain, await robot(chain), orders)
    told_by = [{"platform": "meituan", "store_code": NUMBERS[o.store], "bill_on": str(DAY), "order_no": o.order_no, "settle_fen": o.settle_fen} for o in orders]
    first = await send(program, *told_by)
    assert (first.status_code, first.json()) == (200, {"new": 6, "changed": 0, "unchanged": 0})
    assert (await send(program, *told_by)).json() == {"new": 0, "changed": 0, "unchanged": 6}
    changed = told_by[0] | {"settle_fen": told_by[0]["settle_fen"] + 1}
    assert (await send(program, changed)).json() == {"new": 0, "changed": 1, "unchanged": 0}
    page = (await program.get(f"{API}/store-days")).json()
    assert (page["days"], page["different"], page["shop_fen"], page["till_fen"]) == (
        2, 1, sum(o.settle_fen for o in orders), sum(o.settle_fen for o in orders) + 1,
    )  # fmt: skip
    [day] = (await program.get(f"{API}/store-days", params={"status": "different"})).json()["items"]
    assert (day["store_code"], day["differences"], day["status"]) == ("S001", 1, "different")
    [found] = (await program.get(f"{API}/store-days/{day['id']}/differences")).json()["items"]
    assert (found["order_no"], found["till_fen"] - found["shop_fen"]) == (orders[0].order_no, 1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"store_code": "S999"}, "第 2 行"), ({"store_code": "NK"}, "第 2 行"), ({"bill_on": str(clock.today() + dt.timedelta(days=1))}, "日期在今天之后"),
        ({"order_no": "A1"}, "同一订单出现两次"),
    ],
)  # fmt: skip
async def test_one_bad_row_refuses_all_and_says_which_and_why(chain, program, change, said):
    refused = await send(program, GOOD, GOOD | {"order_no": "A2"} | change)
    assert refused.status_code == 422 and refused.headers["content-type"].startswith("application/problem+json")
    assert said in refused.text and (refused.json()["facts"]["row"], refused.json()["facts"]["field"]) == (2, next(iter(change))), refused.text
    assert await chain.count("till_order") == 0


@pytest.mark.parametrize(
    "change",
    [
        {"platform": "taobao"}, {"settle_fen": "1.00"}, {"settle_fen": 10**13}, {"settle_fen": 1.5}, {"order_no": ""}, {"order_no": "x" * 65},
        {"bill_on": "moon"}, {"store_code": ""}, {"amount_fen": 1},
    ],
)  # fmt: skip
async def test_what_is_no_till_order_is_refused_with_its_place(chain, program, change):
    refused = await send(program, GOOD | change)
    assert refused.status_code in (400, 422) and refused.headers["content-type"].startswith("application/problem+json")
    assert next(iter(change)) in refused.text, refused.text
    assert await chain.count("till_order") == 0


async def test_none_and_too_many_are_refused(chain, program):
    for orders in ([], [GOOD] * 5001):
        assert (await send(program, *orders)).status_code in (400, 422)
    assert await chain.count("till_order") == 0


async def test_a_store_and_an_order_beyond_reach_are_refused(chain, staff, program):
    assert (await send(program, GOOD)).status_code == 200
    other = await staff(chain.hospital, *FINANCE, org_id=chain.hospital.units["S002"])
    refused = await send(other, GOOD)
    assert refused.status_code == 422 and "不在您的管辖范围内" in refused.text
    moved = await send(other, GOOD | {"store_code": "S002"})
    assert moved.status_code == 422 and "属于别的门店" in moved.text
    assert (await other.get(f"{API}/store-days")).json()["items"] == []


async def test_runs_are_read_by_day_state_and_platform_and_never_with_a_secret(chain, staff, program):
    task_id = await brought(chain, await robot(chain))
    page = (await program.get(f"{API}/robot-runs")).json()
    assert (page["runs"], page["good"], page["dead"], page["waiting"]) == (1, 1, 0, 0)
    assert page["items"][0]["id"] == str(task_id) and page["items"][0]["lines"] == 6
    one = (await program.get(f"{API}/robot-runs/{task_id}")).json()
    assert one["status"] == "uploaded" and "login" not in str(one) and "secret" not in str(one)
    for query, there in (
        ({"status": "uploaded"}, 1), ({"status": "dead"}, 0), ({"platform_code": "pdd"}, 0), ({"bill_on": str(DAY)}, 1), ({"since": str(clock.today())}, 0),
        ({"until": str(DAY), "since": str(DAY)}, 1), ({"status": "moon\0"}, 0),
    ):  # fmt: skip
        assert len((await program.get(f"{API}/robot-runs", params=query)).json()["items"]) == there, query
    for query in ({"bill_on": "moon"}, {"limit": "0"}, {"cursor": "x"}):
        assert (await program.get(f"{API}/robot-runs", params=query)).status_code in (400, 422), query


async def test_pages_follow_each_other_without_gap(chain, program):
    orders = [order for back in range(4) for order in tills_of(day_of(DAY - dt.timedelta(days=back)), DAY - dt.timedelta(days=back))]
    await told(chain, orders)
    seen, cursor = [], None
    while True:
        page = (await program.get(f"{API}/store-days", params={"limit": 3} | ({"cursor": cursor} if cursor else {}))).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == page["days"] == 8


async def test_without_the_right_403_unknown_and_another_tenants_404(chain, client, staff, program):
    task_id = await brought(chain, await robot(chain))
    day = await store_day(chain)
    clerk = await staff(chain.hospital, "jobs.read")
    reader = await staff(chain.hospital, *READ)
    stranger = await staff(await client(**KIND), *FINANCE)
    for path in (f"{API}/robot-runs", f"{API}/store-days"):
        assert (await clerk.get(path)).status_code == 403
        assert (await stranger.get(path)).json()["items"] == []
    for path in (f"{API}/robot-runs/{task_id}", f"{API}/store-days/{day}", f"{API}/store-days/{day}/differences"):
        assert (await clerk.get(path)).status_code == 403
        assert (await reader.get(path)).status_code == 200
        assert (await stranger.get(path)).status_code == 404
        assert (await program.get(path.replace(str(task_id), str(ids.uuid7())).replace(str(day), str(ids.uuid7())))).status_code == 404
    assert (await send(reader, GOOD)).status_code == 403
    assert (await send(stranger, GOOD)).status_code == 422
