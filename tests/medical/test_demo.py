"""The demo hospital: a month through the services, sound books, the same again changes nothing."""

import datetime as dt
import time
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from core import clock, ids
from core.payments.models import channel_account
from core.tenancy.models import merchant
from plugins.medical import demo
from plugins.medical.vendors import statements
from tests import trade

FOLDER = Path(__file__).parents[2] / "tenants" / "banyan-hospital" / "demo"
COUNTS = {
    "orders": "SELECT count(*) FROM medical.med_order", "patients": "SELECT count(*) FROM medical.patient",
    "payments": "SELECT count(*) FROM core.payment", "returns": "SELECT count(*) FROM medical.med_return",
    "stays": "SELECT count(*) FROM medical.admission", "shifts": "SELECT count(*) FROM core.cashier_shift WHERE status = 'submitted'",
}  # fmt: skip


@pytest.fixture
async def house(platform, client):
    """A hospital as its declaration leaves it: merchants and a counter, nothing else."""
    made = await client(kind="hospital", plugins=("medical",), settings={"medical": {"merchants": {"deposit": "INPATIENT"}}})
    async with platform.database.tenant(made.id) as session:
        keys = await platform.vault.keys(session)
        await session.execute(
            insert(merchant), [{"id": ids.uuid7(), "code": c, "name": c, "legal_name": c, "status": "active"} for c in ("main", "INPATIENT")]
        )
        counter = {
            "id": ids.uuid7(), "channel": "counter", "mchid": "COUNTER", "appid": "", "base_url": "",
            "credentials_sealed": keys.seal(b'{"bank_key": "%s"}' % (b"k" * 32)),
        }  # fmt: skip
        await session.execute(insert(channel_account), counter)
    return made


async def counts(platform, house) -> dict[str, int]:
    async with platform.database.tenant(house.id) as session:
        return {name: await session.scalar(text(query)) for name, query in COUNTS.items()}


async def test_a_month_is_loaded_once_and_the_books_are_sound(platform, house):
    began = time.monotonic()
    await demo.load(platform, house, FOLDER)
    taken = time.monotonic() - began
    first = await counts(platform, house)
    assert first["patients"] == 60 and first["orders"] > 90 and first["payments"] > 80, first
    assert (first["returns"], first["stays"], first["shifts"]) == (2, 3, 1)
    await demo.load(platform, house, FOLDER)
    assert await counts(platform, house) == first
    assert await trade.faults(platform, house.id) == {}
    assert taken < 60, f"{taken:.1f} s"


async def test_money_keeps_the_day_on_which_it_was_paid_and_the_books_are_of_today(platform, house):
    await demo.load(platform, house, FOLDER)
    today = clock.today()
    async with platform.database.tenant(house.id) as session:
        days = {row.day: row.fen for row in await session.all(text(
            "SELECT CAST(paid_at AT TIME ZONE 'Asia/Shanghai' AS date) AS day, sum(amount_fen) AS fen FROM core.payment GROUP BY 1"))}  # fmt: skip
        booked = {row.day for row in await session.all(text(
            "SELECT DISTINCT CAST(booked_at AT TIME ZONE 'Asia/Shanghai' AS date) AS day FROM core.payment"))}  # fmt: skip
        past = today - dt.timedelta(days=7)
        told = await statements.read(session, past, None, None, 200)
        orders = await session.scalar(text("SELECT count(*) FROM medical.med_order WHERE status = 'paid' AND paid_at IS NULL"))
    assert len(days) > 25 and booked == {today} and orders == 0
    assert told.pay_fen == days.get(past, 0)
