"""A mini-app asks for a family's money back: only theirs, once, and sees how far it is."""

import contextlib

import pytest
from sqlalchemy import text

from core import ids
from core.billing import corrections
from core.identity.actor import system
from tests import families, trade
from tests.refunds.test_h5 import _collecting, _pay, agree, refunds
from tests.self_service.conftest import Program
from tests.self_service.test_binding_api import bind


@pytest.fixture
async def program(app, school, sms):
    """A program bound to the first child."""
    async with contextlib.AsyncExitStack() as stack:
        made = Program(app, school)
        stack.push_async_callback(made.http.aclose)
        await made.begin()
        await bind(made, sms, school, school.children[0])
        yield made


@pytest.fixture
async def bill(platform, school, channel):
    await _collecting(platform, school)
    bill_id = await families.bill(platform, school, school.children[0])
    await _pay(platform, school, bill_id)
    return bill_id


async def test_a_program_quotes_asks_once_follows_and_sees_it_arrive(platform, school, program, bill, channel, settle):
    channel.usual = "succeeded"
    quote = (await program.get(f"/bills/{bill}/refund-quote")).json()
    assert quote["free_fen"] == 95_000
    body = {"bill_id": str(bill), "amount_fen": 20_000, "reason": "退学"}
    made = await program.post("/refunds", body, key="ask-refund-1")
    assert (made.status_code, made.json()["status"]) == (201, "requested"), made.text
    assert (await program.post("/refunds", body, key="ask-refund-1")).json()["id"] == made.json()["id"]
    assert len(await refunds(platform, school)) == 1
    await agree(platform, school)
    await settle(school.id)
    found = (await program.get(f"/refunds/{made.json()['id']}")).json()
    assert (found["status"], found["refunded_fen"]) == ("success", 20_000)
    listed = (await program.get("/refunds")).json()
    assert ([row["id"] for row in listed["items"]], listed["online"]) == ([found["id"]], True)
    late = await program.post(f"/refunds/{found['id']}/withdraw")
    assert (late.status_code, late.json()["code"]) == (409, "REFUND_UNDER_WAY")


async def test_who_asked_takes_it_back_while_nobody_decided(platform, school, program, bill):
    made = (await program.post("/refunds", {"bill_id": str(bill), "amount_fen": 100, "reason": "多缴"}, key="ask-refund-2")).json()
    back = await program.post(f"/refunds/{made['id']}/withdraw")
    assert back.json()["status"] in ("cancelled", "rejected"), back.text
    assert (await program.get(f"/bills/{bill}/refund-quote")).json()["free_fen"] == 95_000


async def test_unused_credit_is_asked_back_as_a_whole(platform, school, program, bill, channel, settle):
    channel.usual = "succeeded"
    child = {"party_id": str(school.children[0].id), "reason": "退回"}
    assert (await program.get("/refunds")).json()["credits"] == []
    assert (await program.post("/refunds", child, key="ask-refund-3")).status_code == 404
    async with platform.database.tenant(school.id) as session:
        await session.execute(text("UPDATE core.bill_line SET discount_fen = 15000, net_fen = 85000 WHERE bill_id = :b AND line_no = 1"), {"b": bill})
        await session.execute(text("UPDATE core.bill SET amount_fen = 85000, discount_fen = 15000 WHERE id = :b"), {"b": bill})
        await corrections._excess_to_credit(session, await corrections._hold(session, bill), system(school.id), "adjust:test")
    assert [row["amount_fen"] for row in (await program.get("/refunds")).json()["credits"]] == [10_000]
    assert (await program.post("/refunds", child | {"amount_fen": 5_000}, key="ask-refund-6")).status_code == 422
    asked = await program.post("/refunds", child, key="ask-refund-7")
    assert asked.status_code == 201, asked.text
    assert (await program.post("/refunds", child, key="ask-refund-7")).json()["id"] == asked.json()["id"]
    await agree(platform, school)
    await settle(school)
    [row] = await refunds(platform, school)
    assert (row.status, row.source, row.refunded_fen) == ("success", "credit", 10_000)
    assert await trade.faults(platform, school.id) == {}


@pytest.mark.parametrize(
    "wrong", [{"amount_fen": 0}, {"amount_fen": 10.5}, {"amount_fen": 95_001}, {"reason": ""}, {"bill_id": None}, {"amount_fen": None}, {"more": 1}]
)
async def test_what_cannot_be_is_refused_and_leaves_nothing_behind(platform, school, program, bill, wrong):
    body = {"bill_id": str(bill), "amount_fen": 100, "reason": "多缴"} | wrong
    answer = await program.post("/refunds", {name: value for name, value in body.items() if value is not None}, key=ids.token()[:20])
    assert answer.status_code in (400, 409, 422), answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert await refunds(platform, school) == []


async def test_another_familys_bill_and_refund_do_not_exist(platform, school, program, bill, app):
    made = (await program.post("/refunds", {"bill_id": str(bill), "amount_fen": 100, "reason": "多缴"}, key="ask-refund-4")).json()
    stranger = Program(app, school)
    await stranger.begin()
    try:
        assert (await stranger.get("/refunds")).status_code in (401, 403), "nobody whose phone was verified"
    finally:
        await stranger.http.aclose()
    others = await families.bill(platform, school, school.children[1])
    assert (await program.get(f"/bills/{others}/refund-quote")).status_code == 404
    assert (await program.post("/refunds", {"bill_id": str(others), "amount_fen": 1, "reason": "x"}, key="ask-refund-5")).status_code == 404
    assert (await program.get(f"/refunds/{ids.uuid7()}")).status_code == 404
    assert made["status"] == "requested"
    assert (await program.post("/refunds", {"bill_id": str(bill), "amount_fen": 1, "reason": "x"})).status_code == 422, "without a key"
