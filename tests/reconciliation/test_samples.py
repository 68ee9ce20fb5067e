"""The sample files give exactly their answers: every difference with everything said of it, every sum, what heals the next day."""

import datetime as dt
import json

import msgspec
import pytest

from core.identity.actor import system
from core.reconciliation.runs import service as runs
from core.reconciliation.runs import telling
from tests.reconciliation.loading import load_day
from tests.samples import SAMPLES

FOUR = ("wechatpay", "alipay", "unionpay", "stripe")
DAY, NEXT = "2026-03-01", "2026-03-02"
FOLDERS = {"small": ("m3", ("wechatpay",)), "mixed": ("mixed", FOUR), "large": ("large", FOUR)}
AFTERWARDS = ("id", "name", "note", "next_day", "resolved_on_2026-03-02_by")


def answers(folder: str) -> dict:
    """The expected answers of a folder."""
    return json.loads((SAMPLES / "statements" / folder / f"{FOLDERS[folder][0]}.expected.json").read_bytes())


async def reconcile(platform, client, folder: str, day: str, suffix: str = "") -> dict:
    """Load a day's files and run it; what the command line would print."""
    async with platform.database.tenant(client.id) as session:
        await load_day(session, folder, day, FOLDERS[folder][1], suffix)
    on = dt.date.fromisoformat(day)
    await runs.run(platform, client.id, on, by=system(client.id))
    async with platform.database.tenant(client.id) as session:
        return json.loads(msgspec.json.encode(await telling.tell(session, client.code, on)))


def comparable(difference: dict, expected: dict) -> dict:
    """What the answers say of a difference, from ours."""
    return {name: difference.get(name) for name in expected if name not in AFTERWARDS}


def wanted(expected: dict) -> dict:
    return {name: value for name, value in expected.items() if name not in AFTERWARDS}


def key(difference: dict) -> tuple:
    return (difference["channel"], difference["trade_type"], difference.get("merchant_refund_no") or difference["merchant_order_no"])


LARGE_TOO = ["small", "mixed", pytest.param("large", marks=pytest.mark.slow)]
"""The large one comes through the front door in `make test` (`test_front_door.py`)."""


@pytest.mark.parametrize("folder", LARGE_TOO)
async def test_a_sample_day_gives_exactly_its_answers(platform, client, folder):
    school, expected = await client(plugins=()), answers(folder)
    first = await reconcile(platform, school, folder, DAY)
    ours = {key(each): each for each in first["differences"]}
    assert sorted(ours) == sorted(key(each) for each in expected["differences"])
    for each in expected["differences"]:
        found = ours[key(each)]
        told = wanted(each)
        if each["class"] == "RF2" and found["channel_order_no"] is None:
            del told["channel_order_no"]
        assert comparable(found, told) == told
        assert found["state"] == ("open" if each["class"] in ("AM1", "FE1", "DP1") else "expected")
        assert found["bill_date"] == DAY
    assert first["difference_count"] == len(expected["differences"])
    assert first["by_class"] == {name: told | {"heals_next_day": 0} for name, told in expected["by_class"].items()}
    assert_sums(first, expected, DAY)

    second = await reconcile(platform, school, folder, NEXT)
    assert second["next_day"] == expected["next_day"]
    assert second["difference_count"] == 0
    assert_sums(second, expected, NEXT)
    ours = {key(each): each for each in second["differences"]}
    for each in expected["differences"]:
        found = ours[key(each)]
        assert found["next_day"] == each["next_day"]
        by_business = each["next_day"].get("by") == "his_row"
        assert found["state"] == (("resolved" if by_business else "auto_resolved") if each["next_day"]["heals"] else "open")
    async with platform.database.tenant(school.id) as session:
        again = json.loads(msgspec.json.encode(await telling.tell(session, school.code, dt.date.fromisoformat(DAY))))
    assert again["by_class"] == expected["by_class"]


def assert_sums(said: dict, expected: dict, day: str) -> None:
    """Sums of each side and of what agrees, by channel and in all."""
    assert said["matched"][day] == expected["matched"][day]
    for side, sums in expected["sources"][day].items():
        ours = said["sources"][day][side]
        for name in ("lines", "ignored_lines", "total", "by_channel"):
            if name in sums:
                assert trimmed(ours[name]) == trimmed(sums[name])


def trimmed(told: object) -> object:
    """Without what is said of one channel only and is no sum of ours."""
    if not isinstance(told, dict):
        return told
    return {name: trimmed(value) for name, value in told.items() if name != "merchant_discount_fen"}


async def test_after_the_batch_refund_no_difference_is_open(platform, client):
    hospital = await client(plugins=())
    await reconcile(platform, hospital, "small", DAY)
    said = await reconcile(platform, hospital, "small", NEXT, "-after-batch")
    assert said["open_count"] == 0 and said["difference_count"] == 0
    states = {each["class"]: (each["state"], each["next_day"].get("by")) for each in said["differences"]}
    assert states == {
        "LG1": ("resolved", "refund_rows"), "LG2": ("resolved", "his_row"),
        "SH1": ("auto_resolved", "channel_row"), "DP1": ("resolved", "refund_rows"),
    }  # fmt: skip
