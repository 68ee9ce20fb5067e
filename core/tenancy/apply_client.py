"""Bring one client to its declaration: the bank's rows of it, its merchants and accounts, its channels, sample data, people."""

import hashlib
import secrets
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import msgspec

from core import ids
from core.errors import ProviderError
from core.identity import accounts_repository
from core.identity.actor import Actor
from core.identity.sessions import roles_for
from core.tenancy import (
    apply_clearing,
    apply_people,
    apply_terms,
    branches_repository,
    channels_repository,
    doors,
    merchant_doors,
    merchants_repository,
    numbers,
    repository,
    service,
)
from core.tenancy.changes import Change, Step
from core.tenancy.declaration import AccountFacts, ChannelFacts, ClientDeclaration, MerchantFacts
from core.tenancy.merchants import digits_of

DEMO_MARK = "demo_loaded"


async def client(work: Any, bank_id: UUID | None, code: str) -> None:
    """All aspects in the order in which each builds on the one before."""
    declared: ClientDeclaration = work.declared.clients[code]
    client_id = await _opened(work, bank_id, declared)
    await _plugins(work, bank_id, client_id, declared)
    await _merchants(work, bank_id, client_id, declared)
    await _channels(work, client_id, declared)
    await apply_terms.terms(work, client_id, declared)
    await apply_clearing.clearing(work, client_id, declared)
    await _state(work, bank_id, client_id, declared)
    await _demo(work, bank_id, client_id, declared, work.declared.folders[code])
    await _people(work, client_id, declared)


async def _opened(work: Any, bank_id: UUID | None, declared: ClientDeclaration) -> UUID | None:
    platform, facts = work.platform, declared.client
    known, places = None, {}
    if bank_id is not None:
        async with platform.database.tenant(bank_id) as session:
            known = await repository.find_client_by_code(session, facts.code)
            places = {row.code: row.id for row in await branches_repository.list_branches(session)}
    if known is None:

        async def open_client() -> None:
            async with platform.database.tenant(bank_id) as session:
                by = work.acting(bank_id)
                client_id = await service.open_client(
                    session, platform.routes, platform.plugins, by,
                    code=facts.code, name=facts.name, kind=facts.kind, branch_id=places[facts.branch],
                )  # fmt: skip
                opened = await repository.find_client_by_code(session, facts.code)
                await service.change_face(session, by, client_id, _face_of(opened, declared))

        await work.take([Step(Change(facts.code, "create", "client", facts.name, facts.kind), open_client)])
        if not work.changing:
            return None
        async with platform.database.tenant(bank_id) as session:
            return (await repository.find_client_by_code(session, facts.code)).id
    await _face(work, bank_id, known, declared)
    return known.id


def _face_of(known: Any, declared: ClientDeclaration) -> dict[str, object]:
    """Name, branding and settings as declared; what the declaration does not mention stays."""
    branding = {key: value for key, value in msgspec.to_builtins(declared.branding).items() if value}
    return {
        "name": declared.client.name,
        "branding": {**known.branding, **branding},
        "settings": {**known.settings, **declared.settings},
    }


async def _face(work: Any, bank_id: UUID, known: Any, declared: ClientDeclaration) -> None:
    changed = {key: value for key, value in _face_of(known, declared).items() if getattr(known, key) != value}

    async def change() -> None:
        async with work.platform.database.tenant(bank_id) as session:
            await service.change_face(session, work.acting(bank_id), known.id, changed)
        work.platform.directory.forget(known.id)

    if changed:
        await work.take([Step(Change(declared.client.code, "change", "client", declared.client.name, "、".join(changed)), change)])


async def _plugins(work: Any, bank_id: UUID | None, client_id: UUID | None, declared: ClientDeclaration) -> None:
    on: set[str] = set()
    if client_id is not None:
        async with work.platform.database.tenant(bank_id) as session:
            on = {row.plugin for row in await repository.list_switches(session, client_id) if row.enabled}
    for plugin in declared.client.plugins:
        if plugin in on:
            continue
        pending = "" if plugin in work.platform.plugins.info else "平台没有安装这个插件"

        async def turn_on(plugin=plugin) -> None:
            await doors.switch(work.platform, work.acting(bank_id), client_id, plugin, True)

        await work.take([Step(Change(declared.client.code, "enable", "plugin", plugin, "", pending), None if pending else turn_on)])


async def _merchants(work: Any, bank_id: UUID | None, client_id: UUID | None, declared: ClientDeclaration) -> None:
    held = await merchant_doors.money(work.platform, client_id) if client_id else merchant_doors.Money([], {})
    known = {row.code: row for row in held.merchants}
    for facts in declared.merchants:
        if facts.code not in known:
            legal = facts.legal_name or declared.client.legal_name or declared.client.name
            uscc = facts.uscc or declared.client.uscc

            async def register(facts=facts, legal=legal, uscc=uscc) -> None:
                await merchant_doors.register_merchant(
                    work.platform, work.acting(bank_id), client_id, code=facts.code, name=facts.name, legal_name=legal, uscc=uscc
                )

            await work.take([Step(Change(declared.client.code, "create", "merchant", facts.code, facts.name), register)])
        await _accounts(work, bank_id, client_id, declared, facts)


async def _accounts(work: Any, bank_id: UUID | None, client_id: UUID | None, declared: ClientDeclaration, facts: MerchantFacts) -> None:
    row, kept = None, {}
    if client_id is not None:
        async with work.platform.database.tenant(client_id) as session:
            row = next((m for m in await merchants_repository.list_merchants(session) if m.code == facts.code), None)
            keys = await work.platform.vault.keys(session)
            for account in facts.accounts if row else ():
                index = keys.index("account", digits_of(account.number))
                kept[account.number] = await merchants_repository.find_account_by_number(session, row.id, index)
    for account in facts.accounts:
        found = kept.get(account.number)
        if found is None or found.status == "pending":

            async def enter(account=account, found=found) -> None:
                await _two_people(work, bank_id, client_id, row, account, found)

            name = f"{facts.code} …{account.number[-4:]}"
            await work.take([Step(Change(declared.client.code, "create", "settlement_account", name, account.bank_name), enter)])
    if facts.accounts and (row is None or row.status in ("bank_review", "channel_review", "signing")):

        async def activate() -> None:
            await merchant_doors.activate_merchant(work.platform, work.acting(bank_id), client_id, row.id)

        await work.take([Step(Change(declared.client.code, "activate", "merchant", facts.code, facts.name), activate)])


async def _two_people(work: Any, bank_id: UUID, client_id: UUID, row: Any, account: AccountFacts, found: Any) -> None:
    """Enter in the name of the one who did, check in the name of the other."""
    maker, checker = [await _named(work, bank_id, login) for login in (account.made_by, account.checked_by)]
    account_id = found.id if found else await merchant_doors.add_account(
        work.platform, maker, client_id, row.id, holder=row.legal_name, bank_name=account.bank_name, number=account.number
    )  # fmt: skip
    await merchant_doors.check_account(work.platform, checker, client_id, account_id, approve=True)


async def _named(work: Any, bank_id: UUID, login: str) -> Actor:
    async with work.platform.database.tenant(bank_id) as session:
        user = await accounts_repository.find_user_by_login(session, login)
    return msgspec.structs.replace(work.acting(bank_id), id=str(user.id), name=user.name)


async def _channels(work: Any, client_id: UUID | None, declared: ClientDeclaration) -> None:
    known: set[tuple[str, str]] = set()
    if client_id is not None:
        async with work.platform.database.tenant(client_id) as session:
            known = {(row.channel, row.merchant) for row in await channels_repository.list_accounts(session)}
    for facts in declared.channels:
        if (facts.channel, facts.merchant) in known:
            continue
        if facts.channel not in work.platform.channels:
            pending = "平台没有这个支付渠道"
        else:
            pending = "" if not facts.sandbox or await _sandbox_answers(work) else "沙箱没有答复，启动沙箱后再运行一次"

        async def connect(facts=facts) -> None:
            if facts.sandbox:
                await _connect(work, client_id, declared, facts)
            else:
                await _open_counter(work, client_id, facts)

        where = f"{'sandbox' if facts.sandbox else ''} {facts.merchant}".strip()
        change = Change(declared.client.code, "connect", "channel", facts.channel, where, pending)
        await work.take([Step(change, None if pending else connect)])


async def _sandbox_answers(work: Any) -> bool:
    try:
        await work.platform.http.get(f"{work.platform.settings.sandbox_url}/health")
    except httpx.HTTPError:
        return False
    return True


async def _connect(work: Any, client_id: UUID, declared: ClientDeclaration, facts: ChannelFacts) -> None:
    """Register at the sandbox, holding no transaction, then keep what it gave, sealed."""
    platform, account_id = work.platform, ids.uuid7()
    url = f"{platform.settings.sandbox_url}/sandbox/api/{facts.channel}/merchants"
    given = await _asked("POST", work, url, {"name": declared.client.name})
    if "webhook_url" in given:  # a gateway that is told once where to report, not with each order
        notify = f"{platform.settings.public_url}/notify/{facts.channel}/{declared.client.code}/{account_id}"
        await _asked("PUT", work, f"{url}/{given['mchid']}/webhook", {"url": notify})
    await _keep(work, client_id, account_id, facts, given)


async def _open_counter(work: Any, client_id: UUID, facts: ChannelFacts) -> None:
    """The counter has nobody outside: its key, with which the client's bank will sign its notices of transfers, is made here."""
    mchid = f"COUNTER-{facts.merchant}" if facts.merchant else "COUNTER"
    given = {"mchid": mchid, "appid": "", "base_url": "", "credentials": {"bank_key": secrets.token_hex(32)}}
    await _keep(work, client_id, ids.uuid7(), facts, given)


async def _keep(work: Any, client_id: UUID, account_id: UUID, facts: ChannelFacts, given: dict[str, Any]) -> None:
    async with work.platform.database.tenant(client_id) as session:
        keys = await work.platform.vault.keys(session)
        await numbers.declare(session, work.platform.vault, facts.channel, given["mchid"])
        await channels_repository.add_account(
            session, account_id, channel=facts.channel, mchid=given["mchid"], appid=given["appid"], base_url=given["base_url"],
            credentials_sealed=keys.seal(msgspec.json.encode(given["credentials"])), merchant=facts.merchant,
        )  # fmt: skip
        await doors.note_channel(session, work.acting(client_id), facts.channel, given["mchid"])


async def _asked(method: str, work: Any, url: str, body: dict[str, str]) -> dict[str, Any]:
    answer = await work.platform.http.request(method, url, json=body)
    if answer.is_error:
        raise ProviderError(f"沙箱拒绝登记商户（{answer.status_code}）")
    return answer.json()


async def _state(work: Any, bank_id: UUID | None, client_id: UUID | None, declared: ClientDeclaration) -> None:
    """A client that was opened here is put to use; one that an operator suspended stays so."""
    status = "draft"
    if client_id is not None:
        async with work.platform.database.tenant(bank_id) as session:
            status = (await repository.load_profile(session, client_id)).status

    async def activate() -> None:
        await doors.change_state(work.platform, work.acting(bank_id), client_id, "active")

    if status == "draft":
        await work.take([Step(Change(declared.client.code, "activate", "client", declared.client.name), activate)])


async def _demo(work: Any, bank_id: UUID | None, client_id: UUID | None, declared: ClientDeclaration, folder: Path) -> None:
    """Sample data, once for each version of the files, in demo mode only."""
    if declared.demo is None or not work.platform.settings.demo:
        return
    source, profile = folder / declared.demo.folder, None
    mark = _digest(source)
    if client_id is not None:
        async with work.platform.database.tenant(bank_id) as session:
            profile = await repository.load_profile(session, client_id)
    if profile is not None and profile.settings.get(DEMO_MARK) == mark:
        return

    async def load() -> None:
        await work.platform.plugins.ask("load_demo", profile.plugins, platform=work.platform, client=profile, folder=source)
        async with work.platform.database.tenant(bank_id) as session:
            await service.change_face(session, work.acting(bank_id), client_id, {"settings": {**profile.settings, DEMO_MARK: mark}})

    await work.take([Step(Change(declared.client.code, "load", "demo", declared.demo.folder), load)])


def _digest(folder: Path) -> str:
    content = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            content.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes())
    return content.hexdigest()[:16]


async def _people(work: Any, client_id: UUID | None, declared: ClientDeclaration) -> None:
    where = declared.client.code
    if client_id is None:
        await apply_people.people(work, None, None, where, declared.staff, {}, None)
        return
    profile = await work.platform.directory.profile(client_id)
    async with work.platform.database.tenant(client_id) as session:
        roles = roles_for(work.platform.plugins, "client", profile.plugins)
        await apply_people.people(work, session, client_id, where, declared.staff, roles, None)
