"""Bring a client's clearing account at the bank to its declaration: opened in the sandbox's bank, its keys sealed here."""

from typing import Any
from uuid import UUID

import httpx
import msgspec

from core import ids
from core.errors import ProviderError
from core.identity import audit
from core.tenancy import terms_repository
from core.tenancy.changes import Change, Step
from core.tenancy.declaration import ClientDeclaration


async def clearing(work: Any, client_id: UUID | None, declared: ClientDeclaration) -> None:
    """A client that settles has one; a second run finds it."""
    if declared.bank_account is None:
        return
    if client_id is not None:
        async with work.platform.database.tenant(client_id) as session:
            if await terms_repository.has_clearing_account(session):
                return
    answers = await _sandbox_answers(work)

    async def connect() -> None:
        url = f"{work.platform.settings.sandbox_url}/sandbox/api/bank/connections"
        answer = await work.platform.http.post(url, json={"name": declared.client.name})
        if answer.is_error:
            raise ProviderError(f"沙箱银行拒绝开户（{answer.status_code}）")
        await _keep(work, client_id, answer.json())

    pending = "" if answers else "沙箱没有答复，启动沙箱后再运行一次"
    change = Change(declared.client.code, "connect", "bank_account", declared.client.name, "sandbox", pending)
    await work.take([Step(change, None if pending else connect)])


async def _keep(work: Any, client_id: UUID, given: dict[str, str]) -> None:
    async with work.platform.database.tenant(client_id) as session:
        by = work.acting(client_id)
        keys = await work.platform.vault.keys(session)
        sealed = keys.seal(msgspec.json.encode({name: given[name] for name in ("private_key", "bank_public_key")}))
        row = {name: given[name] for name in ("base_url", "customer", "key_id", "account_number", "account_name", "bank_name")}
        row |= {"id": ids.uuid7(), "credentials_sealed": sealed, "made_by": by.name}
        await terms_repository.add_clearing_account(session, row)
        number = {"channel": "bank", "number": given["account_number"], "title": given["account_name"], "cut_minutes": None, "made_by": by.name}
        await terms_repository.add_number(session, ids.uuid7(), number)
        after = {"base_url": given["base_url"], "customer": given["customer"], "bank_name": given["bank_name"]}
        await audit.record(session, by, "settlement.bank.connect", "bank_connection", row["id"], after=after)


async def _sandbox_answers(work: Any) -> bool:
    try:
        await work.platform.http.get(f"{work.platform.settings.sandbox_url}/health")
    except httpx.HTTPError:
        return False
    return True
