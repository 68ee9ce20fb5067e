"""A school that collects at the sandbox's WeChat Pay with its money frozen for sharing, and the people at its desk."""

import datetime as dt
from uuid import UUID

import httpx
import msgspec
import pytest
from sqlalchemy import text, update

from core import ids
from core.approvals import service as approvals
from core.identity.actor import Actor
from core.ledger import service as ledger
from core.payers.access import Payer
from core.payments import service as payments
from core.payments.models import channel_account, payment
from core.payments.schemas import PayItem
from core.profit_sharing import receivers, repository, sending, service
from core.profit_sharing.schemas import ReceiverAsk, ReleaseAsk, ReturnAsk, ShareAsk, SplitAsk
from tests import families, trade
from tests.payer_fixtures import connected, outside_world, roster, school

__all__ = ["connected", "outside_world", "roster", "school"]
PAID = 95_000


class Sharing(msgspec.Struct):
    """The school, its merchant number, and what one does there."""

    platform: object
    school: families.School
    mchid: str
    account_id: UUID
    outside: httpx.AsyncClient
    maker: Actor
    checker: Actor

    def tenant(self):
        return self.platform.database.tenant(self.school.id)

    async def paid(self, *, minutes_ago: int = 2) -> UUID:
        """A frozen payment of 950.00, for TUITION; answers its id."""
        bill_id = await families.bill(self.platform, self.school, self.school.children[0])
        payer = Payer(session_id=ids.uuid7(), payer_id=None, csrf="", device=b"d", openids={}, bill_ids=frozenset())
        order = await payments.start_payment(
            self.platform, self.school.client, payer, [PayItem(bill_id, PAID)], channel="wechatpay", scene="native", ip="192.0.2.1",
            idempotency_key=ids.token(),
        )  # fmt: skip
        assert (await self.outside.post(f"/sandbox/api/wechatpay/orders/{self.mchid}/{order.number}/pay")).status_code == 200
        assert (await payments.check_order(self.platform, self.school.client, order.number)).status == "succeeded"
        async with self.tenant() as session:
            row = await session.one(text("SELECT id FROM core.payment WHERE order_number = :number"), {"number": order.number})
            ago = dt.timedelta(minutes=minutes_ago)
            await session.execute(update(payment).where(payment.c.id == row.id).values(paid_at=payment.c.paid_at - ago))
        return row.id

    async def receiver(self, account: str = "", name: str = "榕城餐饮有限公司", kind: str = "MERCHANT_ID") -> UUID:
        """Somebody who may receive: asked for, agreed to, accepted by the channel."""
        ask = ReceiverAsk(account_id=self.account_id, kind=kind, account=account or f"16{ids.digits(8)}", name=name)
        async with self.tenant() as session:
            receiver_id = await receivers.propose(session, self.platform.vault, ask, self.maker)
        await self.agree(receiver_id)
        await self.beat()
        return receiver_id

    async def agree(self, subject_id: UUID, by: Actor | None = None) -> None:
        kinds = approvals.kinds_of(self.platform.plugins, self.school.client.plugins)
        async with self.tenant() as session:
            asked = {"id": subject_id}
            found = await session.one(text("SELECT id FROM core.approval WHERE subject_id = :id AND status = 'waiting'"), asked)
            await approvals.approve(session, kinds, found.id, by or self.checker)

    async def ask(self, payment_id: UUID, *shares: ShareAsk, release: bool = False, settings: dict | None = None) -> UUID:
        given = SplitAsk(payment_id=payment_id, shares=list(shares), reason="餐费分成", release=release)
        async with self.tenant() as session:
            return await service.propose(session, self.platform.vault, settings or {}, given, self.maker)

    async def split(self, payment_id: UUID, *shares: ShareAsk, release: bool = False):
        """Asked for, agreed to and brought to its end; answers the split."""
        split_id = await self.ask(payment_id, *shares, release=release)
        await self.agree(split_id)
        return await self.until(split_id)

    async def release(self, payment_id: UUID):
        async with self.tenant() as session:
            ask = ReleaseAsk(payment_id=payment_id, reason="不再分账")
            split_id = await service.propose_release(session, self.platform.vault, ask, self.maker)
        await self.agree(split_id)
        return await self.until(split_id)

    async def give_back(self, split_id: UUID, position: int, fen: int):
        async with self.tenant() as session:
            return_id = await service.propose_return(
                session, ReturnAsk(split_id=split_id, position=position, amount_fen=fen, reason="退款"), self.maker
            )
        await self.agree(return_id)
        await self.beat()
        return await self.read(split_id)

    async def beat(self) -> None:
        """What is due is done as if the waiting times were over."""
        async with self.tenant() as session:
            for table in ("sharing_receiver", "sharing_split", "sharing_return"):
                await session.execute(text(f"UPDATE core.{table} SET next_at = now() WHERE next_at IS NOT NULL"))
        await sending.send_due(self.platform, self.school.id)

    async def until(self, split_id: UUID):
        for _ in range(40):
            await self.beat()
            found = await self.read(split_id)
            if found.state in ("finished", "failed"):
                return found
        raise AssertionError(f"the split stays {found.state}")

    async def read(self, split_id: UUID):
        async with self.tenant() as session:
            return await service.find(session, split_id)

    async def story(self, payment_id: UUID):
        async with self.tenant() as session:
            return await service.story(session, {}, payment_id)

    async def balances(self) -> dict[str, int]:
        async with self.tenant() as session:
            codes = ("L.MER.TUITION", f"A.CH.wechatpay.{self.mchid}")
            return {code.split(".")[1]: await ledger.balance(session, code) for code in codes}

    async def misbehave(self, number: str, *kinds: str) -> None:
        given = [{"kind": kind, "seconds": 10_000_000.0} for kind in kinds]
        answer = await self.outside.put(f"/sandbox/api/faults/orders/{self.mchid}/{number}", json={"faults": given})
        assert answer.status_code == 200, answer.text

    async def sound(self) -> bool:
        async with self.tenant() as session:
            mine = {name: rows for name, rows in (await repository.list_faults(session)).items() if rows}
        return {**mine, **await trade.faults(self.platform, self.school.id)} == {}


@pytest.fixture
async def sharing(connected, school, outside_world):
    mchid = await families.collect_at(connected, school, outside_world)
    people = [
        Actor(kind="user", id=str(ids.uuid7()), name=name, tenant_id=school.id, rights={right: None})
        for name, right in (("经办甲", service.MAKE), ("复核乙", service.CHECK))
    ]
    async with connected.database.tenant(school.id) as session:
        keys = await connected.vault.keys(session)
        row = await session.one(channel_account.select().where(channel_account.c.mchid == mchid))
        credentials = msgspec.json.decode(keys.open(row.credentials_sealed)) | {"profit_sharing": "true"}
        sealed = keys.seal(msgspec.json.encode(credentials))
        await session.execute(update(channel_account).where(channel_account.c.id == row.id).values(credentials_sealed=sealed))
    async with httpx.AsyncClient(base_url=outside_world, trust_env=False) as outside:
        yield Sharing(connected, school, mchid, row.id, outside, *people)
        await outside.put("/sandbox/api/faults/", json={"faults": []})
