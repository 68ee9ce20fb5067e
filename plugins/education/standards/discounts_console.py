"""Discounts one by one in the console: a new one, another rule under the same code. Both are drafts until a second person approves them."""

from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core import money
from core.database import Session
from core.errors import InvalidRequest, PlatformError
from core.identity.actor import Actor
from core.web.error_words import translated
from core.web.i18n import gettext as _
from core.web.templating import redirect, render
from plugins.education.pricing import conditions
from plugins.education.pricing.rules import LAST_PRIORITY
from plugins.education.standards import discounts, items, repository, service
from plugins.education.standards.errors import DiscountNotFound
from plugins.education.standards.schemas import DiscountDraft

MAKE = {"permission": service.MAKE}
BASE = "/console/education/standards/discounts"


@get(BASE + "/new", opt=MAKE, include_in_schema=False)
async def discount_new(request: Request, session: NamedDependency[Session]) -> Response:
    """The form for one discount."""
    return await _form(request, session, {"kind": "percent", "stackable": "1"}, [], {})


@post(BASE, opt=MAKE, include_in_schema=False)
async def discount_create(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Write one discount; what is wrong is said beside the field."""
    typed, chosen = await _typed(request)
    draft, errors = _read(typed, chosen)
    if draft is not None:
        try:
            await discounts.create(session, draft, actor)
            return redirect(request, BASE, success=_("已保存为草稿，提交复核后生效"))
        except PlatformError as error:
            errors = _beside(error)
    return await _form(request, session, typed, chosen, errors)


@get(BASE + "/{discount_id:uuid}", opt=MAKE, include_in_schema=False)
async def discount_edit(request: Request, session: NamedDependency[Session], discount_id: FromPath[UUID]) -> Response:
    """The form of a discount as it is now."""
    found = await _held(session, discount_id)
    typed = {
        "code": found.code, "name": found.name, "kind": found.kind, "percent": str(found.percent or ""), "priority": str(found.priority),
        "amount": money.format_yuan(found.amount_fen) if found.amount_fen else "", "condition": conditions.written(found.condition),
        "stackable": "1" if found.stackable else "", "compound": "1" if found.compound else "",
    }  # fmt: skip
    return await _form(request, session, typed, list(found.item_codes), {}, discount_id)


@post(BASE + "/{discount_id:uuid}", opt=MAKE, include_in_schema=False)
async def discount_change(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], discount_id: FromPath[UUID]
) -> Response:
    """Another rule under the same code."""
    typed, chosen = await _typed(request)
    draft, errors = _read(typed | {"code": (await _held(session, discount_id)).code}, chosen)
    if draft is not None:
        try:
            await discounts.change(session, discount_id, draft, actor)
            return redirect(request, BASE, success=_("已保存为草稿，提交复核后生效"))
        except PlatformError as error:
            errors = _beside(error)
    return await _form(request, session, typed, chosen, errors, discount_id)


async def _held(session: Session, discount_id: UUID):
    row = next((row for row in await repository.list_discounts(session) if row.id == discount_id), None)
    if row is None:
        raise DiscountNotFound()
    return service.read_discount(row)


async def _typed(request: Request) -> tuple[dict[str, str], list[str]]:
    form = await request.form()
    return {name: str(form[name]).strip() for name in form if name != "item_codes"}, [str(code) for code in form.getall("item_codes", [])]


def _read(typed: dict[str, str], chosen: list[str]) -> tuple[DiscountDraft | None, dict[str, str]]:
    errors: dict[str, str] = {}
    kind = typed.get("kind", "")
    if kind not in ("percent", "fixed", "waive"):
        errors["kind"] = _("请选择方式")
    amount_fen = None
    if kind == "fixed":
        try:
            amount_fen = money.yuan(typed.get("amount") or "-")
        except InvalidRequest as error:
            errors["amount_fen"] = translated(error)
    priority = typed.get("priority") or str(LAST_PRIORITY)
    if not priority.isascii() or not priority.isdigit() or not 1 <= int(priority) <= 1000:
        errors["priority"] = _("优先级为 1–1000 的整数，小的先减")
    if errors:
        return None, errors
    draft = DiscountDraft(
        code=typed.get("code", "")[:32], name=typed.get("name", "")[:50], kind=kind, condition=typed.get("condition", "")[:5000],
        item_codes=tuple(chosen), percent=(typed.get("percent", "")[:12] or None) if kind == "percent" else None, amount_fen=amount_fen,
        priority=int(priority), stackable=typed.get("stackable") == "1", compound=typed.get("compound") == "1" and kind == "percent",
    )  # fmt: skip
    return draft, errors


def _beside(error: PlatformError) -> dict[str, str]:
    if error.code not in ("DISCOUNT_WRONG", "DISCOUNT_TAKEN"):
        raise error
    return {str(error.facts.get("field", "code")): translated(error)}


async def _form(
    request: Request, session: Session, typed: dict[str, str], chosen: list[str], errors: dict[str, str], discount_id: UUID | None = None
) -> Response:
    return render(
        request, "education/discount_form.html", status=422 if errors else 200, typed=typed, chosen=chosen, errors=errors, discount_id=discount_id,
        items=[(row.code, row.name) for row in await items.list_items(session) if service.read_item(row).may_be_discounted],
        kinds=[("percent", _("按比例")), ("fixed", _("减定额")), ("waive", _("全免"))],
    )  # fmt: skip


ROUTES = [discount_new, discount_create, discount_edit, discount_change]
