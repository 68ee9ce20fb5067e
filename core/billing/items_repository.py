"""Fee items and the merchants they settle to."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, text, update

from core.billing.models import fee_item
from core.database import Row, Session
from core.tenancy.models import merchant

_UPSERT = text("""
    INSERT INTO core.fee_item AS old (id, plugin, code, name, category, period, mandatory, discountable, merchant_id, position, refundable_policy)
    SELECT * FROM unnest(CAST(:id AS uuid[]), CAST(:plugin AS text[]), CAST(:code AS text[]), CAST(:name AS text[]),
                         CAST(:category AS text[]), CAST(:period AS text[]), CAST(:mandatory AS boolean[]),
                         CAST(:discountable AS boolean[]), CAST(:merchant_id AS uuid[]), CAST(:position AS int[]),
                         CAST(:refundable_policy AS text[]))
    ON CONFLICT (tenant_id, plugin, code) DO UPDATE
    SET name = excluded.name, category = excluded.category, period = excluded.period, mandatory = excluded.mandatory,
        discountable = excluded.discountable, position = excluded.position, refundable_policy = excluded.refundable_policy, active = true,
        version = old.version + 1
    WHERE (old.name, old.category, old.period, old.mandatory, old.discountable, old.position, old.refundable_policy, old.active)
       IS DISTINCT FROM (excluded.name, excluded.category, excluded.period, excluded.mandatory, excluded.discountable, excluded.position,
                         excluded.refundable_policy, true)
""")


_INSERT = text("""
    INSERT INTO core.fee_item (id, plugin, code, name, category, period, mandatory, discountable, merchant_id, refundable_policy, position)
    SELECT :id, :plugin, :code, :name, :category, :period, :mandatory, :discountable, :merchant_id, :refundable_policy,
           coalesce(max(position) + 1, 0)
    FROM core.fee_item WHERE plugin = :plugin
    ON CONFLICT (tenant_id, plugin, code) DO NOTHING
""")


async def upsert_items(session: Session, columns: dict[str, list[object]]) -> int:
    """Write items, new or changed; an item keeps the merchant it has. Answers how many were new or different."""
    return (await session.execute(_UPSERT, columns)).rowcount


async def refund_policies(session: Session, plugin: str) -> dict[str, str]:
    """The refund policy of each item of a plugin, by code."""
    rows = await session.all(select(fee_item.c.code, fee_item.c.refundable_policy).where(fee_item.c.plugin == plugin))
    return {row.code: row.refundable_policy for row in rows}


async def insert_item(session: Session, row: dict[str, object]) -> bool:
    """Write one new item, after those of its plugin; False when its code is taken."""
    return (await session.execute(_INSERT, row)).rowcount == 1


async def find_item(session: Session, item_id: UUID) -> Row | None:
    """One item."""
    return await session.one_or_none(select(fee_item).where(fee_item.c.id == item_id))


async def lock_item(session: Session, item_id: UUID) -> Row | None:
    """One item, held."""
    return await session.one_or_none(select(fee_item).where(fee_item.c.id == item_id).with_for_update())


async def change_item(session: Session, item_id: UUID, values: dict[str, object]) -> None:
    """Other facts of an item, in a new version."""
    await session.execute(update(fee_item).where(fee_item.c.id == item_id).values(**values, version=fee_item.c.version + 1))


async def list_items(session: Session, plugin: str) -> Sequence[Row]:
    """The items of a plugin in their order."""
    query = select(fee_item).where(fee_item.c.plugin == plugin, fee_item.c.active)
    return await session.all(query.order_by(fee_item.c.position, fee_item.c.code))


async def list_merchants(session: Session) -> Sequence[Row]:
    """The client's merchants that may receive money, the oldest first."""
    usable = merchant.c.status.not_in(("closed", "rejected"))
    return await session.all(select(merchant).where(usable).order_by(merchant.c.created_at, merchant.c.code))


async def set_merchant(session: Session, item_id: UUID, merchant_id: UUID) -> None:
    """From the next bill on the item settles to another merchant."""
    await session.execute(
        text("UPDATE core.fee_item SET merchant_id = :merchant_id, version = version + 1 WHERE id = :id"),
        {"id": item_id, "merchant_id": merchant_id},
    )
