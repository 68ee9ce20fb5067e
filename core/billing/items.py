"""Fee items: what a client charges for, and the merchant each settles to."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from core import ids
from core.billing import items_repository as repository
from core.database import Row, Session
from core.errors import Conflict


class NoMerchant(Conflict):
    code = "NO_MERCHANT"
    message = "还没有登记收款商户，请先由开户网点登记商户后再设置收费项目"


class ItemDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A fee item as a plugin knows it."""

    code: str
    name: str
    category: str
    period: str
    mandatory: bool
    discountable: bool
    refundable_policy: str | None = None
    """None keeps what the item has; a new one then gives nothing back."""


async def upsert(session: Session, plugin: str, drafts: Sequence[ItemDraft], merchant_codes: Mapping[str, str]) -> int:
    """Write items; a new one settles to the merchant its code or category names in `merchant_codes`, else to the client's first."""
    if not drafts:
        return 0
    merchants = {row.code: row.id for row in await repository.list_merchants(session)}
    if not merchants:
        raise NoMerchant()
    first = next(iter(merchants.values()))
    policies = await repository.refund_policies(session, plugin)
    rows = [
        {
            "id": ids.uuid7(),
            "plugin": plugin,
            **msgspec.structs.asdict(draft),
            "refundable_policy": draft.refundable_policy or policies.get(draft.code, "none"),
            "merchant_id": _merchant(draft, merchant_codes, merchants) or first,
            "position": position,
        }
        for position, draft in enumerate(drafts)
    ]
    return await repository.upsert_items(session, {name: [row[name] for row in rows] for name in rows[0]})


async def list_items(session: Session, plugin: str) -> Sequence[Row]:
    """A plugin's items in their order."""
    return await repository.list_items(session, plugin)


def _merchant(draft: ItemDraft, codes: Mapping[str, str], merchants: Mapping[str, UUID]) -> UUID | None:
    for key in (draft.code, draft.category):
        if codes.get(key) in merchants:
            return merchants[codes[key]]
    return None
