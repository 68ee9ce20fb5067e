"""Binding, page by page: the facts, a phone of the roster, the code, done. Works without JavaScript."""

from uuid import UUID

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.database import Session
from core.errors import PlatformError
from core.hookspecs import BindingFacts
from core.payers import binding, consents
from core.payers.access import Payer
from core.payers.completing import complete
from core.payers.errors import PhoneNotOffered, TooManyCodes, TooManyTries
from core.payers.pages import action, actor_of, address_of, home, page, recognise
from core.payers.words import words_for
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

FIELD_LENGTH = 64


@page("/bind")
async def facts_page(request: Request, session: NamedDependency[Session], client: NamedDependency[ClientProfile]) -> Response[str]:
    """Who is it for?"""
    return _facts(request, client)


@action("/bind")
async def check_facts(
    request: Request,
    session: NamedDependency[Session],
    payer: NamedDependency[Payer],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
) -> Response:
    """Facts that fit lead on; facts that do not say no more than that."""
    form = await request.form()
    typed = {name: str(form.get(name, ""))[:FIELD_LENGTH].strip() for name in ("name", "number", "id_tail")}
    facts = BindingFacts(
        name=binding.tidy(typed["name"]), number=binding.tidy(typed["number"]), id_tail=binding.tidy(typed["id_tail"]).upper()
    )
    errors = _missing(facts)
    if errors:
        return _facts(request, client, typed, errors, 422)
    keys = await platform.vault.keys(session)
    try:
        ticket_id = await binding.match(session, platform.plugins, keys, client, payer, address_of(request), facts)
    except TooManyTries as error:
        return _facts(request, client, typed, {"": error.message}, error.status)
    if ticket_id is None:
        return _facts(request, client, typed, {"": _("信息不匹配，请核对后重新填写；如有疑问请联系收费单位")}, 422)
    return redirect(request, f"{home(request)}/bind/{ticket_id}")


@page("/bind/{ticket_id:uuid}")
async def phone_page(
    request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer], ticket_id: FromPath[UUID]
) -> Response[str]:
    """Which phone of the roster gets the code?"""
    return render(request, "payers/bind_phone.html", ticket=await binding.read_ticket(session, payer, ticket_id), error="", choice=0)


@action("/bind/{ticket_id:uuid}/send")
async def send_code(
    request: Request,
    session: NamedDependency[Session],
    payer: NamedDependency[Payer],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
) -> Response:
    """Send the code, or say when it may be sent again."""
    form = await request.form()
    ticket = await binding.read_ticket(session, payer, ticket_id)
    given = str(form.get("phone", ""))
    choice = int(given) if given.isascii() and given.isdigit() and len(given) < 3 else -1
    keys = await platform.vault.keys(session)
    try:
        await binding.send_code(session, keys, client, payer, address_of(request), ticket_id, choice)
    except (TooManyCodes, TooManyTries, PhoneNotOffered) as error:
        context = {"ticket": ticket, "error": error.message, "choice": choice}
        return render(request, "payers/bind_phone.html", status=error.status, **context)
    return redirect(request, f"{home(request)}/bind/{ticket_id}/code?phone={choice}")


@page("/bind/{ticket_id:uuid}/code")
async def code_page(
    request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer], ticket_id: FromPath[UUID]
) -> Response[str]:
    """Type the code and agree."""
    return _code(request, await binding.read_ticket(session, payer, ticket_id))


@action("/bind/{ticket_id:uuid}/code")
async def check_code(
    request: Request,
    session: NamedDependency[Session],
    payer: NamedDependency[Payer],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
) -> Response:
    """The right code binds; consent is needed first and costs no try."""
    form = await request.form()
    ticket = await binding.read_ticket(session, payer, ticket_id)
    asked = consents.offered([ticket.plugin])
    agreed = {words.purpose for words in asked if form.get(f"agree_{words.purpose}")}
    if any(words.required and words.purpose not in agreed for words in asked):
        return _code(request, ticket, {"agree": _("请阅读并勾选必选的各项后再继续；不同意将无法在线查看账单，可使用缴费码缴费")}, agreed, 422)
    keys = await platform.vault.keys(session)
    try:
        checked = await binding.check_code(session, keys, payer, address_of(request), ticket_id, str(form.get("code", ""))[:16])
    except PlatformError as error:
        return _code(request, ticket, {"code": error.message}, agreed, error.status)
    if checked.state != "right":
        return _code(request, ticket, {"code": _wrong(checked.state, checked.tries_left)}, agreed, 422)
    return await _bound(request, session, payer, client, platform, ticket, checked.subject, agreed)


async def _bound(
    request: Request, session: Session, payer: Payer, client: ClientProfile, platform: Platform, ticket: binding.Ticket,
    subject: dict[str, str], agreed: set[str],
) -> Response:  # fmt: skip
    payer_id, status = await complete(
        session, await platform.vault.keys(session), client, payer, ticket, subject, agreed,
        lambda known: actor_of(request, payer, session.tenant_id, known), f"{platform.settings.public_url}{home(request)}/bindings",
    )  # fmt: skip
    await recognise(request, session, platform, payer, payer_id)
    if status == "bound":
        return redirect(request, home(request), success=_("绑定成功"))
    return redirect(request, f"{home(request)}/bindings", info=_("已提交，主监护人确认后即可查看账单"))


def _wrong(state: str, tries_left: int) -> str:
    if state == "wrong" and tries_left:
        return _("验证码不正确，还可以再试 %(n)s 次", n=tries_left)
    return _("验证码已失效，请重新发送")


def _missing(facts: BindingFacts) -> dict[str, str]:
    errors = {}
    if not facts.name:
        errors["name"] = _("请填写姓名")
    if not facts.number:
        errors["number"] = _("请填写编号")
    if len(facts.id_tail) != 4 or not facts.id_tail.isalnum():
        errors["id_tail"] = _("请填写证件号码的最后 4 位")
    return errors


def _facts(
    request: Request, client: ClientProfile, typed: dict[str, str] | None = None, errors: dict[str, str] | None = None, status: int = 200
) -> Response[str]:
    typed = typed or {"name": "", "number": "", "id_tail": ""}
    return render(
        request, "payers/bind_facts.html", status=status, typed=typed, errors=errors or {}, words=words_for(client.kind), home=home(request)
    )


def _code(
    request: Request, ticket: binding.Ticket, errors: dict[str, str] | None = None, agreed: set[str] | None = None, status: int = 200
) -> Response[str]:
    given = request.query_params.get("phone", "0")
    choice = int(given) if given.isascii() and given.isdigit() and int(given) < len(ticket.offers) else 0
    return render(
        request, "payers/bind_code.html", status=status, ticket=ticket, errors=errors or {}, agreed=agreed or set(), choice=choice,
        offer=ticket.offers[choice] if ticket.offers else None, texts=consents.offered([ticket.plugin]),
    )  # fmt: skip


ROUTES = [facts_page, check_facts, phone_page, send_code, code_page, check_code]
