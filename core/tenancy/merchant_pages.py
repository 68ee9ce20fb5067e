"""A client's merchants and settlement accounts in the bank's house: entered by one, checked by another."""

from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody

from core.errors import PlatformError
from core.identity.actor import Actor
from core.platform import Platform
from core.tenancy import merchant_doors
from core.tenancy.forms import AccountForm, MerchantForm, ReasonForm
from core.tenancy.threshold import admit
from core.web.error_words import translated
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

MANAGE, MAKE, CHECK = (
    {"permission": permission, "side": "bank"}
    for permission in ("tenancy.merchant.manage", "tenancy.account.make", "tenancy.account.check")
)
BASE = "/bank/clients/{client_id:uuid}"


def _to(client_id: UUID) -> str:
    return f"/bank/clients/{client_id}#merchants"


@get(BASE + "/merchants/new", opt=MANAGE, include_in_schema=False)
async def merchant_form(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID]
) -> Response:
    """The facts of a new merchant."""
    row = await admit(platform, asker, client_id, "tenancy.merchant.manage")
    return render(request, "tenancy/merchant_new.html", row=row, data=MerchantForm(legal_name=row.name), errors={})


@post(BASE + "/merchants", opt=MANAGE, include_in_schema=False)
async def merchant_register(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID],
    data: URLEncodedBody[MerchantForm],
) -> Response:
    """Register it."""
    row = await admit(platform, asker, client_id, "tenancy.merchant.manage")
    try:
        await merchant_doors.register_merchant(
            platform, asker, client_id, code=data.code, name=data.name, legal_name=data.legal_name, uscc=data.uscc
        )
    except PlatformError as error:
        field = {"CODE_MALFORMED": "code", "CODE_TAKEN": "code", "USCC_MALFORMED": "uscc"}.get(error.code, "name")
        errors = {field: translated(error)}
        return render(request, "tenancy/merchant_new.html", status=error.status, row=row, data=data, errors=errors)
    return redirect(request, _to(client_id), success=_("商户已登记，请登记它的结算账户"))


@post(BASE + "/merchants/{merchant_id:uuid}/activate", opt=MANAGE, include_in_schema=False)
async def merchant_activate(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID],
    merchant_id: FromPath[UUID],
) -> Response:
    """Let it collect."""
    await merchant_doors.activate_merchant(platform, asker, client_id, merchant_id)
    return redirect(request, _to(client_id), success=_("商户已启用，可以收款"))


@post(BASE + "/merchants/{merchant_id:uuid}/suspend", opt=MANAGE, include_in_schema=False)
async def merchant_suspend(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID],
    merchant_id: FromPath[UUID], data: URLEncodedBody[ReasonForm],
) -> Response:
    """Stop it for a while."""
    await merchant_doors.stop_merchant(platform, asker, client_id, merchant_id, "suspended", data.reason)
    return redirect(request, _to(client_id), success=_("商户已暂停"))


@get(BASE + "/merchants/{merchant_id:uuid}/accounts/new", opt=MAKE, include_in_schema=False)
async def account_form(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID],
    merchant_id: FromPath[UUID],
) -> Response:
    """The facts of a settlement account."""
    row = await admit(platform, asker, client_id, "tenancy.account.make")
    merchant = await merchant_doors.merchant(platform, client_id, merchant_id)
    data = AccountForm(holder=merchant.legal_name)
    return render(request, "tenancy/account_new.html", row=row, merchant=merchant, data=data, errors={})


@post(BASE + "/merchants/{merchant_id:uuid}/accounts", opt=MAKE, include_in_schema=False)
async def account_add(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID],
    merchant_id: FromPath[UUID], data: URLEncodedBody[AccountForm],
) -> Response:
    """Enter it; a second person checks."""
    row = await admit(platform, asker, client_id, "tenancy.account.make")
    merchant = await merchant_doors.merchant(platform, client_id, merchant_id)
    try:
        await merchant_doors.add_account(
            platform, asker, client_id, merchant_id, holder=data.holder, bank_name=data.bank_name, number=data.number
        )
    except PlatformError as error:
        field = {"ACCOUNT_HOLDER_DIFFERS": "holder", "FIELD_MISSING": "bank_name"}.get(error.code, "number")
        errors = {field: translated(error)}
        return render(request, "tenancy/account_new.html", status=error.status, row=row, merchant=merchant, data=data, errors=errors)
    return redirect(request, _to(client_id), success=_("结算账户已登记，请另一位同事复核"))


@post(BASE + "/accounts/{account_id:uuid}/approve", opt=CHECK, include_in_schema=False)
async def account_approve(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID],
    account_id: FromPath[UUID],
) -> Response:
    """The second person agrees."""
    await merchant_doors.check_account(platform, asker, client_id, account_id, approve=True)
    return redirect(request, _to(client_id), success=_("结算账户已复核通过"))


@post(BASE + "/accounts/{account_id:uuid}/reject", opt=CHECK, include_in_schema=False)
async def account_reject(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID],
    account_id: FromPath[UUID], data: URLEncodedBody[ReasonForm],
) -> Response:
    """The second person does not."""
    await merchant_doors.check_account(platform, asker, client_id, account_id, approve=False, why=data.reason)
    return redirect(request, _to(client_id), success=_("结算账户已退回"))


@post(BASE + "/accounts/{account_id:uuid}/retire", opt=MAKE, include_in_schema=False)
async def account_retire(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID],
    account_id: FromPath[UUID], data: URLEncodedBody[ReasonForm],
) -> Response:
    """Settle to it no more."""
    await merchant_doors.retire_account(platform, asker, client_id, account_id, data.reason)
    return redirect(request, _to(client_id), success=_("结算账户已停用"))


ROUTES = [
    merchant_form,
    merchant_register,
    merchant_activate,
    merchant_suspend,
    account_form,
    account_add,
    account_approve,
    account_reject,
    account_retire,
]
