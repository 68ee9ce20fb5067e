"""A school's day in the past, made quickly: parents paid through the sandbox's channels, one payment of the wallet is not ours."""

import datetime as dt
import secrets
from uuid import UUID

import httpx
import msgspec
from sqlalchemy import text

from core import clock, ids
from core.payers.access import Payer
from core.payments import service as payments
from core.payments.accounts import service as accounts
from core.payments.channels.protocol import ChannelAccount, OrderRequest
from core.payments.schemas import PayItem
from core.platform import Platform
from core.tenancy.directory import ClientProfile

AGO = 3
"""So far back that the files of the day after it are out, too, at any hour."""
STRANGER_FEN = 12_345
PAID_BY = ("wechatpay", "alipay", "wechatpay", "alipay")
LOST = {"faults": [{"kind": "notice_lose"}]}
_BILLS = text("SELECT id, amount_fen FROM core.bill WHERE status = 'issued' AND amount_fen BETWEEN 1 AND 2000000 ORDER BY number LIMIT :n")


class SchoolDay(msgspec.Struct):
    """What happened at the school on that day."""

    platform: Platform
    client: ClientProfile
    http: httpx.AsyncClient
    on: dt.date
    numbers: list[str] = []
    paid_fen: int = 0
    stranger: str = ""

    async def tell(self, sql: str, **values: object) -> None:
        async with self.platform.database.tenant(self.client.id) as session:
            await session.execute(text(sql), values)

    async def opened(self, table: str) -> None:
        """Let an account have been opened on that day: its files are awaited from then on."""
        at = dt.datetime.combine(self.on, dt.time(), clock.SHANGHAI)
        await self.tell(f"UPDATE core.{table} SET created_at = :at", at=at)

    async def account(self, channel: str) -> ChannelAccount:
        async with self.platform.database.tenant(self.client.id) as session:
            found = await session.scalar(text("SELECT id FROM core.channel_account WHERE channel = :channel"), {"channel": channel})
            return await accounts.by_id(session, self.platform.vault, found)

    async def parents_pay(self) -> None:
        """Each parent pays a bill over a wallet; the wallet's word is lost, and asked for once the day is over."""
        async with self.platform.database.tenant(self.client.id) as session:
            bills = list(await session.all(_BILLS, {"n": len(PAID_BY)}))
        for channel, bill in zip(PAID_BY, bills, strict=True):
            order = await self._ordered(channel, bill.id, bill.amount_fen)
            path = f"{(await self.account(channel)).mchid}/{order}"
            await self._paid_long_ago(channel, path)
            assert (await payments.check_order(self.platform, self.client, order)).status == "succeeded"
            self.numbers.append(order)
            self.paid_fen += bill.amount_fen

    async def a_stranger_pays(self) -> None:
        """The wallet takes money under a number that nobody here knows."""
        account, now = await self.account("wechatpay"), clock.now()
        self.stranger = f"W{secrets.token_hex(10)}"
        order = OrderRequest(
            number=self.stranger, description="学费", amount_fen=STRANGER_FEN, scene="native", notify_url="http://127.0.0.1:9/x",
            placed_at=now, expires_at=now + dt.timedelta(minutes=10),
        )  # fmt: skip
        await self.platform.channels["wechatpay"].create(account, order)
        await self._paid_long_ago("wechatpay", f"{account.mchid}/{self.stranger}")

    async def _ordered(self, channel: str, bill_id: UUID, amount_fen: int) -> str:
        payer = Payer(session_id=ids.uuid7(), payer_id=None, csrf="", device=b"walk", openids={}, bill_ids=frozenset({bill_id}))
        asked = {"channel": channel, "scene": "native", "ip": "127.0.0.1", "idempotency_key": ids.token()}
        return (await payments.start_payment(self.platform, self.client, payer, [PayItem(bill_id, amount_fen)], **asked)).number

    async def _paid_long_ago(self, channel: str, path: str) -> None:
        """The wallet is paid without telling us, some days ago."""
        await self._call("PUT", f"/sandbox/api/faults/orders/{path}", json=LOST)
        await self._call("POST", f"/sandbox/api/{channel}/orders/{path}/pay")
        await self._call("POST", f"/sandbox/api/{channel}/orders/{path}/age", json={"days": AGO})
        await self._call("PUT", f"/sandbox/api/faults/orders/{path}", json={"faults": []})

    async def _call(self, method: str, path: str, **given: object) -> None:
        answer = await self.http.request(method, path, **given)
        assert answer.status_code == 200, f"{path}: {answer.text[:200]}"

    async def channels_settle(self) -> None:
        """The channels pay what they took into the clearing account, on the morning after."""
        answer = await self.http.post("/sandbox/api/bank/settle", json={"day": self.on.isoformat()})
        assert answer.status_code < 300
        await self.opened("bank_connection")


async def lived(house: Platform, code: str) -> SchoolDay:
    """The day, with what parents paid and one payment that is not ours."""
    http = httpx.AsyncClient(base_url=house.settings.sandbox_url, trust_env=False)
    day = SchoolDay(house, await house.directory.by_code(code), http, clock.today() - dt.timedelta(days=AGO))
    await day.parents_pay()
    await day.a_stranger_pays()
    await day.opened("channel_account")
    return day
