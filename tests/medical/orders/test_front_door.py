"""Orders through the front door: what programs may send, what is refused with the field and why, and what a vendor never reaches."""

import asyncio

import msgspec
import pytest

from plugins.medical.vendors import service as vendors
from tests import trade
from tests.medical.orders.places import API, M1, SECRETS, body, headers, place, rows


async def send(web, hospital, who: str = "his", once: str = "", **given):
    return await web.post(API, json=body(**given), headers=headers(hospital.keys[who], once))


async def test_a_program_places_an_order_and_gets_pay_code_and_link(web, quiet_hospital):
    answer = await send(web, quiet_hospital, "window-sys", vendor_order_no="V1")
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["status"], made["cash_fen"], made["vendor"], made["department"]) == ("awaiting_payment", 7_456, "window-sys", "内科门诊")
    assert len(made["pay_code"]) == 16
    assert made["link"].endswith(f"/h5/{quiet_hospital.code}/code?code={made['pay_code']}")
    again = (await web.get(f"{API}/{made['number']}", headers=quiet_hospital.keys["his"].headers)).json()
    assert (again["bill_number"], again["patient"]) == (made["bill_number"], "张**")


async def test_a_replay_answers_the_same_order_and_other_content_409(web, quiet_hospital):
    first = await send(web, quiet_hospital, once="replay-0001")
    assert (await send(web, quiet_hospital, once="replay-0001")).json() == first.json()
    assert (await send(web, quiet_hospital)).json()["number"] == first.json()["number"]
    other = await send(web, quiet_hospital, insurance=None)
    assert (other.status_code, other.json()["code"]) == (409, "MED_ORDER_DIFFERS")
    assert "现金部分" in other.json()["detail"]
    assert (await send(web, quiet_hospital, once="replay-0001", insurance=None)).status_code in (409, 422)
    assert (await web.post(API, json=body(), headers=quiet_hospital.keys["his"].headers)).status_code in (400, 422), "a key is needed"


async def test_twenty_posts_at_once_are_one_order_and_one_bill(platform, web, quiet_hospital):
    answers = await asyncio.gather(*(send(web, quiet_hospital) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["number"] for answer in answers}) == 1
    assert len(await rows(platform, quiet_hospital, "SELECT id FROM core.bill")) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"total_fen": 0}, "total_fen"), ({"total_fen": -1}, "total_fen"), ({"total_fen": 10**18}, "total_fen"), ({"total_fen": "48640"}, "total_fen"),
        ({"total_fen": 486.4}, "total_fen"), ({"kind": "deposit", "total_fen": -100_00}, "total_fen"),
        ({"colour": "red"}, "colour"), ({"items": []}, "items"), ({"scene": "moon"}, "scene"), ({"kind": "x"}, "kind"),
        ({"his_bill_no": ""}, "his_bill_no"), ({"his_bill_no": "a b"}, "his_bill_no"), ({"his_bill_no": "x" * 65}, "his_bill_no"),
        ({"items": [{"category": "西药费", "name": "甲", "quantity": -1, "price_fen": 1, "amount_fen": 48_640}]}, "quantity"),
        *(
            ({"items": [{"category": "西药费", "name": "甲", "quantity": told, "price_fen": 1, "amount_fen": 48_640}]}, "quantity")
            for told in ("sNaN", "Infinity", "1E-999999", "1E+999999999", "0.0000001")
        ),
        ({"items": [{"category": "西药费", "name": "甲", "quantity": 1, "price_fen": 1, "amount_fen": -5}]}, "amount_fen"),
        ({"items": [{"category": "西药费", "name": "甲", "quantity": 1, "price_fen": 1, "amount_fen": 48_640, "diagnosis": "乙"}]}, "diagnosis"),
        ({"insurance": msgspec.to_builtins(M1) | {"balc": 1}}, "balc"), ({"insurance": msgspec.to_builtins(M1) | {"acct_pay": -1}}, "acct_pay"),
    ],
)  # fmt: skip
async def test_what_the_door_refuses_names_the_field(platform, web, shared_hospital, change, field):
    answer = await web.post(API, json=body() | change, headers=headers(shared_hospital.keys["his"]))
    assert answer.status_code in (400, 422), answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert field in answer.text
    assert await rows(platform, shared_hospital, "SELECT id FROM medical.med_order") == []


async def test_the_insurers_parts_are_named_on_both_sides(web, shared_hospital):
    answer = await send(web, shared_hospital, insurance=msgspec.structs.replace(M1, acct_pay=12_001))
    assert (answer.status_code, answer.json()["code"]) == (422, "SPLIT_BROKEN")
    assert all(word in answer.json()["detail"] for word in ("486.40", "486.41", "acct_pay 120.01"))
    more = await send(web, shared_hospital, insurance=msgspec.structs.replace(M1, medfee_sumamt=60_000, fund_pay_sumamt=40_544))
    assert more.json()["code"] == "INSURANCE_DIFFERS"


async def test_unknown_people_visits_and_departments_are_404(web, shared_hospital):
    for change in ({"patient_no": "P9"}, {"visit_no": "V9"}, {"department_code": "XX"}):
        answer = await send(web, shared_hospital, **change)
        assert answer.status_code in (404, 422), (change, answer.text)


async def test_a_vendor_touches_nobody_elses_order(web, quiet_hospital):
    mine = (await send(web, quiet_hospital, "window-sys", vendor_order_no="V1")).json()
    theirs = quiet_hospital.keys["kiosk"]
    assert (await web.get(f"{API}/{mine['number']}", headers=theirs.headers)).status_code == 404
    assert (await web.post(f"{API}/{mine['number']}/cancel", json={}, headers=theirs.headers)).status_code == 404
    paid = await web.post(f"{API}/{mine['number']}/pay", json={"channel": "wechatpay", "scene": "native"}, headers=headers(theirs))
    assert paid.status_code == 404, paid.text
    assert (await send(web, quiet_hospital, "kiosk", scene="selfservice", vendor_order_no="V1")).status_code == 404
    assert (await web.get(API, headers=theirs.headers)).json()["items"] == []
    found = (await web.get(API, headers=quiet_hospital.keys["window-sys"].headers)).json()
    assert ([order["number"] for order in found["items"]], found["count"], found["cash_fen"]) == ([mine["number"]], 1, 7_456)


async def test_two_vendors_with_the_same_number_have_two_orders(web, quiet_hospital):
    first = await send(web, quiet_hospital, "window-sys", vendor_order_no="V1", insurance=None)
    second = await send(web, quiet_hospital, "kiosk", his_bill_no="HB2", vendor_order_no="V1", scene="selfservice", insurance=None)
    assert first.status_code == second.status_code == 201
    assert first.json()["number"] != second.json()["number"]
    out = await send(web, quiet_hospital, "kiosk", his_bill_no="HB3", scene="window", insurance=None)
    assert (out.status_code, out.json()["code"]) == (403, "SCENE_NOT_YOURS")


async def test_a_suspended_vendor_orders_reads_pays_and_cancels_nothing(platform, web, quiet_hospital):
    mine = (await send(web, quiet_hospital, "window-sys", vendor_order_no="V1")).json()
    async with platform.database.tenant(quiet_hospital.id) as session:
        await vendors.set_status(session, quiet_hospital.vendors["window-sys"], "suspended", "停用", quiet_hospital.maker)
    key = quiet_hospital.keys["window-sys"]
    one = f"{API}/{mine['number']}"
    answers = [
        await send(web, quiet_hospital, "window-sys", his_bill_no="HB2"), await web.get(API, headers=key.headers), await web.get(one, headers=key.headers),
        await web.post(f"{one}/cancel", json={}, headers=key.headers),
        await web.post(f"{one}/pay", json={"channel": "wechatpay", "scene": "native"}, headers=headers(key)),
    ]  # fmt: skip
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(403, "VENDOR_SUSPENDED")}


async def test_without_the_right_nobody_orders(web, staff, quiet_hospital):
    reader = await staff(quiet_hospital, "medical.order.read")
    assert (await reader.post(API, json=body(), headers={"idempotency-key": "without-1"})).status_code == 403
    stranger = await staff(quiet_hospital, "jobs.read")
    assert (await stranger.get(API)).status_code == 403


async def test_another_hospitals_orders_are_not_there(platform, web, client, quiet_hospital, staff):
    made = await place(platform, quiet_hospital)
    nosy = await staff(await client(kind="hospital", plugins=("medical",)), "medical.order.read", "medical.order.make")
    assert (await nosy.get(f"{API}/{made.number}")).status_code == 404
    assert (await nosy.post(f"{API}/{made.number}/cancel", json={})).status_code == 404
    assert (await nosy.get(API)).json()["items"] == []


async def test_no_answer_names_an_item(platform, web, quiet_hospital):
    first = await send(web, quiet_hospital)
    number = first.json()["number"]
    answers = [first, await send(web, quiet_hospital), await send(web, quiet_hospital, insurance=None)]
    his = quiet_hospital.keys["his"].headers
    answers += [await web.get(API, headers=his), await web.get(f"{API}/{number}", headers=his)]
    answers.append(await web.post(f"{API}/{number}/cancel", json={"reason": "换药"}, headers=his))
    assert all(secret not in answer.text for answer in answers for secret in SECRETS)


async def test_withdrawing_twice_is_withdrawn_and_a_paid_order_stays(platform, web, quiet_hospital):
    his = quiet_hospital.keys["his"].headers
    number = (await send(web, quiet_hospital)).json()["number"]
    for _ in range(2):
        gone = await web.post(f"{API}/{number}/cancel", json={"reason": "不缴了"}, headers=his)
        assert (gone.status_code, gone.json()["status"]) == (200, "cancelled")
    free = await web.post(f"{API}/{number}/pay", json={"channel": "wechatpay", "scene": "native"}, headers=headers(quiet_hospital.keys["his"]))
    assert (free.status_code, free.json()["code"]) == (409, "MED_ORDER_CANCELLED")


@pytest.mark.parametrize(
    "ask",
    [
        {"channel": "wechatpay", "scene": "jsapi"}, {"channel": "alipay", "scene": "barcode"}, {"channel": "alipay", "scene": "barcode", "auth_code": "1"},
        {"channel": "wechatpay", "scene": "native", "openid": "o1"}, {"channel": "wechatpay", "scene": "moon"}, {"channel": "wechatpay"},
        {"channel": "wechatpay", "scene": "native", "amount_fen": 1}, {"channel": "nobody", "scene": "native"},
    ],
)  # fmt: skip
async def test_asks_for_payment_that_make_no_sense(platform, web, quiet_hospital, ask):
    order = await place(platform, quiet_hospital)
    answer = await web.post(f"{API}/{order.number}/pay", json=ask, headers=headers(quiet_hospital.keys["his"]))
    assert answer.status_code in (400, 409, 422), answer.text
    assert await rows(platform, quiet_hospital, "SELECT id FROM core.payment_order") == []
    assert await trade.faults(platform, quiet_hospital.id) == {}
