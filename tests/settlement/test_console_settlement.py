"""The other pages of settlement: adjustments, partners' shares, months, returned payouts, and the export."""

import datetime as dt

import pytest
from sqlalchemy import text

from core import clock
from core.settlement import exports
from tests.settlement.test_months import last_month, propose, settled
from tests.settlement.test_payouts import approved, beat, of, until

__all__ = ["last_month"]
READ, MAKE = "settlement.batch.read", "settlement.batch.make"


@pytest.fixture
async def maker(hall, staff):
    return await staff(hall.client, READ, MAKE, "ledger.journal.read", name="经办甲")


async def waiting(hall, kind: str):
    async with hall.tenant() as session:
        return await session.scalar(text("SELECT subject_id FROM core.approval WHERE kind = :kind AND status = 'waiting'"), {"kind": kind})


async def test_an_adjustment_is_asked_for_on_its_page_and_listed_once_agreed(hall, maker):
    typed = {"merchant": "TUITION", "amount": "12.30", "way": "gets", "against": "loss", "reason": "费率差额"}
    assert (await maker.post("/console/settlement-adjustments", data=typed)).status_code == 303
    assert "12.30" not in (await maker.get("/console/settlement-adjustments")).text
    await hall.agree(await waiting(hall, "settlement.adjustment"))
    page = (await maker.get("/console/settlement-adjustments?status=open")).text
    assert "12.30" in page and "费率差额" in page
    found = (await maker.get("/api/v1/settlement-adjustments")).json()["items"]
    assert [(item["amount_fen"], item["checked_by"]) for item in found] == [(1_230, "复核乙")]
    assert (await maker.get(f"/api/v1/settlement-adjustments/{found[0]['id']}")).json() == found[0]


async def test_a_share_is_agreed_shown_and_ended(hall, maker):
    typed = {"merchant": "TUITION", "partner": "MEAL", "item": "TUITION", "share": "12.5", "from_on": f"{clock.today()}", "reason": "合作协议"}
    assert (await maker.post("/console/settlement-splits", data=typed)).status_code == 303
    await hall.agree(await waiting(hall, "settlement.split"))
    page = (await maker.get("/console/settlement-splits")).text
    assert "12.5%" in page
    rule = (await maker.get("/api/v1/settlement-splits")).json()[0]
    assert (rule["share_ppm"], rule["partner_code"]) == (125_000, "MEAL")
    assert (await maker.post("/console/settlement-splits/end", data={"rule": rule["id"], "reason": ""})).status_code == 422
    assert (await maker.post("/console/settlement-splits/end", data={"rule": rule["id"], "reason": "协议到期"})).status_code == 303
    await hall.agree(await waiting(hall, "settlement.split"))
    assert (await maker.get("/api/v1/settlement-splits")).json()[0]["until_on"] == f"{clock.today()}"


async def test_a_month_is_proposed_signed_and_opened_again_on_its_page(hall, maker, banked, last_month):
    await settled(hall, last_month)
    path = f"/console/settlement-months/{last_month:%Y-%m}"
    assert "提交签认" in (await maker.get(path)).text
    assert (await maker.post(f"{path}/sign", data={})).status_code == 303
    assert "正在等待复核" in (await maker.get(path)).text
    await hall.agree(await waiting(hall, "settlement.month"))
    page = (await maker.get(path)).text
    assert "已签认" in page and "复核乙" in page
    read = (await maker.get(f"/api/v1/settlement-months/{last_month:%Y-%m}")).json()
    assert (read["status"], read["signed_totals"]["paid_fen"]) == ("signed", 94_430)
    refused = await maker.post("/console/settlement-batches/calculate", data={"bill_on": f"{last_month}"})
    assert (refused.status_code, "已由两人签认" in refused.text) == (409, True)
    for name in ("statement.xlsx", "statement.pdf"):
        assert (await maker.get(f"{path}/{name}")).status_code == 200
    assert (await maker.post(f"{path}/reopen", data={"reason": "补调整"})).status_code == 303
    await hall.agree(await waiting(hall, "settlement.month"))
    assert "未签认" in (await maker.get("/console/settlement-months")).text


async def test_a_proposal_of_a_month_that_is_rejected_leaves_it_open(hall, staff, banked, last_month):
    await settled(hall, last_month)
    month_id = await propose(hall, last_month)
    checker = await staff(hall.client, READ, "settlement.batch.check")
    async with hall.tenant() as session:
        approval = await session.scalar(text("SELECT id FROM core.approval WHERE subject_id = :id"), {"id": month_id})
    reply = await checker.post(f"/api/v1/approvals/{approval}/reject", json={"remark": "差一笔"})
    assert reply.status_code == 200, reply.text
    async with hall.tenant() as session:
        assert await session.scalar(text("SELECT status FROM core.settlement_month WHERE id = :id"), {"id": month_id}) == "open"


async def test_a_returned_payout_is_paid_again_from_its_page(hall, maker, banked):
    batch = await approved(hall)
    _, (payout,) = await of(hall, batch.id)
    await banked.faults(payout.number, {"kind": "pay_fail"})
    await until(hall, batch.id, "returned")
    path = f"/console/settlement-batches/{batch.id}"
    page = (await maker.get(path)).text
    assert "银行退回了这笔付款" in page and "重新付款" in page
    assert (await maker.post(f"{path}/repay", data={"reason": ""})).status_code == 422
    assert (await maker.post(f"{path}/repay", data={"reason": "户名已核对", "same_account": "1"})).status_code == 303
    await hall.agree(batch.id)
    await beat(hall)
    await until(hall, batch.id, "paid")
    page = (await maker.get(path)).text
    assert "第 2 次" in page and "结算付款" in page


async def test_a_batch_is_calculated_again_from_its_page(hall, maker):
    await hall.pay(("TUITION", 95_000))
    batch = (await hall.calculate())["TUITION"]
    await hall.pay(("TUITION", 5_000))
    assert (await maker.post(f"/console/settlement-batches/{batch.id}/recalculate")).status_code == 303
    assert (await hall.batches())["TUITION"].gross_fen == 100_000
    nothing = await maker.post("/console/settlement-batches/submit", data={})
    assert nothing.status_code == 303
    closed = await maker.post("/console/settlement-batches/submit", data={"batch": str(batch.id)})
    assert "还没有对账" in (await maker.get(closed.headers["location"])).text


async def test_the_page_of_a_batch_shows_its_gate_as_it_stands_now(hall, maker):
    await hall.pay(("TUITION", 95_000))
    batch = (await hall.calculate())["TUITION"]
    path = f"/console/settlement-batches/{batch.id}"
    assert "当日还没有对账" in (await maker.get(path)).text
    await hall.reconciled()
    page = (await maker.get(path)).text
    assert "当日还没有对账" not in page and "已放行" in page


async def test_the_export_has_the_columns_of_the_statement_and_every_channel(hall):
    await hall.pay(("TUITION", 95_000), ("MEAL", 5_000))
    await hall.calculate()
    async with hall.tenant() as session:
        found = [row async for row in exports.rows(session, {"start": f"{hall.yesterday}"}, None)]
        none = [row async for row in exports.rows(session, {"until": f"{hall.yesterday - dt.timedelta(days=9)}"}, None)]
    assert {(row[1], row[5]) for row in found} == {("TUITION", 95_000), ("MEAL", 5_000)}
    assert none == []
