"""In a demonstration a client's tickets are issued by the sandbox: `issuers.toml` in its sample data says which, for which fee items."""

import tomllib
from pathlib import Path

import httpx
import msgspec
import structlog

from core.identity.actor import system
from core.platform import Platform
from core.receipts import setup
from core.receipts.setup import IssuerWrite
from core.tenancy.directory import ClientProfile

log = structlog.get_logger()


class Declared(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One issuer as the sample data names it."""

    ticket: str
    items: list[str]
    name: str
    title: str = ""
    drawer: str = ""
    tax_rates: dict[str, str] = {}


async def connect(platform: Platform, client: ClientProfile, folder: Path) -> None:
    """Register the client at the sandbox's ticket platforms, once; where the sandbox is not up, everything is our own receipt."""
    path = folder / "issuers.toml"
    if not path.is_file():
        return
    declared = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8"))["issuers"], list[Declared])
    async with platform.database.tenant(client.id) as session:
        known = {issuer.ticket for issuer in await setup.list_issuers(session)}
    for issuer in declared:
        if issuer.ticket not in known:
            await _register(platform, client, issuer)


async def _register(platform: Platform, client: ClientProfile, issuer: Declared) -> None:
    sandbox_url = platform.settings.sandbox_url
    try:
        answer = await platform.http.post(f"{sandbox_url}/sandbox/api/{issuer.ticket}/units", json={"name": issuer.name})
        given = answer.raise_for_status().json()
    except httpx.HTTPError as error:
        log.info("sandbox_issuer_away", ticket=issuer.ticket, why=type(error).__name__)
        return
    written = IssuerWrite(
        base_url=given["base_url"], app_id=given["app_id"], secret=given["secret"], code=given["unit_code"], name=issuer.name,
        title=issuer.title, drawer=issuer.drawer, items=issuer.items, tax_rates=issuer.tax_rates,
    )  # fmt: skip
    async with platform.database.tenant(client.id) as session:
        keys = await platform.vault.keys(session)
        await setup.save(session, keys, issuer.ticket, written, system(client.id), sandbox_url)
