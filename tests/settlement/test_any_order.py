"""Whatever happens in whatever order (Hypothesis): all batches together come to all the money, each fen once."""

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from core.onboarding import rates
from core.onboarding.schemas import Rate
from tests.settlement.conftest import DAY, Hall

RATE = Rate(channel="wechatpay", rate_ppm=6_000)
amounts = st.integers(1, 300_000)
days = st.integers(1, 4)
WAITING = text("""
    SELECT coalesce(sum(a.amount_fen) FILTER (WHERE j.biz_type <> 'refund'), 0) AS paid,
           coalesce(-sum(a.amount_fen) FILTER (WHERE j.biz_type = 'refund'), 0) AS back
    FROM core.allocation a JOIN core.ledger_journal j ON j.id = a.journal_id
    WHERE NOT EXISTS (SELECT FROM core.settlement_item i WHERE a.id = ANY(i.allocations))
""")
SUMS = text("""
    SELECT coalesce(sum(gross_fen), 0) AS gross, coalesce(sum(refund_fen), 0) AS back, coalesce(sum(fee_fen), 0) AS fee,
           coalesce(sum(net_fen - brought_fen), 0) AS net, coalesce(sum(fee_refund_fen), 0) AS fee_back FROM core.settlement_batch
""")
steps = st.one_of(
    st.tuples(st.just("pay"), amounts, amounts, days),
    st.tuples(st.just("refund"), st.integers(1, 100), days),
    st.tuples(st.just("calculate"), days),
    st.tuples(st.just("approve"), days),
)


async def act(hall: Hall, paid: list, step: tuple) -> None:
    """One thing that people do."""
    kind, *more = step
    if kind == "pay":
        paid.append((await hall.pay(("TUITION", more[0]), ("MEAL", more[1]), days_ago=more[2]), more[0]))
    elif kind == "refund" and paid:
        payment, tuition_fen = paid[-1]
        fen = max(1, tuition_fen * more[0] // 100)
        async with hall.tenant() as session:
            held = await session.scalar(text("SELECT amount_fen - refunded_fen FROM core.payment WHERE id = :id"), {"id": payment})
            balance = await session.scalar(
                text("SELECT -sum(e.amount_fen) FROM core.ledger_entry e JOIN core.ledger_account a ON a.id = e.account_id WHERE a.code = 'L.MER.TUITION'")
            )
        if fen <= held and fen <= balance:
            await hall.refund(payment, fen, days_ago=more[1], lines={1: fen})
            paid.pop()
    elif kind == "calculate":
        await hall.calculate(hall.yesterday - DAY * (more[0] - 1))
    elif kind == "approve":
        await approve(hall, more[0])


async def approve(hall: Hall, days_ago: int) -> None:
    """Everything of a day that may be paid is approved."""
    day = hall.yesterday - DAY * (days_ago - 1)
    await hall.reconciled(day)
    for batch in (await hall.calculate(day)).values():
        if batch.status == "pending_review" and batch.pay_fen > 0:
            await hall.submit(batch.id)
            await hall.agree(batch.id)


async def check(hall: Hall) -> None:
    """The books are sound, and the batches together are the money together."""
    await hall.calculate()
    assert await hall.faults() == {}
    async with hall.tenant() as session:
        money = await session.one(text("SELECT sum(amount_fen) AS paid, sum(refunded_fen) AS back FROM core.payment"))
        waiting = await session.one(WAITING)
        sums = await session.one(SUMS)
        settled = await session.all(text("SELECT sum(amount_fen)::bigint AS fen FROM core.settlement_item WHERE kind = 'pay' GROUP BY payment_id"))
    assert (sums.gross + waiting.paid, sums.back + waiting.back) == (money.paid or 0, money.back or 0)
    assert sums.fee == sum(rates.fee_of(row.fen, RATE) for row in settled)
    assert sums.net == sums.gross - sums.back - sums.fee + sums.fee_back
    frozen = {code for code, batch in (await hall.batches()).items() if batch.status != "pending_review"}
    assert frozen or not waiting.paid, "only what came after an approval waits for the next day"


async def test_all_batches_together_are_all_the_money(hall, banked):
    loop = asyncio.get_running_loop()

    async def story(told: list[tuple]) -> None:
        paid: list = []
        for step in told:
            await act(hall, paid, step)
        await check(hall)

    @settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.lists(steps, min_size=4, max_size=8))
    def run(told):
        asyncio.run_coroutine_threadsafe(story(told), loop).result()

    await asyncio.to_thread(run)
