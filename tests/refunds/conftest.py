"""A school whose money came over a channel that does what the test says."""

import datetime as dt
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text

from core import clock
from core.approvals import service as approvals
from core.identity.actor import Actor
from core.jobs.pulse import pulse
from core.payments.service import settle
from core.refunds import faults, service, settling
from core.refunds.schemas import RefundAsk, RefundRead
from core.tenancy.directory import ClientProfile
from tests import trade
from tests.payer_fixtures import browser, connected, outside_world, roster, school, sms
from tests.refunds.scripted import Scripted

__all__ = ["browser", "connected", "outside_world", "roster", "school", "sms"]


class Office(msgspec.Struct):
    """A client with bills and a scripted channel, and the people at its desk."""

    platform: object
    client: ClientProfile
    trade: trade.Trade
    channel: Scripted
    bills: list[UUID]
    maker: Actor
    checker: Actor

    def tenant(self):
        return self.platform.database.tenant(self.client.id)

    async def pay(self, bill: UUID, fen: int, txn: str = "", days_ago: int = 0) -> UUID:
        """Money arrives for a bill; answers the payment's id."""
        number = await trade.order(self.platform, self.trade, [(bill, fen)])
        return await self.paid(number, fen, txn, days_ago)

    async def paid(self, number: str, fen: int, txn: str = "", days_ago: int = 0) -> UUID:
        at = clock.now() - dt.timedelta(days=days_ago)
        state = trade.success(number, fen, txn, paid_at=at)
        return (await settle(self.platform, self.client.id, self.trade.account, state)).payment_id

    async def ask(self, by: Actor | None = None, settings: dict | None = None, **ask: object) -> RefundRead:
        """Request a refund at the desk."""
        given = {"reason": "退学"} | ask
        async with self.tenant() as session:
            return await service.request(session, settings or self.client.settings, RefundAsk(**given), by or self.maker)

    async def agree(self, subject_id: UUID, by: Actor | None = None) -> None:
        """The checker approves what waits about something."""
        kinds = approvals.kinds_of(self.platform.plugins, self.client.plugins)
        async with self.tenant() as session:
            found = await session.one(text("SELECT id FROM core.approval WHERE subject_id = :id AND status = 'waiting'"), {"id": subject_id})
            await approvals.approve(session, kinds, found.id, by or self.checker)

    async def approved(self, **ask: object) -> RefundRead:
        """A refund that was asked for and agreed to."""
        made = await self.ask(**ask)
        await self.agree(made.id)
        return await self.read(made.id)

    async def read(self, refund_id: UUID) -> RefundRead:
        async with self.tenant() as session:
            return await service.find(session, refund_id)

    async def beat(self) -> None:
        """What is due now is done, once."""
        await pulse(self.platform, self.client.id)

    async def hurry(self) -> None:
        """As if every waiting time were over."""
        async with self.tenant() as session:
            await session.execute(text("UPDATE core.refund_item SET next_at = now() WHERE next_at IS NOT NULL"))
        await self.beat()

    async def told(self, number: str, state: str, **given) -> str:
        """The channel says something of a refund; answers what it came to."""
        word = self.channel.state(number, state, **given)
        async with self.tenant() as session:
            return (await settling.settle(session, self.trade.account, word)).outcome

    async def payment(self, payment_id: UUID):
        async with self.tenant() as session:
            return await session.one(text("SELECT * FROM core.payment WHERE id = :id"), {"id": payment_id})

    async def bill(self, bill_id: UUID):
        async with self.tenant() as session:
            return await session.one(text("SELECT * FROM core.bill WHERE id = :id"), {"id": bill_id})

    async def faults(self) -> dict[str, list]:
        """Every broken invariant, refunds' own included; {} in sound books."""
        found = await trade.faults(self.platform, self.client.id)
        async with self.tenant() as session:
            found |= {name: rows for name, rows in (await faults.list_faults(session)).items() if rows}
        return found


def people(tenant_id: UUID) -> tuple[Actor, Actor]:
    """Who asks and who agrees."""
    maker = Actor(kind="user", id="maker", name="经办甲", tenant_id=tenant_id, rights={"refunds.refund.make": None})
    return maker, Actor(kind="user", id="checker", name="复核乙", tenant_id=tenant_id, rights={"refunds.refund.check": None})


@pytest.fixture
def channel(platform):
    """The scripted channel in WeChat Pay's place."""
    before = platform.channels["wechatpay"]
    platform.channels["wechatpay"] = scripted = Scripted()
    yield scripted
    platform.channels["wechatpay"] = before


@pytest.fixture
async def office(platform, client, channel):
    """Two children with a bill of 950.00 each (merchant TUITION), nothing paid yet."""
    made = await client(plugins=())
    school = await trade.found(platform, made.id)
    bills = await trade.bills(platform, school)
    return Office(platform, made, school, channel, bills, *people(made.id))


