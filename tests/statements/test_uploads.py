"""A large file is taken at once and judged by a worker: once, whole or not at all, also when the worker dies in the middle."""

import pytest
from sqlalchemy import text

from core.jobs import runner
from core.statements import loading, uploads
from tests.statements.conftest import STATEMENTS

READ, MAKE = "statements.file.read", "statements.file.make"
API, UPLOADS, PAGES = "/api/v1/statements", "/api/v1/statement-uploads", "/console/statements"
GOOD = (STATEMENTS / "broken" / "ok-platform.csv").read_bytes()


@pytest.fixture
async def desk(client, staff, monkeypatch):
    """Every file is a large one."""
    monkeypatch.setattr(uploads, "AT_ONCE", 0)
    profile = await client(plugins=())
    asking = await staff(profile, READ, MAKE)
    asking.profile = profile
    return asking


async def hand(desk, content: bytes = GOOD, day: str = "2026-03-01", headers=None):
    given = {"source": "platform", "date": day}
    return await desk.post(API, data=given, files={"file": ("day.csv", content)}, headers=headers or {})


async def rows(platform, desk, query: str) -> list:
    async with platform.database.tenant(desk.profile.id) as session:
        return list(await session.all(text(query)))


async def test_a_large_file_is_judged_by_a_worker_and_its_address_says_how_far_it_is(platform, desk):
    taken = await hand(desk)
    said = taken.json()
    assert (taken.status_code, said["status"], said["href"]) == (202, "queued", f"{UPLOADS}/{said['id']}")
    assert (await desk.get(API)).json()["items"] == []
    page = (await desk.get(f"{PAGES}/{said['id']}")).text
    assert "文件已收下，正在核对" in page and "data-refresh" in page
    assert await runner.run_next(platform, desk.profile.id)
    told = (await desk.get(said["href"])).json()
    assert (told["status"], told["statement_id"], told["verdict"]["rows_loaded"]) == ("judged", said["id"], 15)
    assert (await desk.get(f"{API}/{said['id']}")).json()["rows_loaded"] == 15
    assert (await desk.get(f"{API}/{said['id']}/original")).content == GOOD
    assert await rows(platform, desk, "SELECT 1 FROM core.statement_upload_piece") == []
    assert (await desk.get(f"{PAGES}/{said['id']}")).status_code == 200


async def test_the_same_file_while_the_first_waits_is_the_first(platform, desk):
    first, again = (await hand(desk)).json(), (await hand(desk)).json()
    assert first["id"] == again["id"]
    assert len(await rows(platform, desk, "SELECT 1 FROM core.job WHERE kind = 'statements.judge'")) == 1
    await runner.run_next(platform, desk.profile.id)
    later = (await hand(desk)).json()
    await runner.run_next(platform, desk.profile.id)
    told = (await desk.get(later["href"])).json()
    assert (told["verdict"]["reason_code"], told["statement_id"]) == ("duplicate_file", first["id"])
    assert (await desk.get(f"{PAGES}/{later['id']}")).headers["location"].split("?")[0] == f"{PAGES}/{first['id']}"
    assert len(await rows(platform, desk, "SELECT 1 FROM core.statement WHERE status = 'loaded'")) == 1


@pytest.mark.parametrize("when", ["in the middle", "after the file was loaded"])
async def test_a_worker_that_dies_applies_nothing_twice(platform, desk, monkeypatch, when):
    said = (await hand(desk)).json()

    async def die(*_args: object) -> None:
        raise runner.LeaseLost()

    with monkeypatch.context() as patch:
        if when == "in the middle":
            patch.setattr(loading.repository, "settle", die)
        else:
            patch.setattr(uploads.repository, "judged", die)
        await runner.run_next(platform, desk.profile.id)
    there = await rows(platform, desk, "SELECT status FROM core.statement")
    assert len(there) == (0 if when == "in the middle" else 1)
    assert await runner.run_next(platform, desk.profile.id)
    assert [row.status for row in await rows(platform, desk, "SELECT status FROM core.statement")] == ["loaded"]
    assert len(await rows(platform, desk, "SELECT 1 FROM core.statement_line")) == len(GOOD.splitlines()) - 1
    assert (await desk.get(said["href"])).json()["statement_id"] == said["id"]


async def test_a_refused_file_says_so_at_its_address(platform, desk):
    said = (await hand(desk, b"what is this\n1,2\n")).json()
    await runner.run_next(platform, desk.profile.id)
    told = (await desk.get(said["href"])).json()
    assert told["verdict"]["verdict"] == "reject_file"
    assert "整份没有采用" in (await desk.get(f"{PAGES}/{told['statement_id']}")).text


async def test_the_page_and_the_key_take_large_files_too(platform, desk):
    page = await desk.post(PAGES, data={"source": "platform", "day": "2026-03-01"}, files={"file": ("day.csv", GOOD)})
    [row] = await rows(platform, desk, "SELECT id FROM core.statement_upload")
    assert (page.status_code, page.headers["location"].split("?")[0]) == (303, f"{PAGES}/{row.id}")
    key = {"idempotency-key": "large-file-key-1"}
    first, again = await hand(desk, day="2026-03-02", headers=key), await hand(desk, day="2026-03-02", headers=key)
    assert (first.status_code, again.status_code, first.json()) == (202, 202, again.json())


async def test_a_broken_off_judgement_shows_how_to_go_on(platform, desk):
    said = (await hand(desk)).json()
    async with platform.database.tenant(desk.profile.id) as session:
        await session.execute(text("UPDATE core.job SET status = 'failed', error = '存储不可用'"))
    page = (await desk.get(f"{PAGES}/{said['id']}")).text
    assert "核对中断了" in page and "存储不可用" in page and f"/console/jobs/{said['job_id']}" in page


async def test_another_client_finds_nothing_of_it(desk, client, staff):
    said = (await hand(desk)).json()
    other = await staff(await client(plugins=()), READ)
    assert (await other.get(said["href"])).status_code == 404
    assert (await other.get(f"{PAGES}/{said['id']}")).status_code == 404


async def test_superseded_content_that_comes_again_is_live_again(platform, client, staff, hand_in):
    profile = await client(plugins=())
    first = await hand_in(profile, "platform", "2026-03-01", GOOD)
    lines = GOOD.splitlines(keepends=True)
    second = await hand_in(profile, "platform", "2026-03-01", b"".join(lines[:-1]))
    third = await hand_in(profile, "platform", "2026-03-01", GOOD)
    fourth = await hand_in(profile, "platform", "2026-03-01", GOOD)
    assert (first.version, second.version, third.version, third.rows_loaded) == (1, 2, 3, 15)
    assert (fourth.reason_code, fourth.statement_id) == ("duplicate_file", third.statement_id)
