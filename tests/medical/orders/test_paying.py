"""Paying an order through the API, at the sandbox: one payment for a key, for a code, and for an order; nothing is paid after a withdrawal."""

import asyncio

import httpx
import pytest

from tests import trade
from tests.medical.orders.places import API, SECRETS, headers, place, rows

NATIVE = {"channel": "wechatpay", "scene": "native"}


@pytest.fixture
async def wallet(outside_world):
    async with httpx.AsyncClient(base_url=outside_world, trust_env=False, timeout=30) as outside:
        yield outside


async def pay(web, hospital, order, once: str = "", ask=None):
    return await web.post(f"{API}/{order.number}/pay", json=ask or NATIVE, headers=headers(hospital.keys["his"], once))


async def test_a_code_to_scan_and_its_repetition(platform, web, hospital):
    order = await place(platform, hospital)
    first = await pay(web, hospital, order, "pay-once-1")
    assert first.status_code == 201, first.text
    told = first.json()
    assert (told["status"], told["amount_fen"], told["prepared"]["kind"]) == ("pending", 7_456, "qr")
    again = await pay(web, hospital, order, "pay-once-1")
    assert (again.status_code, again.json()["payment_number"]) == (201, told["payment_number"])
    other = await pay(web, hospital, order, "pay-once-1", {"channel": "alipay", "scene": "native"})
    assert other.status_code in (409, 422)
    assert len(await rows(platform, hospital, "SELECT id FROM core.payment_order")) == 1
    [placed] = await rows(platform, hospital, "SELECT description FROM core.payment_order")
    assert placed.description == "榕城医院 内科门诊"
    assert all(secret not in first.text for secret in SECRETS)


async def test_the_same_key_at_once_makes_one_attempt(platform, web, hospital):
    order = await place(platform, hospital)
    answers = await asyncio.gather(*(pay(web, hospital, order, "pay-at-once") for _ in range(8)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert any(answer.status_code == 201 for answer in answers)
    assert len(await rows(platform, hospital, "SELECT id FROM core.payment_order")) == 1


async def test_two_programs_at_once_leave_one_way_to_pay(platform, web, hospital):
    order = await place(platform, hospital)
    answers = await asyncio.gather(*(pay(web, hospital, order) for _ in range(4)))
    assert {answer.status_code for answer in answers} <= {201, 409}, [answer.text for answer in answers]
    live = await rows(platform, hospital, "SELECT id FROM core.payment_order WHERE status IN ('created', 'pending')")
    assert len(live) == 1


async def test_a_wallets_code_pays_once_whatever_the_key(platform, web, hospital, wallet, settle):
    order = await place(platform, hospital)
    code = (await wallet.post("/sandbox/api/alipay/pay-codes", params={"user": "张小明", "asks": False})).json()["auth_code"]
    ask = {"channel": "alipay", "scene": "barcode", "auth_code": code}
    answers = [await pay(web, hospital, order, ask=ask) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {201}, [answer.text for answer in answers]
    assert len({answer.json()["payment_number"] for answer in answers}) == 1
    kept = await rows(platform, hospital, "SELECT t::text AS whole FROM core.payment_order t")
    assert all(code not in row.whole for row in kept)
    await settle(hospital)
    found = (await web.get(f"{API}/{order.number}", headers=hospital.keys["his"].headers)).json()
    assert (found["status"], found["cash_fen"]) == ("paid", 7_456)
    free = await pay(web, hospital, order)
    assert (free.status_code, free.json()["code"]) == (409, "BILL_NOT_OPEN"), free.text
    gone = await web.post(f"{API}/{order.number}/cancel", json={}, headers=hospital.keys["his"].headers)
    assert gone.status_code == 409
    assert await trade.faults(platform, hospital.id) == {}


async def test_withdrawing_closes_at_the_channel_first(platform, web, hospital):
    order = await place(platform, hospital)
    assert (await pay(web, hospital, order)).status_code == 201
    gone = await web.post(f"{API}/{order.number}/cancel", json={"reason": "不看了"}, headers=hospital.keys["his"].headers)
    assert (gone.status_code, gone.json()["status"]) == (200, "cancelled"), gone.text
    states = await rows(platform, hospital, "SELECT status FROM core.payment_order UNION ALL SELECT status FROM core.bill")
    assert [row.status for row in states] == ["closed", "void"]
    assert (await pay(web, hospital, order)).json()["code"] == "MED_ORDER_CANCELLED"

