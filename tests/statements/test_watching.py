"""The watched folder: finished files are taken once, judged, put away with their verdict; tricks with paths lead nowhere."""

import asyncio
import json
import os
from pathlib import Path

import msgspec
import pytest

from core import clock
from core.statements import lists, watching
from tests.statements.conftest import STATEMENTS

GOOD = STATEMENTS / "broken" / "ok-platform.csv"
BAD = STATEMENTS / "broken" / "html-error-page.csv"


@pytest.fixture
def root(platform, tmp_path):
    """The folder that the platform watches for this test."""
    before = platform.settings
    platform.settings = msgspec.structs.replace(before, statement_folder=str(tmp_path))
    watching._seen.clear()
    yield tmp_path
    platform.settings = before


@pytest.fixture
async def shop(client):
    return await client(plugins=())


def drop(root: Path, client, content: bytes, *, source: str = "platform", day: str = "2026-03-01", name: str = "day.csv") -> Path:
    place = root / client.code / source / day
    place.mkdir(parents=True, exist_ok=True)
    (place / name).write_bytes(content)
    return place / name


async def look(platform, client, *, later: bool = True):
    """The worker looks, and looks again when the size has stood still."""
    due_at = await watching.watch(platform, client.id)
    if later:
        watching._seen.update({key: (size, changed, at - 3) for key, (size, changed, at) in watching._seen.items()})
        due_at = await watching.watch(platform, client.id)
    return due_at


async def came(platform, client) -> list:
    async with platform.database.tenant(client.id) as session:
        return (await lists.list_statements(session, lists.Asked(), None)).items


async def test_a_finished_file_is_loaded_and_put_away_with_its_verdict(platform, root, shop):
    path = drop(root, shop, GOOD.read_bytes())
    assert await look(platform, shop) > clock.now()
    [found] = await came(platform, shop)
    assert (found.source, found.bill_on.isoformat(), found.origin, found.verdict) == ("platform", "2026-03-01", "folder", "accept")
    assert not path.exists()
    done = path.parent / "done" / "day.csv"
    assert done.read_bytes() == GOOD.read_bytes()
    said = json.loads(done.with_name("day.csv.json").read_bytes())
    assert (said["verdict"], said["rows_loaded"], said["statement_id"]) == ("accept", 15, str(found.id))


async def test_a_bad_file_goes_to_refused_with_the_reason(platform, root, shop):
    path = drop(root, shop, BAD.read_bytes())
    await look(platform, shop)
    said = json.loads((path.parent / "refused" / "day.csv.json").read_bytes())
    assert (said["verdict"], said["reason_code"]) == ("reject_file", "not_a_statement")
    assert (path.parent / "refused" / "day.csv").exists()


async def test_a_file_still_being_written_is_left_alone(platform, root, shop):
    path = drop(root, shop, b"half")
    part = drop(root, shop, GOOD.read_bytes(), name="other.csv.part")
    await look(platform, shop, later=False)
    path.write_bytes(GOOD.read_bytes())
    await look(platform, shop, later=False)
    assert path.exists(), "its size has just changed"
    await look(platform, shop)
    assert not path.exists()
    assert part.exists()
    assert len(await came(platform, shop)) == 1


async def test_two_workers_take_a_file_once_and_a_second_delivery_changes_nothing(platform, root, shop):
    for number in range(5):
        drop(root, shop, GOOD.read_bytes(), name=f"copy-{number}.csv")
    await look(platform, shop, later=False)
    watching._seen.update({key: (size, changed, at - 3) for key, (size, changed, at) in watching._seen.items()})
    folder = root / shop.code
    ready = watching.finished(folder)
    assert len(ready) == 5
    await asyncio.gather(*(watching.take(platform, shop.id, folder, found) for found in ready for _ in range(2)))
    assert len(await came(platform, shop)) == 1
    done = folder / "platform" / "2026-03-01" / "done"
    verdicts = [json.loads(path.read_bytes())["reason_code"] for path in sorted(done.glob("*.json"))]
    assert sorted(verdicts) == ["duplicate_file"] * 4 + ["ok"]


async def test_a_file_of_the_same_name_is_kept_beside_the_first(platform, root, shop):
    for content in (GOOD.read_bytes(), BAD.read_bytes(), BAD.read_bytes()):
        drop(root, shop, content)
        await look(platform, shop)
    refused = root / shop.code / "platform" / "2026-03-01" / "refused"
    assert len([path for path in refused.iterdir() if path.suffix != ".json"]) == 2


@pytest.mark.parametrize(
    ("given", "code"),
    [({"source": "nobody"}, "unknown_source"), ({"day": "yesterday"}, "bad_day"), ({"day": "2026-02-30"}, "bad_day"), ({"day": "2026-3-1"}, "bad_day")],
)
async def test_a_folder_that_means_nothing_refuses_its_files(platform, root, shop, given, code):
    drop(root, shop, GOOD.read_bytes(), **given)
    await look(platform, shop)
    [said] = [json.loads(path.read_bytes()) for path in root.rglob("refused/*.json")]
    assert said["reason_code"] == code
    assert await came(platform, shop) == []


async def test_links_are_never_followed(platform, root, shop, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.csv").write_bytes(GOOD.read_bytes())
    inside = drop(root, shop, b"x", name="keep.part").parent
    os.symlink(outside / "secret.csv", inside / "linked.csv")
    os.symlink(outside, root / shop.code / "platform" / "2026-03-02")
    os.symlink(outside, root / shop.code / "alipay-trade")
    await look(platform, shop)
    assert await came(platform, shop) == []
    assert (outside / "secret.csv").exists()


async def test_a_clients_folder_that_is_a_link_is_not_looked_into(platform, root, shop, client):
    other = await client(plugins=())
    drop(root, other, GOOD.read_bytes())
    os.symlink(root / other.code, root / shop.code)
    assert await look(platform, shop) is None
    assert await came(platform, shop) == []


async def test_a_file_that_turned_into_a_link_is_thrown_away(platform, root, shop, tmp_path_factory):
    secret = tmp_path_factory.mktemp("outside") / "secret.csv"
    secret.write_bytes(GOOD.read_bytes())
    path = drop(root, shop, GOOD.read_bytes())
    await look(platform, shop, later=False)
    watching._seen.update({key: (size, changed, at - 3) for key, (size, changed, at) in watching._seen.items()})
    [found] = watching.finished(root / shop.code)
    path.unlink()
    os.symlink(secret, path)
    await watching.take(platform, shop.id, root / shop.code, found)
    assert await came(platform, shop) == []
    assert secret.exists()


async def test_a_folder_of_no_client_is_put_aside_unread(platform, root, shop, bank):
    drop(root, shop, GOOD.read_bytes())
    strange = root / "nobody" / "platform" / "2026-03-01"
    strange.mkdir(parents=True)
    (strange / "day.csv").write_bytes(GOOD.read_bytes())
    os.utime(root / "nobody", (0, 0))
    assert await watching.watch(platform, bank.id) > clock.now()
    assert not (root / "nobody").exists()
    [aside] = [path for path in (root / "refused").iterdir() if path.is_dir()]
    assert (aside / "platform" / "2026-03-01" / "day.csv").exists()
    assert json.loads(aside.with_name(aside.name + ".json").read_bytes())["reason_code"] == "unknown_client"
    assert (root / shop.code).exists()


async def test_what_a_dead_worker_took_is_taken_again(platform, root, shop):
    drop(root, shop, GOOD.read_bytes())
    await look(platform, shop, later=False)
    watching._seen.update({key: (size, changed, at - 3) for key, (size, changed, at) in watching._seen.items()})
    folder = root / shop.code
    [found] = watching.finished(folder)
    assert watching._take(folder, found) is not None
    await look(platform, shop)
    assert await came(platform, shop) == [], "it may still be at work"
    before, watching.LEFT_BEHIND_SECONDS = watching.LEFT_BEHIND_SECONDS, -1.0
    try:
        await look(platform, shop)
    finally:
        watching.LEFT_BEHIND_SECONDS = before
    assert len(await came(platform, shop)) == 1
    assert (folder / "platform" / "2026-03-01" / "done" / "day.csv").exists()


async def test_nothing_is_watched_without_a_folder(platform, shop):
    assert await watching.watch(platform, shop.id) is None


async def test_a_file_beyond_the_limit_is_refused(platform, root, shop):
    platform.settings = msgspec.structs.replace(platform.settings, statement_max_mb=0)
    path = drop(root, shop, GOOD.read_bytes())
    await look(platform, shop)
    assert json.loads((path.parent / "refused" / "day.csv.json").read_bytes())["reason_code"] == "too_large"
