"""A client sees its own merchants and settlement accounts, and its finance people enter and check accounts."""

from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody

from core.errors import PlatformError
from core.identity.actor import Actor
from core.platform import Platform
from core.tenancy import merchant_doors
from core.tenancy.forms import AccountForm, ReasonForm
from core.web.error_words import translated
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

READ, MAKE, CHECK = ({"permission": p} for p in ("tenancy.merchant.read", "tenancy.account.make", "tenancy.account.check"))
BASE = "/console/merchants"


@get(BASE, opt=READ, include_in_schema=False)
async def merchant_list(request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform]) -> Response:
    """Who collects for us, and where the money goes."""
    held = await merchant_doors.money(platform, asker.tenant_id)
    return render(request, "tenancy/merchants.html", held=held, may=asker.may, me=asker.id)


@get(BASE + "/{merchant_id:uuid}/accounts/new", opt=MAKE, include_in_schema=False)
async def account_form(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], merchant_id: FromPath[UUID]
) -> Response:
    """The facts of a settlement account."""
    merchant = await merchant_doors.merchant(platform, asker.tenant_id, merchant_id)
    return _form(request, merchant, AccountForm(holder=merchant.legal_name))


def _form(request: Request, merchant: object, data: AccountForm, error: PlatformError | None = None) -> Response:
    field = {"ACCOUNT_HOLDER_DIFFERS": "holder", "FIELD_MISSING": "bank_name"}.get(error.code, "number") if error else ""
    shown = {"merchant": merchant, "data": data, "errors": {field: translated(error)} if error else {}}
    return render(request, "tenancy/account_new_client.html", status=error.status if error else 200, **shown)


@post(BASE + "/{merchant_id:uuid}/accounts", opt=MAKE, include_in_schema=False)
async def account_add(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], merchant_id: FromPath[UUID],
    data: URLEncodedBody[AccountForm],
) -> Response:
    """Enter it; a colleague or the bank checks."""
    merchant = await merchant_doors.merchant(platform, asker.tenant_id, merchant_id)
    facts = {"holder": data.holder, "bank_name": data.bank_name, "number": data.number}
    try:
        await merchant_doors.add_account(platform, asker, asker.tenant_id, merchant_id, **facts)
    except PlatformError as error:
        return _form(request, merchant, data, error)
    return redirect(request, BASE, success=_("结算账户已登记，请另一位同事或开户网点复核"))


@post(BASE + "/accounts/{account_id:uuid}/approve", opt=CHECK, include_in_schema=False)
async def account_approve(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], account_id: FromPath[UUID]
) -> Response:
    """The second person agrees."""
    await merchant_doors.check_account(platform, asker, asker.tenant_id, account_id, approve=True)
    return redirect(request, BASE, success=_("结算账户已复核通过"))


@post(BASE + "/accounts/{account_id:uuid}/reject", opt=CHECK, include_in_schema=False)
async def account_reject(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], account_id: FromPath[UUID],
    data: URLEncodedBody[ReasonForm],
) -> Response:
    """The second person does not."""
    await merchant_doors.check_account(platform, asker, asker.tenant_id, account_id, approve=False, why=data.reason)
    return redirect(request, BASE, success=_("结算账户已退回"))


ROUTES = [merchant_list, account_form, account_add, account_approve, account_reject]
