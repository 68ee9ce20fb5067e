"""A cent is paid, given back by the ordinary refund and found in the channel's file; the books hold it like any other money."""

import datetime as dt

import pytest
from sqlalchemy import text

from core import clock, ids
from core.approvals import service as approvals
from core.golive import trials
from core.payments import service as payments
from tests import trade
from tests.golive.conftest import ADMIN

FINANCE = ("golive.way.read", "refunds.refund.make", "refunds.refund.read", "payments.payment.read")


@pytest.fixture
async def admin(shop, staff):
    return await staff(shop[0], *ADMIN)


async def made(platform, shop, admin) -> trials.TrialRead:
    answer = await admin.post("/console/go-live/trial", data={"merchant": str(shop[1].merchants["MEAL"])})
    assert answer.status_code == 303, answer.text
    return await newest(platform, shop)


async def newest(platform, shop) -> trials.TrialRead:
    async with platform.database.tenant(shop[0].id) as session:
        return await trials.newest(session)


async def paid(platform, shop, trial: trials.TrialRead, days_ago: int = 0) -> str:
    number = await trade.order(platform, shop[1], [(trial.bill_id, 1)])
    at = clock.now() - dt.timedelta(days=days_ago)
    await payments.settle(platform, shop[0].id, shop[1].account, trade.success(number, 1, paid_at=at))
    return number


async def tell(platform, shop, sql: str, **values: object) -> None:
    async with platform.database.tenant(shop[0].id) as session:
        await session.execute(text(sql), values)


async def agreed(platform, shop, refund_id, by) -> None:
    async with platform.database.tenant(shop[0].id) as session:
        found = await session.scalar(text("SELECT id FROM core.approval WHERE subject_id = :id"), {"id": refund_id})
        await approvals.approve(session, approvals.kinds_of(platform.plugins, frozenset()), found, by)


async def test_one_button_makes_a_bill_of_a_cent_that_says_what_it_is(platform, shop, admin, web):
    trial = await made(platform, shop, admin)
    assert (trial.stage, trial.amount_fen, trial.merchant_name, trial.position) == ("unpaid", 1, "MEAL", 1)
    page = (await admin.get(f"/console/go-live/trial/{trial.id}")).text
    assert f"/h5/{shop[0].code}/code?code={trial.pay_code}" in page
    assert 'hx-trigger="every 3s"' in page, "the page follows the payment"
    for_payers = await web.get(f"/h5/{shop[0].code}/code?code={trial.pay_code}")
    assert for_payers.status_code == 200
    answer = await admin.post("/console/go-live/trial")
    assert (answer.status_code, "已有一张测试账单还没有走完" in answer.text) == (409, True)
    way = (await admin.get("/api/v1/go-live")).json()
    step = next(step for step in way["steps"] if step["code"] == "trial")
    assert (step["state"], step["path"]) == ("doing", f"/console/go-live/trial/{trial.id}")


async def test_the_trials_person_is_no_payer_of_the_roster(platform, shop, admin):
    await made(platform, shop, admin)
    await tell(platform, shop, "DELETE FROM core.party WHERE plugin = 'test'")
    step = next(s for s in (await admin.get("/api/v1/go-live")).json()["steps"] if s["code"] == "people")
    assert step["state"] != "done"


async def test_the_cent_goes_back_with_a_second_person_and_is_found_in_the_file(platform, shop, admin, staff):
    trial = await made(platform, shop, admin)
    finance = await staff(shop[0], *FINANCE)
    assert (await finance.post(f"/console/go-live/trial/{trial.id}/refund")).status_code == 409, "nothing was paid yet"
    number = await paid(platform, shop, trial, days_ago=2)
    assert "退回测试的一分钱" in (await finance.get("/console")).text
    assert "退回 0.01 元" in (await finance.get(f"/console/go-live/trial/{trial.id}")).text
    assert "退回 0.01 元" not in (await admin.get("/console/go-live/trial")).text.split("退回 0.01 元”")[0], "no right, no button"
    assert (await admin.post(f"/console/go-live/trial/{trial.id}/refund")).status_code == 403
    assert (await finance.post(f"/console/go-live/trial/{trial.id}/refund")).status_code == 303
    trial = await newest(platform, shop)
    assert (trial.stage, trial.refund_status) == ("refunding", "requested")
    assert "等另一位同事复核" in (await finance.get("/console/go-live/trial")).text
    checker = await staff(shop[0], "refunds.refund.check")
    await agreed(platform, shop, trial.refund_id, checker.actor)
    assert (await newest(platform, shop)).refund_status != "requested"

    sent = clock.now() - dt.timedelta(days=1)
    await tell(platform, shop, "UPDATE core.refund SET status = 'success'")
    await tell(platform, shop, "UPDATE core.refund_item SET state = 'success', sent_at = :at, finished_at = :at", at=sent)
    trial = await newest(platform, shop)
    assert (trial.stage, [day.kind for day in trial.days]) == ("refunded", ["pay", "refund"])
    step = await step_of(admin)
    assert (step["state"], step["waiting_for"]) == ("waiting", "channel")
    assert f"等 {trial.days[0].day} 的渠道对账文件" in step["missing"]

    for day, (kind, line) in zip(trial.days, (("pay", number), ("refund", trial.days[1].number)), strict=True):
        await told(platform, shop, day.day, kind, line)
    assert "还没有对账" in (await step_of(admin))["missing"]
    for day in trial.days:
        await tell(platform, shop, "INSERT INTO core.recon_run (id, bill_on, status, made_by) VALUES (:id, :on, 'balanced', 't')", id=ids.uuid7(), on=day.day)
    assert (await newest(platform, shop)).stage == "reconciled"
    step = await step_of(admin)
    assert (step["state"], [proof["path"] for proof in step["evidence"]][:2]) == (
        "done", [f"/console/trace?number={number}", f"/console/refunds/{trial.refund_id}"],
    )  # fmt: skip
    page = (await admin.get("/console/go-live/trial")).text
    assert "这一分钱走完了全程" in page
    assert "再测一次" in page
    assert (await admin.post("/console/go-live/trial")).status_code == 303, "another channel may be tried"
    assert (await newest(platform, shop)).position == 2


async def step_of(person) -> dict:
    return next(step for step in (await person.get("/api/v1/go-live")).json()["steps"] if step["code"] == "trial")


async def told(platform, shop, day, kind: str, number: str) -> None:
    statement_id = ids.uuid7()
    head = """INSERT INTO core.statement (id, source, side, channel, bill_on, status, verdict, reason_code, reason, file_name, sha256, size, origin, made_by)
              VALUES (:id, 'wechatpay', 'channel', 'wechatpay', :on, 'loaded', 'accept', '', '', 'f', :sha, 1, 'fetch', 't')"""
    await tell(platform, shop, head, id=statement_id, on=day, sha=statement_id.bytes)
    line = """INSERT INTO core.statement_line (statement_id, row_no, line_no, channel, kind, counts, number, amount_fen, status)
              VALUES (:id, 1, 1, 'wechatpay', :kind, true, :number, 1, 'SUCCESS')"""
    await tell(platform, shop, line, id=statement_id, kind=kind, number=number)


async def test_a_client_that_cannot_be_paid_is_told_so(platform, shop, admin):
    await tell(platform, shop, "UPDATE core.channel_account SET status = 'suspended'")
    assert "先要有可以收款的商户和支付渠道" in (await admin.get("/console/go-live/trial")).text
    answer = await admin.post("/console/go-live/trial")
    assert answer.status_code == 409


async def test_the_cent_stands_in_reports_under_its_own_name(platform, shop, admin, staff):
    trial = await made(platform, shop, admin)
    await paid(platform, shop, trial)
    finance = await staff(shop[0], "reports.collection.read")
    rows = (await finance.get("/api/v1/reports/collection?by=item")).json()["rows"]
    assert [(row["label"], row["paid_fen"]) for row in rows] == [("上线测试", 1)]
