"""A demo school's dormitory and canteen: rooms with boarders, meters read for three months, last month's meals; nothing of it billed yet."""

import datetime as dt
from collections import defaultdict
from decimal import Decimal

from core import clock, ids
from core.billing import item_keeping, items_repository
from core.billing import items as fee_items
from core.billing.story_schemas import FeeItemCreate
from core.database import Session
from core.identity.actor import Actor
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from plugins.education.dormitory import metering, repository, service
from plugins.education.dormitory.schemas import MeterDraft, RoomDraft
from plugins.education.meals import repository as meals
from plugins.education.organisation import service as organisation
from plugins.education.pricing.rules import CANTEEN, DORM, USAGE, Measure
from plugins.education.roster import repository as roster
from plugins.education.standards import service as standards
from plugins.education.standards.schemas import StandardDraft
from plugins.education.usage import measures

ITEMS = (
    ("ELEC", "宿舍电费", "代收费", Measure(DORM, "度", 100), 5283),
    ("WATER", "宿舍水费", "代收费", Measure(DORM, "吨"), 315),
    ("SNACK", "课后加餐", "服务性收费", Measure(CANTEEN, "天"), 600),
)
MERCHANTS = {"代收费": "AGENCY", "服务性收费": "SERVICE"}
PREPAID_MEALS = "MEAL"
BEDS, ROOMS_A_CAMPUS = 4, 6
USED = {"ELEC": (Decimal("62.4"), Decimal("71.8"), Decimal("80.2")), "WATER": (Decimal("6.5"), Decimal("7.1"), Decimal("6.8"))}
"""What a room uses in each of three months."""
AIR_CONDITIONING = Decimal(320)
"""What the first room used more in the last month: a reading that waits for somebody."""


async def items(session: Session, platform: Platform, client: ClientProfile, maker: Actor) -> None:
    """Fee items that go by use, their keepers, and drafts of their prices."""
    if any(row.period == USAGE for row in await fee_items.list_items(session, measures.PLUGIN)):
        return
    words = item_keeping.words_of(platform.plugins, client.plugins)
    merchants = {row.code: row.id for row in await items_repository.list_merchants(session)}
    for code, name, category, _measure, _price in ITEMS:
        draft = FeeItemCreate(
            plugin=measures.PLUGIN, code=code, name=name, category=category, period=USAGE, mandatory=True, discountable=False,
            merchant_id=merchants.get(MERCHANTS[category]),
        )  # fmt: skip
        await item_keeping.create(session, words, draft, maker)
    known = {row.code for row in await fee_items.list_items(session, measures.PLUGIN)}
    prepaid = {PREPAID_MEALS: Measure(CANTEEN)} if PREPAID_MEALS in known else {}
    await measures.write(session, {code: measure for code, _name, _category, measure, _price in ITEMS} | prepaid, maker)
    year = clock.today().year
    for code, _name, _category, _measure, price_fen in ITEMS:
        draft = StandardDraft(item_code=code, price_fen=price_fen, starts_on=dt.date(year - 1, 1, 1), ends_on=dt.date(year + 1, 12, 31))
        await standards.create(session, draft, maker)


async def rooms(session: Session, maker: Actor) -> None:
    """Boarders in rooms, four by four; two meters a room, read at the end of three months."""
    tree = await organisation.load(session)
    boarders = defaultdict(list)
    for row in sorted(await roster.list_all(session), key=lambda row: row.student_no):
        if row.boarding == service.BOARDER and row.status == "在读":
            boarders[tree.ids[tree.paths[row.class_id][:1]]].append(row)
    ends = month_ends(3)
    since = ends[0].replace(day=1)
    for campus_id, people in boarders.items():
        for number in range(min(ROOMS_A_CAMPUS, -(-len(people) // BEDS))):
            name = f"{number // 3 + 1}0{number % 3 + 1}"
            room_id = await service.add_room(session, RoomDraft(campus_id=campus_id, building="1号楼", number=name, beds=BEDS), maker)
            lodgers = people[number * BEDS : (number + 1) * BEDS]
            await repository.add_stays(session, [{"id": ids.uuid7(), "room_id": room_id, "student_id": row.id, "since": since} for row in lodgers])
            for letter, code in (("D", "ELEC"), ("S", "WATER")):
                place = tree.paths[campus_id][0]
                draft = MeterDraft(item_code=code, meter_no=f"{place[:1]}{letter}{name}", opened_on=since - dt.timedelta(days=1), opening="100")
                meter_id = await metering.add(session, room_id, draft, maker)
                value = Decimal(100)
                for month, end in enumerate(ends):
                    extra = AIR_CONDITIONING if number == 0 and code == "ELEC" and month == 2 else Decimal(0)
                    value += USED[code][month] + number + extra
                    await metering.read(session, meter_id, end, f"{value:f}", "", maker)


async def eaten(session: Session, maker: Actor) -> None:
    """Last month's snacks of every third student."""
    students = sorted((row for row in await roster.list_all(session) if row.status == "在读"), key=lambda row: row.student_no)
    month = month_ends(1)[0].replace(day=1)
    await meals.write(session, [(row.id, "SNACK", month, 12 + at % 9) for at, row in enumerate(students) if at % 3 == 0], maker.name)


def month_ends(count: int) -> list[dt.date]:
    """The last days of the last whole months, the oldest first."""
    found, day = [], clock.today().replace(day=1) - dt.timedelta(days=1)
    for _turn in range(count):
        found.append(day)
        day = day.replace(day=1) - dt.timedelta(days=1)
    return found[::-1]
