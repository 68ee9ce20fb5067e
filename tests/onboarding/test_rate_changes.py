"""Another rate after signing: proposed by one of the bank, agreed by another, in force from a day on, and refused where it would be unfair."""

import datetime as dt

import pytest
from sqlalchemy import text

from core import clock, ids
from core.identity.actor import system
from core.onboarding import rates
from core.onboarding.schemas import Rate
from tests import trade

LOOK = ("tenancy.client.read", "tenancy.merchant.read")
MAKE, CHECK = "onboarding.rate.make", "onboarding.rate.check"
TODAY = clock.today()
TOMORROW = TODAY + dt.timedelta(days=1)


class Desk:
    """A merchant that pays 0.6 %, two people of the bank who may change that, and one of the client who may read it."""

    def __init__(self, client, merchant_id, maker, checker, finance) -> None:
        self.client, self.merchant_id, self.maker, self.checker, self.finance = client, merchant_id, maker, checker, finance
        self.api = f"/api/v1/clients/{client.id}/merchants/{merchant_id}/rate-changes"
        self.page = f"/bank/clients/{client.id}/merchants/{merchant_id}/rates"

    async def propose(self, who=None, **changed):
        body = {"channel": "wechatpay", "from_on": TOMORROW.isoformat(), "rates": [{"channel": "", "rate_ppm": 3800}], "reason": "补充协议 2026-11"}
        return await (who or self.maker).post(self.api, json=body | changed)

    async def proposed(self, **changed) -> str:
        answer = await self.propose(**changed)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    async def check(self, change_id: str, approve: bool = True, who=None, **more):
        return await (who or self.checker).post(f"{self.api}/{change_id}/check", json={"approve": approve} | more)


@pytest.fixture
async def desk(platform, client, staff, bank):
    made = await client(plugins=())
    school = await trade.found(platform, made.id)
    merchant_id = school.merchants["MEAL"]
    async with platform.database.tenant(made.id) as session:
        await session.execute(text("UPDATE core.merchant SET status = 'active'"))
        await rates.agree(session, system(made.id), merchant_id, [Rate(channel="wechatpay", rate_ppm=6000, cap_fen=3500)], dt.date(2026, 1, 1))
    return Desk(
        made, merchant_id,
        await staff(bank.id, *LOOK, MAKE, CHECK, name="客户经理甲"),
        await staff(bank.id, *LOOK, MAKE, CHECK, name="分行管理员乙"),
        await staff(made, "tenancy.merchant.read", CHECK, name="单位财务丙"),
    )  # fmt: skip


async def in_force(platform, desk, day, card_type="") -> Rate:
    async with platform.database.tenant(desk.client.id) as session:
        return await rates.in_force(session, desk.merchant_id, "wechatpay", day, card_type)


async def test_a_rate_changes_when_a_second_person_of_the_bank_has_agreed(platform, desk):
    change_id = await desk.proposed()
    assert (await in_force(platform, desk, TOMORROW)).rate_ppm == 6000, "nothing changes before the second word"
    answer = await desk.check(change_id)
    assert (answer.status_code, answer.json()["status"]) == (200, "approved"), answer.text
    assert (await in_force(platform, desk, TODAY)).cap_fen == 3500
    assert (await in_force(platform, desk, TOMORROW)).rate_ppm == 3800
    (agreed, before) = sorted((await desk.maker.get(desk.api.removesuffix("-changes") + "s")).json()["items"], key=lambda row: row["from_on"])[::-1]
    assert (agreed["from_on"], agreed["until_on"], agreed["made_by"]) == (TOMORROW.isoformat(), None, "分行管理员乙")
    assert before["until_on"] == TODAY.isoformat()


async def test_both_houses_see_who_changed_what_when_from_what_to_what(desk):
    await desk.check(await desk.proposed(), remark="协议已核对")
    for who, page in ((desk.maker, desk.page), (desk.finance, f"/console/merchants/{desk.merchant_id}/rates")):
        shown = (await who.get(page)).text
        for word in ("客户经理甲", "分行管理员乙", "补充协议 2026-11", "协议已核对", "0.6%", "35.00", "0.38%", TOMORROW.isoformat()):
            assert word in shown, word
    (told,) = (await desk.finance.get(f"/api/v1/merchants/{desk.merchant_id}/rate-changes")).json()["items"]
    assert (told["before"][0]["rate_ppm"], told["rates"][0]["rate_ppm"], told["status"]) == (6000, 3800, "approved")
    assert f"{desk.page}" in (await desk.maker.get(f"/bank/clients/{desk.client.id}")).text
    assert f"/console/merchants/{desk.merchant_id}/rates" in (await desk.finance.get("/console/merchants")).text


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"from_on": (TODAY - dt.timedelta(days=1)).isoformat()}, 422, "RATE_CHANGE_INVALID"),
        ({"from_on": (TODAY + dt.timedelta(days=400)).isoformat()}, 422, "RATE_CHANGE_INVALID"),
        ({"rates": [{"channel": "", "rate_ppm": 6000, "cap_fen": 3500}]}, 422, "RATE_CHANGE_INVALID"),
        ({"rates": []}, 422, "RATE_INVALID"),
        ({"rates": [{"channel": "", "rate_ppm": 100_001}]}, 422, "RATE_INVALID"),
        ({"rates": [{"channel": "", "rate_ppm": 3800, "card_type": "credit"}]}, 422, "RATE_INVALID"),
        ({"channel": "pigeon"}, 422, "RATE_CHANGE_INVALID"),
        ({"reason": "  "}, 422, "INVALID_REQUEST"),
        ({"rates": [{"channel": "", "rate_ppm": 0.38}]}, 422, "INVALID_REQUEST"),
        ({"sudo": True}, 422, "INVALID_REQUEST"),
    ],
)
async def test_what_cannot_be_meant_is_refused(desk, changed, status, code):
    answer = await desk.propose(**changed)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert (await desk.maker.get(desk.api)).json()["items"] == []


async def test_today_is_possible_while_nothing_of_today_has_been_settled(platform, desk):
    change_id = await desk.proposed(from_on=TODAY.isoformat())
    await settled_today(platform, desk)
    answer = await desk.check(change_id)
    assert (answer.status_code, answer.json()["code"]) == (409, "RATE_DAY_SETTLED"), answer.text
    assert (await in_force(platform, desk, TODAY)).rate_ppm == 6000
    assert (await desk.check(change_id, approve=False, remark="今天已经结算")).status_code == 200
    answer = await desk.propose(from_on=TODAY.isoformat())
    assert (answer.status_code, answer.json()["code"]) == (409, "RATE_DAY_SETTLED")
    assert (await desk.propose()).status_code == 201, "tomorrow it is"


async def test_today_holds_at_once_where_nothing_was_settled(platform, desk):
    await desk.check(await desk.proposed(from_on=TODAY.isoformat()))
    assert (await in_force(platform, desk, TODAY)).rate_ppm == 3800
    assert (await in_force(platform, desk, TODAY - dt.timedelta(days=1))).rate_ppm == 6000


async def settled_today(platform, desk) -> None:
    """A payment of today in a batch, as settling by windows of a day leaves it."""
    async with platform.database.tenant(desk.client.id) as session:
        batch_id = ids.uuid7()
        made = text("""
            INSERT INTO core.settlement_batch (id, number, merchant_id, merchant_code, bill_on, settle_on, status, made_by)
            VALUES (:id, :number, :merchant, 'MEAL', :day, :day, 'pending_review', 'test')
        """)
        await session.execute(made, {"id": batch_id, "number": f"JS{ids.digits(12)}", "merchant": desk.merchant_id, "day": TODAY})
        item = text("""
            INSERT INTO core.settlement_item (batch_id, kind, ref_id, merchant_id, channel, merchant_number, number, amount_fen, fee_fen, bill_on)
            VALUES (:batch, 'pay', :ref, :merchant, 'wechatpay', '1900000001', 'N1', 10000, 60, :day)
        """)
        await session.execute(item, {"batch": batch_id, "ref": ids.uuid7(), "merchant": desk.merchant_id, "day": TODAY})


async def test_a_second_proposal_for_the_same_merchant_and_channel_waits_its_turn(desk):
    change_id = await desk.proposed()
    answer = await desk.propose(rates=[{"channel": "", "rate_ppm": 2000}])
    assert (answer.status_code, answer.json()["code"]) == (409, "ALREADY_WAITING")
    assert (await desk.propose(channel="alipay")).status_code == 201, "another channel is another matter"
    await desk.check(change_id, approve=False, remark="先谈好")
    assert (await desk.propose(rates=[{"channel": "", "rate_ppm": 2000}])).status_code == 201


async def test_nobody_agrees_to_their_own_proposal(platform, desk):
    change_id = await desk.proposed()
    answer = await desk.check(change_id, who=desk.maker)
    assert (answer.status_code, answer.json()["code"]) == (409, "SELF_APPROVAL")
    assert (await desk.maker.post(f"{desk.page}/{change_id}/approve", data={})).status_code == 409
    assert (await in_force(platform, desk, TOMORROW)).rate_ppm == 6000


async def test_the_client_itself_cannot_agree_whatever_its_people_may(platform, desk):
    change_id = await desk.proposed()
    answer = await desk.finance.post(f"/api/v1/approvals/{change_id}/approve", json={}, headers={"idempotency-key": ids.token()})
    assert answer.status_code == 403, answer.text
    assert (await desk.check(change_id, who=desk.finance)).status_code in (403, 404)
    assert (await in_force(platform, desk, TOMORROW)).rate_ppm == 6000
    assert (await desk.maker.get(desk.api)).json()["items"][0]["status"] == "waiting"


async def test_a_refusal_says_why(desk):
    change_id = await desk.proposed()
    assert (await desk.check(change_id, approve=False)).status_code == 422
    answer = await desk.check(change_id, approve=False, remark="协议未签")
    assert (answer.json()["status"], answer.json()["remark"]) == ("rejected", "协议未签")
    assert (await desk.check(change_id)).status_code == 409


async def test_its_maker_takes_it_back_before_it_is_decided_and_nobody_else(platform, desk):
    change_id = await desk.proposed()
    assert (await desk.checker.post(f"{desk.api}/{change_id}/withdraw")).status_code == 404
    assert (await desk.maker.post(f"{desk.api}/{change_id}/withdraw")).json()["status"] == "withdrawn"
    assert (await desk.check(change_id)).status_code == 409
    again = await desk.proposed()
    await desk.check(again)
    assert (await desk.maker.post(f"{desk.api}/{again}/withdraw")).json()["code"] == "ALREADY_DECIDED"
    assert (await in_force(platform, desk, TOMORROW)).rate_ppm == 3800


async def test_what_was_proposed_before_the_rates_moved_is_not_agreed_to(platform, desk):
    change_id = await desk.proposed()
    async with platform.database.tenant(desk.client.id) as session:
        await rates.agree(session, system(desk.client.id), desk.merchant_id, [Rate(channel="wechatpay", rate_ppm=5000)], TODAY)
    answer = await desk.check(change_id)
    assert (answer.status_code, answer.json()["code"]) == (409, "RATE_CHANGE_STALE")
    assert (await in_force(platform, desk, TOMORROW)).rate_ppm == 5000


async def test_a_rate_that_was_to_come_is_told_before_it_is_dropped(platform, desk):
    later = TODAY + dt.timedelta(days=30)
    await desk.check(await desk.proposed(from_on=later.isoformat(), rates=[{"channel": "", "rate_ppm": 5500}]))
    change_id = await desk.proposed()
    shown = (await desk.checker.get(desk.page)).text
    assert f"{later} 0.55%" in shown
    await desk.check(change_id)
    assert (await in_force(platform, desk, later)).rate_ppm == 3800


async def test_credit_cards_may_have_their_own_rate_from_then_on(platform, desk):
    both = [{"channel": "", "rate_ppm": 3800}, {"channel": "", "rate_ppm": 5500, "card_type": "credit", "min_fen": 10, "fixed_fen": 5}]
    await desk.check(await desk.proposed(rates=both))
    assert (await in_force(platform, desk, TOMORROW, "credit")).fixed_fen == 5
    assert (await in_force(platform, desk, TOMORROW, "debit")).rate_ppm == 3800
    assert (await in_force(platform, desk, TODAY, "credit")).rate_ppm == 6000


async def test_the_branch_finds_what_waits_among_its_tasks(desk):
    change_id = await desk.proposed()
    tasks = (await desk.checker.get("/bank/tasks?kind=rate_check")).text
    link = f"/bank/clients/{desk.client.id}/rate-changes/{change_id}"
    assert link in tasks
    answer = await desk.checker.get(link)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{desk.page}#changes")
    await desk.check(change_id)
    assert link not in (await desk.checker.get("/bank/tasks?kind=rate_check")).text


async def test_the_form_proposes_and_says_what_is_wrong_where_it_was_typed(platform, desk):
    typed = {"channel": "wechatpay", "from_on": TOMORROW.isoformat(), "rate.": "0,38", "cap.": "20", "reason": "补充协议"}
    answer = await desk.maker.post(desk.page, data=typed)
    assert answer.status_code == 422
    assert "费率请写成百分数" in answer.text
    assert 'value="0,38"' in answer.text
    assert (await desk.maker.post(desk.page, data=typed | {"from_on": ""})).status_code == 422
    assert (await desk.maker.post(desk.page, data=typed | {"rate.": "0.38"})).status_code == 303
    (row,) = (await desk.maker.get(desk.api)).json()["items"]
    assert row["rates"] == [{"channel": "wechatpay", "rate_ppm": 3800, "card_type": "", "cap_fen": 2000, "min_fen": 0, "fixed_fen": 0}]
    assert "disabled" in (await desk.maker.get(desk.page)).text
    assert (await desk.checker.post(f"{desk.page}/{row['id']}/approve", data={})).status_code == 303
    assert (await in_force(platform, desk, TOMORROW)).cap_fen == 2000


async def test_who_may_not_is_refused_and_other_clients_merchants_are_not_found(desk, client, staff, bank):
    reader = await staff(bank.id, *LOOK)
    assert (await reader.get(desk.api)).status_code == 200
    assert (await desk.propose(who=reader)).status_code == 403
    change_id = await desk.proposed()
    assert (await desk.check(change_id, who=reader)).status_code == 403
    assert (await reader.post(f"{desk.api}/{change_id}/withdraw")).status_code == 403
    stranger = await client(plugins=())
    elsewhere = desk.api.replace(str(desk.client.id), str(stranger.id))
    for path, body in ((elsewhere, None), (f"{elsewhere}/{change_id}/check", {"approve": True}), (f"{elsewhere}/{change_id}/withdraw", {})):
        answer = await (desk.checker.get(path) if body is None else desk.checker.post(path, json=body))
        assert answer.status_code == 404, path
    assert (await desk.check(str(ids.uuid7()))).status_code == 404
