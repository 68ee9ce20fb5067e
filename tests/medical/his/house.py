"""A hospital with a HIS in the sandbox, orders that are paid over a channel that does what the test says, and the ways HIS errs."""

import datetime as dt
from uuid import UUID

import httpx
import msgspec
from sqlalchemy import insert, text

from core import clock, ids
from core.approvals import service as approvals
from core.identity.actor import Actor
from core.jobs.pulse import pulse
from core.payments.service import settle
from plugins.medical.his import service
from plugins.medical.his.service import LinkWrite
from plugins.medical.insurance.models import settlement
from plugins.medical.orders.models import order
from tests import trade
from tests.medical.hospitals import Hospital
from tests.refunds.scripted import Scripted

DUE = ("medical.med_order SET post_at", "medical.med_return SET due_at", "medical.his_repost SET due_at", "core.refund_item SET next_at")


class House(msgspec.Struct):
    """A hospital whose HIS is at the sandbox under `app_id`."""

    platform: object
    hospital: Hospital
    outside: httpx.AsyncClient
    app_id: str
    base_url: str
    secret: str
    channel: Scripted

    @property
    def id(self) -> UUID:
        return self.hospital.id

    def tenant(self):
        return self.platform.database.tenant(self.hospital.id)

    async def link(self, **given: object) -> None:
        """Open the link."""
        told = {"base_url": self.base_url, "app_id": self.app_id, "secret": self.secret}
        async with self.tenant() as session:
            keys = await self.platform.vault.keys(session)
            await service.open_link(session, keys, LinkWrite(**told | given), self.hospital.maker, self.platform.settings.sandbox_url)

    async def err(self, key: str, *kinds: str, **given: object) -> None:
        """Have HIS err at one key: `payment_error`, `query_tamper`, …; without kinds it behaves."""
        faults = [{"kind": f"his_{kind}", **given} for kind in kinds]
        (await self.outside.put(f"/sandbox/api/faults/orders/{self.app_id}/{key}", json={"faults": faults})).raise_for_status()

    async def booked(self, key: str = "") -> list[dict]:
        """What HIS has, the newest first."""
        found = (await self.outside.get(f"/sandbox/api/his/hospitals/{self.app_id}/bookings")).json()
        return [each for each in found if not key or each["key"] == key]

    async def statement(self, day: dt.date) -> bytes:
        """A day's statement as HIS hands it over."""
        return (await self.outside.get(f"/sandbox/api/his/hospitals/{self.app_id}/statements/{day}")).content

    async def order(self, patient_no: str = "P0001", cash_fen: int = 7_456, vendor: str = "", insured: bool = True, status: str = "awaiting_payment"):
        """An order whose cash part is a bill; 411.84 more by the insurer."""
        fund_fen, account_fen = (29_184, 12_000) if insured else (0, 0)
        source, number = ids.token(), ids.number("MO", "260302", 10)
        patient = self.hospital.patients[patient_no]
        own = trade.Trade(self.id, {"TUITION": self.hospital.merchants["main"], "MEAL": self.hospital.merchants["main"]}, [patient], self.hospital.account_id)
        lines = (trade.line(own, "TUITION", cash_fen),)
        (bill_id,) = await trade.bills(self.platform, own, source=source, lines=lines, plugin="medical", title="榕城医院 内科门诊")
        async with self.tenant() as session:
            bill_id = await session.scalar(text("SELECT id FROM core.bill WHERE source = :source"), {"source": source})
            row = {
                "id": ids.uuid7(), "number": number, "his_bill_no": f"B{number}", "patient_id": patient, "scene": "window", "kind": "outpatient",
                "title": "榕城医院 内科门诊", "categories": {}, "total_fen": cash_fen + fund_fen + account_fen, "fund_fen": fund_fen,
                "account_fen": account_fen, "cash_fen": cash_fen, "bill_id": bill_id, "status": status, "body_hash": b"",
                "vendor_id": self.hospital.vendors.get(vendor),
            }  # fmt: skip
            await session.execute(insert(order), row)
            if insured:
                told = {
                    "id": ids.uuid7(), "setl_id": f"S{number}", "order_id": row["id"], "patient_id": patient, "clr_type": "11", "status": "settled",
                    "medfee_sumamt_fen": row["total_fen"], "fund_pay_sumamt_fen": fund_fen, "acct_pay_fen": account_fen, "psn_cash_pay_fen": cash_fen,
                }  # fmt: skip
                await session.execute(insert(settlement), told)
        return await self.read(number)

    async def paid(self, **given: object):
        """An order that is paid; it waits to be posted."""
        made = await self.order(**given)
        number = await trade.order(self.platform, self.hospital.trade, [(made.bill_id, made.cash_fen)])
        await settle(self.platform, self.id, self.hospital.trade.account, trade.success(number, made.cash_fen))
        async with self.tenant() as session:
            now = clock.now()
            asked = text("UPDATE medical.med_order SET status = 'paid', paid_at = :now, post_at = :now WHERE id = :id AND status <> 'paid'")
            await session.execute(asked, {"id": made.id, "now": now})
        return await self.read(made.number)

    async def posted(self, **given: object):
        """An order that is paid and posted."""
        made = await self.paid(**given)
        await self.beat()
        return await self.read(made.number)

    async def read(self, number: str):
        async with self.tenant() as session:
            return await session.one(text("SELECT * FROM medical.med_order WHERE number = :number"), {"number": number})

    async def rows(self, sql: str, **given: object) -> list:
        async with self.tenant() as session:
            return list(await session.all(text(sql), given))

    async def beat(self) -> None:
        """What is due now is done, once."""
        await pulse(self.platform, self.id)

    async def hurry(self, beats: int = 1) -> None:
        """As if every waiting time were over."""
        for _ in range(beats):
            async with self.tenant() as session:
                for what in DUE:
                    column = what.rpartition(" ")[2]
                    await session.execute(text(f"UPDATE {what} = now() WHERE {column} IS NOT NULL"))
                await session.execute(text("UPDATE medical.his_turn SET until = now()"))
            await self.beat()

    async def long_ago(self, number: str) -> None:
        """As if the order had failed an hour ago."""
        async with self.tenant() as session:
            asked = text("UPDATE medical.med_order SET post_failed_at = now() - interval '1 hour', post_at = now() WHERE number = :number")
            await session.execute(asked, {"number": number})

    async def agree(self, subject_id: UUID, by: Actor | None = None) -> None:
        """The second person agrees to what waits about something."""
        kinds = approvals.kinds_of(self.platform.plugins, self.hospital.client.plugins)
        async with self.tenant() as session:
            found = await session.one(text("SELECT id FROM core.approval WHERE subject_id = :id AND status = 'waiting'"), {"id": subject_id})
            await approvals.approve(session, kinds, found.id, by or self.hospital.checker)


async def opened(platform, hospital: Hospital, outside_world: str, channel: Scripted) -> House:
    """Register the hospital at the sandbox and open the link."""
    outside = httpx.AsyncClient(base_url=outside_world, trust_env=False, timeout=60)
    given = (await outside.post("/sandbox/api/his/hospitals", json={"name": "榕城医院"})).json()
    house = House(platform, hospital, outside, given["app_id"], given["base_url"], given["secret"], channel)
    await house.link()
    return house
