"""Where a client has fiscal e-tickets and invoices issued, and for which fee items: set by the client, the key sealed and never shown again."""

from urllib.parse import urlsplit

import msgspec

from core import ids
from core.database import Row, Session
from core.errors import InvalidRequest
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import TenantKeys
from core.receipts import issuer_repository as repository
from core.receipts.errors import IssuerIncomplete, IssuerUnknown
from core.receipts.issuers import ISSUERS, tax_within
from core.web.i18n import N_


class IssuerWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An issuer as it is set; an empty `secret` keeps the one that is there. `items` are the fee items it issues for."""

    base_url: str
    app_id: str
    name: str
    secret: str = ""
    code: str = ""
    drawer: str = ""
    title: str = ""
    items: list[str] = []
    tax_rates: dict[str, str] = {}
    active: bool = True


class IssuerRead(msgspec.Struct, frozen=True, kw_only=True):
    """An issuer as it is shown: never its key."""

    ticket: str
    base_url: str
    app_id: str
    name: str
    code: str
    drawer: str
    title: str
    items: list[str]
    tax_rates: dict[str, str]
    status: str
    version: int


async def save(session: Session, keys: TenantKeys, ticket: str, given: IssuerWrite, by: Actor, sandbox_url: str = "") -> IssuerRead:
    """Set an issuer; tickets of payments from now on follow it. The address must be https, or the sandbox's own."""
    if ticket not in ISSUERS:
        raise IssuerUnknown()
    _check(given, sandbox_url)
    known = await repository.find_issuer(session, ticket)
    if known is None and not given.secret:
        raise IssuerIncomplete()
    settings = {name: getattr(given, name) for name in ("name", "code", "drawer", "title", "items", "tax_rates")}
    row = {
        "id": known.id if known else ids.uuid7(),
        "ticket": ticket,
        "base_url": given.base_url.strip().rstrip("/"),
        "app_id": given.app_id.strip(),
        "credentials_sealed": keys.seal(given.secret) if given.secret else known.credentials_sealed,
        "settings": settings,
        "status": "active" if given.active else "suspended",
    }
    await repository.save_issuer(session, row)
    told = {"ticket": ticket, "base_url": row["base_url"], "app_id": row["app_id"], "items": given.items, "status": row["status"]}
    before = {"base_url": known.base_url, "app_id": known.app_id, "status": known.status} if known else None
    after = told | {"key_changed": bool(given.secret)}
    await audit.record(session, by, "receipts.issuer.save", "receipt_issuer", row["id"], before=before, after=after)
    return read(await repository.find_issuer(session, ticket))


async def list_issuers(session: Session) -> list[IssuerRead]:
    """Every issuer that was set."""
    return [read(row) for row in await repository.list_issuers(session)]


async def find(session: Session, ticket: str) -> IssuerRead | None:
    """One of them, if it was set."""
    row = await repository.find_issuer(session, ticket)
    return None if row is None else read(row)


def read(row: Row) -> IssuerRead:
    """A row as it is shown."""
    own = {"name": "", "code": "", "drawer": "", "title": "", "items": [], "tax_rates": {}} | row.settings
    return IssuerRead(ticket=row.ticket, base_url=row.base_url, app_id=row.app_id, status=row.status, version=row.version, **own)


def _check(given: IssuerWrite, sandbox_url: str) -> None:
    parts = urlsplit(given.base_url.strip())
    simulated = bool(sandbox_url) and given.base_url.strip().startswith(sandbox_url.rstrip("/") + "/")
    if not parts.hostname or not (parts.scheme == "https" or simulated):
        raise InvalidRequest(N_("开票平台地址须以 https:// 开头"))
    if not given.app_id.strip() or not given.name.strip():
        raise InvalidRequest(N_("请填写应用编号与开票单位名称"))
    for rate in given.tax_rates.values():
        if not rate.replace(".", "", 1).isdecimal() or len(rate) > 6 or tax_within(10_000, rate) > 5_000:
            raise InvalidRequest(N_("税率应为 0 到 100 之间的百分数"))
