"""For every channel: what its own statement says is owed is what the sandbox's bank receives, fees, refunds and all."""

import httpx
import msgspec
import pytest
from sqlalchemy import text

from core.identity.actor import system
from core.payments.channels.conformance.refunds import refunded
from core.payments.channels.conformance.world import paid, refund_of
from core.settlement import bank_accounts
from core.settlement.bank_accounts import Given
from tests.settlement.arriving import Clearing
from tests.statements.test_fetching_channels import CHANNELS, collect, make_world

__all__ = ["make_world"]


@pytest.fixture
async def door(outside_world):
    async with httpx.AsyncClient(base_url=outside_world, trust_env=False) as made:
        yield made


@pytest.mark.parametrize("code", CHANNELS)
async def test_what_a_channels_file_says_is_what_arrives(platform, client, make_world, outside_world, door, settle, code):
    world = await make_world(code)
    payment, other = await paid(world, amount_fen=10_000), await paid(world, amount_fen=333)
    refund = refund_of(payment, 2_500)
    await refunded(world, refund)
    day = await world.age(payment.order)
    await world.age(other.order)
    if code == "unionpay":  # there a refund is a trade of its own, with a settlement day of its own
        await world.age(msgspec.structs.replace(other.order, number=refund.number))
    mine = Clearing(platform, await client(plugins=()))
    await collect(platform, mine.client, world.account)
    given = (await door.post("/sandbox/api/bank/connections", json={"name": mine.client.code})).json()
    mine.account = given["account_number"]
    async with mine.session() as session:
        keys = await platform.vault.keys(session)
        await bank_accounts.connect(session, keys, Given(**given), system(mine.client.id), outside_world)
        await session.execute(text("UPDATE core.bank_connection SET created_at = created_at - interval '8 days'"))
    await door.put(f"/sandbox/api/bank/accounts/{mine.account}/collects", json={"channel": code, "mchid": world.account.mchid})
    await door.post("/sandbox/api/bank/settle", json={"day": f"{day}"})
    await door.post(f"/sandbox/api/bank/accounts/{mine.account}/age", json={"days": 1})
    for _fetched_then_told in range(2):
        await settle(mine.client)
    [row] = [row for row in await mine.arrivals() if row.gross_fen]
    assert (row.channel, row.merchant_number, row.bill_on, row.gross_fen) == (code, world.account.mchid, day, 7_833)
    assert (row.status, row.net_fen, row.arrived_fen) == ("arrived", 7_833 - row.fee_fen, 7_833 - row.fee_fen)
    assert row.fee_fen > 0
    await mine.sound()
