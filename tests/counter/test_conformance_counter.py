"""The counter does what every channel must, as far as it concerns one whose other side are people: the desk is the real one, with its database.

It lacks what needs an outside that is asked (calls), and what only such an outside decides: refunds are paid out at the window (tested in
test_console_counter.py), statements are the shifts (test_shifts.py).
"""

import time

import httpx
import msgspec
import pytest

from core import clock, ids
from core.ledger.errors import AlreadyPosted
from core.payments import repository
from core.payments.capture import decide
from core.payments.channels.conformance import ChannelConformance, World
from core.payments.channels.counter import BankTransfer, signature
from core.payments.channels.protocol import ChannelAccount, ChannelState, OrderRequest
from tests.counter.conftest import BANK_KEY, MCHID


class DeskWorld(World):
    """A client's desk: money is taken by writing the order and booking it, as a window does; the bank tells of transfers."""

    def __init__(self, platform, account: ChannelAccount, account_id, other: ChannelAccount) -> None:
        self.platform, self.account, self.account_id, self.other = platform, account, account_id, other
        self.channel = platform.channels["counter"]

    def order(self, **changes) -> OrderRequest:
        now = clock.now().replace(microsecond=0)
        fields = {
            "number": ids.number("P", "261122", 14), "description": "学费", "amount_fen": 123_450, "scene": "cash", "notify_url": "",
            "placed_at": now, "expires_at": now.replace(year=now.year + 1),
        }  # fmt: skip
        return OrderRequest(**(fields | changes))

    async def pay(self, order, prepared) -> bool:
        state = ChannelState(
            state="succeeded", order_number=order.number, mchid=self.account.mchid, appid="", channel_txn_id=order.number,
            amount_fen=order.amount_fen, currency="CNY", paid_at=clock.now(),
        )  # fmt: skip
        try:
            async with self.platform.database.tenant(self.account.tenant_id) as session:
                if await repository.find_payment(session, "counter", order.number):
                    return False
                return (await decide(session, self.account, state)).outcome == "suspense"
        except AlreadyPosted:
            return False

    async def notices(self, number):
        async with self.platform.database.tenant(self.account.tenant_id) as session:
            row = await repository.find_payment(session, "counter", number)
        body = msgspec.json.encode(
            BankTransfer(
                reference=number, sub_account="8866000000000000", amount_fen=row.amount_fen, payer_name="陈建国", payer_account="6229",
                received_at=row.paid_at,
            )
        )
        stamp = str(int(time.time()))
        return [({"Banyan-Timestamp": stamp, "Banyan-Signature": signature(BANK_KEY, stamp, body)}, body)]

    async def another(self):
        return self.other

    def at(self, offset_seconds: int):
        return type(self.channel)(httpx.AsyncClient(), seconds_now=lambda: time.time() + offset_seconds)


@pytest.fixture
async def world(platform, shop):
    async with platform.database.tenant(shop.tenant_id) as session:
        row = await repository.find_account(session, "counter")
    account = ChannelAccount(
        channel="counter", mchid=MCHID, appid="", base_url="", credentials={"bank_key": BANK_KEY}, tenant_id=shop.tenant_id
    )
    other = msgspec.structs.replace(account, mchid="COUNTER2", credentials={"bank_key": "another key"})
    return DeskWorld(platform, account, row.id, other)


class TestCounter(ChannelConformance):
    """The four scenes of a counter behind the one protocol."""

    lacks = {"calls", "early_close", "refunds", "refund_notices", "refund_failure", "revocation", "short", "statements"}
