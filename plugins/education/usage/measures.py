"""Which fee items a canteen or a dormitory keeps (domain book §3.3: items of their own category), and in what they are measured.

Boarding fees are the dormitory's unless somebody says otherwise; every other item is kept by whom it is given to.
"""

import re
from collections.abc import Mapping, Sequence

from core import ids
from core.billing import items as fee_items
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from plugins.education.pricing.rules import BOARDING_FEE, DORM, KEEPERS, USAGE, Measure
from plugins.education.usage import repository
from plugins.education.usage.errors import ItemUnknown, MeasureWrong

PLUGIN = "education"
MANAGE = "billing.item.manage"
_UNIT = re.compile(r"(1|10|100)?\s*([^\W\d_]{1,4}|m³)")
DAY = "天"
NOBODY = ""


def read_unit(text: str) -> tuple[str, int]:
    """A unit as a school writes it, `度`, `吨` or `100度`: its name, and for how many of it a price is."""
    match = _UNIT.fullmatch(text.strip())
    if match is None:
        raise MeasureWrong(field="unit", why="计量单位写成 度、吨、天，或 100度（表示单价是每 100 度的价格）")
    return match[2], int(match[1] or 1)


def of(row: Row, stated: Mapping[str, Measure]) -> Measure | None:
    """Who keeps an item: as stated, else the dormitory for boarding fees; nobody for all the others."""
    return stated.get(row.code) or (Measure(DORM) if row.category == BOARDING_FEE and row.period != USAGE else None)


async def load(session: Session) -> dict[str, Measure]:
    """What is stated, by item code."""
    return {row.item_code: Measure(row.keeper, row.unit, row.per_units) for row in await repository.list_measures(session)}


async def items_of(session: Session, keeper: str) -> Sequence[tuple[Row, Measure]]:
    """The fee items in use that a keeper keeps, each with its measure."""
    stated = await load(session)
    kept = [(row, of(row, stated)) for row in await fee_items.list_items(session, PLUGIN)]
    return [(row, measure) for row, measure in kept if measure is not None and measure.keeper == keeper]


async def write(session: Session, wanted: Mapping[str, Measure | None], by: Actor) -> None:
    """Give items to a keeper with a unit, or to nobody (None); what is so already stays and is not told."""
    stated = await load(session)
    new = {code: measure for code, measure in wanted.items() if stated.get(code) != measure}
    given = [(ids.uuid7(), code, measure) for code, measure in new.items() if measure is not None]
    if given:
        await repository.upsert(session, given)
    taken = [code for code, measure in new.items() if measure is None]
    if taken:
        await repository.remove(session, taken)
    if new:
        items = {row.code: row.id for row in await fee_items.list_items(session, PLUGIN)}
        told = [(items[code], _told(stated.get(code)), _told(measure), "") for code, measure in new.items() if code in items]
        await audit.record_many(session, by, "education.item.keeper", "fee_item", told)


async def set_keeper(session: Session, item_code: str, keeper: str, unit: str, by: Actor) -> Measure | None:
    """Say who keeps one item and in what it is measured; `keeper` empty takes it from whoever had it."""
    by.need(MANAGE)
    row = next((row for row in await fee_items.list_items(session, PLUGIN) if row.code == item_code), None)
    if row is None:
        raise ItemUnknown(item_code=item_code[:40])
    measure = stated_as(row.period, keeper, unit)
    before = (await load(session)).get(item_code)
    if before is not None and (measure is None or measure.keeper != before.keeper) and await repository.is_used(session, item_code):
        raise MeasureWrong(field="keeper", why="这个项目已经有抄表或用餐记录，不能改由别人管理；不再收取请停用它")
    await write(session, {item_code: measure}, by)
    return measure


def stated_as(period: str, keeper: str, unit: str) -> Measure | None:
    """What a keeper and a unit come to for an item of some period; MeasureWrong names the field to mend."""
    if keeper == NOBODY:
        return None
    if keeper not in KEEPERS:
        raise MeasureWrong(field="keeper", why=f"管理岗位只能是：{'、'.join(KEEPERS.values())}")
    if period != USAGE:
        return Measure(keeper)
    if keeper == DORM:
        return Measure(keeper, *read_unit(unit))
    return Measure(keeper, DAY)


def _told(measure: Measure | None) -> dict[str, object]:
    return {"keeper": KEEPERS[measure.keeper] if measure else "", "unit": measure.told() if measure else ""}
