"""Merchants and settlement accounts in the API: the bank's for any of its clients, a client's own."""

from typing import Any
from uuid import UUID

from litestar import get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from core.errors import NotFound
from core.identity.actor import Actor
from core.identity.schemas import Page
from core.platform import Platform
from core.tenancy import merchant_doors
from core.tenancy.api_schemas import AccountCheck, AccountCreate, AccountRead, AccountRetire, MerchantCreate, MerchantPatch, MerchantRead
from core.tenancy.threshold import admit

CLIENT = "/api/v1/clients/{client_id:uuid}"


def _bank(permission: str) -> dict[str, str]:
    return {"permission": permission, "side": "bank"}


def _taken(kind: type, row: Any, **more: object) -> Any:
    return kind(**{f: getattr(row, f) for f in kind.__struct_fields__ if f not in more}, **more)


def _read(held: merchant_doors.Money) -> list[MerchantRead]:
    return [_taken(MerchantRead, row, accounts=[_taken(AccountRead, a) for a in held.accounts[row.id]]) for row in held.merchants]


async def _one(platform: Platform, client_id: UUID, merchant_id: UUID) -> MerchantRead:
    for merchant in _read(await merchant_doors.money(platform, client_id)):
        if merchant.id == merchant_id:
            return merchant
    raise NotFound()


@get("/api/v1/merchants", opt={"permission": "tenancy.merchant.read"})
async def list_own(asker: NamedDependency[Actor], platform: NamedDependency[Platform]) -> Page:
    """Our merchants with their settlement accounts, numbers masked."""
    return Page(_read(await merchant_doors.money(platform, asker.tenant_id)))


@get(f"{CLIENT}/merchants", opt=_bank("tenancy.merchant.read"))
async def list_of_client(asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID]) -> Page:
    """A client's merchants with their settlement accounts, numbers masked."""
    await admit(platform, asker, client_id, "tenancy.merchant.read")
    return Page(_read(await merchant_doors.money(platform, client_id)))


@post(f"{CLIENT}/merchants", opt=_bank("tenancy.merchant.manage"))
async def register_merchant(
    asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID], data: JSONBody[MerchantCreate]
) -> MerchantRead:
    """Register a merchant; it then waits for its settlement account and activation."""
    facts = {"code": data.code, "name": data.name, "legal_name": data.legal_name, "uscc": data.uscc}
    merchant_id = await merchant_doors.register_merchant(platform, asker, client_id, **facts)
    return await _one(platform, client_id, merchant_id)


@patch(CLIENT + "/merchants/{merchant_id:uuid}", opt=_bank("tenancy.merchant.manage"))
async def change_merchant(
    asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID], merchant_id: FromPath[UUID],
    data: JSONBody[MerchantPatch],
) -> MerchantRead:
    """Activate, suspend or close a merchant."""
    if data.status == "active":
        await merchant_doors.activate_merchant(platform, asker, client_id, merchant_id)
    else:
        await merchant_doors.stop_merchant(platform, asker, client_id, merchant_id, data.status, data.reason)
    return await _one(platform, client_id, merchant_id)


@post(CLIENT + "/merchants/{merchant_id:uuid}/settlement-accounts", opt=_bank("tenancy.account.make"))
async def add_account(
    asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID], merchant_id: FromPath[UUID],
    data: JSONBody[AccountCreate],
) -> MerchantRead:
    """Enter a settlement account; it is pending until a second person has checked it."""
    facts = {"holder": data.holder, "bank_name": data.bank_name, "number": data.number}
    await merchant_doors.add_account(platform, asker, client_id, merchant_id, **facts)
    return await _one(platform, client_id, merchant_id)


@post(CLIENT + "/settlement-accounts/{account_id:uuid}/check", opt=_bank("tenancy.account.check"), status_code=200)
async def check_account(
    asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID], account_id: FromPath[UUID],
    data: JSONBody[AccountCheck],
) -> Page:
    """The second person's word; 409 SELF_APPROVAL for the one who entered it."""
    await merchant_doors.check_account(platform, asker, client_id, account_id, approve=data.approve, why=data.reason)
    return Page(_read(await merchant_doors.money(platform, client_id)))


@post(CLIENT + "/settlement-accounts/{account_id:uuid}/retire", opt=_bank("tenancy.account.make"), status_code=200)
async def retire_account(
    asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID], account_id: FromPath[UUID],
    data: JSONBody[AccountRetire],
) -> Page:
    """Settle to an account no more."""
    await merchant_doors.retire_account(platform, asker, client_id, account_id, data.reason)
    return Page(_read(await merchant_doors.money(platform, client_id)))


@post("/api/v1/merchants/{merchant_id:uuid}/settlement-accounts", opt={"permission": "tenancy.account.make"})
async def add_own_account(
    asker: NamedDependency[Actor], platform: NamedDependency[Platform], merchant_id: FromPath[UUID], data: JSONBody[AccountCreate]
) -> MerchantRead:
    """Enter a settlement account of ours; a colleague or the bank checks it."""
    facts = {"holder": data.holder, "bank_name": data.bank_name, "number": data.number}
    await merchant_doors.add_account(platform, asker, asker.tenant_id, merchant_id, **facts)
    return await _one(platform, asker.tenant_id, merchant_id)


@post("/api/v1/settlement-accounts/{account_id:uuid}/check", opt={"permission": "tenancy.account.check"}, status_code=200)
async def check_own_account(
    asker: NamedDependency[Actor], platform: NamedDependency[Platform], account_id: FromPath[UUID], data: JSONBody[AccountCheck]
) -> Page:
    """The second person's word on an account of ours; 409 SELF_APPROVAL for the one who entered it."""
    await merchant_doors.check_account(platform, asker, asker.tenant_id, account_id, approve=data.approve, why=data.reason)
    return Page(_read(await merchant_doors.money(platform, asker.tenant_id)))


ROUTES = [
    list_own, list_of_client, register_merchant, change_merchant, add_account, check_account, retire_account, add_own_account, check_own_account,
]  # fmt: skip
