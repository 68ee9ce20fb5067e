"""A tenant's pulse: what is due is done, again and again, and one fault never stops the rest."""

import datetime as dt

import msgspec
import pytest
from sqlalchemy import text

from core import builtin, clock
from core.hookspecs import BillsIssued, PulseStep, hook
from core.identity import audit
from core.identity.actor import system
from core.jobs import due_repository, nightly
from core.jobs.delivery import EventUnknown, event_type
from core.jobs.pulse import pulse, steps_for
from core.jobs.worker import FORGET_AFTER, Worker, next_night
from core.outbox import service as outbox
from core.plugin_manager import PluginManager


class Listener:
    """A part that hears events: fails as often as it is told to, then remembers."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.heard = []

    @hook
    async def bills_issued(self, session, event):
        if self.failures:
            self.failures -= 1
            raise RuntimeError("not now")
        self.heard.append((session.tenant_id, event))


class Faulty:
    """A part whose step always fails."""

    @hook
    def register_pulse(self):
        async def fail(platform, tenant_id):
            raise RuntimeError("always")

        return [PulseStep("faulty", fail)]


@pytest.fixture
def platform_with(platform):
    """The shared platform with other parts around its outbox and audit steps."""

    def make(**parts):
        return msgspec.structs.replace(platform, plugins=PluginManager({}, {"jobs": builtin.PARTS["jobs"], **parts}))

    return make


async def issue(database, tenant, count=1):
    async with database.tenant(tenant) as session:
        await outbox.add(session, BillsIssued(source="plan", count=count, amount_fen=100))


async def due_row(database, tenant, kind="pulse"):
    async with database.reference() as session:
        query = text("SELECT * FROM core.tenant_due WHERE tenant_id = :t AND kind = :k")
        return await session.one_or_none(query, {"t": tenant, "k": kind})


async def test_audit_rows_are_sealed_at_the_next_pulse(database, tenant, settle, bank):
    async with database.tenant(tenant) as session:
        await audit.record(session, system(tenant), "test.thing.change", "thing", 1, after={"a": 1})
    await settle(tenant)
    async with database.tenant(tenant) as session:
        assert await audit.head_hash(session) is not None
        assert await audit.verify(session) == []


async def test_an_event_makes_its_tenant_due_and_is_told_once_it_is(database, tenant, platform_with, bank):
    listener = Listener()
    await issue(database, tenant, count=7)
    assert (await due_row(database, tenant)).due_at <= clock.now()
    await pulse(platform_with(listener=listener), tenant)
    assert listener.heard == [(tenant, BillsIssued(source="plan", count=7, amount_fen=100))]
    assert await pulse(platform_with(listener=listener), tenant) is None
    assert len(listener.heard) == 1


async def test_an_event_that_could_not_be_told_is_told_again_later(database, tenant, platform_with, bank):
    listener = Listener(failures=1)
    platform = platform_with(listener=listener)
    await issue(database, tenant)
    await pulse(platform, tenant)
    again_at = await pulse(platform, tenant)
    assert again_at > clock.now()
    async with database.tenant(tenant) as session:
        await session.execute(text("UPDATE core.outbox_event SET due_at = now()"))
    await pulse(platform, tenant)
    assert len(listener.heard) == 1


async def test_the_banks_own_tenant_has_only_the_steps_that_are_for_it(platform, bank, client):
    for_bank = {step.code for step in await steps_for(platform, bank.id, "register_pulse")}
    for_client = {step.code for step in await steps_for(platform, (await client()).id, "register_pulse")}
    assert {"outbox", "audit"} <= for_bank < for_client


async def test_a_step_that_fails_does_not_stop_the_others(database, tenant, platform_with, bank):
    listener = Listener()
    await issue(database, tenant)
    due_at = await pulse(platform_with(aaa=Faulty(), listener=listener), tenant)
    assert len(listener.heard) == 1
    assert due_at is not None


def test_every_event_is_named_by_its_hook():
    assert event_type("bills_issued") is BillsIssued
    with pytest.raises(EventUnknown):
        event_type("nothing_like_that")


async def test_due_tenants_are_leased_to_one_worker(database, tenant):
    now = clock.now()
    await due_repository.add(database, tenant, "pulse", now)
    first = await due_repository.claim(database, now, now + dt.timedelta(minutes=1), 1000)
    second = await due_repository.claim(database, now, now + dt.timedelta(minutes=1), 1000)
    assert tenant in {row.tenant_id for row in first}
    assert tenant not in {row.tenant_id for row in second}


async def test_a_tenant_idle_for_long_is_forgotten_after_one_more_look(database, tenant, platform_with, bank):
    platform = platform_with()
    worker = Worker(platform)
    await due_repository.add(database, tenant, "pulse", clock.now())
    await worker._tend(tenant, clock.now() - FORGET_AFTER - dt.timedelta(seconds=1))
    assert await due_row(database, tenant) is None
    assert (await due_row(database, tenant, "recheck")).due_at > clock.now() + dt.timedelta(minutes=9)
    async with database.tenant(tenant) as session:  # an event whose transaction had found the old row
        await outbox.add(session, BillsIssued(source="late", count=1, amount_fen=1))
        await session.execute(text("DELETE FROM core.tenant_due WHERE tenant_id = :t AND kind = 'pulse'"), {"t": tenant})
    await worker._last_look(tenant)
    assert await due_row(database, tenant) is not None
    assert await due_row(database, tenant, "recheck") is None


async def test_a_busy_tenant_is_looked_at_again_in_seconds_and_has_a_night(database, tenant, platform_with, bank):
    await Worker(platform_with())._tend(tenant, None)
    pulse_row, night_row = await due_row(database, tenant), await due_row(database, tenant, "nightly")
    assert pulse_row.due_at < clock.now() + dt.timedelta(seconds=5)
    assert night_row.due_at.astimezone(clock.SHANGHAI).hour == 2


def test_the_night_begins_at_two_in_shanghai():
    before = dt.datetime(2026, 9, 1, 1, 59, tzinfo=clock.SHANGHAI)
    assert next_night(before) == dt.datetime(2026, 9, 1, 2, tzinfo=clock.SHANGHAI)
    assert next_night(before + dt.timedelta(minutes=1)) == dt.datetime(2026, 9, 2, 2, tzinfo=clock.SHANGHAI)


async def test_the_night_keeps_the_chain_head_outside_the_database(platform, client, settle):
    profile = await client()
    async with platform.database.tenant(profile.id) as session:
        await audit.record(session, system(profile.id), "test.thing.change", "thing", 1)
    await settle(profile)
    await nightly.keep_head(platform, profile.id)
    await nightly.balance_books(platform, profile.id)
    await nightly.tidy(platform, profile.id)
    file = nightly.heads_file(platform.settings.data_dir, profile.id)
    assert file.stat().st_mode & 0o777 == 0o600
    assert '"seq":1' in file.read_text()
