"""The drill: a backup of a working system, restored into a fresh database, on which every invariant holds."""

import pytest
from sqlalchemy import text

from core.app import make_platform
from core.commands import backup, restore
from core.database.migrate import owner_connection
from core.identity import audit
from core.identity.actor import system
from core.ledger import service as ledger
from core.ledger.schemas import Journal, credit, debit


async def test_a_backup_restored_elsewhere_holds_every_invariant(
    fresh_database, make_settings, plugins, found_bank, open_client, postgres, banyan, tmp_path
):
    addresses = fresh_database()
    platform = await make_platform(make_settings(addresses), plugins)
    try:
        client = await open_client(platform, await found_bank(platform), plugins=())
        async with platform.database.tenant(client.id) as session:
            for n in range(5):
                postings = (debit("A.CH.wechatpay.1900", 100 + n), credit("L.MER.TUITION", 100 + n))
                await ledger.post(session, Journal(key=f"{n}", event="payment", biz_type="p", biz_id=str(n), by="test", postings=postings))
            await audit.record(session, system(client.id), "test.thing.change", "thing", 1)
            sealed = (await platform.vault.keys(session)).seal("秘密")
        async with platform.database.tenant(client.id) as session:
            await audit.seal(session)
            await ledger.take_snapshots(session)
        file = tmp_path / "backup.dump"
        written = await banyan("backup", file, "--json", settings=platform.settings)
        assert written.code == 0, written.err
        assert written.json["bytes"] == file.stat().st_size > 1000
        assert file.stat().st_mode & 0o777 == 0o600

        name = "restored_" + addresses.name
        postgres.psql(f"CREATE DATABASE {name} OWNER banyan_owner")
        there = make_settings(
            addresses, database_url=postgres.url("banyan_app", name), owner_database_url=postgres.url("banyan_owner", name)
        )
        done = await banyan("restore", file, "--into", there.owner_database_url, "--json", settings=there)
        assert done.code == 0, done.out + done.err
        assert done.json["ok"] is True

        restored = await make_platform(there, plugins)
        async with restored.database.tenant(client.id) as session:
            assert await ledger.balance(session, "L.MER.TUITION") == 510
            await ledger.post(
                session,
                Journal(
                    key="new",
                    event="payment",
                    biz_type="p",
                    biz_id="9",
                    by="test",
                    postings=(debit("A.CH.x.1", 1), credit("L.MER.TUITION", 1)),
                ),
            )
        async with restored.database.tenant(client.id) as session:
            assert await ledger.balance(session, "L.MER.TUITION") == 511
            assert await session.scalar(text("SELECT count(*) FROM core.ledger_snapshot")) == 0
            assert (await restored.vault.keys(session)).open(sealed) == "秘密"
        await restored.close()
        again = await banyan("restore", file, "--into", there.owner_database_url, "--json", settings=there)
        assert (again.code, again.json["error"]["code"]) == (2, "DATABASE_NOT_EMPTY")
    finally:
        await platform.close()


async def test_what_is_no_backup_is_refused_and_leaves_the_database_empty(postgres, fresh_database, tmp_path):
    file = tmp_path / "letter.txt"
    file.write_text("dear bank")
    name = "empty_for_restore"
    postgres.psql(f"CREATE DATABASE {name} OWNER banyan_owner")
    url = postgres.url("banyan_owner", name)
    with pytest.raises(restore.NotABackup):
        await restore.restore(file, url)
    async with owner_connection(url) as connection:
        assert await connection.scalar(text("SELECT count(*) FROM pg_namespace WHERE nspname = 'core'")) == 0


def test_a_backup_that_fails_leaves_no_file(tmp_path):
    with pytest.raises(backup.BackupFailed):
        backup.dump("postgresql://nobody:x@127.0.0.1:1/none", tmp_path / "x.dump")
    assert list(tmp_path.iterdir()) == []
