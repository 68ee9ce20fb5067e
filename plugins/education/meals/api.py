"""Meal days in the API. A whole file comes in through /api/v1/imports with kind `education.meal_days`."""

from typing import Annotated

import msgspec
from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core import paging
from core.billing import filters, units
from core.database import Session
from core.identity.actor import Actor
from plugins.education.meals import lists, service
from plugins.education.meals.schemas import Fill, MealPage, MonthDraft, Written
from plugins.education.usage import measures

TAGS = ["教育 education"]
READ, KEEP = {"permission": service.READ}, {"permission": service.KEEP}
MEALS = "/api/v1/education/meal-days"


class Keeper(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who keeps a fee item: canteen, dorm or nobody (empty); `unit` for what a meter counts: 度, 吨, or 100度 for a price per hundred."""

    keeper: Annotated[str, msgspec.Meta(max_length=16)]
    unit: Annotated[str, msgspec.Meta(max_length=10)] = ""


@get(MEALS, opt=READ, tags=TAGS)
async def list_meal_days(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    item_code: FromQuery[str] = "",
    month: FromQuery[str] = "",
    q: FromQuery[str] = "",
    org_id: FromQuery[str] = "",
    written: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> MealPage:
    """Students at school with the days of a month (`2026-11`, this one without), for an item (the canteen's first without); `written` yes or no."""
    tree = await units.load(session, actor.reach(service.READ))
    asked = {"words": q, "unit_id": filters.uuid_of(org_id), "written": written, "cursor": cursor, "limit": paging.page_size(limit)}
    return await lists.list_page(session, actor, tree, item_code=item_code, month=month, **asked)


@put(MEALS, opt=KEEP, tags=TAGS)
async def write_meal_days(session: NamedDependency[Session], actor: NamedDependency[Actor], data: JSONBody[MonthDraft]) -> Written:
    """Write a month's days of some students, all or none; the same again changes nothing."""
    return Written(await service.write(session, data, actor))


@post(MEALS + "/fill", opt=KEEP, status_code=200, tags=TAGS)
async def fill_meal_days(session: NamedDependency[Session], actor: NamedDependency[Actor], data: JSONBody[Fill]) -> Written:
    """The same days for everybody of a part of the school who has none yet."""
    return Written(await service.fill(session, data, await units.load(session, actor.reach(service.KEEP)), actor))


@put("/api/v1/education/fee-items/{code:str}/keeper", opt={"permission": measures.MANAGE}, tags=TAGS)
async def set_keeper(session: NamedDependency[Session], actor: NamedDependency[Actor], code: FromPath[str], data: JSONBody[Keeper]) -> Keeper:
    """Say who keeps a fee item and in what it is measured; the same again changes nothing."""
    measure = await measures.set_keeper(session, code, data.keeper, data.unit, actor)
    return Keeper(measure.keeper, measure.told()) if measure else Keeper("")


ROUTES = [list_meal_days, write_meal_days, fill_meal_days, set_keeper]
"""Meal days, and beside them the keeper of an item."""
