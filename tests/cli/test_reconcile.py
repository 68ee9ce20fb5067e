"""`banyan statements import` and `banyan reconcile`: the samples' small day on the command line, word for word."""

import json

import pytest

from tests.samples import SAMPLES

SMALL = SAMPLES / "statements" / "small"
FILES = {"wechatpay-trade": "wechatpay-trade-{day}.csv", "his": "his-{day}.csv", "platform": "platform-{day}.csv"}


@pytest.fixture
async def hospital(client):
    return await client(kind="hospital", plugins=("medical",))


async def test_the_small_sample_day_on_the_command_line(banyan, hospital):
    expected = json.loads((SMALL / "m3.expected.json").read_bytes())
    for day in ("2026-03-01", "2026-03-02"):
        for source, name in FILES.items():
            given = await banyan("statements", "import", SMALL / name.format(day=day), "--client", hospital.code, "--source", source, "--date", day, "--json")
            assert (given.code, given.json["verdict"]) == (0, "accept")
        answer = await banyan("reconcile", "--client", hospital.code, "--date", day, "--json")
        assert answer.code == 0
        said = answer.json
        assert said["matched"][day] == expected["matched"][day]
        assert said["sources"][day]["his"]["total"] == expected["sources"][day]["his"]["total"]
        assert {each["class"] for each in said["differences"]} == set(expected["by_class"])
    assert (said["next_day"], said["open_count"]) == (expected["next_day"], 2)


async def test_a_day_in_words_and_refusals(banyan, hospital):
    given = await banyan("reconcile", "--client", hospital.code, "--date", "2026-03-01")
    assert given.code == 0 and "missing: his" in given.out
    early = await banyan("reconcile", "--client", hospital.code, "--date", "2099-01-01", "--json")
    assert early.code == 2 and "DAY_NOT_OVER" in early.out
    unknown = await banyan("reconcile", "--client", "nobody", "--date", "2026-03-01", "--json")
    assert unknown.code == 2
