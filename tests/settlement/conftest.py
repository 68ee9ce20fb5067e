"""A school with two merchants, money that came yesterday, and the people who settle it."""

import datetime as dt
from uuid import UUID

import httpx
import msgspec
import pytest
from sqlalchemy import insert, text

from core import clock, ids
from core.approvals import service as approvals
from core.identity.actor import Actor
from core.jobs.pulse import pulse
from core.onboarding import rates
from core.onboarding.schemas import Rate
from core.payments.service import settle
from core.reconciliation.models import run
from core.refunds import service as refunds
from core.refunds.schemas import LineAsk, RefundAsk
from core.settlement import bank_accounts, faults, service, terms
from core.tenancy import models as tenancy
from core.tenancy.directory import ClientProfile
from tests import trade
from tests.payer_fixtures import outside_world
from tests.refunds.scripted import Scripted

__all__ = ["outside_world"]

DAY = dt.timedelta(days=1)


class Hall(msgspec.Struct):
    """A client whose money is settled, and the people at its desk."""

    platform: object
    client: ClientProfile
    trade: trade.Trade
    channel: Scripted
    maker: Actor
    checker: Actor
    settings: dict = {}

    @property
    def yesterday(self) -> dt.date:
        return clock.today() - DAY

    @property
    def terms(self) -> terms.Terms:
        return terms.terms_of({**self.client.settings, **self.settings})

    def tenant(self):
        return self.platform.database.tenant(self.client.id)

    async def bill(self, *lines: tuple[str, int], source: str = "") -> UUID:
        """A bill of some merchants' lines for the first child."""
        made = tuple(trade.line(self.trade, code, fen) for code, fen in lines)
        source = source or f"plan:{ids.uuid7()}"
        await trade.bills(self.platform, msgspec.structs.replace(self.trade, children=self.trade.children[:1]), source=source, lines=made)
        async with self.tenant() as session:
            return await session.scalar(text("SELECT id FROM core.bill WHERE source = :source"), {"source": source})

    async def pay(self, *lines: tuple[str, int], days_ago: int = 1, bill: UUID | None = None, fen: int = 0) -> UUID:
        """A payment for lines of merchants (or for part of a bill), as it came some days ago; answers its id."""
        bill = bill or await self.bill(*lines)
        fen = fen or sum(amount for _, amount in lines)
        number = await trade.order(self.platform, self.trade, [(bill, fen)])
        state = trade.success(number, fen, paid_at=clock.now() - DAY * days_ago)
        return (await settle(self.platform, self.client.id, self.trade.account, state)).payment_id

    async def bill_of(self, payment_id: UUID) -> UUID:
        async with self.tenant() as session:
            asked = text("SELECT bill_id FROM core.allocation WHERE payment_id = :id AND kind = 'bill' LIMIT 1")
            return await session.scalar(asked, {"id": payment_id})

    async def refund(self, payment_id: UUID, fen: int, days_ago: int = 1, lines: dict[int, int] | None = None) -> None:
        """Money of a payment's bill goes back, and arrives."""
        self.channel.usual = "succeeded"
        bill = await self.bill_of(payment_id)
        asked = tuple(LineAsk(number, amount) for number, amount in (lines or {}).items())
        maker = msgspec.structs.replace(self.maker, rights={"refunds.refund.make": None})
        async with self.tenant() as session:
            made = await refunds.request(session, {}, RefundAsk(amount_fen=fen, reason="退费", bill_id=bill, lines=asked), maker)
        await self.agree(made.id, "refunds.refund.check")
        await pulse(self.platform, self.client.id)
        async with self.tenant() as session:
            at = clock.now() - DAY * days_ago
            await session.execute(
                text("UPDATE core.refund_item SET sent_at = :at WHERE refund_id = :id AND state = 'success'"), {"at": at, "id": made.id}
            )
            assert await session.scalar(text("SELECT status FROM core.refund WHERE id = :id"), {"id": made.id}) == "success"

    async def agree(self, subject_id: UUID, permission: str = "settlement.batch.check", by: Actor | None = None) -> None:
        """The checker approves what waits about something."""
        kinds = approvals.kinds_of(self.platform.plugins, self.client.plugins)
        by = msgspec.structs.replace(by or self.checker, rights={permission: None})
        async with self.tenant() as session:
            found = await session.one(text("SELECT id FROM core.approval WHERE subject_id = :id AND status = 'waiting'"), {"id": subject_id})
            await approvals.approve(session, kinds, found.id, by)

    async def agree_rates(self, code: str, *agreed: Rate) -> None:
        async with self.tenant() as session:
            await rates.agree(session, self.maker, self.trade.merchants[code], agreed, clock.today() - 40 * DAY)

    async def reconciled(self, day: dt.date | None = None, status: str = "closed", **given: object) -> None:
        """The day's run, as reconciliation leaves it."""
        row = {"id": ids.uuid7(), "bill_on": day or self.yesterday, "status": status, "made_by": "系统", "finished_at": clock.now(), **given}
        async with self.tenant() as session:
            await session.execute(text("DELETE FROM core.recon_run WHERE bill_on = :day"), {"day": row["bill_on"]})
            await session.execute(insert(run), row)

    async def calculate(self, day: dt.date | None = None) -> dict[str, object]:
        """Lay out the day's batches; answers them by merchant."""
        async with self.tenant() as session:
            await service.calculate(session, self.terms, day or self.yesterday, self.maker)
        return await self.batches(day)

    async def batches(self, day: dt.date | None = None) -> dict[str, object]:
        async with self.tenant() as session:
            rows = await session.all(text("SELECT * FROM core.settlement_batch WHERE bill_on = :day"), {"day": day or self.yesterday})
        return {row.merchant_code: row for row in rows}

    async def items(self, batch_id: UUID) -> list:
        async with self.tenant() as session:
            asked = text("SELECT * FROM core.settlement_item WHERE batch_id = :id ORDER BY kind, amount_fen")
            return list(await session.all(asked, {"id": batch_id}))

    async def submit(self, batch_id: UUID) -> None:
        async with self.tenant() as session:
            await service.submit(session, batch_id, self.maker)

    async def faults(self) -> dict[str, list]:
        """Every broken invariant, settlement's own included; {} in sound books."""
        found = await trade.faults(self.platform, self.client.id)
        async with self.tenant() as session:
            found |= {name: rows for name, rows in (await faults.list_faults(session)).items() if rows}
        return found


def people(tenant_id: UUID) -> tuple[Actor, Actor]:
    rights = {"settlement.batch.read": None, "settlement.batch.make": None}
    maker = Actor(kind="user", id="maker", name="经办甲", tenant_id=tenant_id, rights=rights)
    return maker, Actor(kind="user", id="checker", name="复核乙", tenant_id=tenant_id, rights={"settlement.batch.check": None})


@pytest.fixture
def channel(platform):
    """The scripted channel in WeChat Pay's place."""
    before = platform.channels["wechatpay"]
    platform.channels["wechatpay"] = scripted = Scripted()
    yield scripted
    platform.channels["wechatpay"] = before


@pytest.fixture
async def hall(platform, client, channel):
    """Merchants TUITION and MEAL with accounts, 0.6 % for WeChat Pay."""
    made = await client(plugins=())
    school = await trade.found(platform, made.id)
    found = Hall(platform, made, school, channel, *people(made.id))
    async with found.tenant() as session:
        keys = await platform.vault.keys(session)
        for code, merchant_id in school.merchants.items():
            number = f"6222020200{merchant_id.int % 10**9:09d}"
            account = {
                "id": ids.uuid7(), "merchant_id": merchant_id, "holder": code, "bank_name": "榕城银行", "number_sealed": keys.seal(number),
                "number_index": keys.index("account", number), "number_masked": "6222****0001", "status": "active", "made_by": "a",
                "made_by_name": "甲",
            }  # fmt: skip
            await session.execute(insert(tenancy.settlement_account), account)
    for code in school.merchants:
        await found.agree_rates(code, Rate(channel="wechatpay", rate_ppm=6_000))
    return found


class Till(msgspec.Struct):
    """The client's clearing account at the sandbox's bank, and the tester's door to it."""

    door: httpx.AsyncClient
    account: str
    customer: str

    async def look(self, account: str = "") -> dict:
        return (await self.door.get(f"/sandbox/api/bank/accounts/{account or self.account}")).json()

    async def faults(self, number: str, *faults: dict) -> None:
        reply = await self.door.put(f"/sandbox/api/faults/orders/{self.customer}/{number}", json={"faults": list(faults)})
        assert reply.status_code == 200, reply.text


@pytest.fixture
async def banked(hall, outside_world):
    """The hall's clearing account at the sandbox's bank, well filled."""
    async with httpx.AsyncClient(base_url=outside_world, trust_env=False) as door:
        given = (await door.post("/sandbox/api/bank/connections", json={"name": f"学校{hall.client.code}"})).json()
        till = Till(door, given["account_number"], given["customer"])
        reply = await door.post(f"/sandbox/api/bank/accounts/{till.account}/credits", json={"amount_fen": 1_000_000_000})
        assert reply.status_code == 201, reply.text
        names = bank_accounts.Given.__struct_fields__
        async with hall.tenant() as session:
            keys = await hall.platform.vault.keys(session)
            wanted = bank_accounts.Given(**{name: given[name] for name in names if name in given})
            await bank_accounts.connect(session, keys, wanted, hall.maker, sandbox_url=outside_world)
        yield till
