"""A school with the sandbox behind it, and merchant numbers as a test wants them."""

import msgspec
import pytest
from sqlalchemy import insert

from core import ids
from core.payers.access import Payer
from core.payments import service
from core.payments.models import channel_account, payment_route
from core.payments.schemas import PayItem
from tests import families
from tests.payer_fixtures import browser, connected, outside_world, roster, school, sms

__all__ = ["browser", "connected", "house", "outside_world", "roster", "school", "sms"]


class House:
    """A client, its merchant numbers and routes, and somebody who pays."""

    def __init__(self, platform, school, sandbox: str) -> None:
        self.platform, self.school, self.sandbox = platform, school, sandbox

    def session(self):
        return self.platform.database.tenant(self.school.id)

    async def account(self, channel="wechatpay", base_url="http://127.0.0.1:9", merchant="", credentials=None, **more):
        """One more merchant number; `merchant` names whose it is."""
        account_id = ids.uuid7()
        async with self.session() as session:
            keys = await self.platform.vault.keys(session)
            row = {
                "id": account_id, "channel": channel, "mchid": ids.digits(10), "appid": "wx0000000000000001", "base_url": base_url,
                "credentials_sealed": keys.seal(msgspec.json.encode(credentials or {})),
                "merchant_id": self.school.trade.merchants[merchant] if merchant else None,
            }  # fmt: skip
            await session.execute(insert(channel_account), row | more)
        return account_id

    async def good(self, **more):
        """A merchant number that the sandbox knows."""
        await families.collect_at(self.platform, self.school, self.sandbox)
        return self.school.trade.account_id

    async def route(self, account_id, **given) -> None:
        async with self.session() as session:
            await session.execute(insert(payment_route), {"id": ids.uuid7(), "channel_account_id": account_id} | given)

    async def bill(self, child: int = 0, **given):
        return await families.bill(self.platform, self.school, self.school.children[child], **given)

    async def start(self, bills, amount_fen=95_000, scene="h5", channel="wechatpay", payer=None, **more):
        bills = bills if isinstance(bills, list) else [bills]
        return await service.start_payment(
            self.platform, self.school.client, payer or self.payer(), [PayItem(bill, amount_fen) for bill in bills], channel=channel,
            scene=scene, ip="203.0.113.9", idempotency_key=ids.token(), **more,
        )  # fmt: skip

    def payer(self) -> Payer:
        return Payer(session_id=ids.uuid7(), payer_id=None, csrf="", device=b"", openids={}, bill_ids=frozenset())

    async def options(self, agent=families.PHONE, amount_fen=95_000, merchants=("TUITION",)):
        async with self.session() as session:
            wanted = {self.school.trade.merchants[code] for code in merchants}
            return await service.payment_options(self.platform, session, agent, amount_fen, wanted)


@pytest.fixture
async def house(connected, school, outside_world):
    return House(connected, school, outside_world)
