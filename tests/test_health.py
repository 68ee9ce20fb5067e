"""Alive, ready, and logs that hold ids and no personal data."""

import json
import logging

import httpx
import pytest
import structlog

from core import logs
from core.app import branches, create_app, make_platform
from core.database import drift
from core.database.drift import TablesBehind
from core.supervisor import EmbeddedRedis
from core.supervisor.guarded import free_port

pytestmark = pytest.mark.long


def asking(app) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://banyan.test")


async def test_a_process_that_answers_is_alive_and_with_its_servers_ready(web):
    assert (await web.get("/healthz")).json() == {"status": "alive"}
    ready = await web.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", "database": "ok", "tables": "ok", "redis": "none"})


async def test_tables_that_are_not_what_the_code_declares_are_named_at_the_start(postgres, fresh_database, make_settings, plugins):
    mine = fresh_database()
    postgres.psql("ALTER TABLE core.outbox_event DROP COLUMN only_plugin", mine.name)
    platform = await make_platform(make_settings(mine), plugins)
    try:
        async with asking(create_app(platform)) as http:
            answer = await http.get("/readyz")
            assert (answer.status_code, answer.json()["tables"], answer.json()["database"]) == (503, "behind", "ok")
            with pytest.raises(TablesBehind, match=r"core\.outbox_event\.only_plugin"):
                await drift.check(mine.owner, [branch.metadata for branch in branches(plugins)])
            postgres.psql("ALTER TABLE core.outbox_event ADD COLUMN only_plugin text", mine.name)
            assert (await http.get("/readyz")).status_code == 200
            await drift.check(mine.owner, [branch.metadata for branch in branches(plugins)])
    finally:
        await platform.close()


def test_the_site_answers_over_real_http_with_its_request_id(site):
    answer = httpx.get(f"{site}/readyz")
    assert (answer.status_code, answer.json()["database"]) == (200, "ok")
    assert len(answer.headers["x-request-id"]) == 16


async def test_without_redis_it_is_alive_and_not_ready_until_redis_is_back(addresses, make_settings, plugins, tmp_path):
    redis = EmbeddedRedis(tmp_path / "redis").start()
    platform = await make_platform(make_settings(addresses, redis_url=redis.url), plugins)
    try:
        async with asking(create_app(platform)) as http:
            assert (await http.get("/readyz")).json()["redis"] == "ok"
            redis.stop()
            away = await http.get("/readyz")
            assert (away.status_code, away.json()["redis"]) == (503, "away")
            assert (await http.get("/healthz")).status_code == 200
            redis.start()
            assert (await http.get("/readyz")).status_code == 200
    finally:
        await platform.close()
        redis.stop()


async def test_without_its_database_it_is_not_ready_and_says_so_kindly(addresses, make_settings, plugins):
    nowhere = f"postgresql://banyan_app:x@127.0.0.1:{free_port()}/none"
    platform = await make_platform(make_settings(addresses, database_url=nowhere), plugins)
    try:
        async with asking(create_app(platform)) as http:
            ready = await http.get("/readyz")
            assert (ready.status_code, ready.json()["database"]) == (503, "away")
            http.cookies.set("banyan_session", "x")
            page = await http.get("/console/jobs", headers={"accept": "application/json"})
            assert (page.status_code, page.json()["code"]) == (503, "UNAVAILABLE")
    finally:
        await platform.close()


@pytest.fixture
def logged(capsys):
    """What was logged since, line by line."""
    before = structlog.get_config()
    root = logging.root.handlers[:], logging.root.level
    logs.configure("info")

    def read() -> list[dict]:
        return [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    yield read
    structlog.configure(**before)
    logging.root.handlers[:], logging.root.level = root


async def test_every_request_leaves_one_line_with_its_ids(app, platform, client, staff, logged):
    profile = await client(plugins=())
    http = await staff(profile)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(logs.AccessLog(app)), base_url="http://banyan.test", cookies=http.cookies
    ) as asked:
        answer = await asked.get("/api/v1/jobs", params={"q": "张三 13812345678"})
        await asked.get("/healthz")
    [line] = [line for line in logged() if line["event"] == "request"]
    assert (line["method"], line["path"], line["status"], line["level"]) == ("GET", "/api/v1/jobs", 200, "info")
    assert line["request_id"] == answer.headers["x-request-id"]
    assert (line["tenant_id"], line["user_id"]) == (str(profile.id), http.actor.id)
    told = json.dumps(line, ensure_ascii=False)
    assert "13812345678" not in told and "张三" not in told


def test_personal_data_that_slips_in_is_scrubbed(logged):
    log = structlog.get_logger()
    try:
        raise RuntimeError("duplicate key DETAIL:  Key (name)=(张三) already exists")
    except RuntimeError as error:
        log.error("failed", phone="13812345678", person="11010519491231002X", card="6229080000000000010", exc_info=error)
    logging.getLogger("some.library").warning("sent to 13812345678")
    text = json.dumps(logged(), ensure_ascii=False)
    for secret in ("13812345678", "11010519491231002X", "6229080000000000010", "张三"):
        assert secret not in text
    assert "some.library" in text


def test_what_is_no_person_stays_readable(logged):
    structlog.get_logger().info("kept", request_id="3fa85f6457174562", job="0192f1c2-0000-7000-8000-123456789012", fen=1234567890123)
    [line] = logged()
    assert (line["request_id"], line["job"], line["fen"]) == ("3fa85f6457174562", "0192f1c2-0000-7000-8000-123456789012", 1234567890123)
