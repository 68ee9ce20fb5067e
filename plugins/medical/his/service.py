"""A hospital's connection with its HIS: set by the hospital's administrator, its secret sealed and never shown again."""

import datetime as dt
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from core import ids
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import TenantKeys
from core.jobs import service as jobs
from core.platform import Platform
from core.web.i18n import N_
from plugins.medical.his import client, repository
from plugins.medical.his.client import His
from plugins.medical.his.errors import LinkBroken, LinkMissing
from plugins.medical.his.wire import Link, Told

MANAGE = "medical.his.manage"
MOST_MINUTES = 24 * 60


class LinkWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A link as it is set; an empty `secret` keeps the one that is there. After `refund_after_minutes` what HIS refused goes back."""

    base_url: str
    app_id: str
    secret: str = ""
    refund_after_minutes: int = 30


class LinkRead(msgspec.Struct, frozen=True, kw_only=True):
    """A link as it is shown: never its secret."""

    base_url: str
    app_id: str
    refund_after_minutes: int
    made_by: str
    created_at: dt.datetime


async def find_link(session: Session) -> Row | None:
    """The link that is open; None while a hospital has none."""
    return await repository.find_link(session)


async def read_link(session: Session) -> LinkRead:
    """The link as it is shown. Raises LinkMissing."""
    row = await repository.find_link(session)
    if row is None:
        raise LinkMissing()
    return LinkRead(**{name: getattr(row, name) for name in LinkRead.__struct_fields__})


async def open_link(session: Session, keys: TenantKeys, given: LinkWrite, by: Actor, sandbox_url: str = "") -> LinkRead:
    """Set or change the link; the one before is closed and stays in its history. The address must be https, or the sandbox's own."""
    known = await repository.find_link(session)
    _check(given, known, sandbox_url)
    row = {
        "id": ids.uuid7(), "base_url": given.base_url.strip().rstrip("/"), "app_id": given.app_id.strip(),
        "secret_sealed": keys.seal(given.secret.strip()) if given.secret.strip() else known.secret_sealed,
        "refund_after_minutes": given.refund_after_minutes, "made_by": by.name,
    }  # fmt: skip
    if known is None and await repository.catch_up(session):
        await jobs.call_worker(session)
    await repository.replace_link(session, row)
    names = ("base_url", "app_id", "refund_after_minutes")
    before = {name: getattr(known, name) for name in names} if known else None
    after = {name: row[name] for name in names} | {"secret_changed": bool(given.secret.strip())}
    await audit.record(session, by, "medical.his_link.save", "his_link", row["id"], before=before, after=after)
    return await read_link(session)


async def close_link(session: Session, by: Actor, reason: str) -> None:
    """Stop speaking with HIS; what waits for it waits until there is a link again."""
    known = await repository.find_link(session)
    if known is None:
        raise LinkMissing()
    await repository.close_link(session)
    await audit.record(session, by, "medical.his_link.close", "his_link", known.id, before={"base_url": known.base_url}, reason=reason)


async def reach(platform: Platform, tenant_id: UUID) -> His | None:
    """A client's way to its HIS, in a transaction of its own; None while there is no link."""
    async with platform.database.tenant(tenant_id) as session:
        row = await repository.find_link(session)
        if row is None:
            return None
        keys = await platform.vault.keys(session)
    link = Link(base_url=row.base_url, app_id=row.app_id, secret=keys.open(row.secret_sealed), refund_after_minutes=row.refund_after_minutes)
    return His(platform, tenant_id, link)


async def must_reach(platform: Platform, tenant_id: UUID) -> His:
    """The same; LinkMissing while there is none."""
    his = await reach(platform, tenant_id)
    if his is None:
        raise LinkMissing()
    return his


async def check(platform: Platform, tenant_id: UUID) -> Told:
    """Ask HIS whether it hears and believes us; answers what it said (`absent` is well). Raises LinkMissing."""
    return await client.ping(await must_reach(platform, tenant_id))


def sandbox_of(platform: Platform) -> str:
    """The sandbox's address where one may be connected: in a demo."""
    return platform.settings.sandbox_url if platform.settings.demo else ""


def _check(given: LinkWrite, known: Row | None, sandbox_url: str) -> None:
    address = given.base_url.strip()
    simulated = bool(sandbox_url) and address.startswith(sandbox_url.rstrip("/") + "/")
    try:
        parts = urlsplit(address)
    except ValueError:
        raise LinkBroken(why=N_("地址无效")) from None
    if not parts.hostname or parts.username or parts.query or parts.fragment or not (parts.scheme == "https" or simulated):
        raise LinkBroken(why=N_("地址须以 https:// 开头"))
    if not given.app_id.strip() or len(given.app_id) > 64:
        raise LinkBroken(why=N_("请填写应用编号"))
    if not given.secret.strip() and known is None:
        raise LinkBroken(why=N_("请填写密钥"))
    if given.secret.strip() and not 16 <= len(given.secret.strip()) <= 200:
        raise LinkBroken(why=N_("密钥应为 16–200 个字符"))
    if not 1 <= given.refund_after_minutes <= MOST_MINUTES:
        raise LinkBroken(why=N_("自动退款时间应为 1–1440 分钟"))


