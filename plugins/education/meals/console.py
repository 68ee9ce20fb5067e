"""The canteen in the console: a month's meal days, written row by row or the same for everybody who has none."""

import datetime as dt
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode, urlsplit

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from core import clock
from core.billing import filters, units
from core.database import Session
from core.errors import InvalidRequest, PlatformError
from core.identity.actor import Actor
from core.web.error_words import translated
from core.web.i18n import gettext as _
from core.web.templating import redirect, render
from plugins.education.meals import lists, repository, service
from plugins.education.meals.schemas import Fill, MealDays, MonthDraft
from plugins.education.meals.service import last_month

READ, KEEP = {"permission": service.READ}, {"permission": service.KEEP}
BASE = "/console/education/meals"
MONTHS = 12
"""How many months back the page offers; a file or the API takes any."""
FILTERS = ("item", "month", "q", "org", "written", "cursor")
LAST = "last"
"""What a link says that cannot know the month: the last whole one."""
DAYS_OF = "days"
"""What a field of the list is called: `days:LUNCH:2026-10:<student number>`. It names its month itself, whatever the filters say by now."""


@get(BASE, opt=READ, include_in_schema=False)
async def meal_list(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    item: FromQuery[str] = "",
    month: FromQuery[str] = "",
    q: FromQuery[str] = "",
    org: FromQuery[str] = "",
    written: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response:
    """A month's meal days."""
    month = f"{last_month():%Y-%m}" if month == LAST else month
    given = {"item": item, "month": month, "q": q, "org": org, "written": written, "cursor": cursor or ""}
    return await _page(request, session, actor, given, {}, {})


@post(BASE, opt=KEEP, include_in_schema=False)
async def meal_write(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Write the days of the rows that were filled in, all or none."""
    typed = {name: str(value).strip()[:40] for name, value in (await request.form()).items()}
    found, errors = _read(typed)
    if not errors:
        try:
            count = await service.write(session, found[0], actor) if found else 0
            said = _("已保存 %(n)s 名学生的用餐天数", n=count) if count else _("没有改动")
            return redirect(request, _back(request, _place(found)), success=said)
        except PlatformError as error:
            if error.code not in ("MEALS_WRONG", "MEALS_BILLED"):
                raise
            errors = {"rows": translated(error)}
    return await _page(request, session, actor, _stood(request) | _place(found), typed, errors)


@post(BASE + "/fill", opt=KEEP, include_in_schema=False)
async def meal_fill(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """The same days for everybody of the chosen part of the school who has none yet."""
    typed = {name: str(value).strip()[:40] for name, value in (await request.form()).items()}
    days = typed.get("days", "")
    errors = {} if days.isascii() and days.isdigit() and len(days) < 3 else {"days": _("请填写整数")}
    if not errors:
        try:
            tree = await units.load(session, actor.reach(service.KEEP))
            asked = Fill(item_code=typed.get("item", ""), month=typed.get("month", "")[:7], days=int(days), org_id=filters.uuid_of(typed.get("org")))
            count = await service.fill(session, asked, tree, actor)
            said = _("已为 %(n)s 名还没有登记的学生填上", n=count) if count else _("没有还没登记的学生")
            return redirect(request, _back(request, {"item": asked.item_code, "month": asked.month}), success=said)
        except PlatformError as error:
            if error.code != "MEALS_WRONG":
                raise
            errors = {"days": translated(error)}
    place = {name: typed[name] for name in ("item", "month") if name in typed}
    return await _page(request, session, actor, _stood(request) | place, typed, errors)


def _read(typed: dict[str, str]) -> tuple[list[MonthDraft], dict[str, str]]:
    """What was filled in, of the one item and month that a page has, and what is wrong."""
    found: dict[tuple[str, str], list[MealDays]] = {}
    errors = {}
    for name, value in typed.items():
        parts = name.split(":")
        if parts[0] != DAYS_OF or len(parts) != 4:
            continue
        rows = found.setdefault((parts[1][:32], parts[2][:7]), [])
        if value.isascii() and value.isdigit() and len(value) < 3:
            rows.append(MealDays(student_no=parts[3][:40], days=int(value)))
        elif value:
            errors["rows"] = _("用餐天数应为整数，请改正后再保存")
    if len(found) > 1:
        raise InvalidRequest("页面不完整，请刷新后重新填写")
    return [MonthDraft(item_code=item, month=month, students=tuple(rows)) for (item, month), rows in found.items()], errors


def _place(found: Sequence[MonthDraft]) -> dict[str, str]:
    return {"item": found[0].item_code, "month": found[0].month} if found else {}


def _stood(request: Request) -> dict[str, str]:
    """The list as it stood when a form was sent: its filters live in the address."""
    here = urlsplit(request.headers.get("referer", ""))
    return {name: value[:64] for name, value in parse_qsl(here.query) if name in FILTERS} if here.path == BASE else {}


def _back(request: Request, place: dict[str, str]) -> str:
    stood = _stood(request) | place
    return f"{BASE}?{urlencode(stood)}" if stood else BASE


def _months() -> list[tuple[str, str]]:
    first, found = clock.today().replace(day=1), []
    for _turn in range(MONTHS):
        found.append((f"{first:%Y-%m}", f"{first:%Y-%m}"))
        first = (first - dt.timedelta(days=1)).replace(day=1)
    return found


async def _page(
    request: Request, session: Session, actor: Actor, given: dict[str, str], typed: dict[str, str], errors: dict[str, str]
) -> Response:
    known, org = await service.items(session), filters.uuid_of(given.get("org"))
    tree, months = await units.load(session, actor.reach(service.READ)), _months()
    found = await lists.list_page(
        session, actor, tree, item_code=given.get("item", ""), month=given.get("month", ""), words=given.get("q", ""), unit_id=org,
        written=given.get("written", ""), cursor=given.get("cursor") or None,
    )  # fmt: skip
    month = (found.month, found.month)
    left = await repository.count_unwritten(session, found.item_code, service.read_month(found.month), tree.scope(org)) if known else 0
    return render(
        request, "education/meals.html", status=422 if errors else 200, found=found, items=[(each.code, each.name) for each in known],
        by_use=any(each.by_use for each in known if each.code == found.item_code), left=left, units=tree.choices(), given=given, typed=typed, errors=errors,
        months=months if month in months else [month, *months], may_keep=actor.may(service.KEEP),
        may_import=actor.may(service.KEEP) and actor.may("imports.make"), may_export=actor.may("exports.make"),
        days_of=f"{DAYS_OF}:{found.item_code}:{found.month}:",
        filtered=bool(given.get("q") or given.get("org") or given.get("written")), may_set=actor.may("billing.item.manage"),
    )  # fmt: skip


ROUTES = [meal_list, meal_write, meal_fill]
