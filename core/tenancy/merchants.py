"""A client's merchants (who collects) and settlement accounts (where the money goes). Runs in the client's transaction.

The short path: a branch that registers a merchant has the documents in hand, so the merchant is submitted in the same step and stands at
the bank's review; activating it is the branch's word that bank, channel and signing are done, each step still taken by the machine.
"""

import re
from uuid import UUID

from core import ids
from core.database import Row, Session
from core.errors import NotFound
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import TenantKeys
from core.masking import mask_card
from core.tenancy import merchants_repository as repository
from core.tenancy.errors import (
    AccountHolderDiffers,
    AccountKnown,
    AccountNumberMalformed,
    CodeTaken,
    MerchantHasCase,
    MerchantHasNoAccount,
)
from core.tenancy.states import ACCOUNT, MERCHANT
from core.tenancy.text import code_of_company, reason, required, short_code

REGISTERING = ("submitted", "bank_review")
ACTIVATING = ("channel_review", "signing", "active")
_NUMBER = re.compile(r"\d{8,30}")


def digits_of(number: str) -> str:
    """An account number without its spaces and hyphens: 8 to 30 digits."""
    digits = re.sub(r"[\s-]", "", number)
    if not _NUMBER.fullmatch(digits):
        raise AccountNumberMalformed()
    return digits


async def register(session: Session, by: Actor, *, code: str, name: str, legal_name: str, uscc: str = "") -> UUID:
    """Enter a merchant with its documents; it then waits for the bank's review."""
    status = "draft"
    for step in REGISTERING:
        status = MERCHANT.check(status, step)
    facts = {
        "code": short_code(code),
        "name": required(name, "商户名称"),
        "legal_name": required(legal_name, "法定名称"),
        "uscc": code_of_company(uscc),
    }
    merchant_id = ids.uuid7()
    if not await repository.add_merchant(session, {"id": merchant_id, "status": status, **facts}):
        raise CodeTaken(code=facts["code"])
    await audit.record(session, by, "tenancy.merchant.register", "merchant", merchant_id, after={**facts, "status": status})
    return merchant_id


async def draft(session: Session, by: Actor, *, code: str, name: str) -> UUID:
    """A merchant that begins its way to collecting; its documents are still to come."""
    facts = {"code": short_code(code), "name": required(name, "商户名称")}
    merchant_id = ids.uuid7()
    if not await repository.add_merchant(session, {"id": merchant_id, "status": "draft", "by_case": True, "legal_name": facts["name"], **facts}):
        raise CodeTaken(code=facts["code"])
    await audit.record(session, by, "tenancy.merchant.register", "merchant", merchant_id, after={**facts, "status": "draft"})
    return merchant_id


async def walk(session: Session, merchant_id: UUID, target: str) -> None:
    """One step of a merchant whose case has taken it."""
    row = await _merchant(session, merchant_id)
    await repository.set_merchant_status(session, merchant_id, MERCHANT.check(row.status, target))


async def account_of(session: Session, keys: TenantKeys, merchant_id: UUID, number: str) -> UUID | None:
    """The merchant's settlement account of this number, if a second person has agreed to it."""
    found = await repository.find_account_by_number(session, merchant_id, keys.index("account", digits_of(number)))
    return found.id if found is not None and found.status == "active" else None


async def activate(session: Session, by: Actor, merchant_id: UUID) -> str:
    """Let a merchant collect; it needs a settlement account that a second person checked. Answers its code."""
    row = await _merchant(session, merchant_id)
    if row.by_case and row.status != "suspended":
        raise MerchantHasCase()
    status = _walk(row.status)
    if not any(a.merchant_id == merchant_id and a.status == "active" for a in await repository.list_accounts(session)):
        raise MerchantHasNoAccount()
    await repository.set_merchant_status(session, merchant_id, status)
    before = {"status": row.status}
    await audit.record(session, by, "tenancy.merchant.activate", "merchant", merchant_id, before=before, after={"status": status})
    return row.code


def _walk(status: str) -> str:
    """Take every step that is left until a merchant is active; a suspended one is simply resumed."""
    left = ("active",) if status == "suspended" else ACTIVATING
    for step in left[left.index(status) + 1 :] if status in left[:-1] else left:
        status = MERCHANT.check(status, step)
    return status


async def stop(session: Session, by: Actor, merchant_id: UUID, target: str, why: str) -> str:
    """Suspend or close a merchant, with the reason; answers its code."""
    row = await _merchant(session, merchant_id)
    MERCHANT.check(row.status, target)
    told = reason(why)
    await repository.set_merchant_status(session, merchant_id, target)
    await audit.record(
        session, by, f"tenancy.merchant.{target}", "merchant", merchant_id,
        before={"status": row.status}, after={"status": target}, reason=told,
    )
    return row.code


async def add_account(
    session: Session, keys: TenantKeys, by: Actor, merchant_id: UUID, *, holder: str, bank_name: str, number: str, letter: bool = False
) -> UUID:
    """Enter a settlement account; it holds nothing until someone else has checked it. The number is kept sealed.

    The holder is the merchant itself; another one only with a letter of authorisation (委托书) in hand.
    """
    row = await _merchant(session, merchant_id)
    digits = digits_of(number)
    if required(holder, "账户名") != row.legal_name and not letter:
        raise AccountHolderDiffers(legal_name=row.legal_name)
    facts = {"holder": required(holder, "账户名"), "bank_name": required(bank_name, "开户行"), "number_masked": mask_card(digits)}
    account_id = await _keep(session, keys, by, merchant_id, digits, facts)
    after = {**facts, "merchant_id": str(merchant_id), "status": "pending"}
    await audit.record(session, by, "tenancy.account.make", "settlement_account", account_id, after=after)
    return account_id


async def _keep(session: Session, keys: TenantKeys, by: Actor, merchant_id: UUID, digits: str, facts: dict[str, str]) -> UUID:
    """A new row, or the old one of a number that was rejected or retired, made pending again."""
    index = keys.index("account", digits)
    fresh = {
        "status": "pending",
        "made_by": by.id,
        "made_by_name": by.name,
        "checked_by": None,
        "checked_by_name": None,
        "number_sealed": keys.seal(digits),
        **facts,
    }
    account_id = ids.uuid7()
    if await repository.add_account(session, {"id": account_id, "merchant_id": merchant_id, "number_index": index, **fresh}):
        return account_id
    known = await repository.find_account_by_number(session, merchant_id, index)
    if known.status in ("pending", "active"):
        raise AccountKnown()
    ACCOUNT.check(known.status, "pending")
    await repository.set_account(session, known.id, fresh)
    return known.id


async def check_account(session: Session, by: Actor, account_id: UUID, *, approve: bool, why: str | None = None) -> str:
    """The second person says yes, or no with a reason; answers the masked number."""
    row = await repository.find_account(session, account_id, lock=True)
    if row is None:
        raise NotFound()
    by.check_other(row.made_by)
    status = ACCOUNT.check(row.status, "active" if approve else "rejected")
    told = None if approve else reason(why)
    await repository.set_account(session, account_id, {"status": status, "checked_by": by.id, "checked_by_name": by.name})
    await audit.record(
        session, by, "tenancy.account.check", "settlement_account", account_id,
        before={"status": row.status, "number_masked": row.number_masked}, after={"status": status}, reason=told,
    )
    return row.number_masked


async def retire_account(session: Session, by: Actor, account_id: UUID, why: str) -> str:
    """Settle to this account no more; answers the masked number."""
    row = await repository.find_account(session, account_id, lock=True)
    if row is None:
        raise NotFound()
    status = ACCOUNT.check(row.status, "retired")
    told = reason(why)
    await repository.set_account(session, account_id, {"status": status})
    await audit.record(
        session, by, "tenancy.account.retire", "settlement_account", account_id,
        before={"status": row.status}, after={"status": status}, reason=told,
    )
    return row.number_masked


async def _merchant(session: Session, merchant_id: UUID) -> Row:
    row = await repository.find_merchant(session, merchant_id, lock=True)
    if row is None:
        raise NotFound()
    return row
