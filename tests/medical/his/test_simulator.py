"""The simulated HIS keeps its own rules: it believes signatures only, books a key once, and never posts what was cancelled."""

import datetime as dt
import io

import pytest

from core import clock
from core.statements.protocol import Expected, Notes
from plugins.medical.his import client, service, statement
from plugins.medical.his.client import His
from plugins.medical.sandbox.his.kinds import KINDS

BODY = {
    "number": "M1", "bill_no": "B1", "patient_no": "P0001", "kind": "outpatient", "amount_fen": 7_456, "fund_fen": 29_184, "account_fen": 12_000,
    "trades": [{"number": "PAY1", "channel": "wechatpay", "amount_fen": 7_456}],
}  # fmt: skip


@pytest.fixture
async def his(house) -> His:
    return await service.reach(house.platform, house.id)


async def test_the_same_key_twice_is_one_booking_and_other_content_is_refused(his, house):
    first, again = [await client.post_payment(his, None, BODY) for _ in range(2)]
    assert (first.state, first.serial) == ("posted", again.serial)
    assert (await client.post_payment(his, None, BODY | {"amount_fen": 1})).state == "refused"
    assert len(await house.booked("M1")) == 1


async def test_what_was_cancelled_is_never_posted_even_if_it_never_came(his, house):
    assert (await client.cancel_payment(his, "M2")).state == "cancelled"
    assert (await client.post_payment(his, None, BODY | {"number": "M2"})).state == "refused"
    assert (await client.query_payment(his, "M2")).state == "cancelled"


async def test_a_reversal_has_one_number(his):
    first = await client.reverse_insurance(his, "S1", "R1", None, 100)
    assert (await client.reverse_insurance(his, "S1", "R1", None, 100)).serial == first.serial
    assert (await client.reverse_insurance(his, "S1", "R2", None, 100)).state == "refused"
    assert (await client.query_reversal(his, "S2", None)).state == "absent"


async def test_nobody_without_the_secret_is_answered(house):
    answer = await house.outside.post("/his/v1/payments", json=BODY)
    assert answer.status_code == 401
    signed = {"x-app-id": house.app_id, "x-timestamp": str(int(clock.seconds())), "x-nonce": "n" * 20, "x-signature": "0" * 64}
    assert (await house.outside.post("/his/v1/payments", json=BODY, headers=signed)).status_code == 401
    assert await house.booked("M1") == []


@pytest.mark.parametrize("amount", [-1, 1.5, "100", None, True])
async def test_what_is_no_amount_is_refused(his, amount):
    assert (await client.post_payment(his, None, BODY | {"amount_fen": amount})).state == "refused"


async def test_its_statement_is_read_by_our_reader(his, house):
    posted = await client.post_payment(his, None, BODY)
    refund = {
        "refund_no": "R1", "amount_fen": 1_000, "his_serial": posted.serial, "patient_no": "P0001",
        "trades": [{"number": "T1", "channel": "wechatpay", "amount_fen": 1_000}],
    }  # fmt: skip
    await client.post_refund(his, None, refund)
    today, notes = clock.today(), Notes()
    content = io.BytesIO(await house.statement(today))
    lines = [line for chunk in statement.read(content, Expected(day=today), notes) for line in chunk]
    assert notes.faults == []
    assert [(line[2], line[3], line[5], line[9]) for line in lines] == [("wechatpay", "pay", "PAY1", 7_456), ("wechatpay", "refund", "T1", 1_000)]
    assert len(statement.LAYOUT) == 15
    assert len((await house.statement(today - dt.timedelta(days=1))).decode("utf-8-sig").splitlines()) == 1


async def test_its_pages_and_its_kinds(house, his):
    await client.post_payment(his, None, BODY)
    page = await house.outside.get(f"/his/{house.app_id}")
    assert "M1" in page.text
    assert house.secret not in page.text
    assert house.app_id in (await house.outside.get("/his/")).text
    assert house.app_id in (await house.outside.get("/")).text
    assert len((await house.outside.get("/sandbox/api/his/kinds")).json()) == len(KINDS) == 40
    assert (await house.outside.get("/his/nobody")).status_code == 404
    faults = [{"kind": "his_payment_unknown"}]
    assert (await house.outside.put(f"/sandbox/api/faults/orders/{house.app_id}/X", json={"faults": faults})).status_code == 400


async def test_by_chance_too(house, his):
    await house.err("M9", "payment_error", percent=100, remaining=1)
    body = BODY | {"number": "M9"}
    assert [(await client.post_payment(his, None, body)).state for _ in range(2)] == ["silent", "posted"]
