"""A client with a small org tree, people, bills and money, for tests that sit at the console's desk.

group
├── 东区 ── 东一班 (王小明 S1, his sister 王小红 S2) · 东二班 (赵<b>六 S3)
└── 西区 ── 西一班 (李四 S4)

Core knows neither campus nor class, so the kinds here are `root`, `site` and `room`.
"""

from uuid import UUID

import msgspec
from sqlalchemy import insert

from core import clock, ids
from core.billing import repository
from core.billing.issuing import issue
from core.billing.models import fee_item
from core.identity import org
from core.identity.actor import system
from core.identity.org import OrgNode
from core.payers.models import party
from core.payments import service as payments
from core.tenancy.directory import ClientProfile
from tests import trade

TREE = OrgNode(
    "root",
    "榕华",
    children=(
        OrgNode("site", "东区", position=0, children=(OrgNode("room", "东一班", position=0), OrgNode("room", "东二班", position=1))),
        OrgNode("site", "西区", position=1, children=(OrgNode("room", "西一班"),)),
    ),
)
PEOPLE = (
    ("S1", "王小明", "wxm wangxiaoming", "东一班"),
    ("S2", "王小红", "wxh", "东一班"),
    ("S3", "赵<b>六", "zl", "东二班"),
    ("S4", "李四", "ls", "西一班"),
)
FULL = 95_000
"""What each bill comes to: tuition 1,000.00 less 50.00; the meals of 300.00 are optional."""


class Desk(msgspec.Struct):
    """A client, its units by name, its people by number, one bill each."""

    client: ClientProfile
    trade: trade.Trade
    units: dict[str, UUID]
    people: dict[str, UUID]
    bills: dict[str, UUID]

    @property
    def id(self) -> UUID:
        return self.client.id


async def opened(platform, client, **bill: object) -> Desk:
    """Everything above, nothing paid yet."""
    profile = await client(plugins=())
    made = await trade.found(platform, profile.id, children=1)
    async with platform.database.tenant(profile.id) as session:
        await org.apply_tree(session, [TREE], system(profile.id))
        units = {row.name: row.id for row in await org.list_units(session)}
        people = {number: ids.uuid7() for number, *_ in PEOPLE}
        rows = [
            {
                "id": people[number], "plugin": "test", "number": number, "name": name, "name_pinyin": pinyin, "org_id": units[room],
                "family_index": b"wang" if number in ("S1", "S2") else None,
            }
            for number, name, pinyin, room in PEOPLE
        ]  # fmt: skip
        await session.execute(insert(party), rows)
        items = [
            {"id": ids.uuid7(), "plugin": "test", "code": code, "name": name, "category": "费", "period": "term",
             "mandatory": code == "TUITION", "merchant_id": made.merchants[code]}
            for code, name in (("TUITION", "学费"), ("MEAL", "餐费"))
        ]  # fmt: skip
        await session.execute(insert(fee_item), items)
    desk = Desk(profile, made, units, people, {})
    desk.bills = await bill_everybody(platform, desk, **bill)
    return desk


async def bill_everybody(platform, desk: Desk, source: str = "plan:1", **given: object) -> dict[str, UUID]:
    """One more bill for each person; answers their ids by the person's number."""
    rooms = {number: desk.units[room] for number, _name, _pinyin, room in PEOPLE}
    drafts = [trade.draft(desk.trade, desk.people[n], source=source, org_id=rooms[n], **given) for n in desk.people]
    async with platform.database.tenant(desk.id) as session:
        await issue(session, drafts)
        rows = await repository.list_bills_of(session, list(desk.people.values()), only_open=False, now=clock.now())
    mine = {row.party_id: row.id for row in rows if row.source == source}
    return {number: mine[party_id] for number, party_id in desk.people.items()}


async def pay(platform, desk: Desk, number: str, fen: int = FULL, txn: str = "") -> str:
    """A payment of somebody's bill arrives; answers the order's number."""
    order = await trade.order(platform, desk.trade, [(desk.bills[number], fen)])
    await payments.settle(platform, desk.id, desk.trade.account, trade.success(order, fen, txn))
    return order


async def version_of(platform, desk: Desk, number: str) -> int:
    """The version of somebody's bill, as a form would carry it."""
    async with platform.database.tenant(desk.id) as session:
        return (await repository.find_bill(session, desk.bills[number])).version
