"""`banyan audit`: sound books pass, and every kind of tampering is found and named."""

import msgspec
import pytest
from sqlalchemy import text

from core import checks
from core.app import make_platform
from core.database.migrate import owner_connection
from core.identity import audit
from core.identity.actor import system
from core.jobs import nightly
from core.ledger import service as ledger
from core.ledger.schemas import Journal, credit, debit


@pytest.fixture
async def sound(fresh_database, make_settings, plugins, found_bank, open_client):
    """A database of its own with a bank, a client, a payment's journal and a sealed audit trail."""
    addresses = fresh_database()
    platform = await make_platform(make_settings(addresses), plugins)
    client = await open_client(platform, await found_bank(platform), plugins=())
    async with platform.database.tenant(client.id) as session:
        journal = Journal(
            key="pay:1", event="payment", biz_type="payment", biz_id="1", by="test",
            postings=(debit("A.CH.wechatpay.1900", 10_000), credit("L.MER.TUITION", 10_000)),
        )  # fmt: skip
        await ledger.post(session, journal)
        for n in range(3):
            await audit.record(session, system(client.id), "test.thing.change", "thing", n, after={"n": n})
    async with platform.database.tenant(client.id) as session:
        await audit.seal(session)
        await ledger.take_snapshots(session)
    yield platform, client, addresses
    await platform.close()


async def faulty(platform) -> set[str]:
    report = await checks.audit(platform)
    assert report.ok == all(check.ok for check in report.checks)
    return {f"{check.check}" for check in report.checks if not check.ok}


async def tamper(addresses, client, *statements):
    """As somebody with the owner's password might, row-level security switched off for a moment."""
    async with owner_connection(addresses.superuser) as connection:
        for statement in statements:
            await connection.execute(text(statement), {"tenant": client.id} if ":tenant" in statement else {})


async def test_sound_books_pass(sound):
    platform, client, _ = sound
    report = await checks.audit(platform)
    assert [check for check in report.checks if not check.ok] == []
    assert {check.client for check in report.checks} == {"_database", "_bank", client.code}
    assert {"ledger.journals_balance", "audit.chain", "row_level_security"} <= {check.check for check in report.checks}
    only = await checks.audit(platform, client.code)
    assert {check.client for check in only.checks} == {"_database", client.code}


async def test_a_changed_entry_is_found(sound):
    platform, client, addresses = sound
    await tamper(addresses, client, "UPDATE core.ledger_entry SET amount_fen = amount_fen + 1 WHERE tenant_id = :tenant AND amount_fen > 0")
    assert {"ledger.journals_balance", "ledger.snapshots_agree"} <= await faulty(platform)


async def test_a_payable_below_its_floor_is_found(sound):
    platform, client, addresses = sound
    await tamper(
        addresses,
        client,
        "DELETE FROM core.ledger_snapshot",
        "UPDATE core.ledger_entry SET amount_fen = -amount_fen WHERE tenant_id = :tenant",
    )
    assert "ledger.floors_hold" in await faulty(platform)


async def test_a_changed_or_missing_audit_row_is_found(sound):
    platform, client, addresses = sound
    await tamper(addresses, client, "UPDATE core.audit_log SET actor_name = '别人' WHERE tenant_id = :tenant AND object_id = '1'")
    assert await faulty(platform) == {"audit.chain"}


async def test_a_chain_made_anew_is_found_by_the_head_kept_outside(sound):
    platform, client, addresses = sound
    await nightly.keep_head(platform, client.id)
    await tamper(
        addresses, client, "UPDATE core.audit_log SET actor_name = '别人' WHERE tenant_id = :tenant", "DELETE FROM core.audit_seal"
    )
    async with platform.database.tenant(client.id) as session:
        await audit.seal(session)
    assert await faulty(platform) == {"audit.heads"}


@pytest.mark.parametrize(
    ("statement", "check"),
    [
        ("ALTER TABLE core.bill DISABLE ROW LEVEL SECURITY", "row_level_security"),
        ("ALTER TABLE core.bill NO FORCE ROW LEVEL SECURITY", "row_level_security"),
        ("ALTER POLICY tenant ON core.bill USING (true)", "row_level_security"),
        ("CREATE TABLE core.copy_of_bills (number text)", "row_level_security"),
        ("GRANT UPDATE ON core.ledger_entry TO banyan_app", "append_only_tables"),
    ],
    ids=["disabled", "not forced", "policy changed", "table without tenant", "entries writable"],
)
async def test_a_hole_in_the_wall_is_found(sound, statement, check):
    platform, client, addresses = sound
    await tamper(addresses, client, statement)
    assert await faulty(platform) == {check}


async def test_the_command_answers_in_json_and_by_its_exit_code(sound, banyan):
    platform, client, addresses = sound
    good = await banyan("audit", "--json", settings=platform.settings)
    assert good.code == 0, good.err
    assert msgspec.json.decode(good.out.encode())["ok"] is True
    await tamper(addresses, client, "UPDATE core.ledger_entry SET amount_fen = amount_fen + 1 WHERE tenant_id = :tenant AND amount_fen > 0")
    bad = await banyan("audit", "--client", client.code, "--json", settings=platform.settings)
    assert bad.code == 1
    fault = next(check for check in bad.json["checks"] if check["check"] == "ledger.journals_balance")
    assert fault["client"] == client.code
    assert "difference_fen=1" in fault["faults"][0]
    assert (await banyan("audit", "--client", "nobody", settings=platform.settings)).code == 2
