"""A large day is calculated by a worker, in one transaction; the set-based fees are those of the rule, to the fen."""

import random

import pytest
from sqlalchemy import text

from core.jobs import runner
from core.onboarding.schemas import Rate
from core.settlement import calculating, sharing

READ, MAKE = "settlement.batch.read", "settlement.batch.make"


@pytest.fixture
def small(monkeypatch):
    """Any day is a large one."""
    monkeypatch.setattr(calculating, "AT_ONCE", 0)


async def jobs_of(hall):
    async with hall.tenant() as session:
        return list(await session.all(text("SELECT * FROM core.job WHERE kind = 'settlement.calculate' ORDER BY created_at")))


@pytest.mark.parametrize("rate", [
    Rate(channel="wechatpay", rate_ppm=6_000),
    Rate(channel="wechatpay", rate_ppm=3_333, min_fen=8, cap_fen=50),
    Rate(channel="wechatpay", rate_ppm=29_000, fixed_fen=30),
], ids=["plain", "least and most", "card"])  # fmt: skip
async def test_fees_of_many_payments_are_those_of_the_rule(hall, rate):
    chance = random.Random(7)
    for code in ("TUITION", "MEAL"):
        await hall.agree_rates(code, rate)
    for _ in range(12):
        parts = [(code, chance.choice((1, 2, 33, 49, 50, 101, 1_234, 99_999))) for code in ("TUITION", "MEAL")[: chance.choice((1, 2, 2))]]
        await hall.pay(*parts)
    await hall.calculate()
    async with hall.tenant() as session:
        rows = await session.all(text("SELECT payment_id, merchant_id, amount_fen, fee_fen FROM core.settlement_item WHERE kind = 'pay'"))
    assert len(rows) >= 12
    for payment_id in {row.payment_id for row in rows}:
        mine = [row for row in rows if row.payment_id == payment_id]
        wanted = sharing.shares({row.merchant_id: row.amount_fen for row in mine}, rate)
        assert {row.merchant_id: row.fee_fen for row in mine} == wanted
    assert await hall.faults() == {}


async def test_a_large_day_is_a_job_with_a_result(hall, staff, small):
    await hall.pay(("TUITION", 10_000), ("MEAL", 500))
    finance = await staff(hall.client, READ, MAKE)
    key = {"Idempotency-Key": "a-large-day-1"}
    first = await finance.post("/api/v1/settlement-batches", json={"bill_on": hall.yesterday.isoformat()}, headers=key)
    again = await finance.post("/api/v1/settlement-batches", json={"bill_on": hall.yesterday.isoformat()}, headers=key)
    assert (first.status_code, first.json()) == (202, again.json())
    assert await hall.batches() == {}
    assert await runner.run_next(hall.platform, hall.client.id)
    told = (await finance.get(first.json()["href"])).json()
    assert (told["status"], told["result"]["batches"]) == ("done", 2)
    assert sorted(await hall.batches()) == ["MEAL", "TUITION"]
    page = await finance.get(f"/console/jobs/{first.json()['job_id']}")
    assert "查看批次" in page.text


async def test_the_page_leads_to_the_job(hall, staff, small):
    await hall.pay(("TUITION", 10_000))
    finance = await staff(hall.client, READ, MAKE)
    asked = await finance.post("/console/settlement-batches/calculate", data={"bill_on": hall.yesterday.isoformat()})
    [job] = await jobs_of(hall)
    assert (asked.status_code, asked.headers["location"].split("?")[0]) == (303, f"/console/jobs/{job.id}")


async def test_a_worker_that_dies_leaves_nothing_and_the_next_one_does_it_all(hall, staff, small, monkeypatch):
    await hall.pay(("TUITION", 10_000), ("MEAL", 500))
    finance = await staff(hall.client, READ, MAKE)
    await finance.post("/console/settlement-batches/calculate", data={"bill_on": hall.yesterday.isoformat()})

    async def die(*_args: object) -> None:
        raise runner.LeaseLost()

    with monkeypatch.context() as patch:
        patch.setattr(calculating, "_finish", die)
        await runner.run_next(hall.platform, hall.client.id)
    assert await hall.batches() == {}
    assert await runner.run_next(hall.platform, hall.client.id)
    assert sorted(await hall.batches()) == ["MEAL", "TUITION"]
    assert await hall.faults() == {}


async def test_a_day_that_is_not_over_is_refused_before_a_job_is_made(hall, staff, small):
    await hall.pay(("TUITION", 10_000))
    finance = await staff(hall.client, READ, MAKE)
    today = hall.yesterday.replace(year=hall.yesterday.year + 1)
    refused = await finance.post("/api/v1/settlement-batches", json={"bill_on": today.isoformat()}, headers={"Idempotency-Key": "too-early-1"})
    assert (refused.status_code, refused.json()["code"]) == (422, "SETTLEMENT_DAY_NOT_OVER")
    assert await jobs_of(hall) == []
