"""The way is read from what is there: each step says what is missing and who owes it, and nobody ticks it by hand."""

import datetime as dt

from sqlalchemy import text

from core import clock
from tests.education import schools
from tests.golive.conftest import ADMIN


async def steps_of(person) -> dict[str, dict]:
    answer = await person.get("/api/v1/go-live")
    assert answer.status_code == 200, answer.text
    return {step["code"]: step for step in answer.json()["steps"]}


async def tell(platform, client, sql: str, **values: object) -> None:
    async with platform.database.tenant(client.id) as session:
        await session.execute(text(sql), values)


async def test_a_new_client_waits_for_its_branch_and_sees_eight_steps(newcomer, staff):
    admin = await staff(newcomer, *ADMIN)
    answer = (await admin.get("/api/v1/go-live")).json()
    assert [step["code"] for step in answer["steps"]] == ["profile", "merchants", "org", "staff", "people", "prices", "trial", "publish"]
    assert (answer["status"], answer["done"], answer["total"], answer["current"]) == ("under_way", 0, 8, "profile")
    steps = {step["code"]: step for step in answer["steps"]}
    assert (steps["profile"]["state"], steps["profile"]["waiting_for"]) == ("waiting", "bank")
    assert steps["profile"]["missing"] == "开户网点还没有启用本单位"
    assert steps["people"]["missing"] == "开户网点还没有为本单位开启行业插件"
    assert steps["trial"]["state"] == "todo"
    page = (await admin.get("/console/go-live")).text
    assert "开户网点还没有启用本单位" in page
    assert "0 / 8 步已完成" in page


async def test_a_school_has_steps_of_its_own_in_the_place_of_cores(platform, new_school, staff):
    admin = await staff(new_school.client, *ADMIN)
    steps = await steps_of(admin)
    assert [(step["title"], step["state"]) for step in (steps["org"], steps["people"], steps["prices"])] == [
        ("校区与班级", "todo"), ("学生名册", "todo"), ("收费项目与标准", "todo"),
    ]  # fmt: skip
    assert steps["merchants"]["state"] == "done", "both merchants collect over a channel"
    await schools.load(platform, new_school, "org", "org-tree.json")
    await schools.load(platform, new_school, "roster", "roster-200.csv")
    await schools.load(platform, new_school, "standards", "fee-standards.xlsx")
    steps = await steps_of(admin)
    assert [steps[code]["state"] for code in ("org", "people", "prices")] == ["done", "done", "doing"]
    assert "是草稿，请提交复核" in steps["prices"]["missing"]
    assert steps["people"]["evidence"][0]["text"] == "200 名学生"
    await schools.approve_standards(platform, new_school)
    assert (await steps_of(admin))["prices"]["state"] == "done"
    plan = await schools.approved_plan(platform, new_school)
    assert (await steps_of(admin))["publish"]["missing"] == "收费批次“第一学期收费”已复核，可以发布"
    await schools.publish(platform, new_school, plan)
    published = (await steps_of(admin))["publish"]
    assert (published["state"], published["missing"]) == ("doing", "账单已发布，缴费海报还没有打印")
    assert published["evidence"][0]["path"] == f"/console/education/plans/{plan}"


async def test_a_plugin_that_is_off_has_no_steps(platform, newcomer, new_school, staff):
    assert "学生名册" not in (await (await staff(newcomer, *ADMIN)).get("/console/go-live")).text
    assert "学生名册" in (await (await staff(new_school.client, *ADMIN)).get("/console/go-live")).text


async def test_what_a_channel_or_a_second_person_owes_is_said(platform, shop, staff):
    client, made = shop
    admin = await staff(client, *ADMIN)
    await tell(platform, client, "UPDATE core.channel_account SET status = 'pending'")
    found = (await steps_of(admin))["merchants"]
    assert (found["state"], found["waiting_for"], found["path"]) == ("waiting", "second", f"/console/channels/{made.account_id}")
    await tell(platform, client, "UPDATE core.channel_account SET status = 'active', probe = '{\"ok\": false}'")
    assert "连通测试没有通过" in (await steps_of(admin))["merchants"]["missing"]
    case = "INSERT INTO core.onboarding_case (id, merchant_id, status) VALUES (gen_random_uuid(), :id, 'channel_review')"
    await tell(platform, client, case, id=made.merchants["MEAL"])
    await tell(platform, client, "UPDATE core.merchant SET status = 'channel_review' WHERE id = :id", id=made.merchants["MEAL"])
    found = (await steps_of(admin))["merchants"]
    assert (found["waiting_for"], found["missing"]) == ("channel", "“MEAL”的进件等渠道审核")


async def test_maker_and_checker_have_to_be_two_people(platform, shop, staff):
    client, _ = shop
    admin = await staff(client, *ADMIN)
    assert (await steps_of(admin))["staff"]["missing"] == "还只有一个人能登录：经办与复核必须是两个人"
    await staff(client, "refunds.refund.make", "refunds.refund.check")
    assert (await steps_of(admin))["staff"]["missing"] == "还没有第二个人能复核退款：授予财务（复核）"
    await staff(client, "refunds.refund.check")
    assert (await steps_of(admin))["staff"]["state"] == "done"


async def test_a_named_person_takes_a_step_on_until_a_day_and_late_is_marked(platform, shop, staff):
    client, _ = shop
    admin = await staff(client, *ADMIN, name="欧阳办")
    colleague = await staff(client, "golive.way.read", name="沈接手")
    yesterday = (clock.today() - dt.timedelta(days=1)).isoformat()
    form = {"owner": colleague.actor.id, "due_on": yesterday, "note": "材料周三送到"}
    answer = await admin.post("/console/go-live/steps/org", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/go-live#step-org")
    found = (await steps_of(admin))["org"]
    assert (found["owner_name"], found["due_on"], found["overdue"], found["note"]) == ("沈接手", yesterday, True, "材料周三送到")
    page = (await admin.get("/console/go-live")).text
    assert "1 步逾期" in page
    assert "沈接手" in page
    assert (await admin.get("/console/go-live/steps/org")).status_code == 200
    for form, fault in (({"owner": "nobody"}, "请从列表中选择负责人"), ({"owner": "bank", "due_on": "2026-13-01"}, "完成日期不合理")):
        answer = await admin.post("/console/go-live/steps/org", data=form)
        assert answer.status_code == 422
        assert fault in answer.text
    assert (await admin.post("/console/go-live/steps/none", data={"owner": "bank"})).status_code == 404
    assert (await colleague.post("/console/go-live/steps/org", data={"owner": "bank"})).status_code == 403


async def test_a_client_goes_live_when_nothing_is_lacking_and_once(platform, new_school, staff, monkeypatch):
    admin = await staff(new_school.client, *ADMIN)
    refused = await admin.post("/console/go-live/live")
    assert refused.status_code == 409
    assert "还不能开通收费" in refused.text
    await staff(new_school.client, "refunds.refund.make")
    await staff(new_school.client, "refunds.refund.check")
    await schools.load(platform, new_school, "org", "org-tree.json")
    await schools.load(platform, new_school, "roster", "roster-200.csv")
    await schools.load(platform, new_school, "standards", "fee-standards.xlsx")
    await schools.approve_standards(platform, new_school)
    await tell(platform, new_school.client, "UPDATE core.merchant SET uscc = '52350000908301661F'")
    lacking = [step["code"] for step in (await admin.get("/api/v1/go-live")).json()["steps"] if step["needed"] and step["state"] != "done"]
    assert lacking == ["trial"]
    plan = await schools.approved_plan(platform, new_school)
    await schools.publish(platform, new_school, plan)
    await _a_parent_pays(platform, new_school)
    assert (await admin.get("/api/v1/go-live")).json()["status"] == "ready", "a real payment proves more than a trial"
    assert (await admin.post("/console/go-live/live")).status_code == 303
    found = (await admin.get("/api/v1/go-live")).json()
    assert (found["status"], found["live_by"]) == ("live", "测试员")
    assert "已经开通收费" in (await admin.post("/console/go-live/live")).text


async def _a_parent_pays(platform, school) -> None:
    from core.payments import service as payments
    from tests import trade

    async with platform.database.tenant(school.tenant_id) as session:
        bill = await session.one(text("SELECT id, amount_fen FROM core.bill WHERE amount_fen > 0 LIMIT 1"))
    shop = trade.Trade(school.tenant_id, school.merchants, [], school.account_id)
    number = await trade.order(platform, shop, [(bill.id, bill.amount_fen)])
    await payments.settle(platform, school.tenant_id, shop.account, trade.success(number, bill.amount_fen))


async def test_strangers_see_no_way(newcomer, shop, staff, web):
    assert (await web.get("/api/v1/go-live")).status_code == 401
    assert (await (await staff(newcomer, "billing.bill.read")).get("/console/go-live")).status_code == 403
    assert (await (await staff(newcomer, "billing.bill.read")).get("/api/v1/go-live")).status_code == 403
