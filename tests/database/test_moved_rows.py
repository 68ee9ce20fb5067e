"""What a migration moves from one table to another arrives there, and the rows it found stay whole."""

import shutil

import msgspec
import pytest
from sqlalchemy import text

from core.app import branches
from core.database import Database, migrate
from core.database.tables import new_tenant_id


@pytest.fixture
def house_at(fresh_database, plugins, tmp_path):
    """A new database whose core stands at a revision: `await house_at("0003")`; the migrations after it have not run."""

    async def make(revision: str):
        place = fresh_database("template1")
        core = branches(plugins)[0]
        folder = tmp_path / "migrations"
        folder.mkdir()
        for script in core.folder.glob("0*.py"):
            if script.name[:4] <= revision:
                shutil.copy(script, folder)
        await migrate.upgrade(place.owner, [msgspec.structs.replace(core, folder=folder)])
        return place

    return make


async def test_messages_become_notices_by_sms(house_at, plugins):
    place, tenant = await house_at("0003"), new_tenant_id()
    database = Database(place.app)
    async with database.tenant(tenant) as session:
        for key, status, error in (("waiting", "waiting", None), ("sent", "sent", None), ("failed", "failed", "no such number")):
            await session.execute(
                text(
                    "INSERT INTO core.message (id, key, template, means, to_sealed, to_masked, body_sealed, facts, status, attempts, due_at, last_error)"
                    " VALUES (gen_random_uuid(), :key, 'bill_due', 'sms', 'sealed', '138****0001', 'words', '{\"n\": 1}', :status, 2, now(), :error)"
                ),
                {"key": key, "status": status, "error": error},
            )
    await migrate.upgrade(place.owner, branches(plugins)[:1])
    async with database.tenant(tenant) as session:
        rows = await session.all(
            text("SELECT key, event, means, to_masked, body_sealed, facts, status, attempts, reason FROM core.notice ORDER BY key")
        )
    async with database.tenant(new_tenant_id()) as session:
        others = await session.scalar(text("SELECT count(*) FROM core.notice"))
    await database.close()
    same = ("bill_due", "sms", "138****0001", b"words", {"n": 1})
    assert [tuple(row) for row in rows] == [
        ("failed", *same, "failed", 2, "no such number"),
        ("sent", *same, "sent", 2, None),
        ("waiting", *same, "queued", 2, None),
    ]
    assert others == 0
