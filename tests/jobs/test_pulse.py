"""A tenant's pulse: what is due is done, again and again, and one fault never stops the rest."""

from core import clock
from core.database import security
from core.database.migrate import owner_connection
from core.hookspecs import BillsIssued
from core.identity import audit
from core.identity.actor import system
from core.outbox import service as outbox
from sqlalchemy import text


async def test_audit_rows_are_sealed_at_the_next_pulse(database, tenant, settle, bank):
    async with database.tenant(tenant) as session:
        await audit.record(session, system(tenant), "test.thing.change", "thing", 1, after={"a": 1})
    await settle(tenant)
    async with database.tenant(tenant) as session:
        assert await audit.head_hash(session) is not None
        assert await audit.verify(session) == []


async def test_an_event_makes_its_tenant_due(database, tenant, settle, bank):
    async with database.tenant(tenant) as session:
        await outbox.add(session, BillsIssued(source="plan", count=1, amount_fen=100))
    async with database.reference() as session:
        row = await session.one(text("SELECT * FROM core.tenant_due WHERE tenant_id = :t"), {"t": tenant})
    assert row.kind == "pulse"
    assert row.due_at <= clock.now()
    await settle(tenant)
    async with database.tenant(tenant) as session:
        left = await session.scalar(text("SELECT count(*) FROM core.outbox_event WHERE delivered_at IS NULL"))
    assert left == 0


async def test_the_web_answers(web, client):
    profile = await client()
    assert profile.status == "active"
    answer = await web.get("/console/nowhere")
    assert answer.status_code == 404
