"""The embedded PostgreSQL: what it offers, whom it lets do what, and how it fails."""

import os
import shutil
from pathlib import Path

import asyncpg
import pytest

from core.supervisor import EmbeddedPostgres
from core.supervisor.account import NOBODY
from core.supervisor.errors import DataInUse, ServerDidNotStart
from core.supervisor.guarded import free_port, listens

pytestmark = pytest.mark.long


def server_on(folder: Path, **options) -> EmbeddedPostgres:
    return EmbeddedPostgres(folder, fast=True, **options)


async def ask(url: str, *statements: str):
    """Run statements one after the other and return the last one's rows."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements[:-1]:
            await connection.execute(statement)
        return await connection.fetch(statements[-1])
    finally:
        await connection.close()


@pytest.fixture(scope="module")
async def walled(postgres):
    """A table behind row-level security, in a database of this module's own, holding one row of tenant `a`."""
    postgres.psql("CREATE DATABASE walled OWNER banyan_owner")
    await ask(
        postgres.url("banyan_owner", "walled"),
        "CREATE EXTENSION ltree",
        "CREATE SCHEMA core",
        "CREATE TABLE core.thing (tenant text, name text)",
        "INSERT INTO core.thing VALUES ('a', 'one')",
        "ALTER TABLE core.thing ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE core.thing FORCE ROW LEVEL SECURITY",
        "CREATE POLICY wall ON core.thing USING (tenant = current_setting('app.tenant', true))",
        "GRANT USAGE ON SCHEMA core TO banyan_app",
        "GRANT SELECT ON core.thing TO banyan_app",
        "SELECT 1",
    )
    yield "walled"
    postgres.psql("DROP DATABASE walled WITH (FORCE)")


async def test_it_is_version_18_and_sorts_the_same_on_every_machine(postgres):
    [row] = await ask(
        postgres.app_url,
        "SELECT current_setting('server_version_num')::int / 10000 AS major,"
        " pg_encoding_to_char(encoding) AS encoding, datlocale FROM pg_database WHERE datname = 'banyan'",
    )
    assert dict(row) == {"major": 18, "encoding": "UTF8", "datlocale": "C.UTF-8"}


async def test_no_role_of_ours_is_a_superuser_and_only_backup_bypasses_the_wall(postgres):
    rows = await ask(
        postgres.superuser_url,
        "SELECT rolname FROM pg_roles WHERE rolname LIKE 'banyan%' AND (rolsuper OR rolcreaterole OR rolcreatedb)",
    )
    bypassing = await ask(postgres.superuser_url, "SELECT rolname FROM pg_roles WHERE rolname LIKE 'banyan%' AND rolbypassrls")
    assert rows == []
    assert [row["rolname"] for row in bypassing] == ["banyan_backup"]


async def test_neither_owner_nor_application_sees_past_the_wall(postgres, walled):
    for role in ("banyan_owner", "banyan_app"):
        assert await ask(postgres.url(role, walled), "SELECT * FROM core.thing") == []
        rows = await ask(postgres.url(role, walled), "SET app.tenant = 'a'", "SELECT name FROM core.thing")
        assert [row["name"] for row in rows] == ["one"]


async def test_the_application_cannot_create_or_change_structure(postgres, walled):
    for statement in (
        "CREATE SCHEMA mine",
        "CREATE TABLE public.mine (a int)",
        "ALTER TABLE core.thing DISABLE ROW LEVEL SECURITY",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await ask(postgres.url("banyan_app", walled), statement)


async def test_backup_reads_every_tenant_and_writes_nothing(postgres, walled):
    rows = await ask(postgres.url("banyan_backup", walled), "SELECT name FROM core.thing")
    assert [row["name"] for row in rows] == ["one"]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ask(
            postgres.url("banyan_backup", walled),
            "SET default_transaction_read_only = off",
            "DELETE FROM core.thing",
        )


async def test_a_wrong_password_is_refused_on_every_way_in(postgres):
    for host in ("127.0.0.1", str(postgres.socket_dir)):
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(host=host, port=postgres.port, user="postgres", password="guess", database="postgres")


async def test_its_log_keeps_neither_statements_nor_rows(postgres):
    with pytest.raises(asyncpg.DivisionByZeroError):
        await ask(postgres.app_url, "SELECT 1/0 AS secret_of_zhang_san")
    log = postgres.log.read_text()
    assert "division by zero" in log
    assert "zhang_san" not in log


async def test_a_restart_keeps_data_address_and_passwords(tmp_path):
    server = server_on(tmp_path / "data")
    with server:
        before = server.app_url
        await ask(server.owner_url, "CREATE TABLE kept (fen bigint)", "INSERT INTO kept VALUES (123)")
    with server:
        assert server.app_url == before
    with server_on(tmp_path / "data") as again:
        assert [row["fen"] for row in await ask(again.owner_url, "SELECT fen FROM kept")] == [123]
        assert again.app_url.split("@")[0] == before.split("@")[0]


def test_passwords_are_readable_by_their_owner_alone(postgres):
    [file] = postgres.data_dir.rglob("passwords.json")
    assert file.stat().st_mode & 0o777 == 0o600


def test_two_servers_never_share_a_folder(postgres):
    with pytest.raises(DataInUse) as refused:
        server_on(postgres.data_dir, start_seconds=0.1).start()
    assert str(postgres.data_dir) in refused.value.message


def test_a_bad_setting_is_answered_with_the_servers_own_words(tmp_path):
    with pytest.raises(ServerDidNotStart) as failed:
        server_on(tmp_path / "data", settings={"shared_buffers": "plenty"}).start()
    assert 'invalid value for parameter "shared_buffers"' in failed.value.message


def test_a_taken_port_is_named(postgres, tmp_path):
    with pytest.raises(ServerDidNotStart) as failed:
        server_on(tmp_path / "data", port=postgres.port).start()
    assert str(postgres.port) in failed.value.message


async def test_a_fixed_port_is_used(tmp_path):
    port = free_port()
    with server_on(tmp_path / "data", port=port) as server:
        [row] = await ask(server.app_url, "SHOW port")
        assert listens(port)
    assert row["port"] == str(port)


async def test_it_runs_under_the_last_resort_account_and_widens_no_rights(tmp_path):
    """Root where namespaces are refused becomes nobody; everybody else stays who they are."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    account = "nobody" if os.geteuid() == 0 else "self"
    server = server_on(closed / "data", account=account)
    try:
        with server:
            [row] = await ask(server.app_url, "SELECT 1 AS one")
            assert row["one"] == 1
            assert (server.data_dir / "elsewhere").is_symlink() == (account == "nobody")
        assert closed.stat().st_mode & 0o777 == 0o700
    finally:
        if account == "nobody":
            home = (server.data_dir / "elsewhere").readlink()
            assert home.stat().st_uid == NOBODY
            shutil.rmtree(home)
