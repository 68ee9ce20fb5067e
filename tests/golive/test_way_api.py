"""The way written by programs: the same steps, trial and refusals as the pages."""

from uuid import uuid4

import pytest
from sqlalchemy import text

from core import clock
from core.payments import service as payments
from tests import trade
from tests.golive.conftest import ADMIN

WAY, TRIALS = "/api/v1/go-live", "/api/v1/go-live/trials"


def problem(answer) -> tuple[int, str, bool]:
    return answer.status_code, answer.json()["code"], answer.headers["content-type"].startswith("application/problem+json")


@pytest.fixture
async def admin(shop, staff):
    return await staff(shop[0], *ADMIN, name="欧阳办")


async def test_a_step_is_taken_on_and_the_answer_is_the_whole_way(shop, admin, staff):
    colleague = await staff(shop[0], "golive.way.read", name="沈接手")
    given = {"owner": colleague.actor.id, "due_on": clock.today().isoformat(), "note": "材料周三送到"}
    answer = await admin.put(f"{WAY}/steps/org", json=given)
    assert answer.status_code == 200
    step = next(step for step in answer.json()["steps"] if step["code"] == "org")
    assert (step["owner_name"], step["due_on"], step["note"]) == ("沈接手", given["due_on"], given["note"])
    assert problem(await admin.put(f"{WAY}/steps/org", json={"owner": "nobody"})) == (422, "GO_LIVE_OWNER_UNKNOWN", True)
    assert problem(await admin.put(f"{WAY}/steps/org", json={"owner": "bank", "due_on": "2099-01-01"})) == (422, "GO_LIVE_DUE_WRONG", True)
    assert problem(await admin.put(f"{WAY}/steps/none", json={"owner": "bank"})) == (404, "GO_LIVE_STEP_NOT_FOUND", True)
    assert (await admin.put(f"{WAY}/steps/org", json={"owner": "bank", "more": 1})).status_code in (400, 422)
    assert problem(await colleague.put(f"{WAY}/steps/org", json={"owner": "bank"}))[0] == 403


async def test_what_is_lacking_keeps_it_from_collecting(admin, staff, shop):
    refused = await admin.post(f"{WAY}/live")
    assert problem(refused) == (409, "GO_LIVE_NOT_READY", True)
    reader = await staff(shop[0], "golive.way.read")
    assert (await reader.post(f"{WAY}/live")).status_code == 403


async def test_a_cent_is_billed_paid_and_given_back(platform, shop, admin, staff):
    assert problem(await admin.get(f"{TRIALS}/latest")) == (404, "GO_LIVE_TRIAL_NOT_FOUND", True)
    made = await admin.post(TRIALS, json={"merchant_id": str(shop[1].merchants["MEAL"])})
    assert made.status_code == 201
    trial = made.json()
    assert (trial["stage"], trial["amount_fen"], trial["merchant_name"]) == ("unpaid", 1, "MEAL")
    assert problem(await admin.post(TRIALS, json={})) == (409, "GO_LIVE_TRIAL_OPEN", True)
    finance = await staff(shop[0], "golive.way.read", "refunds.refund.make", "refunds.refund.read")
    assert problem(await finance.post(f"{TRIALS}/{trial['id']}/refund")) == (409, "GO_LIVE_TRIAL_NOT_PAID", True)
    number = await trade.order(platform, shop[1], [(trial["bill_id"], 1)])
    await payments.settle(platform, shop[0].id, shop[1].account, trade.success(number, 1, paid_at=clock.now()))
    assert (await finance.get(f"{TRIALS}/{trial['id']}")).json()["stage"] == "paid"
    given_back = await finance.post(f"{TRIALS}/{trial['id']}/refund")
    assert (given_back.status_code, given_back.json()["stage"]) == (200, "refunding")
    assert (await finance.get(f"{TRIALS}/latest")).json()["refund_number"] == given_back.json()["refund_number"]
    assert (await admin.post(f"{TRIALS}/{trial['id']}/refund")).status_code == 403
    assert problem(await finance.get(f"{TRIALS}/{uuid4()}"))[0] == 404
    assert (await finance.post(TRIALS, json={})).status_code == 403


async def test_no_merchant_no_trial(newcomer, staff):
    admin = await staff(newcomer, *ADMIN)
    assert problem(await admin.post(TRIALS, json={})) == (409, "GO_LIVE_NO_MERCHANT", True)


async def test_the_branch_reads_a_clients_way_and_takes_a_step_on(platform, shop, bank, staff, web):
    at = f"/api/v1/clients/{shop[0].id}/go-live"
    zhou = await staff(bank.id, "tenancy.client.read", "tenancy.client.manage", name="周经办")
    assert (await zhou.get(at)).json()["total"] == 8
    answer = await zhou.put(f"{at}/steps/profile", json={"owner": zhou.actor.id, "note": "周五前补"})
    step = next(step for step in answer.json()["steps"] if step["code"] == "profile")
    assert (step["owner_name"], step["owner"], step["note"]) == ("周经办", "bank", "周五前补")
    async with platform.database.tenant(shop[0].id) as session:
        row = await session.one(text("SELECT actor_kind, actor_name FROM core.audit_log WHERE action = 'golive.step.take_on'"))
    assert (row.actor_kind, row.actor_name) == ("bank", "周经办")
    reader = await staff(bank.id, "tenancy.client.read")
    assert (await reader.put(f"{at}/steps/profile", json={"owner": "bank"})).status_code == 403
    elsewhere = await staff(bank.id, "tenancy.client.read", "tenancy.client.manage", org_id=uuid4())
    assert (await elsewhere.get(at)).status_code == 404
    assert (await elsewhere.put(f"{at}/steps/profile", json={"owner": "bank"})).status_code == 404
    assert (await web.get(at)).status_code == 401
    client_admin = await staff(shop[0], *ADMIN)
    assert (await client_admin.get(at)).status_code == 404
