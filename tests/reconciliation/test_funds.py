"""Differences of the bank account are written down by settlement through one door, brought up to date, and settled when the money comes."""

import datetime as dt

import pytest
from sqlalchemy import text

from core.reconciliation.errors import FundsDifferenceUnknown
from core.reconciliation.runs import funds
from tests.reconciliation.conftest import DAY, NEXT

OWED = {"bill_on": DAY, "channel": "wechatpay", "merchant_number": "1999", "due_on": NEXT, "facts": {}}
NUMBER = "wechatpay.1999.20260301"


async def rows(session) -> list:
    return await session.all(text("SELECT * FROM core.recon_difference ORDER BY created_at"))


async def test_money_that_came_short_is_one_difference_until_it_comes(hospital):
    made = await hospital()
    async with made.platform.database.tenant(made.id) as session:
        first = await funds.record_funds_difference(session, **OWED, expected_fen=1000, arrived_fen=0)
        again = await funds.record_funds_difference(session, **OWED, expected_fen=1000, arrived_fen=400)
        [row] = await rows(session)
        assert first == again == row.id
        assert (getattr(row, "class"), row.number, row.amount_fen, row.status, row.facts["direction"]) == ("FE2", NUMBER, 600, "open", "short")
        await funds.resolve_funds_difference(session, bill_on=DAY, channel="wechatpay", number=NUMBER, remark="补到账")
        assert (await rows(session))[0].status == "auto_resolved"
        await funds.record_funds_difference(session, **OWED, expected_fen=1000, arrived_fen=400)
        assert (await rows(session))[0].status == "open"
        told = await session.all(text("SELECT what FROM core.recon_event ORDER BY at, id"))
        assert [each.what for each in told] == ["found", "changed", "healed", "reopened"]


async def test_an_unexplained_entry_of_the_account_is_a_long(hospital):
    made = await hospital()
    async with made.platform.database.tenant(made.id) as session:
        given = OWED | {"channel": "bank", "number": "S77"}
        await funds.record_funds_difference(session, **given, expected_fen=0, arrived_fen=12_345)
        [row] = await rows(session)
        assert (row.kind, row.number, row.amount_fen, row.facts["direction"]) == ("funds", "S77", 12_345, "long")
        with pytest.raises(FundsDifferenceUnknown):
            await funds.resolve_funds_difference(session, bill_on=dt.date(2026, 1, 1), channel="bank", number="S77", remark="")


async def test_a_run_leaves_differences_of_the_account_alone(hospital):
    made = await hospital()
    await made.files(DAY, {"A": 1}, {"A": 1}, {"A": 1})
    async with made.platform.database.tenant(made.id) as session:
        await funds.record_funds_difference(session, **OWED, expected_fen=1000, arrived_fen=0)
    result = await made.run()
    assert result.status == "diff_open"
    assert await made.kinds() == {NUMBER: ("FE2", "open")}
