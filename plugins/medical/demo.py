"""Sample data of the demo hospital: its tree, its patients, and a month of orders, through the same services that people and programs use.

What was paid on an earlier day was paid by card at a terminal of the hospital's own: it is taken over as the counter takes slips over, with the
day on which it was paid (`paid_at`) and the slip's number. The books are of the day of loading: no journal is given another day.
"""

import datetime as dt
from pathlib import Path

import httpx
import structlog

from core import clock
from core.counter import service as counter
from core.counter import shifts
from core.database import Row, Session
from core.hookspecs import PaymentSettled
from core.identity.actor import Actor
from core.identity.vault import TenantKeys
from core.imports.schemas import ImportContext
from core.jobs.pulse import pulse
from core.payments import desk
from core.payments.accounts import service as accounts
from core.payments.schemas import PayItem
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from plugins.medical import demo_robots
from plugins.medical.demo_month import VENDORS, WINDOW, Told, month
from plugins.medical.demo_stays import admit_some
from plugins.medical.his import service as his
from plugins.medical.orders import service as orders
from plugins.medical.orders.schemas import OrderRead
from plugins.medical.organisation import importing as organisation
from plugins.medical.patients import importing as patients
from plugins.medical.patients import lists as patient_lists
from plugins.medical.patients import visits
from plugins.medical.patients.schemas import VisitDraft
from plugins.medical.returns import service as returns
from plugins.medical.returns.schemas import ReturnAsk
from plugins.medical.vendors import service as vendors

log = structlog.get_logger()
FILES = (("org-tree.json", organisation), ("patients.csv", patients))
MORNING = "演示·早班收费员"
NOTES_FEN = (10_000, 5_000, 2_000, 1_000, 500, 100, 50, 10)
FLOAT_FEN, MOST_BEATS = 50_000, 60
_RIGHTS = dict.fromkeys(
    ("counter.shift.run", "medical.patient.read", "medical.patient.manage", "medical.vendor.manage", "identity.key.manage", "refunds.refund.make")
)


async def load(platform: Platform, client: ClientProfile, folder: Path) -> None:
    """Load what is not there yet; a second run changes nothing. The month is one transaction: it is there whole or not at all."""
    await _load_month(platform, client, folder)
    await demo_robots.load(platform, client)


async def _load_month(platform: Platform, client: ClientProfile, folder: Path) -> None:
    by = Actor(kind="system", id="demo.maker", name="演示·HIS", tenant_id=client.id, rights=_RIGHTS)
    async with platform.database.tenant(client.id) as session:
        if await vendors.list_vendors(session):
            return
    context = ImportContext(platform=platform, client=client, by=by)
    for name, feature in FILES:
        if (folder / name).exists():
            await feature.apply(context, await feature.check(context, (folder / name).read_bytes(), name))
    given = await _his(platform, client)
    async with platform.database.tenant(client.id) as session:
        keys = await platform.vault.keys(session)
        if given:
            await his.open_link(session, keys, his.LinkWrite(**given, refund_after_minutes=1440), by, platform.settings.sandbox_url)
        month = _Month(platform, client, session, keys, by)
        lost = await month.load()
    if given:
        await _refuse(platform, given["app_id"], lost.number)
    async with platform.database.tenant(client.id) as session:
        month.session = session
        await month.slip(lost, clock.today())
    await _work_off(platform, client)


async def _work_off(platform: Platform, client: ClientProfile) -> None:
    """What follows from the month is done as workers would: HIS is told, receipts are numbered; the first visitor finds no backlog."""
    for _ in range(MOST_BEATS):
        due_at = await pulse(platform, client.id)
        if due_at is None or due_at > clock.now():
            return


async def _refuse(platform: Platform, app_id: str, number: str) -> None:
    """The sandbox's HIS will refuse one order three times: the post-back that finance finds and has sent once more."""
    faults = {"faults": [{"kind": "his_payment_refuse", "remaining": 3}]}
    await platform.http.put(f"{platform.settings.sandbox_url}/sandbox/api/faults/orders/{app_id}/{number}", json=faults)


async def _his(platform: Platform, client: ClientProfile) -> dict[str, str] | None:
    """A HIS of the sandbox; None where the sandbox does not answer: then nothing is posted back."""
    try:
        answer = await platform.http.post(f"{platform.settings.sandbox_url}/sandbox/api/his/hospitals", json={"name": client.name})
        answer.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL):
        log.info("demo_without_his", client=client.code)
        return None
    told = answer.json()
    return {name: told[name] for name in ("base_url", "app_id", "secret")}


class _Month:
    """The month as it is written in one transaction."""

    def __init__(self, platform: Platform, client: ClientProfile, session: Session, keys: TenantKeys, by: Actor) -> None:
        self.platform, self.client, self.session, self.keys, self.by = platform, client, session, keys, by
        self.vendors: dict[str, Row] = {}
        self.slips = 0

    async def load(self) -> OrderRead:
        """Everything but one payment; answers the order that it is for."""
        for app_id, name, scenes in VENDORS:
            self.vendors[app_id] = await vendors.find(self.session, await vendors.create(self.session, app_id, name, scenes, self.by))
        page = await patient_lists.list_patients(self.session, self.keys, self.by, words="", insurance="", cursor=None, limit=200)
        insured = {row.patient_no for row in page.items if row.insurance != "self"}
        placed = [(told, await self.place(told)) for told in month(clock.today(), [row.patient_no for row in page.items], insured)]
        for told, order in placed:
            if told.paid == "pos" and order.bill_id:
                await self.slip(order, told.on)
            elif told.paid == "cancelled":
                await orders.cancel(self.session, order.number, self.by, self.vendors[told.vendor])
        await self.shift([order for told, order in placed if told.paid == "window"])
        await admit_some(self, [row.patient_no for row in page.items][-4:])
        await self.give_back([order for told, order in placed if told.paid == "pos" and told.vendor == WINDOW and order.cash_fen > 3_000][-2:])
        return next(order for told, order in placed if told.paid == "lost")

    async def place(self, told: Told) -> OrderRead:
        """The visit, then the order, as the vendor's system sends them."""
        visit = VisitDraft(
            visit_no=told.ask.visit_no, patient_no=told.ask.patient_no, kind="internet" if told.ask.scene == "internet" else "outpatient",
            department_code=told.department, doctor=told.doctor, began_on=told.on,
        )  # fmt: skip
        await visits.open_visit(self.session, visit)
        if told.on < clock.today():
            await visits.close(self.session, visit.visit_no, self.by, told.on)
        return await orders.place(self.session, self.keys, told.ask, self.by, self.vendors[told.vendor], self.client.settings)

    async def slip(self, order: OrderRead, on: dt.date) -> list[Row]:
        """A card slip of an earlier day is taken over with its own day."""
        self.slips += 1
        account_id, account = await accounts.collecting(self.session, self.platform.vault, "counter")
        reference = f"POS-{on:%Y%m%d}-T{self.slips % 4 + 1:02d}-{self.slips:06d}"
        paid_at = dt.datetime.combine(on, dt.time(8 + self.slips % 9, self.slips * 7 % 60), clock.SHANGHAI)
        decision = await desk.record(
            self.session, account_id, account, [PayItem(order.bill_id, order.cash_fen)], scene="pos", key=f"demo:{order.number}",
            reference=reference, description=order.title, paid_at=paid_at,
        )  # fmt: skip
        return await self.settled(decision.payment_id, order)

    async def settled(self, payment_id: object, order: OrderRead) -> list[Row]:
        """The order hears of its money now; told again later it changes nothing."""
        return await orders.settled(self.session, PaymentSettled(payment_id=payment_id, amount_fen=order.cash_fen, bill_ids=(order.bill_id,)))

    async def shift(self, waiting: list[OrderRead]) -> None:
        """This morning's cashier took money, counted and handed in; what is still open waits for the demo's own cashier."""
        morning = Actor(kind="system", id="demo.cashier", name=MORNING, tenant_id=self.client.id, rights=_RIGHTS)
        await self.take(morning, "门诊二号窗口", waiting)
        await shifts.begin_count(self.session, morning)
        await shifts.submit(self.session, morning, _notes(FLOAT_FEN + sum(order.cash_fen for order in waiting[::2])))

    async def take(self, by: Actor, window: str, waiting: list[OrderRead]) -> None:
        """A shift is opened and takes cash, every second time a card."""
        await shifts.open_shift(self.session, by, window, FLOAT_FEN)
        for at, order in enumerate(waiting):
            items, key = [PayItem(order.bill_id, order.cash_fen)], f"demo:{order.number}"
            if at % 2:
                self.slips += 1
                receipt = await counter.take_pos(self.session, self.platform.vault, by, items, "T01", f"{self.slips:06d}", "6606", key)
            else:
                receipt = await counter.take_cash(self.session, self.platform.vault, by, items, order.cash_fen, key)
            await self.settled(receipt.payment_id, order)

    async def give_back(self, chosen: list[OrderRead]) -> None:
        """HIS asks for returns; a second person has to agree."""
        for order in chosen:
            ask = ReturnAsk(
                his_refund_no=f"TF{order.number}", order_number=order.number, patient_no=order.patient_no, cash_fen=order.cash_fen, reason="退号退药"
            )
            await returns.request(self.session, self.client.settings, ask, self.by)


def _notes(fen: int) -> dict[int, int]:
    """A sum in notes and coins, the largest first."""
    found = {}
    for note in NOTES_FEN:
        found[note], fen = divmod(fen, note)
    return found
