"""Fee items, standards and discounts in the console: lists, one new standard, the check for conflicts, submission, retirement."""

import datetime as dt
from itertools import groupby
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody

from core import money
from core.approvals import lists as proposals
from core.database import Session
from core.errors import InvalidRequest, PlatformError
from core.identity.actor import Actor
from core.web.error_words import translated
from core.web.i18n import gettext as _
from core.web.templating import redirect, render
from plugins.education.organisation import service as organisation
from plugins.education.pricing.rules import KEEPERS, PERIODS, SCOPE
from plugins.education.standards import items, lists, repository, service
from plugins.education.standards.forms import MerchantForm, ReasonForm
from plugins.education.standards.schemas import StandardDraft
from plugins.education.standards.words import policies
from plugins.education.terms import service as terms
from plugins.education.terms.console import suggested
from plugins.education.usage import measures

READ = {"permission": lists.READ}
MAKE = {"permission": service.MAKE}
BASE = "/console/education/standards"


@get(BASE, opt=READ, include_in_schema=False)
async def standard_list(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    item: FromQuery[str] = "",
    status: FromQuery[str] = "",
) -> Response:
    """Standards by item, with who approved them, and what waits for approval."""
    return await _list_page(request, session, actor, item, status, {})


@post(BASE + "/submit", opt=MAKE, include_in_schema=False)
async def submit(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], data: URLEncodedBody[ReasonForm]) -> Response:
    """Hand every draft to a second person."""
    try:
        await service.submit(session, data.reason, actor)
    except InvalidRequest as error:
        return await _list_page(request, session, actor, "", "", {"submit": translated(error)})
    return redirect(request, BASE, success=_("已提交，等待另一位同事复核"))


async def _list_page(request: Request, session: Session, actor: Actor, item: str, status: str, errors: dict[str, str]) -> Response:
    shown = await lists.list_standards(session, actor, item, status)
    known = await items.list_items(session)
    names = {row.code: row.name for row in known}
    waiting = [row for batch in await repository.list_batches(session) for row in (await proposals.about(session, batch))[:1]]
    drafts = [row.status for row in [*await repository.list_standards(session), *await repository.list_discounts(session)]]
    return render(
        request, "education/standards.html", status=422 if errors else 200, errors=errors,
        groups=[(code, names.get(code, code), list(rows)) for code, rows in groupby(shown, key=lambda row: row.item_code)],
        items=list(names.items()), scope=SCOPE, item=item, chosen=status, filtered=bool(item or status), approvals=waiting,
        drafts=drafts.count("draft"), may_make=actor.may(service.MAKE), may_import=actor.may("education.standards.import"),
        tabs=_tabs(),
    )  # fmt: skip


def _tabs() -> list[tuple[str, str, str]]:
    return [
        ("standards", _("收费标准"), BASE),
        ("discounts", _("优惠规则"), "/console/education/standards/discounts"),
        ("items", _("收费项目"), "/console/education/standards/items"),
    ]


@get(BASE + "/check", opt=READ, include_in_schema=False)
async def conflicts(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], term: FromQuery[str] = "") -> Response:
    """Price the real roster with every standard and tell what does not work out."""
    known = await terms.list_terms(session)
    code = term or (known[0].code if known else suggested(set()).code)
    finding = await lists.look_for_conflicts(session, code)
    return render(
        request,
        "education/standards_check.html",
        finding=finding,
        term=code,
        terms=[(c, c) for c in sorted({code, *(t.code for t in known)}, reverse=True)],
        may_make=actor.may(service.MAKE),
    )


@get(BASE + "/new", opt=MAKE, include_in_schema=False)
async def standard_new(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """The form for one standard."""
    return await _form(request, session, actor, {}, {})


@post(BASE, opt=MAKE, include_in_schema=False)
async def standard_create(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Write one standard; what is wrong is said beside the field."""
    typed = {name: str(value).strip() for name, value in (await request.form()).items()}
    draft, errors = _read(typed)
    if draft is not None:
        try:
            await service.create(session, draft, actor)
            return redirect(request, BASE, success=_("已保存为草稿，提交复核后生效"))
        except PlatformError as error:
            if error.code not in ("STANDARD_WRONG", "STANDARD_OVERLAPS"):
                raise
            errors[str(error.facts.get("field", "item_code"))] = translated(error)
    return await _form(request, session, actor, typed, errors)


def _read(typed: dict[str, str]) -> tuple[StandardDraft | None, dict[str, str]]:
    errors: dict[str, str] = {}
    values: dict[str, object] = {key: typed.get(key, "")[:50] for key in SCOPE}
    try:
        values["price_fen"] = money.yuan(typed.get("price") or "-")
    except InvalidRequest as error:
        errors["price"] = translated(error)
    for name in ("starts_on", "ends_on"):
        try:
            values[name] = dt.date.fromisoformat(typed.get(name, ""))
        except ValueError:
            errors[name] = _("请选择日期")
    if not typed.get("item_code"):
        errors["item_code"] = _("请选择收费项目")
    if errors:
        return None, errors
    return StandardDraft(item_code=typed["item_code"], approval_doc_no=typed.get("approval_doc_no", "")[:100], **values), errors


async def _form(request: Request, session: Session, actor: Actor, typed: dict[str, str], errors: dict[str, str]) -> Response:
    tree = await organisation.load(session)
    known = await items.list_items(session)
    depth = {key: list(dict.fromkeys(path[at] for path in tree.paths.values() if len(path) == at + 1)) for at, key in enumerate(organisation.PLACES)}
    choices = depth | {key: list(tree.index.choices[key]) for key in ("boarding", "student_type")}
    return render(
        request, "education/standard_new.html", status=422 if errors else 200, typed=typed, errors=errors, scope=SCOPE,
        items=[(row.code, f"{row.name}（{row.code}）") for row in known],
        choices={key: [(w, w) for w in words] for key, words in choices.items()},
        whole=tree.whole(actor.reach(service.MAKE)),
    )  # fmt: skip


@post(BASE + "/{standard_id:uuid}/retire", opt=MAKE, include_in_schema=False)
async def standard_retire(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    standard_id: FromPath[UUID],
    data: URLEncodedBody[ReasonForm],
) -> Response:
    """A standard prices no more."""
    await service.retire(session, standard_id, data.reason, actor)
    return redirect(request, BASE, success=_("标准已停用"))


@get("/console/education/standards/discounts", opt=READ, include_in_schema=False)
async def discount_list(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Discounts with what they take off and for whom, in words."""
    return render(
        request, "education/discounts.html", discounts=await lists.list_discounts(session), may_make=actor.may(service.MAKE),
        may_import=actor.may("education.standards.import"), tabs=_tabs(),
    )  # fmt: skip


@post("/console/education/standards/discounts/{discount_id:uuid}/retire", opt=MAKE, include_in_schema=False)
async def discount_retire(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    discount_id: FromPath[UUID],
    data: URLEncodedBody[ReasonForm],
) -> Response:
    """A discount is given no more."""
    await service.retire_discount(session, discount_id, data.reason, actor)
    return redirect(request, "/console/education/standards/discounts", success=_("优惠已停用"))


@get("/console/education/standards/items", opt={"permission": "billing.item.read"}, include_in_schema=False)
async def item_list(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Fee items with the merchant that receives their money."""
    merchants = [(row.id, row.name) for row in await items.merchants(session)]
    known, stated = await items.list_all(session), await measures.load(session)
    return render(
        request, "education/items.html", items=known, keepers=KEEPERS, measures={row.code: measures.of(row, stated) for row in known},
        merchants=merchants, merchant_names=dict(merchants),
        periods={code: _(word) for word, code in PERIODS.items()}, policies=policies(), may_manage=actor.may(items.MANAGE),
        may_import=actor.may("education.standards.import"), tabs=_tabs(),
    )  # fmt: skip


@post("/console/education/standards/items/{item_id:uuid}/merchant", opt={"permission": items.MANAGE}, include_in_schema=False)
async def item_merchant(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    item_id: FromPath[UUID],
    data: URLEncodedBody[MerchantForm],
) -> Response:
    """Another merchant receives the item's money from the next publication on."""
    await items.assign_merchant(session, item_id, data.merchant_id, data.version, actor)
    return redirect(request, "/console/education/standards/items", success=_("收款商户已更新，下一次发布起生效"))


ROUTES = [
    standard_list, standard_new, standard_create, submit, conflicts, standard_retire, discount_list, discount_retire, item_list,
    item_merchant,
]  # fmt: skip
