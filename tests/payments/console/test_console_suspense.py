"""Money without an owner: shown, given an owner by two people, never lost on the way."""

import pytest

from core.payments import service as payments
from tests import desk as desks
from tests import trade
from tests.desk import FULL

MAKER = ("payments.suspense.read", "payments.suspense.resolve", "billing.bill.read")
CHECKER = ("payments.suspense.read", "billing.bill.check")
KEY = {"idempotency-key": "give-it-an-owner"}


@pytest.fixture
async def desk(platform, client):
    return await desks.opened(platform, client)


@pytest.fixture
async def maker(desk, staff):
    return await staff(desk, *MAKER, name="经办")


@pytest.fixture
async def checker(desk, staff):
    return await staff(desk, *CHECKER, name="复核")


async def paid_twice(platform, desk, number: str = "S1") -> None:
    """Somebody pays a bill that was just paid."""
    await desks.pay(platform, desk, number)
    await desks.pay(platform, desk, number, FULL)


async def unknown(platform, desk, fen: int = 700) -> None:
    """Money comes for an order that nobody made."""
    await payments.settle(platform, desk.id, desk.trade.account, trade.success("P000000UNKNOWN", fen))


async def the_item(asking) -> dict:
    page = (await asking.get("/api/v1/suspense-items", params={"status": "open"})).json()
    assert len(page["items"]) == 1
    assert page["open_fen"] == page["items"][0]["left_fen"]
    return page["items"][0]


async def agree(checker) -> None:
    proposal = (await checker.get("/api/v1/approvals")).json()["items"][0]
    answer = await checker.post(f"/api/v1/approvals/{proposal['id']}/approve", json={}, headers={"idempotency-key": proposal["id"]})
    assert answer.status_code == 200, answer.text


async def test_a_double_payment_goes_to_the_sisters_bill(desk, maker, checker, platform):
    await paid_twice(platform, desk)
    item = await the_item(maker)
    assert "多付" in (await maker.get("/console/suspense")).text
    page = (await maker.get(f"/console/suspense/{item['id']}")).text
    sister = (await maker.get(f"/api/v1/bills/{desk.bills['S2']}")).json()["bill"]
    assert sister["number"] in page
    form = {"target": sister["number"], "amount": "950.00", "reason": "家长同意转给妹妹"}
    answer = await maker.post(f"/console/suspense/{item['id']}/propose", data=form)
    assert answer.status_code == 303, answer.text
    assert "等待复核" in (await maker.get(f"/console/suspense/{item['id']}")).text
    await agree(checker)
    assert (await maker.get(f"/api/v1/bills/{desk.bills['S2']}")).json()["bill"]["status"] == "paid"
    assert (await maker.get(f"/api/v1/suspense-items/{item['id']}")).json()["status"] == "resolved"
    assert await trade.faults(platform, desk.id) == {}


async def test_part_of_it_may_become_a_familys_credit(desk, maker, checker, platform):
    await unknown(platform, desk)
    item = await the_item(maker)
    answer = await maker.post(f"/console/suspense/{item['id']}/propose", data={"person": "S4", "amount": "5", "reason": "凭流水认领"})
    assert answer.status_code == 303, answer.text
    proposal = (await checker.get("/api/v1/approvals")).json()["items"][0]
    assert any("李* S4" in change["what"] for change in proposal["changes"])
    await agree(checker)
    assert (await the_item(maker))["left_fen"] == 200
    assert (await maker.get(f"/api/v1/bills/{desk.bills['S4']}")).json()["credit_fen"] == 500
    assert await trade.faults(platform, desk.id) == {}


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"number": "B000", "amount": "1", "reason": "x"}, "number"),
        ({"person": "nobody", "amount": "1", "reason": "x"}, "person"),
        ({"person": "S4", "amount": "7.01", "reason": "x"}, "amount"),
        ({"person": "S4", "amount": "-1", "reason": "x"}, "amount"),
        ({"person": "S4", "amount": "1", "reason": ""}, "reason"),
    ],
)
async def test_what_cannot_be_is_refused_beside_its_field(desk, maker, platform, form, field):
    await unknown(platform, desk)
    item = await the_item(maker)
    answer = await maker.post(f"/console/suspense/{item['id']}/propose", data=form)
    assert answer.status_code == 422
    assert f'id="e-{field}"' in answer.text


@pytest.mark.parametrize(
    "body",
    [
        {"amount_fen": 1.0, "reason": "x"},
        {"amount_fen": 0, "reason": "x"},
        {"amount_fen": -1, "reason": "x"},
        {"amount_fen": 2**70, "reason": "x"},
        {"amount_fen": 1, "reason": ""},
        {"amount_fen": 1, "reason": "x", "to": "me"},
    ],
)
async def test_the_api_is_as_strict(desk, maker, platform, body):
    await unknown(platform, desk)
    item = await the_item(maker)
    answer = await maker.post(f"/api/v1/suspense-items/{item['id']}/resolve", json=body | {"party_id": str(desk.people["S4"])}, headers=KEY)
    assert answer.status_code in (400, 409, 422), answer.text
    both = {"amount_fen": 1, "reason": "x", "party_id": str(desk.people["S4"]), "bill_id": str(desk.bills["S4"])}
    assert (await maker.post(f"/api/v1/suspense-items/{item['id']}/resolve", json=both, headers=KEY)).status_code == 422


async def test_money_of_an_order_is_theirs_who_see_its_bills_and_ownerless_money_everybodys(desk, staff, platform):
    await paid_twice(platform, desk, "S1")
    east, west = [await staff(desk, *MAKER, org_id=desk.units[name]) for name in ("东区", "西区")]
    item = await the_item(east)
    assert (await west.get(f"/console/suspense/{item['id']}")).status_code == 404
    assert (await west.get("/api/v1/suspense-items")).json()["items"] == []
    await unknown(platform, desk)
    found = (await west.get("/api/v1/suspense-items")).json()["items"]
    assert [row["reason"] for row in found] == ["unknown_order"]
    far = {"amount_fen": 1, "reason": "越界", "party_id": str(desk.people["S1"])}
    answer = await west.post(f"/api/v1/suspense-items/{found[0]['id']}/resolve", json=far, headers=KEY)
    assert answer.status_code == 404


async def test_a_mismatch_shows_both_values_and_offers_no_money(desk, maker, platform):
    order = await trade.order(platform, desk.trade, [(desk.bills["S1"], FULL)])
    await payments.settle(platform, desk.id, desk.trade.account, trade.success(order, 1))
    item = await the_item(maker)
    page = (await maker.get(f"/console/suspense/{item['id']}")).text
    assert "不一致之处" in page
    assert "为这笔钱找到归属" not in page
    body = {"amount_fen": 1, "reason": "x", "party_id": str(desk.people["S4"])}
    assert (await maker.post(f"/api/v1/suspense-items/{item['id']}/resolve", json=body, headers=KEY)).status_code == 422


async def test_a_mismatch_that_was_looked_into_is_closed_by_two_people_and_posts_nothing(desk, maker, checker, platform):
    order = await trade.order(platform, desk.trade, [(desk.bills["S1"], FULL)])
    await payments.settle(platform, desk.id, desk.trade.account, trade.success(order, 1))
    item = await the_item(maker)
    here = f"/console/suspense/{item['id']}"
    assert (await maker.post(f"{here}/close", data={"reason": " "})).status_code == 422
    assert (await checker.post(f"{here}/close", data={"reason": "渠道更正"})).status_code == 403
    assert (await maker.post(f"{here}/close", data={"reason": "渠道已书面更正，应收不变"})).status_code == 303
    assert (await maker.get(f"/api/v1/suspense-items/{item['id']}")).json()["status"] == "open", "nobody agreed yet"
    await agree(checker)
    closed = (await maker.get(f"/api/v1/suspense-items/{item['id']}")).json()
    assert (closed["status"], closed["resolution"], closed["left_fen"]) == ("resolved", "closed", 0)
    assert "核实后关闭" in (await maker.get(here)).text
    assert await trade.faults(platform, desk.id) == {}


async def test_an_item_that_holds_money_cannot_just_be_closed(desk, maker, platform):
    await paid_twice(platform, desk)
    item = await the_item(maker)
    answer = await maker.post(f"/api/v1/suspense-items/{item['id']}/close", json={"reason": "不要了"}, headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_REQUEST")
    assert "核实后关闭" not in (await maker.get(f"/console/suspense/{item['id']}")).text


async def test_a_reader_may_look_but_not_propose(desk, staff, platform, client):
    await unknown(platform, desk)
    reader = await staff(desk, "payments.suspense.read")
    item = await the_item(reader)
    assert "为这笔钱找到归属" not in (await reader.get(f"/console/suspense/{item['id']}")).text
    assert (await reader.post(f"/console/suspense/{item['id']}/propose", data={"amount": "1"})).status_code == 403
    stranger = await staff(await desks.opened(platform, client), *MAKER)
    assert (await stranger.get(f"/console/suspense/{item['id']}")).status_code == 404
