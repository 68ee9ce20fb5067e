"""Fee items one by one: a new one, other facts, deactivated and back. They are the whole client's, so a right over a part of it is not enough."""

import re
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from core import ids
from core.billing import items_repository as repository
from core.billing.errors import FeeItemNotFound, FeeItemTaken, FeeItemWrong
from core.billing.items import NoMerchant
from core.billing.story_schemas import FeeItemCreate, FeeItemPatch
from core.database import Row, Session
from core.errors import StaleForm
from core.identity import audit, org
from core.identity.actor import Actor
from core.plugin_manager import PluginManager

MANAGE = "billing.item.manage"
OBJECT = "fee_item"
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
POLICIES = ("none", "full", "by_days", "by_month")
"""Refund policies that every fee item may have."""


class Allowed(msgspec.Struct, frozen=True):
    """What fee items of a plugin may be: of these categories (none named: any), with these refund policies."""

    categories: Sequence[str]
    policies: Sequence[str]


Words = Mapping[str, Allowed]
"""What each plugin of a client allows."""


def words_of(plugins: PluginManager, enabled: frozenset[str]) -> dict[str, Allowed]:
    """What fee items may be, by plugin, for the plugins a client has."""
    categories, policies = dict(plugins.collect("register_fee_categories")), dict(plugins.collect("register_refund_policies"))
    return {code: Allowed(categories.get(code, ()), (*POLICIES, *policies.get(code, ()))) for code in enabled}


async def create(session: Session, words: Words, draft: FeeItemCreate, by: Actor) -> UUID:
    """A new item of one of the client's plugins; it settles to the named merchant, else to the client's first."""
    await _check_whole(session, by)
    if draft.plugin not in words:
        raise FeeItemWrong(field="plugin", why="该单位没有启用这个插件")
    if not _CODE.fullmatch(draft.code):
        raise FeeItemWrong(field="code", why="编码只能用字母、数字、-、_，最多 32 位")
    facts = {name: value for name, value in msgspec.structs.asdict(draft).items() if name != "merchant_id"}
    _check(facts, words[draft.plugin])
    row = {"id": ids.uuid7(), **facts, "merchant_id": await _merchant(session, draft.merchant_id)}
    if not await repository.insert_item(session, row):
        raise FeeItemTaken(item_code=draft.code)
    await audit.record(session, by, "billing.item.create", OBJECT, row["id"], after={**facts, "merchant_id": str(row["merchant_id"])})
    return row["id"]


async def change(session: Session, words: Words, item_id: UUID, patch: FeeItemPatch, by: Actor) -> None:
    """Other facts, as read in this version; bills already made keep theirs. `active` false takes the item out of every later plan."""
    held = await _held(session, words, item_id, by)
    if held.version != patch.version:
        raise StaleForm()
    given = {name: value for name, value in msgspec.structs.asdict(patch).items() if name != "version" and value is not msgspec.UNSET}
    _check(given, words[held.plugin])
    if "merchant_id" in given:
        given["merchant_id"] = await _merchant(session, given["merchant_id"])
    new = {name: value for name, value in given.items() if getattr(held, name) != value}
    if not new:
        return
    await repository.change_item(session, item_id, new)
    before = {name: _plain(getattr(held, name)) for name in new}
    after = {name: _plain(value) for name, value in new.items()}
    await audit.record(session, by, "billing.item.change", OBJECT, item_id, before=before, after=after)


async def find(session: Session, words: Words, item_id: UUID) -> Row:
    """One item of the client's plugins."""
    row = await repository.find_item(session, item_id)
    if row is None or row.plugin not in words:
        raise FeeItemNotFound()
    return row


async def _held(session: Session, words: Words, item_id: UUID, by: Actor) -> Row:
    await _check_whole(session, by)
    held = await repository.lock_item(session, item_id)
    if held is None or held.plugin not in words:
        raise FeeItemNotFound()
    return held


async def _check_whole(session: Session, by: Actor) -> None:
    reach = by.reach(MANAGE)
    if reach is not None and not {row.id for row in await org.list_units(session) if row.parent_id is None} <= set(reach):
        raise FeeItemNotFound()


def _check(facts: Mapping[str, object], allowed: Allowed) -> None:
    name = facts.get("name")
    if name is not None and (not 1 <= len(str(name).strip()) <= 50 or str(name).startswith(("=", "+", "-", "@")) or "<" in str(name)):
        raise FeeItemWrong(field="name", why="名称为 1–50 个字，不能以 =、+、-、@ 开头，也不能含尖括号")
    category = facts.get("category")
    if category is not None and allowed.categories and category not in allowed.categories:
        raise FeeItemWrong(field="category", why=f"类别只能是：{'、'.join(allowed.categories)}")
    policy = facts.get("refundable_policy")
    if policy is not None and policy not in allowed.policies:
        raise FeeItemWrong(field="refundable_policy", why=f"退费规则只能是：{'、'.join(allowed.policies)}")


async def _merchant(session: Session, wanted: UUID | None) -> UUID:
    usable = [row.id for row in await repository.list_merchants(session)]
    if not usable:
        raise NoMerchant()
    if wanted is not None and wanted not in usable:
        raise FeeItemWrong(field="merchant_id", why="没有这个收款商户，或它已停用")
    return wanted or usable[0]


def _plain(value: object) -> object:
    return str(value) if isinstance(value, UUID) else value
