"""A payer's own affairs: log in on another phone, bindings, privacy, log out."""

from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.database import Session
from core.errors import PlatformError
from core.payers import access, bindings_repository, consents, guardians, login, privacy
from core.payers.access import Payer
from core.payers.pages import action, actor_of, address_of, home, page, recognise
from core.payers.schemas import BindingRead
from core.payers.words import words_for
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.i18n import gettext as _
from core.web.templating import redirect, render


@page("/login")
async def login_page(request: Request, session: NamedDependency[Session]) -> Response[str]:
    """The phone that was bound before."""
    return render(request, "payers/login.html", home=home(request), phone="", error="")


@action("/login")
async def send_login_code(
    request: Request,
    session: NamedDependency[Session],
    payer: NamedDependency[Payer],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
) -> Response:
    """Whether the phone is known is not told: the next page is the same."""
    typed = str((await request.form()).get("phone", ""))[:32]
    keys = await platform.vault.keys(session)
    try:
        phone = login.phone_of(typed)
        await login.send_code(session, keys, client, payer, address_of(request), phone)
    except PlatformError as error:
        return render(request, "payers/login.html", status=error.status, home=home(request), phone=typed, error=error.message)
    return redirect(request, f"{home(request)}/login/code")


@page("/login/code")
async def login_code_page(request: Request, session: NamedDependency[Session]) -> Response[str]:
    """Type the code."""
    return render(request, "payers/login_code.html", home=home(request), error="")


@action("/login/code")
async def check_login_code(
    request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer], platform: NamedDependency[Platform]
) -> Response:
    """The right code makes this device the payer's."""
    typed = str((await request.form()).get("code", ""))[:16]
    keys = await platform.vault.keys(session)
    checked = await login.check_code(session, keys, payer, address_of(request), typed)
    if checked.state != "right":
        wrong = _("验证码不正确，还可以再试 %(n)s 次", n=checked.tries_left) if checked.tries_left else _("验证码已失效，请重新获取")
        return render(request, "payers/login_code.html", status=422, home=home(request), error=wrong)
    await recognise(request, session, platform, payer, UUID(checked.subject["payer_id"]))
    return redirect(request, home(request), success=_("登录成功"))


@page("/bindings", permission="payer")
async def bindings_page(
    request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer], client: NamedDependency[ClientProfile]
) -> Response[str]:
    """Whom I pay for, who else may, and who asks to."""
    context = {
        "bindings": _spoken(await guardians.list_bindings(session, payer.payer_id)),
        "to_decide": _spoken(await guardians.list_to_decide(session, payer.payer_id)),
        "beside": _spoken(await guardians.list_beside(session, payer.payer_id)),
        "words": words_for(client.kind),
        "home": home(request),
    }
    return render(request, "payers/bindings.html", **context)


def _spoken(bindings: list[BindingRead]) -> list[BindingRead]:
    """With the usual relations in the reader's language; others stand as the roster has them."""
    return [msgspec.structs.replace(binding, relation=_(binding.relation)) for binding in bindings]


@action("/bindings/{binding_id:uuid}/end", permission="payer")
async def end_binding(
    request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer], binding_id: FromPath[UUID]
) -> Response:
    """Let go."""
    ended = await guardians.end(session, payer.payer_id, binding_id, actor_of(request, payer, session.tenant_id))
    return redirect(request, f"{home(request)}/bindings", success=_("已解除与 %(name)s 的绑定", name=ended.party_name))


@action("/bindings/{binding_id:uuid}/decide", permission="payer")
async def decide_binding(
    request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer], binding_id: FromPath[UUID]
) -> Response:
    """The primary's word on another guardian."""
    agree = (await request.form()).get("agree") == "1"
    await guardians.decide(session, payer.payer_id, binding_id, agree=agree, by=actor_of(request, payer, session.tenant_id))
    said = _("已同意，对方现在可以查看和缴纳账单") if agree else _("已拒绝，对方无法查看账单")
    return redirect(request, f"{home(request)}/bindings", success=said)


@page("/privacy")
async def privacy_page(request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer]) -> Response[str]:
    """What we hold, what was agreed to, and how to take it back."""
    known = await bindings_repository.find_payer(session, payer.payer_id) if payer.payer_id else None
    given = await consents.list_consents(session, payer.payer_id) if known else []
    marketing = any(c.purpose == "bank_marketing" and c.withdrawn_at is None for c in given)
    bindings = await guardians.list_bindings(session, payer.payer_id) if known else []
    context = {
        "known": known,
        "consents": given,
        "texts": consents.TEXTS,
        "marketing": marketing,
        "bindings": bindings,
        "home": home(request),
    }
    return render(request, "payers/privacy.html", **context)


@action("/privacy/marketing", permission="payer")
async def switch_marketing(request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer]) -> Response:
    """The bank may write, or may not: nothing else depends on it."""
    by = actor_of(request, payer, session.tenant_id)
    if (await request.form()).get("on") == "1":
        await consents.give(session, payer.payer_id, consents.MARKETING, by)
        return redirect(request, f"{home(request)}/privacy", success=_("已开启银行服务推荐，可随时关闭"))
    await consents.withdraw(session, payer.payer_id, by, purposes=("bank_marketing",))
    return redirect(request, f"{home(request)}/privacy", success=_("已关闭银行服务推荐"))


@action("/privacy/consents/{consent_id:uuid}/withdraw", permission="payer")
async def withdraw_consent(
    request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer], consent_id: FromPath[UUID]
) -> Response:
    """Taking back the consent for a child ends its binding; taking back the service ends them all and logs out."""
    purpose = await privacy.withdraw(session, payer, consent_id, actor_of(request, payer, session.tenant_id))
    if purpose == "service":
        return redirect(request, home(request), info=_("已撤回同意并退出；仍可使用缴费码缴费"))
    return redirect(request, f"{home(request)}/privacy", success=_("已撤回同意并解除绑定"))


@action("/logout")
async def log_out(request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer]) -> Response:
    """This phone forgets the payer; bindings stay."""
    await access.forget(session, payer)
    return redirect(request, home(request), success=_("已退出登录"))


ROUTES = [
    login_page, send_login_code, login_code_page, check_login_code, bindings_page, end_binding, decide_binding, privacy_page,
    switch_marketing, withdraw_consent, log_out,
]  # fmt: skip
