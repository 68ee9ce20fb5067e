"""The samples through the front door: files handed in as a person would, then the day as the command prints it."""

import datetime as dt
import json

import msgspec
import pytest

from core.commands.imports import operator
from core.reconciliation.runs import service as runs
from core.reconciliation.runs import telling
from core.statements import receiving
from tests.reconciliation.test_samples import DAY, FOLDERS, NEXT, answers, assert_sums, comparable, key, wanted
from tests.samples import SAMPLES

FILES = {
    "wechatpay-trade": "wechatpay-trade-{day}.csv", "alipay-trade": "alipay-trade-{day}.zip", "unionpay": "unionpay-{day}.zip",
    "stripe-balance": "stripe-balance-{day}.csv", "his": "his-{day}.xlsx", "platform": "platform-{day}.csv",
}  # fmt: skip


async def hand_in(platform, client, folder: str, day: str) -> None:
    """Every file of a sample day, the HIS workbook instead of its CSV."""
    by = operator(platform, client.id)
    for source, name in FILES.items():
        path = SAMPLES / "statements" / folder / name.format(day=day)
        path = path if path.exists() else path.with_name(path.name + ".gz")
        if not path.exists():
            assert folder == "small"
            continue
        verdict = await receiving.receive(
            platform, client.id, source=source, day=dt.date.fromisoformat(day), file_name=path.name, path_or_stream=path, by=by, origin="cli"
        )
        assert verdict.verdict == "accept", verdict


@pytest.mark.parametrize("folder", FOLDERS)
async def test_files_handed_in_and_run_give_the_samples_answers(platform, client, folder):
    hospital, expected = await client(kind="hospital", plugins=("medical",)), answers(folder)
    by = operator(platform, hospital.id)
    for day in (DAY, NEXT):
        await hand_in(platform, hospital, folder, day)
        await runs.run(platform, hospital.id, dt.date.fromisoformat(day), by=by)
        async with platform.database.tenant(hospital.id) as session:
            said = json.loads(msgspec.json.encode(await telling.tell(session, hospital.code, dt.date.fromisoformat(day))))
        assert said["status"] != "file_missing"
        assert said["difference_count"] == (len(expected["differences"]) if day == DAY else 0)
        if day == DAY:
            assert said["by_class"] == {name: told | {"heals_next_day": 0} for name, told in expected["by_class"].items()}
        assert_sums(said, expected, day)
        ours = {key(each): each for each in said["differences"]}
        assert sorted(ours) == sorted(key(each) for each in expected["differences"])
        for each in expected["differences"]:
            found, told = ours[key(each)], wanted(each)
            if each["class"] == "RF2" and found["channel_order_no"] is None:
                del told["channel_order_no"]
            assert comparable(found, told) == told
            if day == NEXT:
                assert found["next_day"] == each["next_day"]
    assert said["next_day"] == expected["next_day"]
    async with platform.database.tenant(hospital.id) as session:
        again = json.loads(msgspec.json.encode(await telling.tell(session, hospital.code, dt.date.fromisoformat(DAY))))
    assert again["by_class"] == expected["by_class"]
