"""A ward for tests: admit, pay in, write a day's list, leave, and see where the money is."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

import msgspec
from sqlalchemy import text

from core import clock, ids
from core.approvals import service as approvals
from core.identity.actor import Actor
from core.payments.service import settle as settle_payment
from plugins.medical.inpatients import daily, depositing, entry, faults, lists, repository, service
from plugins.medical.inpatients.schemas import AdmissionAsk, AdmissionRead, DailyListAsk, DischargeAsk, ListItem, SettlementAsk
from plugins.medical.insurance.schemas import Insurance
from tests import trade
from tests.medical.hospitals import Hospital
from tests.refunds.scripted import Scripted

VISIT = "ZY0001"
M2 = Insurance(
    setl_id="SETL0001", clr_type="21", medfee_sumamt=18_642_75, fund_pay_sumamt=13_126_34, hifp_pay=13_126_34, acct_pay=1_000_00, psn_cash_pay=4_516_41,
    psn_part_amt=5_516_41, inscp_amt=16_242_75, fulamt_ownpay_amt=1_560_00, preselfpay_amt=840_00,
)  # fmt: skip
"""Vector M2 of the domain book (§4.6)."""


def items(total_fen: int, category: str = "西药费") -> tuple[ListItem, ...]:
    return (ListItem(category, "项目甲", Decimal(1), total_fen - 100, total_fen - 100), ListItem("护理费", "二级护理", Decimal(1), 100, 100))


class Ward(msgspec.Struct):
    """A hospital and what is done in its ward."""

    platform: object
    hospital: Hospital
    channel: Scripted
    settle_work: object

    @property
    def id(self) -> UUID:
        return self.hospital.id

    @property
    def trade(self) -> trade.Trade:
        return self.hospital.trade

    def tenant(self):
        return self.platform.database.tenant(self.hospital.id)

    async def keys(self, session):
        return await self.platform.vault.keys(session)

    async def settings(self) -> dict:
        return (await self.platform.directory.profile(self.id)).settings

    async def admit(self, visit_no: str = VISIT, patient_no: str = "P0001", **given: object) -> UUID:
        ask = AdmissionAsk(**{"visit_no": visit_no, "patient_no": patient_no, "department": "WK", "ward": "三病区", "bed": "12"} | given)
        async with self.tenant() as session:
            return await entry.admit(session, ask, self.hospital.maker)

    async def row(self, visit_no: str = VISIT):
        async with self.tenant() as session:
            return await repository.find_by_visit(session, visit_no)

    async def stay(self, visit_no: str = VISIT) -> AdmissionRead:
        async with self.tenant() as session:
            return await lists.read(session, await repository.find_by_visit(session, visit_no))

    async def ask_deposit(self, fen: int, visit_no: str = VISIT, key: str = "", by: Actor | None = None):
        """An order over a deposit; nothing is paid yet."""
        row = await self.row(visit_no)
        async with self.tenant() as session:
            keys = await self.keys(session)
            return await depositing.place(session, keys, await self.settings(), row, fen, "window", key or ids.token()[:20], by or self.hospital.maker)

    async def pay(self, order, told: bool = True) -> None:
        """The money of an order arrives; `told` runs what follows."""
        number = await trade.order(self.platform, self.trade, [(order.bill_id, order.cash_fen)])
        await self.arrive(number, order.cash_fen, told)

    async def begin(self, order) -> str:
        """Somebody is paying an order; answers the payment order's number."""
        return await trade.order(self.platform, self.trade, [(order.bill_id, order.cash_fen)])

    async def arrive(self, number: str, fen: int, told: bool = True) -> None:
        await settle_payment(self.platform, self.id, self.trade.account, trade.success(number, fen))
        if told:
            await self.work()

    async def deposit(self, fen: int, visit_no: str = VISIT):
        """A deposit that is paid."""
        order = await self.ask_deposit(fen, visit_no)
        await self.pay(order)
        return order

    async def list_of(self, total_fen: int, day: dt.date | None = None, visit_no: str = VISIT, version: int | None = None, **given: object):
        ask = DailyListAsk(**{"day": day or clock.today(), "total_fen": total_fen, "items": items(total_fen), "version": version} | given)
        async with self.tenant() as session:
            return await daily.put(session, await self.keys(session), self.hospital.client.settings, visit_no, ask, self.hospital.maker)

    async def leave(self, visit_no: str = VISIT) -> None:
        row = await self.row(visit_no)
        async with self.tenant() as session:
            await service.ask_discharge(session, row.id, DischargeAsk(), self.hospital.maker)

    async def settle(self, told: SettlementAsk | Insurance | int = M2, visit_no: str = VISIT, setl_no: str = "JS0001") -> AdmissionRead:
        """A settlement by the insurer, or (a number) of who pays all."""
        if isinstance(told, Insurance):
            told = SettlementAsk(setl_no=setl_no, total_fen=told.medfee_sumamt, insurance=told)
        elif isinstance(told, int):
            told = SettlementAsk(setl_no=setl_no, total_fen=told)
        row = await self.row(visit_no)
        async with self.tenant() as session:
            await service.settle(session, await self.keys(session), await self.settings(), row.id, told, self.hospital.maker)
        return await self.stay(visit_no)

    async def again(self, visit_no: str = VISIT) -> int:
        row = await self.row(visit_no)
        async with self.tenant() as session:
            return await service.repeat(session, await self.keys(session), await self.settings(), row.id, self.hospital.maker)

    async def work(self) -> None:
        """Workers do what is due until nothing is."""
        await self.settle_work(self.hospital)

    async def hurry(self) -> None:
        """As if every waiting time were over."""
        async with self.tenant() as session:
            for what in ("core.refund_item SET next_at = now() WHERE next_at", "medical.admission SET look_at = now() WHERE look_at"):
                await session.execute(text(f"UPDATE {what} IS NOT NULL"))
        await self.work()

    async def back(self, visit_no: str = VISIT) -> list[tuple[int, int, str]]:
        """Each payment that gives back: what was paid, what goes back, how far; the oldest payment first."""
        return [(one.paid_fen, one.back_fen, one.back_status) for one in (await self.stay(visit_no)).payments if one.back_fen]

    async def rows(self, sql: str, **given: object) -> list:
        async with self.tenant() as session:
            return list(await session.all(text(sql), given))

    async def decide(self, kind: str = "refunds.refund", by: Actor | None = None, agree: bool = True) -> int:
        """The second person's word on everything of a kind that waits; answers on how many."""
        kinds = approvals.kinds_of(self.platform.plugins, self.hospital.client.plugins)
        waiting = await self.rows("SELECT id FROM core.approval WHERE kind = :kind AND status = 'waiting'", kind=kind)
        for row in waiting:
            async with self.tenant() as session:
                if agree:
                    await approvals.approve(session, kinds, row.id, by or self.hospital.checker)
                else:
                    await approvals.reject(session, kinds, row.id, by or self.hospital.checker, "请先核对")
        return len(waiting)

    async def faults(self) -> dict:
        """What breaks an invariant of the books or of stays; nothing in a sound house."""
        async with self.tenant() as session:
            uneven = {name: rows for name, rows in (await faults.list_faults(session)).items() if rows}
        return await trade.faults(self.platform, self.id) | uneven
