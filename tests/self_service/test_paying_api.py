"""A payer's bills and payments by API, against the sandbox over its real wire."""

import httpx
import pytest

from core.payments import service as payments
from tests import families
from tests.self_service.test_binding_api import bind

FEES = 95_000


@pytest.fixture
async def family(platform, school, outside_world, connected, program, sms):
    """A parent bound to both children, one bill each."""
    mchid = await families.collect_at(platform, school, outside_world)
    app = await program(school)
    for child in school.children:
        await bind(app, sms, school, child)
    bills = [await families.bill(platform, school, child) for child in school.children]
    return app, bills, mchid


async def pay_at(outside_world: str, mchid: str, number: str) -> None:
    async with httpx.AsyncClient(base_url=outside_world, trust_env=False) as outside:
        paid = await outside.post(f"/sandbox/api/wechatpay/orders/{mchid}/{number}/pay", json={})
        assert paid.status_code < 300, paid.text


async def test_open_bills_are_listed_with_their_lines_explained(family, school):
    app, bills, _ = family
    people = (await app.get("/people")).json()
    assert [(person["own"], person["open_fen"], person["open_bills"]) for person in people["items"]] == [(True, FEES, 1)] * 2
    listed = (await app.get("/bills")).json()["items"]
    assert {bill["id"] for bill in listed} == set(map(str, bills))
    one = (await app.get(f"/bills/{bills[0]}")).json()
    assert (one["open_fen"], one["party_name"]) == (FEES, school.children[0].name)
    assert all(line["explanation"] for line in one["lines"] if line["mandatory"])
    of_one = (await app.get("/bills", params={"party_id": str(school.children[1].id)})).json()["items"]
    assert [bill["id"] for bill in of_one] == [str(bills[1])]


async def test_optional_lines_are_ticked_once_and_a_stale_version_is_refused(family):
    app, bills, _ = family
    bill = (await app.get(f"/bills/{bills[0]}")).json()
    optional = [line["line_no"] for line in bill["lines"] if not line["mandatory"]]
    ticked = (await app.post(f"/bills/{bill['id']}/choose", {"version": bill["version"], "line_nos": optional})).json()
    assert ticked["open_fen"] == FEES + sum(line["net_fen"] for line in bill["lines"] if not line["mandatory"])
    stale = await app.post(f"/bills/{bill['id']}/choose", {"version": bill["version"], "line_nos": []})
    assert (stale.status_code, stale.json()["code"]) == (409, "STALE_FORM")


async def test_one_charge_over_two_bills_is_paid_once_and_receipted(platform, family, outside_world, settle, school):
    app, bills, mchid = family
    options = (await app.get("/payment-options", params=[("bill", str(bill)) for bill in bills])).json()
    assert options["amount_fen"] == 2 * FEES
    assert ("wechatpay", True) in [(way["channel"], way["available"]) for way in options["items"]]
    body = {"items": [{"bill_id": str(bill), "amount_fen": FEES} for bill in bills], "channel": "wechatpay", "scene": "native"}
    made = await app.post("/payment-orders", body, key="pay-both-0001")
    assert made.status_code == 201, made.text
    order = made.json()
    assert (order["amount_fen"], order["prepared"]["kind"]) == (2 * FEES, "qr")
    assert (await app.post("/payment-orders", body, key="pay-both-0001")).json()["number"] == order["number"]
    other = await app.post("/payment-orders", body | {"items": body["items"][:1]}, key="pay-both-0001")
    assert other.status_code == 409
    await pay_at(outside_world, mchid, order["number"])
    await payments.check_order(platform, school.client, order["number"])
    state = (await app.get(f"/payment-orders/{order['number']}")).json()
    assert (state["order"]["status"], bool(state["paid_at"])) == ("succeeded", True)
    assert (await app.get("/bills")).json()["items"] == []
    await settle(school)
    receipts = (await app.get("/receipts")).json()["items"]
    assert sorted(receipt["amount_fen"] for receipt in receipts) == [FEES, FEES]
    one = (await app.get(f"/receipts/{receipts[0]['id']}")).json()
    assert one["number"] == receipts[0]["number"]


async def test_money_needs_an_idempotency_key(family):
    app, bills, _ = family
    body = {"items": [{"bill_id": str(bills[0]), "amount_fen": FEES}], "channel": "wechatpay", "scene": "native"}
    assert (await app.post("/payment-orders", body)).json()["code"] == "IDEMPOTENCY_KEY_MISSING"
    assert (await app.post(f"/bills/{bills[0]}/use-credit", {})).json()["code"] == "IDEMPOTENCY_KEY_MISSING"


async def test_a_cancelled_charge_is_closed_at_the_channel(family):
    app, bills, _ = family
    body = {"items": [{"bill_id": str(bills[0]), "amount_fen": FEES}], "channel": "wechatpay", "scene": "native"}
    number = (await app.post("/payment-orders", body, key="pay-cancel-1")).json()["number"]
    assert (await app.post(f"/payment-orders/{number}/cancel", {})).json()["order"]["status"] == "closed"


@pytest.mark.parametrize("amount", [0, -1, FEES + 1, 1.5, "95000"])
async def test_an_amount_that_is_none_is_refused(family, amount):
    app, bills, _ = family
    body = {"items": [{"bill_id": str(bills[0]), "amount_fen": amount}], "channel": "wechatpay", "scene": "native"}
    assert (await app.post("/payment-orders", body, key="pay-wrong-01")).status_code in (409, 422)


async def test_somebody_elses_bills_orders_and_receipts_do_not_exist(family, program, school):
    app, bills, _ = family
    body = {"items": [{"bill_id": str(bills[0]), "amount_fen": FEES}], "channel": "wechatpay", "scene": "native"}
    number = (await app.post("/payment-orders", body, key="pay-mine-001")).json()["number"]
    stranger = await program(school)
    assert (await stranger.get(f"/bills/{bills[0]}")).status_code == 404
    assert (await stranger.post(f"/bills/{bills[0]}/choose", {"version": 1, "line_nos": []})).status_code == 404
    assert (await stranger.post("/payment-orders", body, key="pay-theirs-1")).status_code == 404
    assert (await stranger.get(f"/payment-orders/{number}")).status_code == 404
    assert (await stranger.post(f"/payment-orders/{number}/cancel", {})).status_code == 404
    assert (await stranger.get("/payment-options", params={"bill": str(bills[0])})).status_code == 404
    assert (await stranger.post(f"/bills/{bills[0]}/use-credit", {}, key="credit-0001")).status_code == 401


async def test_a_grandparent_pays_one_bill_by_its_code_and_sees_masked_names_only(platform, family, program, school):
    _, bills, _ = family
    code = await families.pay_code(platform, school, bills[0])
    grandparent = await program(school)
    typo = code[:-1] + str((int(code[-1]) + 1) % 10)
    assert (await grandparent.post("/pay-codes", {"pay_code": typo})).json()["code"] == "PAY_CODE_WRONG"
    opened = await grandparent.post("/pay-codes", {"pay_code": code})
    assert opened.status_code == 200, opened.text
    assert school.children[0].name not in opened.text
    assert school.children[0].number not in opened.text
    [person] = (await grandparent.get("/people")).json()["items"]
    assert (person["own"], person["name"]) == (False, "*小明")
    body = {"items": [{"bill_id": str(bills[0]), "amount_fen": FEES}], "channel": "wechatpay", "scene": "native"}
    assert (await grandparent.post("/payment-orders", body, key="grand-00001")).status_code == 201
    version = opened.json()["version"]
    assert (await grandparent.post(f"/bills/{bills[0]}/choose", {"version": version, "line_nos": []})).status_code == 404
