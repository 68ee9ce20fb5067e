"""The demo hospital: a month through the services, sound books, the same again changes nothing."""

import datetime as dt
from pathlib import Path

import msgspec
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
    await demo.load(platform, house, FOLDER)
    first = await counts(platform, house)
    assert first["patients"] == 60 and first["orders"] > 90 and first["payments"] > 80, first
    assert (first["returns"], first["stays"], first["shifts"]) == (2, 3, 1)
    await demo.load(platform, house, FOLDER)
    assert await counts(platform, house) == first
    assert await trade.faults(platform, house.id) == {}


@pytest.mark.slow
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


@pytest.mark.slow
async def test_the_pharmacys_weeks_are_loaded_once_with_what_waits_for_people(connected, house):
    connected.settings = msgspec.structs.replace(connected.settings, demo=True)
    await demo.load(connected, house, FOLDER)
    first = await robots_of(connected, house)
    assert first["platforms"] == {"meituan", "eleme", "pdd"} and first["ways"] == {"site", "mailbox"}
    assert {"reconciled", "uploaded", "different", "captcha_required", "dead"} <= first["runs"].keys()
    assert (first["runs"]["captcha_required"], first["runs"]["dead"]) == (1, 1) and sum(first["runs"].values()) == 42
    assert {"balanced", "waiting", "different", "accepted"} == first["days"].keys()
    assert (first["days"]["different"], first["days"]["accepted"], first["drafts"], first["proposals"]) == (2, 1, 1, 1)
    await demo.load(connected, house, FOLDER)
    assert await robots_of(connected, house) == first


async def robots_of(platform, house) -> dict[str, object]:
    async with platform.database.tenant(house.id) as session:
        robots = await session.all(text("SELECT platform, way FROM medical.robot"))
        found = {"platforms": {row.platform for row in robots}, "ways": {row.way for row in robots}}
        for name, table in (("runs", "robot_task"), ("days", "store_day")):
            rows = await session.all(text(f"SELECT status, count(*) AS n FROM medical.{table} GROUP BY 1"))
            found[name] = {row.status: row.n for row in rows}
        found["drafts"] = await session.scalar(text("SELECT count(*) FROM medical.robot_authorisation WHERE status = 'draft'"))
        found["proposals"] = await session.scalar(text("SELECT count(*) FROM core.approval WHERE kind = 'medical.store_day' AND status = 'waiting'"))
    return found
