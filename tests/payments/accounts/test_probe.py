"""The test button: 0.01 yuan placed, asked about and closed over the real wire, and nothing of it in the books."""

import httpx
import pytest
from sqlalchemy import text

from core import ids
from core.supervisor.guarded import free_port
from tests import trade


async def count(platform, school, table: str) -> int:
    async with platform.database.tenant(school.id) as session:
        return await session.scalar(text(f"SELECT count(*) FROM core.{table}"))


async def test_a_good_number_is_created_asked_about_and_closed(connected, school, desk, given, outside_world):
    account_id = await desk.opened(given)
    made = await desk.probe(account_id)
    assert made["ok"]
    assert [(step["step"], step["ok"]) for step in made["steps"]] == [("create", True), ("query", True), ("close", True)]
    assert made["number"].startswith("T")
    assert 16 <= len(made["number"]) <= 32
    async with httpx.AsyncClient(base_url=outside_world, trust_env=False) as outside:
        there = (await outside.get(f"/sandbox/api/wechatpay/orders/{given['mchid']}/{made['number']}")).json()["order"]
    assert there["trade_state"] == "CLOSED"
    assert [await count(connected, school, table) for table in ("payment_order", "payment", "suspense_item", "ledger_journal")] == [0] * 4
    page = await desk.maker.get(f"/console/channels/{account_id}")
    assert made["number"] in page.text
    assert page.text.count("通过") >= 3


async def test_wrong_keys_are_told_step_by_step(desk, given):
    account_id = await desk.opened(given | {"credentials": given["credentials"] | {"merchant_serial": "0" * 40}})
    made = await desk.probe(account_id)
    assert not made["ok"]
    assert made["steps"][0]["ok"] is False
    assert made["steps"][0]["told"]


async def test_a_channel_that_is_away_is_told_and_nothing_is_written(connected, school, desk, given):
    account_id = await desk.opened(given)
    async with connected.database.tenant(school.id) as session:
        await session.execute(text("UPDATE core.channel_account SET base_url = :url"), {"url": f"http://127.0.0.1:{free_port()}"})
    made = await desk.probe(account_id)
    assert [step["ok"] for step in made["steps"]] == [False, False, False]
    assert await count(connected, school, "payment_order") == 0


class PaidInBetween:
    """The channel, with somebody quick who pays the probe before it is closed."""

    def __init__(self, way, sandbox: str) -> None:
        self._way, self._sandbox = way, sandbox

    def __getattr__(self, name: str):
        return getattr(self._way, name)

    async def close(self, account, order) -> None:
        async with httpx.AsyncClient(base_url=self._sandbox, trust_env=False) as outside:
            answer = await outside.post(f"/sandbox/api/wechatpay/orders/{account.mchid}/{order.number}/pay")
            assert answer.status_code == 200, answer.text
        await self._way.close(account, order)


async def test_a_probe_that_somebody_pays_lands_in_suspense(connected, school, desk, given, outside_world, monkeypatch):
    account_id = await desk.opened(given)
    monkeypatch.setitem(connected.channels, "wechatpay", PaidInBetween(connected.channels["wechatpay"], outside_world))
    made = await desk.probe(account_id)
    assert "挂账" in made["steps"][2]["told"]
    async with connected.database.tenant(school.id) as session:
        (item,) = await session.all(text("SELECT * FROM core.suspense_item"))
    assert (item.reason, item.amount_fen) == ("unknown_order", 1)
    assert item.facts["order_number"] == made["number"]
    assert await trade.faults(connected, school.id) == {}


async def test_a_number_that_waits_for_agreement_can_be_looked_at_but_has_no_keys_to_test(desk, given):
    asked = (await desk.propose(given)).json()
    answer = await desk.maker.post(f"/api/v1/channel-accounts/{asked['account_id']}/probe")
    assert answer.status_code == 200
    assert not answer.json()["ok"]


@pytest.mark.parametrize("who", [ids.uuid7()])
async def test_a_number_that_is_not_there_is_not_found(desk, given, who):
    assert (await desk.maker.post(f"/api/v1/channel-accounts/{who}/probe")).json()["code"] == "CHANNEL_ACCOUNT_NOT_FOUND"
