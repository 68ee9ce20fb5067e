"""The audit trail: written with the change, sealed into a chain, and any tampering is found."""

import datetime as dt

import pytest
from sqlalchemy import insert

from core import clock, ids
from core.identity import audit
from core.identity.actor import system
from core.identity.models import audit_log


@pytest.fixture
def trail(platform, tenant):
    """Writes and seals in a tenant of its own."""

    class Trail:
        async def write(self, *actions: str) -> None:
            async with platform.database.tenant(tenant) as session:
                for action in actions:
                    await audit.record(session, system(tenant), action, "thing", "1", after={"value": action}, reason="因为")

        async def seal(self) -> int:
            async with platform.database.tenant(tenant) as session:
                return await audit.seal(session)

        async def faults(self) -> list[str]:
            async with platform.database.tenant(tenant) as session:
                return await audit.verify(session)

    return Trail()


async def test_what_is_sealed_verifies(trail, platform, tenant):
    await trail.write("a", "b", "c")
    assert await trail.seal() == 3
    await trail.write("d")
    assert await trail.seal() == 1
    assert await trail.seal() == 0
    assert await trail.faults() == []
    async with platform.database.tenant(tenant) as session:
        number, head = await audit.head_hash(session)
    assert (number, len(head)) == (4, 64)


@pytest.mark.parametrize(
    ("tampering", "fault"),
    [
        ("UPDATE core.audit_log SET actor_name = '别人' WHERE action = 'b'", "is not what was sealed"),
        ("UPDATE core.audit_log SET after = '{\"value\": \"x\"}' WHERE action = 'b'", "is not what was sealed"),
        ("UPDATE core.audit_log SET reason = NULL WHERE action = 'b'", "is not what was sealed"),
        ("UPDATE core.audit_log SET at = at - interval '1 day' WHERE action = 'b'", "is not what was sealed"),
        ("DELETE FROM core.audit_log WHERE action = 'b'", "is gone"),
        ("DELETE FROM core.audit_seal WHERE seq = 2", "is missing"),
    ],
)
async def test_tampering_by_the_databases_superuser_is_found(trail, tenant, postgres, addresses, tampering, fault):
    await trail.write("a", "b", "c")
    await trail.seal()
    postgres.psql(f"{tampering} AND tenant_id = '{tenant}'", addresses.name)
    assert any(fault in told for told in await trail.faults())


async def test_the_application_itself_can_neither_change_nor_remove_an_entry(trail, platform, tenant):
    await trail.write("a")
    await trail.seal()
    for statement in (
        "UPDATE core.audit_log SET action = 'x'",
        "DELETE FROM core.audit_log",
        "UPDATE core.audit_seal SET seq = 9",
        "DELETE FROM core.audit_seal",
        "TRUNCATE core.audit_log",
    ):
        with pytest.raises(Exception, match="permission denied"):
            async with platform.database.tenant(tenant) as session:
                await session.simple(statement)


async def test_an_entry_that_commits_late_is_sealed_all_the_same(trail, platform, tenant):
    async with platform.database.tenant(tenant) as slow:
        await audit.record(slow, system(tenant), "late", "thing", "1")
        await trail.write("early")
        assert await trail.seal() == 1
    assert await trail.seal() == 1
    assert await trail.faults() == []


async def test_a_change_that_is_rolled_back_leaves_no_entry(platform, tenant):
    async def fail() -> None:
        async with platform.database.tenant(tenant) as session:
            await audit.record(session, system(tenant), "undone", "thing", "1")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await fail()
    async with platform.database.tenant(tenant) as session:
        assert await audit.history(session, "thing", "1") == []


async def test_the_page_shows_who_did_what_and_only_ones_own(client, staff):
    here, there = await client(), await client()
    name = "日志操作人"
    admin = await staff(here, "identity.audit.read", "identity.org.manage", name=name)
    await admin.post("/api/v1/org-units", json={"name": "留痕单位", "kind": "unit"})
    page = (await admin.get("/console/audit?subject=identity.")).text
    assert "新建组织单位" in page
    assert name in page
    other = await staff(there, "identity.audit.read")
    assert "留痕单位" not in (await other.get("/console/audit")).text
    rows = (await admin.get("/api/v1/audit-entries?action=identity.org")).json()["items"]
    assert [(row["actor_name"], row["after"]["name"]) for row in rows] == [(name, "留痕单位")]


async def test_a_row_that_was_put_beside_the_chain_is_found(trail, platform, tenant):
    await trail.write("a", "b")
    await trail.seal()
    async with platform.database.tenant(tenant) as session:
        told = {"id": ids.uuid7(), "at": clock.now() - dt.timedelta(days=10)}
        await session.execute(insert(audit_log), told | {
            "actor_kind": "user", "actor_id": "z", "actor_name": "别人", "action": "refunds.refund.approve", "object_type": "refund", "object_id": "x",
        })  # fmt: skip
    assert await trail.seal() == 0
    assert [fault for fault in await trail.faults() if "never sealed" in fault and str(told["id"]) in fault]
