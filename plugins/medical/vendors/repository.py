"""Vendors and their keys in the database."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import func, insert, or_, select, text, update

from core.database import Row, Session
from core.identity.models import api_key
from plugins.medical.vendors.models import key, vendor

ORDERING = ["med.vendor", "med.his"]
"""The roles of keys that may order."""
_BY_KEY = text("SELECT w.* FROM medical.vendor w JOIN medical.vendor_key k ON k.tenant_id = w.tenant_id AND k.vendor_id = w.id WHERE k.key_id = :key_id")
_SYSTEMS = text("SELECT count(*) FROM core.api_key WHERE ended_at IS NULL AND roles ?| CAST(:roles AS text[])")


async def find_by_key(session: Session, key_id: UUID) -> Row | None:
    """The vendor whose key it is."""
    return await session.one_or_none(_BY_KEY, {"key_id": key_id})


async def find(session: Session, vendor_id: UUID) -> Row | None:
    """One vendor."""
    return await session.one_or_none(select(vendor).where(vendor.c.id == vendor_id))


async def lock(session: Session, vendor_id: UUID) -> Row | None:
    """One vendor, held."""
    return await session.one_or_none(select(vendor).where(vendor.c.id == vendor_id).with_for_update())


async def find_taken(session: Session, app_id: str, name: str) -> Row | None:
    """A vendor that has the app id or the name already."""
    return await session.one_or_none(select(vendor).where(or_(vendor.c.app_id == app_id, vendor.c.name == name)).limit(1))


async def list_vendors(session: Session) -> Sequence[Row]:
    """Every vendor, by app id, with how many of its keys are good."""
    good = (
        select(func.count())
        .select_from(key.join(api_key, (api_key.c.tenant_id == key.c.tenant_id) & (api_key.c.id == key.c.key_id)))
        .where(key.c.tenant_id == vendor.c.tenant_id, key.c.vendor_id == vendor.c.id, api_key.c.ended_at.is_(None))
    )
    return await session.all(select(vendor, good.scalar_subquery().label("keys")).order_by(vendor.c.app_id))


async def find_by_app_id(session: Session, app_id: str) -> Row | None:
    """One vendor by app id."""
    return await session.one_or_none(select(vendor).where(vendor.c.app_id == app_id))


async def count_systems(session: Session) -> int:
    """How many good keys may order: vendors' and HIS's."""
    return await session.scalar(_SYSTEMS, {"roles": ORDERING})


async def add(session: Session, row: Mapping[str, object]) -> None:
    """A new vendor."""
    await session.execute(insert(vendor), row)


async def change(session: Session, vendor_id: UUID, values: Mapping[str, object]) -> None:
    """Other values of a vendor."""
    await session.execute(update(vendor).where(vendor.c.id == vendor_id).values(**values))


async def add_key(session: Session, key_id: UUID, vendor_id: UUID) -> None:
    """A key is a vendor's."""
    await session.execute(insert(key), {"key_id": key_id, "vendor_id": vendor_id})


async def list_keys(session: Session, vendor_id: UUID) -> Sequence[Row]:
    """A vendor's keys, the newest first; never the key itself."""
    shown = [api_key.c[name] for name in ("id", "name", "tail", "made_by", "expires_at", "ended_at", "created_at")]
    query = select(*shown).join(key, (key.c.tenant_id == api_key.c.tenant_id) & (key.c.key_id == api_key.c.id))
    return await session.all(query.where(key.c.vendor_id == vendor_id).order_by(api_key.c.id.desc()))
