"""Discounts one by one: written as drafts, changed into drafts again, for a second person to approve. They are the whole school's."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from uuid import UUID

import msgspec

from core import ids, money
from core.billing import items as fee_items
from core.database import Session
from core.identity import audit
from core.identity.actor import Actor
from plugins.education.organisation import service as organisation
from plugins.education.organisation.service import PLACES, SchoolTree
from plugins.education.pricing import conditions
from plugins.education.pricing.rules import Condition, FeeItem
from plugins.education.standards import repository
from plugins.education.standards.errors import DiscountNotFound, DiscountTaken, DiscountWrong
from plugins.education.standards.schemas import DiscountDraft
from plugins.education.standards.service import MAKE, PLUGIN, read_discount, read_item

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")


async def create(session: Session, draft: DiscountDraft, by: Actor) -> UUID:
    """A new discount, a draft; DiscountTaken when its code is in use, also by a retired one."""
    values = await _values(session, draft, by)
    if await repository.find_discount(session, draft.code) is not None:
        raise DiscountTaken(discount_code=draft.code)
    discount_id = ids.uuid7()
    await repository.insert_discounts(session, [{"id": discount_id, "code": draft.code, "status": "draft", **values}])
    await audit.record(session, by, "education.discount.create", "discount", discount_id, after=msgspec.to_builtins(draft))
    return discount_id


async def change(session: Session, discount_id: UUID, draft: DiscountDraft, by: Actor) -> None:
    """Another rule under the same code: a draft again. The same rule changes nothing."""
    values = await _values(session, draft, by)
    row = await repository.lock_discount(session, discount_id)
    if row is None or row.status == "retired":
        raise DiscountNotFound()
    if row.code != draft.code:
        raise DiscountWrong(field="code", why="编码不能更改，请停用原来的优惠后另建")
    before = read_discount(row)
    told = {name: value for name, value in values.items() if name not in ("made_by", "position", "condition")}
    if all(getattr(row, name) == value for name, value in told.items()) and before.condition == msgspec.convert(values["condition"], Condition):
        return
    await repository.change_discount(session, discount_id, {**values, "position": row.position})
    was = {"status": row.status, "name": row.name, "kind": row.kind}
    await audit.record(session, by, "education.discount.change", "discount", discount_id, before=was, after=msgspec.to_builtins(draft))


async def _values(session: Session, draft: DiscountDraft, by: Actor) -> dict[str, object]:
    tree = await organisation.load(session)
    if not tree.whole(by.reach(MAKE)):
        raise DiscountNotFound()
    items = {row.code: read_item(row) for row in await fee_items.list_items(session, PLUGIN)}
    _check(draft, items)
    return {
        "name": draft.name.strip(),
        "kind": draft.kind,
        "item_codes": list(dict.fromkeys(draft.item_codes)),
        "condition": msgspec.to_builtins(_condition(draft.condition, tree)),
        "percent": _percent(draft),
        "amount_fen": draft.amount_fen,
        "priority": draft.priority,
        "position": len(await repository.list_discounts(session, retired=True)),
        "stackable": draft.stackable,
        "compound": draft.compound,
        "made_by": by.name,
    }


def _check(draft: DiscountDraft, items: Mapping[str, FeeItem]) -> None:
    if not _CODE.fullmatch(draft.code):
        raise DiscountWrong(field="code", why="编码只能用字母、数字、-、_，最多 32 位")
    if not draft.name.strip() or draft.name.startswith(("=", "+", "-", "@")) or "<" in draft.name:
        raise DiscountWrong(field="name", why="请填写名称；不能以 =、+、-、@ 开头，也不能含尖括号")
    if (draft.percent is None) != (draft.kind != "percent"):
        raise DiscountWrong(field="percent", why="百分比优惠须填写比例，其他方式不填")
    if (draft.amount_fen is None) != (draft.kind != "fixed") or (draft.amount_fen is not None and not 0 < draft.amount_fen <= money.MAX_FEN):
        raise DiscountWrong(field="amount_fen", why="定额优惠须填写大于 0 的金额，其他方式不填")
    if draft.compound and draft.kind != "percent":
        raise DiscountWrong(field="compound", why="只有百分比优惠才能折上折")
    if unknown := [code for code in draft.item_codes if code not in items]:
        raise DiscountWrong(field="item_codes", why=f"没有收费项目 {'、'.join(unknown)[:60]}")
    if barred := [code for code in draft.item_codes if not items[code].may_be_discounted]:
        raise DiscountWrong(field="item_codes", why=f"项目 {'、'.join(barred)} 不参与优惠")


def _percent(draft: DiscountDraft) -> Decimal | None:
    if draft.percent is None:
        return None
    try:
        found = Decimal(draft.percent)
    except InvalidOperation:
        raise DiscountWrong(field="percent", why="比例应为数字，例如 5 或 12.5") from None
    if not found.is_finite() or not 0 < found <= 100 or -found.as_tuple().exponent > 4:
        raise DiscountWrong(field="percent", why="比例须大于 0、不超过 100，最多四位小数")
    return found


def _condition(text: str, tree: SchoolTree) -> Condition:
    try:
        found = conditions.parse(text)
    except conditions.ConditionUnclear as unclear:
        raise DiscountWrong(field="condition", why=f"看不懂条件“{unclear.part[:40]}”") from None
    for key, values in found.equals.items():
        known = [tree.index.has(*(value if level == key else None for level in PLACES)) for value in values] if key in PLACES else [
            value in tree.index.choices[key] for value in values
        ]
        if not all(known):
            raise DiscountWrong(field="condition", why=f"条件中的“{'、'.join(values)[:40]}”不存在，请核对名称")
    return found
