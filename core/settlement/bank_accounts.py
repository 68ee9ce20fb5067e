"""The client's clearing accounts at the bank: who opened them, how the bank is reached, and with which keys (sealed, never shown again)."""

import datetime as dt
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from core import clock, ids
from core.database import Row, Session
from core.errors import InvalidRequest
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import TenantKeys, Vault
from core.payments.channels import rsa
from core.payments.channels.protocol import StatementFile
from core.platform import Platform
from core.settlement import bank_accounts_repository as repository
from core.settlement.bank import Connection
from core.settlement.bank_client import BankClient
from core.settlement.errors import BankLacking
from core.statements.fetchers import Fetcher, Subject
from core.statements.sources.bank import CHANNEL, SOURCE
from core.web.i18n import N_

OUT_AFTER = dt.timedelta(hours=6)
"""The bank writes a day's statement early on the next morning."""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What the bank handed over for a clearing account."""

    base_url: str
    customer: str
    key_id: str
    private_key: str
    bank_public_key: str
    account_number: str
    account_name: str
    bank_name: str = ""


class Sealed(msgspec.Struct, frozen=True):
    """What lies sealed in a connection."""

    private_key: str
    bank_public_key: str


async def connect(session: Session, keys: TenantKeys, given: Given, by: Actor, sandbox_url: str = "") -> UUID:
    """Keep a clearing account and its keys; the same account again gets the new keys. The address is https, or the sandbox's own."""
    check(given, sandbox_url)
    told = {name: getattr(given, name).strip() for name in ("bank_name", "base_url", "customer", "key_id", "account_number", "account_name")}
    return await keep(session, told, keys.seal(msgspec.json.encode(sealed_of(given))), by)


async def keep(session: Session, told: Mapping[str, str], sealed: bytes, by: Actor) -> UUID:
    """Write down a clearing account whose keys are sealed already, and make its statements the client's own."""
    known = await repository.find(session, told["account_number"])
    connection_id = known.id if known else ids.uuid7()
    title = told["bank_name"] or told["account_name"]
    await repository.add(session, {"id": connection_id, "title": title, "made_by": by.name, "credentials_sealed": sealed, **told})
    number = {"id": ids.uuid7(), "channel": CHANNEL, "number": told["account_number"], "title": told["account_name"], "made_by": by.name}
    await repository.name_number(session, number)
    after = {name: told[name] for name in ("base_url", "customer", "key_id", "bank_name")} | {"account": masked(told["account_number"])}
    await audit.record(session, by, "settlement.bank.connect", "bank_connection", connection_id, after=after)
    return connection_id


def sealed_of(given: Given) -> Sealed:
    """The part of it that is secret."""
    return Sealed(given.private_key, given.bank_public_key)


async def find(session: Session, vault: Vault, account_number: str = "") -> Connection:
    """The connection of a clearing account, or the client's first one, its keys opened. Raises BankLacking."""
    row = await repository.find(session, account_number)
    if row is None:
        raise BankLacking()
    return await _opened(session, vault, row)


async def list_accounts(session: Session) -> Sequence[Row]:
    """Every clearing account, without its keys being opened."""
    return await repository.list_all(session)


async def list_subjects(session: Session) -> list[Subject]:
    """The accounts whose statements are fetched."""
    found = [row for row in await repository.list_all(session) if row.status == "active"]
    return [Subject(row.id, row.account_number, clock.business_day(row.created_at)) for row in found]


async def fetch(platform: Platform, tenant_id: UUID, account_id: UUID, day: dt.date) -> StatementFile | None:
    """A day's statement from the bank; holds no transaction while the bank answers."""
    async with platform.database.tenant(tenant_id) as session:
        row = await repository.get(session, account_id)
        if row is None or row.status != "active":
            raise BankLacking()
        connection = await _opened(session, platform.vault, row)
    content = await BankClient(platform.http).fetch_statement(connection, connection.account_number, day)
    if content is None:
        return None
    return StatementFile(name=f"bank-{connection.account_number[-4:]}-{day:%Y%m%d}.csv", content=content, kind=SOURCE.code)


FETCHER = Fetcher(source=SOURCE.code, list_subjects=list_subjects, fetch=fetch, out_after=OUT_AFTER)


def masked(number: str) -> str:
    """An account as lists show it."""
    return f"{number[:4]} **** {number[-4:]}" if len(number) > 8 else number


async def _opened(session: Session, vault: Vault, row: Row) -> Connection:
    secret = msgspec.json.decode((await vault.keys(session)).open_bytes(row.credentials_sealed), type=Sealed)
    return Connection(
        id=row.id, tenant_id=row.tenant_id, title=row.title, base_url=row.base_url, customer=row.customer, key_id=row.key_id,
        private_key=secret.private_key, bank_public_key=secret.bank_public_key, account_number=row.account_number,
        account_name=row.account_name,
    )  # fmt: skip


def check(given: Given, sandbox_url: str) -> None:
    """Refuse what could not work: an address, an account or keys that are none. Raises InvalidRequest."""
    parts = urlsplit(given.base_url.strip())
    simulated = bool(sandbox_url) and given.base_url.strip().startswith(sandbox_url.rstrip("/") + "/")
    if not parts.hostname or not (parts.scheme == "https" or simulated):
        raise InvalidRequest(N_("银行接口地址须以 https:// 开头"))
    number = given.account_number.strip()
    if not (8 <= len(number) <= 32 and number.isascii() and number.isalnum()):
        raise InvalidRequest(N_("清算户账号应为 8 至 32 位字母或数字"))
    if not given.customer.strip() or not given.key_id.strip() or not given.account_name.strip():
        raise InvalidRequest(N_("请填写客户号、密钥编号与户名"))
    try:
        rsa.private_key(given.private_key), rsa.public_key(given.bank_public_key)
    except rsa.BadKey:
        raise InvalidRequest(N_("私钥或银行公钥无法读取，请整段粘贴 PEM")) from None
