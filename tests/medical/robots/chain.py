"""A pharmacy chain without a sandbox: its robots' files are made here and brought by hand, its failures are told by a connector of the test's own."""

import datetime as dt
from uuid import UUID

from sqlalchemy import text

from core.identity.actor import Actor
from plugins.medical.robots import connectors, running
from plugins.medical.robots.endings import Ending
from plugins.medical.robots.files import Brought
from plugins.medical.robots.schemas import TillOrder
from plugins.medical.robots.tills import take
from plugins.medical.sandbox.shops import files
from plugins.medical.sandbox.shops.orders import Order, Shop, make_day
from tests.medical.robots.pharmacy import DAY, NUMBERS, Pharmacy

NOWHERE = "http://127.0.0.1:9"
SITE = {"address": "https://shop.example.test/bills", "login": "shop-12345", "password": "a-secret-of-the-shop"}
READ = ("medical.robot.read", "exports.make", "jobs.read")
OPERATOR = (*READ, "medical.robot.operate")
FINANCE = (*READ, "medical.robot.authorise", "medical.store_day.make", "medical.store_day.check", "medical.till.import", "imports.make")


def day_of(day: dt.date = DAY, count: int = 6, seed: int = 1) -> list[Order]:
    """A day's orders of both stores by turns."""
    return make_day(Shop("s1", "meituan", "店", "", ""), day, count, list(NUMBERS), seed)


def tills_of(orders: list[Order], day: dt.date = DAY, **changed: int) -> list[TillOrder]:
    """The same orders as the tills have them; `changed` amounts by number."""
    return [TillOrder("meituan", NUMBERS[o.store], day, o.order_no, changed.get(o.order_no, o.settle_fen)) for o in orders]


async def robot(pharmacy: Pharmacy, authorised: bool = True, **given: object) -> UUID:
    """A robot for a site, on; with an authorisation that is signed."""
    made = await pharmacy.robot("site", SITE, **given)
    if authorised:
        await pharmacy.authorise(made)
    return made


async def brought(pharmacy: Pharmacy, robot_id: UUID, orders: list[Order] | None = None, day: dt.date = DAY) -> UUID:
    """A day whose file a person brought; answers its run."""
    async with pharmacy.tenant() as session:
        task_id = await running.start_now(session, robot_id, day, pharmacy.operator)
    content = files.write("meituan", day, orders or day_of(day))
    await running.upload(pharmacy.platform, pharmacy.id, task_id, Brought(f"bill_{day:%Y%m%d}.csv", content), pharmacy.operator)
    return task_id


async def ended(pharmacy: Pharmacy, monkeypatch, robot_id: UUID, ending: Ending, tries: int = 1) -> UUID:
    """A day that the robot could not bring, as its worker leaves it; answers its run."""

    async def failing(account, day, still):
        await still("logged_in")
        raise ending

    monkeypatch.setitem(connectors.CONNECTORS, "site", failing)
    async with pharmacy.tenant() as session:
        task_id = await running.start_now(session, robot_id, DAY, pharmacy.operator)
    await pharmacy.beat()
    for _ in range(tries - 1):
        await pharmacy.later()
    return task_id


async def told(pharmacy: Pharmacy, orders: list[TillOrder], by: Actor | None = None) -> None:
    """The tills' orders arrive."""
    async with pharmacy.tenant() as session:
        await take(session, orders, by or pharmacy.signer)


async def store_day(pharmacy: Pharmacy, code: str = "S001", day: dt.date = DAY) -> UUID:
    """The id of a store's day."""
    async with pharmacy.tenant() as session:
        return await session.scalar(
            text("SELECT d.id FROM medical.store_day d JOIN core.org_unit u ON u.id = d.store_id WHERE u.code = :code AND d.bill_on = :day"),
            {"code": code, "day": day},
        )
