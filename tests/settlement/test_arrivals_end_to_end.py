"""From a payer's wallet to the clearing account: real channels' files and the real bank statement are fetched, and every fen is found."""

import datetime as dt
import secrets

import httpx
import msgspec
import pytest
from sqlalchemy import text

from core import clock, ids
from core.identity.actor import system
from core.payments.channels.protocol import ChannelAccount, OrderRequest
from core.settlement import bank_accounts
from core.settlement.bank import Instruction
from core.settlement.bank_accounts import Given
from core.settlement.bank_client import BankClient
from core.tenancy import channels_repository
from tests.payer_fixtures import connected, outside_world
from tests.settlement.arriving import Clearing

__all__ = ["connected", "outside_world"]
PAID_AGO = 4


class House(Clearing):
    """A client with a merchant number at WeChat Pay and a clearing account, both at the sandbox, opened a week ago."""

    async def at_the_sandbox(self, http: httpx.AsyncClient) -> "House":
        self.http = http
        name = f"到账学校{secrets.token_hex(4)}"
        merchant = (await http.post("/sandbox/api/wechatpay/merchants", json={"name": name})).json()
        given = (await http.post("/sandbox/api/bank/connections", json={"name": name})).json()
        self.account, self.mchid = given["account_number"], merchant["mchid"]
        names = ("mchid", "appid", "base_url", "credentials")
        self.channel = ChannelAccount(channel="wechatpay", **{each: merchant[each] for each in names})
        async with self.session() as session:
            keys = await self.platform.vault.keys(session)
            sealed = keys.seal(msgspec.json.encode(merchant["credentials"]))
            known = {each: merchant[each] for each in ("mchid", "appid", "base_url")}
            await channels_repository.add_account(session, ids.uuid7(), channel="wechatpay", credentials_sealed=sealed, **known)
            wanted = Given(**given)
            await bank_accounts.connect(session, keys, wanted, system(self.client.id), self.platform.settings.sandbox_url)
            for table in ("channel_account", "bank_connection"):
                await session.execute(text(f"UPDATE core.{table} SET created_at = created_at - interval '8 days'"))
        return self

    async def paid(self, amount_fen: int) -> dt.date:
        """An order that was paid some days ago; answers its bill day."""
        now = clock.now()
        order = OrderRequest(
            number=f"T{secrets.token_hex(12)}", description="学费", amount_fen=amount_fen, scene="native", notify_url="http://127.0.0.1:9/x",
            placed_at=now, expires_at=now + dt.timedelta(minutes=10),
        )  # fmt: skip
        await self.platform.channels["wechatpay"].create(self.channel, order)
        path = f"/sandbox/api/wechatpay/orders/{self.mchid}/{order.number}"
        assert (await self.http.post(f"{path}/pay")).status_code == 200
        assert (await self.http.post(f"{path}/age", json={"days": PAID_AGO})).status_code == 200
        return clock.today() - dt.timedelta(days=PAID_AGO)


@pytest.fixture
async def house(connected, client, outside_world):
    async with httpx.AsyncClient(base_url=outside_world, trust_env=False) as http:
        yield await House(connected, await client(plugins=())).at_the_sandbox(http)


async def test_a_day_is_fetched_from_channel_and_bank_and_agrees(house, settle):
    day = await house.paid(10_000)
    await house.paid(83)
    await house.http.post("/sandbox/api/bank/settle", json={"day": f"{day}"})
    for _fetched_then_told in range(2):
        await settle(house.client)
    await house.sound()
    [arrived] = [row for row in await house.arrivals() if row.net_fen]
    assert (arrived.bill_on, arrived.status, arrived.gross_fen, arrived.fee_fen, arrived.arrived_fen) == (day, "arrived", 10_083, 60, 10_023)
    assert await house.balance_of(f"A.BANK.{house.account}") == 10_023
    assert await house.balance_of("E.CHFEE") == 60
    assert await house.differences() == []


async def test_a_channel_that_settles_short_is_found(house, settle):
    day = clock.today() - dt.timedelta(days=PAID_AGO)
    fault = {"kind": "arrival_short"}
    await house.http.put(f"/sandbox/api/faults/orders/{house.mchid}/{day:%Y%m%d}", json={"faults": [fault]})
    assert await house.paid(50_000) == day
    await house.http.post("/sandbox/api/bank/settle", json={"day": f"{day}"})
    for _fetched_then_told in range(2):
        await settle(house.client)
    await house.sound()
    [short] = await house.differences()
    assert (short.klass, short.status, short.amount_fen) == ("FE2", "open", 100)


async def test_a_payout_and_a_credit_by_hand_stand_in_the_fetched_statement(house, settle):
    async with house.session() as session:
        connection = await bank_accounts.find(session, house.platform.vault)
    assert connection.account_number == house.account and "PRIVATE" not in repr(connection)
    await house.http.post(f"/sandbox/api/bank/accounts/{house.account}/credits", json={"amount_fen": 90_000, "reference": "手工"})
    bank = BankClient(house.platform.http)
    wanted = Instruction(
        number=f"FK{secrets.token_hex(10)}", amount_fen=500, from_account=house.account, to_account="99000100010000000018", to_name="甲",
        to_bank="乙", purpose="",
    )  # fmt: skip
    await bank.pay(connection, wanted)
    for _ in range(500):
        if (await bank.query(connection, wanted.number)).state == "paid":
            break
    await house.http.post(f"/sandbox/api/bank/accounts/{house.account}/age", json={"days": 3})
    for _fetched_then_told in range(2):
        await settle(house.client)
    await house.sound()
    entries = sorted((entry.kind, entry.status, entry.amount_fen, entry.reference) for entry in await house.entries())
    assert entries == [("other", "suspense", 90_000, "手工"), ("payout", "suspense", -500, wanted.number)]
