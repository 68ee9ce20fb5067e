"""Fee items one by one in the console: a new one, other facts, out of use and back."""

from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody

from core.billing import item_keeping
from core.billing.item_keeping import Words
from core.billing.story_schemas import FeeItemCreate, FeeItemPatch
from core.database import Row, Session
from core.errors import PlatformError
from core.identity.actor import Actor
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.error_words import translated
from core.web.i18n import gettext as _
from core.web.templating import redirect, render
from plugins.education.pricing.rules import CATEGORIES, KEEPERS, PERIODS
from plugins.education.standards import items
from plugins.education.standards.forms import VersionForm
from plugins.education.standards.words import policies
from plugins.education.usage import measures

MANAGE = {"permission": items.MANAGE}
BASE = "/console/education/standards/items"


@get(BASE + "/new", opt=MANAGE, include_in_schema=False)
async def item_new(
    request: Request, session: NamedDependency[Session], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform]
) -> Response:
    """The form for one fee item."""
    return await _form(request, session, _words(platform, client), {"mandatory": "1", "discountable": "1"}, {})


@post(BASE, opt=MANAGE, include_in_schema=False)
async def item_create(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
) -> Response:
    """A new fee item; what is wrong is said beside the field."""
    typed, words = await _typed(request), _words(platform, client)
    facts, errors = _read(typed)
    if not errors:
        try:
            measures.stated_as(typed["period"], typed.get("keeper", ""), typed.get("unit", ""))
            await item_keeping.create(session, words, FeeItemCreate(plugin=items.PLUGIN, code=typed.get("code", ""), **facts), actor)
            await measures.set_keeper(session, typed["code"], typed.get("keeper", ""), typed.get("unit", ""), actor)
            return redirect(request, BASE, success=_("收费项目已添加，下一步为它制定收费标准"))
        except PlatformError as error:
            errors = _beside(error)
    return await _form(request, session, words, typed, errors)


@get(BASE + "/{item_id:uuid}", opt=MANAGE, include_in_schema=False)
async def item_edit(
    request: Request,
    session: NamedDependency[Session],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    item_id: FromPath[UUID],
) -> Response:
    """The form of a fee item as it is now."""
    words = _words(platform, client)
    row = await item_keeping.find(session, words, item_id)
    ticks = {name: "1" for name in ("mandatory", "discountable") if getattr(row, name)}
    typed = {name: str(getattr(row, name)) for name in ("code", "name", "category", "period", "merchant_id", "refundable_policy", "version")}
    measure = (await measures.load(session)).get(row.code)
    kept = {"keeper": measure.keeper, "unit": measure.told()} if measure else {}
    return await _form(request, session, words, typed | ticks | kept, {}, row)


@post(BASE + "/{item_id:uuid}", opt=MANAGE, include_in_schema=False)
async def item_change(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    item_id: FromPath[UUID],
) -> Response:
    """Other facts, for bills to come."""
    typed, words = await _typed(request), _words(platform, client)
    row = await item_keeping.find(session, words, item_id)
    facts, errors = _read(typed)
    if not errors:
        try:
            measures.stated_as(typed["period"], typed.get("keeper", ""), typed.get("unit", ""))
            await item_keeping.change(session, words, item_id, FeeItemPatch(version=int(typed.get("version") or 0), **facts), actor)
            if row.active:
                await measures.set_keeper(session, row.code, typed.get("keeper", ""), typed.get("unit", ""), actor)
            return redirect(request, BASE, success=_("收费项目已更新，下一次发布起生效"))
        except PlatformError as error:
            errors = _beside(error)
    return await _form(request, session, words, typed, errors, row)


@post(BASE + "/{item_id:uuid}/active", opt=MANAGE, include_in_schema=False)
async def item_active(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    item_id: FromPath[UUID],
    data: URLEncodedBody[VersionForm],
) -> Response:
    """Out of use, or back."""
    await item_keeping.change(session, _words(platform, client), item_id, FeeItemPatch(version=data.version, active=bool(data.active)), actor)
    return redirect(request, BASE, success=_("收费项目已启用") if data.active else _("收费项目已停用，以后的批次不再收取"))


def _words(platform: Platform, client: ClientProfile) -> Words:
    return item_keeping.words_of(platform.plugins, client.plugins)


async def _typed(request: Request) -> dict[str, str]:
    return {name: str(value).strip() for name, value in (await request.form()).items()}


def _read(typed: dict[str, str]) -> tuple[dict[str, object], dict[str, str]]:
    errors = {name: told for name, told in (("name", _("请填写名称")), ("category", _("请选择类别")), ("period", _("请选择周期"))) if not typed.get(name)}
    if typed.get("period") not in (None, "", *PERIODS.values()):
        errors["period"] = _("请选择周期")
    facts: dict[str, object] = {name: typed.get(name, "") for name in ("name", "category", "period", "refundable_policy")}
    facts |= {name: typed.get(name) == "1" for name in ("mandatory", "discountable")}
    if typed.get("merchant_id"):
        try:
            facts["merchant_id"] = UUID(typed["merchant_id"])
        except ValueError:
            errors["merchant_id"] = _("请选择收款商户")
    return facts, errors


def _beside(error: PlatformError) -> dict[str, str]:
    """The fault beside its field; what belongs to no field is for the whole page."""
    if error.code not in ("FEE_ITEM_WRONG", "FEE_ITEM_TAKEN", "MEASURE_WRONG"):
        raise error
    return {str(error.facts.get("field", "code")): translated(error)}


async def _form(
    request: Request, session: Session, words: Words, typed: dict[str, str], errors: dict[str, str], row: Row | None = None
) -> Response:
    told = policies()
    return render(
        request, "education/item_form.html", status=422 if errors else 200, typed=typed, errors=errors, row=row,
        categories=[(word, _(word)) for word in CATEGORIES], periods=[(code, _(word)) for word, code in PERIODS.items()],
        merchants=[(each.id, each.name) for each in await items.merchants(session)],
        keepers=[(keeper, _(word)) for keeper, word in KEEPERS.items()],
        policies=[(code, told.get(code, code)) for code in words[items.PLUGIN].policies],
    )  # fmt: skip


ROUTES = [item_new, item_create, item_edit, item_change, item_active]
