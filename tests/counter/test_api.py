"""The counter over HTTP: who may what, once only, and what begun on a phone is ended first."""

import pytest

from core.counter.schemas import NOTES_FEN
from core.payments import repository as payments
from tests import trade


@pytest.fixture
async def desk(platform, shop, staff):
    """A cashier with an open shift, a treasurer, and two bills of 950.00."""
    bills = await trade.bills(platform, shop)
    cashier = await staff(shop.tenant_id, "counter.shift.run", name="收费员甲")
    treasurer = await staff(shop.tenant_id, "counter.shift.accept", name="出纳乙")
    opened = await cashier.post(
        "/api/v1/counter/shifts", json={"window": "一号窗口", "float_fen": 20_000}, headers={"idempotency-key": "open-shift-1"}
    )
    assert opened.status_code == 201, opened.text
    return cashier, treasurer, opened.json()["id"], bills


def cash(bill, amount_fen: int = 95_000, tendered_fen: int = 100_000) -> dict:
    return {"kind": "cash", "items": [{"bill_id": str(bill), "amount_fen": amount_fen}], "tendered_fen": tendered_fen}


async def pay(person, body, key="payment-1"):
    return await person.post("/api/v1/counter/payments", json=body, headers={"idempotency-key": key})


async def test_a_day_at_the_window(desk, platform, shop):
    cashier, treasurer, shift_id, bills = desk
    first = await pay(cashier, cash(bills[0]))
    again = await pay(cashier, cash(bills[0]))
    assert (first.status_code, again.json()) == (201, first.json())
    assert first.json()["change_fen"] == 5_000
    slip = {"kind": "pos", "items": [{"bill_id": str(bills[1]), "amount_fen": 95_000}], "terminal": "T1", "reference": "R1"}
    assert (await pay(cashier, slip, "payment-2")).status_code == 201
    counting = (await cashier.post("/api/v1/counter/count")).json()
    listed = (await cashier.get("/api/v1/counter/shifts")).json()["items"][0]
    assert [(told["expected_fen"], told["cash_in_fen"], told["by_kind"]) for told in (counting, listed)] == [(None, None, None)] * 2, "counted blind"
    assert (await treasurer.post(f"/api/v1/counter/shifts/{shift_id}/send-back", json={"reason": "x"})).json()["code"] == "ILLEGAL_TRANSITION"
    counted = {str(note): 0 for note in NOTES_FEN} | {"10000": 11, "5000": 1}
    handed = await cashier.post("/api/v1/counter/submit", json={"counted": counted})
    assert (handed.json()["status"], handed.json()["variance_fen"]) == ("submitted", 0)
    path = f"/api/v1/counter/shifts/{shift_id}"
    taken = await treasurer.post(path + "/accept", json={"kept_fen": 20_000, "slip": "JK20261122"})
    assert (taken.json()["status"], taken.json()["by_kind"]) == ("accepted", {"cash": [1, 95_000], "pos": [1, 95_000]})
    entries = (await treasurer.get(path + "/entries")).json()
    assert sorted(entry["amount_fen"] for entry in entries) == [95_000, 95_000]
    assert await trade.faults(platform, shop.tenant_id) == {}


@pytest.mark.parametrize(("change", "status"), [
    ({"tendered_fen": 94_999}, 422), ({"tendered_fen": 950.0}, 422), ({"tendered_fen": "100000"}, 422), ({"items": []}, 422),
    ({"kind": "gold"}, 422), ({"more": 1}, 422), ({"items": [{"bill_id": "00000000-0000-0000-0000-000000000001", "amount_fen": 1}]}, 404),
])  # fmt: skip
async def test_what_a_window_refuses_books_nothing(desk, platform, shop, change, status):
    cashier, _, shift_id, bills = desk
    answer = await pay(cashier, cash(bills[0]) | change)
    assert (answer.status_code, "code" in answer.json()) == (status, True), answer.text
    assert (await cashier.get(f"/api/v1/counter/shifts/{shift_id}")).json()["cash_in_fen"] == 0


@pytest.mark.parametrize("amount_fen", [0, -1, 95_001, 2**63])
async def test_amounts_a_bill_does_not_owe_are_refused(desk, amount_fen):
    cashier, _, shift_id, bills = desk
    answer = await pay(cashier, cash(bills[0], amount_fen, 10_000_000))
    assert answer.status_code in (409, 422), answer.text
    assert (await cashier.get(f"/api/v1/counter/shifts/{shift_id}")).json()["cash_in_fen"] == 0


async def test_another_clients_bill_and_shift_are_not_found(desk, platform, client, staff):
    other = await trade.found(platform, (await client(plugins=())).id)
    foreign = (await trade.bills(platform, other))[0]
    cashier, _, shift_id, _ = desk
    assert (await pay(cashier, cash(foreign))).status_code == 404
    stranger = await staff(other.tenant_id, "counter.shift.accept")
    assert (await stranger.get(f"/api/v1/counter/shifts/{shift_id}")).status_code == 404


async def test_who_only_bills_has_no_business_at_the_counter(shop, staff):
    clerk = await staff(shop.tenant_id, "billing.bill.read")
    for path in ("shifts", "cheques", "transfers"):
        assert (await clerk.get(f"/api/v1/counter/{path}")).status_code == 403


async def test_a_payment_begun_on_a_phone_that_may_still_be_paid_is_not_paid_again_at_the_window(desk, platform, shop):
    cashier, _, shift_id, bills = desk
    number = await trade.order(platform, shop, [(bills[0], 95_000)])  # its channel does not answer
    answer = await pay(cashier, cash(bills[0]))
    assert answer.status_code == 409, answer.text
    async with platform.database.tenant(shop.tenant_id) as session:
        assert (await payments.find_order(session, number)).status == "pending"
    assert (await cashier.get(f"/api/v1/counter/shifts/{shift_id}")).json()["cash_in_fen"] == 0
