"""`banyan sandbox faults`: the outside world is told to misbehave from the command line, too."""

import msgspec
import pytest

from core.sandbox.schema import install
from core.sandbox.serving import free_port, sandbox_serving


@pytest.fixture
async def outside(postgres):
    await install(postgres.owner_url)
    async with sandbox_serving(postgres.app_url) as settings:
        yield settings.public_url


async def test_faults_are_set_listed_and_cleared(banyan, platform, outside, tmp_path):
    settings = msgspec.structs.replace(platform.settings, data_dir=tmp_path)
    env = {"BANYAN_SANDBOX_URL": outside}
    given = await banyan("sandbox", "faults", "--set", "notice_lose=20", "api_delay=100:1.5", "--json", settings=settings, env=env)
    assert given.code == 0, given.err
    assert [(f["kind"], f["percent"], f["seconds"]) for f in given.json["faults"]] == [("notice_lose", 20, None), ("api_delay", 100, 1.5)]
    one = await banyan("sandbox", "faults", "--set", "api_error", "--order", "1900000001/P123", "--json", settings=settings, env=env)
    assert [(f["mchid"], f["out_trade_no"]) for f in one.json["faults"]][-1] == ("1900000001", "P123")
    shown = await banyan("sandbox", "faults", settings=settings, env=env)
    assert "notice_lose" in shown.out
    cleared = await banyan("sandbox", "faults", "--clear", "--json", settings=settings, env=env)
    assert cleared.json["faults"] == []


@pytest.mark.parametrize("wrong", ["nonsense", "notice_lose=x", "notice_lose=0", "notice_lose=101"])
async def test_a_fault_that_cannot_be_is_refused(banyan, platform, outside, tmp_path, wrong):
    settings = msgspec.structs.replace(platform.settings, data_dir=tmp_path)
    answer = await banyan("sandbox", "faults", "--set", wrong, settings=settings, env={"BANYAN_SANDBOX_URL": outside})
    assert (answer.code, "没有接受" in answer.err) == (2, True), answer.err


async def test_without_a_sandbox_it_says_what_to_start(banyan, platform, tmp_path):
    settings = msgspec.structs.replace(platform.settings, data_dir=tmp_path)
    env = {"BANYAN_SANDBOX_URL": f"http://127.0.0.1:{free_port()}"}
    answer = await banyan("sandbox", "faults", settings=settings, env=env)
    assert answer.code != 0
    assert "banyan run" in answer.err
