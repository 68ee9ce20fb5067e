"""The M3 day of the samples from its files to the last difference: longs refunded by one click, the next day's files explain the rest."""

import datetime as dt
import json

import pytest
from sqlalchemy import text

from core.reconciliation.differences.repository import Asked
from core.reconciliation.remedies import bulk
from core.reconciliation.remedies.bulk import Wanted
from core.reconciliation.remedies.service import RemedyAsk
from core.reconciliation.runs import service as runs
from core.statements import receiving
from tests.samples import SAMPLES

SMALL = SAMPLES / "statements" / "small"
FIRST, SECOND = dt.date(2026, 3, 1), dt.date(2026, 3, 2)
OPEN = ("open", "confirmed", "handling", "rejected")


@pytest.fixture
async def hospital(house, client):
    """The client of the samples: a hospital whose platform and channel come as files; it has no collecting account here."""
    made = await client(kind="hospital", plugins=("medical",))
    house.client = made
    house.maker, house.checker = (type(who)(**{name: getattr(who, name) for name in ("kind", "id", "name", "rights")}, tenant_id=made.id)
                                  for who in (house.maker, house.checker))  # fmt: skip
    return house


async def hand_in(hospital, day: dt.date, after: str = "") -> None:
    for source, name in (("his", f"his-{day}.csv"), ("platform", f"platform-{day}{after}.csv"), ("wechatpay-trade", f"wechatpay-trade-{day}{after}.csv")):
        given = {"source": source, "day": day, "file_name": name, "path_or_stream": SMALL / name, "by": hospital.maker, "origin": "cli"}
        verdict = await receiving.receive(hospital.platform, hospital.client.id, **given)
        assert verdict.verdict.startswith("accept"), verdict


async def found(hospital) -> dict[str, str]:
    async with hospital.tenant() as session:
        return {row[0]: row.status for row in await session.all(text("SELECT class, status FROM core.recon_difference"))}


async def test_the_day_ends_with_no_open_difference(hospital):
    expected = json.loads((SMALL / "m3.expected.json").read_bytes())
    await hand_in(hospital, FIRST)
    await runs.run(hospital.platform, hospital.client.id, FIRST, by=hospital.maker)
    assert await found(hospital) == {"LG1": "expected", "LG2": "expected", "SH1": "expected", "DP1": "open"}
    async with hospital.tenant() as session:  # a person has looked at the long: nobody will come for it
        await session.execute(text("UPDATE core.recon_difference SET status = 'open' WHERE class = 'LG1'"))
        rows = await bulk.chosen(session, Asked(), "refund", hospital.maker)
        wanted = [Wanted(difference_id=row.id, ask=RemedyAsk(kind="refund", reason="长款退回")) for row in rows]
        batch_id = await bulk.create(session, {}, wanted, reason="三月一日长款", by=hospital.maker)
        batch = await bulk.find(session, batch_id, hospital.maker)
    assert (batch.count, batch.amount_fen) == (2, 32_000)
    await hospital.agree(batch_id)
    await hospital.work()
    await hand_in(hospital, SECOND, "-after-batch")
    await runs.run(hospital.platform, hospital.client.id, SECOND, by=hospital.maker)
    await hospital.work()
    states = await found(hospital)
    assert states == {"LG1": "resolved", "LG2": "resolved", "SH1": "auto_resolved", "DP1": "resolved"}
    assert sum(state in OPEN for state in states.values()) == expected["open_differences_after_batch_and_next_day_run"] == 0
    async with hospital.tenant() as session:
        batch = await bulk.find(session, batch_id, hospital.maker)
        refunds = await session.all(text("SELECT i.reference, i.amount_fen, r.status FROM core.refund r JOIN core.refund_item i ON i.refund_id = r.id"))
    assert batch.status == "done"
    assert sorted((row.amount_fen, row.status) for row in refunds) == [(12_000, "success"), (20_000, "success")]
    assert {row.reference for row in refunds} == {"50300896302026030286503310725", "50300172662026030212601998993"}
    assert await hospital.stands("A.CH.wechatpay.1999000311") == 0
    assert await hospital.faults() == {}
