"""A clearing account is connected, or gets new keys, by two people: whoever holds the bank's key could say that money was paid."""

import base64
import hashlib
from collections.abc import Mapping
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from core.approvals import service as approvals
from core.database import Session
from core.identity.actor import Actor
from core.identity.vault import TenantKeys
from core.payments.channels import rsa
from core.settlement import bank_accounts
from core.settlement import bank_accounts_repository as repository
from core.settlement.bank_accounts import Given, masked

KIND = "settlement.bank"


async def propose(session: Session, keys: TenantKeys, given: Given, reason: str, by: Actor, sandbox_url: str = "") -> UUID:
    """Ask a second person; what is secret travels sealed and is shown to nobody, of both keys only the fingerprints are."""
    bank_accounts.check(given, sandbox_url)
    known = await repository.find(session, given.account_number.strip())
    proposal: dict[str, object] = {
        "base_url": given.base_url.strip(), "customer": given.customer.strip(), "key_id": given.key_id.strip(),
        "bank_name": given.bank_name.strip(), "account_name": given.account_name.strip(), "account": masked(given.account_number.strip()),
        "our_key": fingerprint(rsa.private_key(given.private_key).public_key()),
        "bank_key": fingerprint(rsa.public_key(given.bank_public_key)),
        "_sealed": base64.b64encode(keys.seal(msgspec.json.encode(bank_accounts.sealed_of(given)))).decode(),
        "_account_number": given.account_number.strip(), "_again": known is not None,
    }  # fmt: skip
    subject_id = known.id if known else session.tenant_id
    title = f"清算户 {proposal['account']}"
    return await approvals.propose(session, by, kind=KIND, title=title, subject_id=subject_id, proposal=proposal, reason=reason)


async def approve(session: Session, subject_id: UUID, proposal: Mapping[str, object], by: Actor) -> None:
    """The second person agreed: it is used from now on."""
    names = ("base_url", "customer", "key_id", "bank_name", "account_name")
    told = {name: str(proposal[name]) for name in names} | {"account_number": str(proposal["_account_number"])}
    await bank_accounts.keep(session, told, base64.b64decode(str(proposal["_sealed"])), by)


def describe(proposal: Mapping[str, object]) -> list[tuple[str, str, str]]:
    """What a checker compares with the bank's letter."""
    labels = (
        ("清算户账号", "account"), ("户名", "account_name"), ("开户行", "bank_name"), ("接口地址", "base_url"), ("客户号", "customer"),
        ("密钥编号", "key_id"), ("我方公钥指纹", "our_key"), ("银行公钥指纹", "bank_key"),
    )  # fmt: skip
    return [(label, "", str(proposal[name])) for label, name in labels]


def fingerprint(key: RSAPublicKey) -> str:
    """Eight bytes by which two people, and the bank, see that they hold the same key."""
    digest = hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    return ":".join(f"{byte:02X}" for byte in digest[:8])
