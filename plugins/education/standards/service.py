"""Standards and discounts: read for pricing, written one by one, submitted together, approved by a second person, retired."""

from collections.abc import Collection
from decimal import Decimal
from functools import cached_property
from uuid import UUID

import msgspec

from core import clock, ids, money
from core.approvals import lists as proposals
from core.approvals import repository as approvals_repository
from core.approvals import service as approvals
from core.billing import items as fee_items
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from plugins.education.organisation import service as organisation
from plugins.education.organisation.service import SchoolTree
from plugins.education.pricing.rules import SCOPE, Condition, Discount, FeeItem, FeeStandard, Measure
from plugins.education.pricing.usage import is_of_campus
from plugins.education.standards import repository
from plugins.education.standards.errors import (
    ApprovalDocMissing,
    DiscountNotFound,
    NothingToApprove,
    NothingToSubmit,
    StandardNotFound,
    StandardOverlaps,
    StandardWrong,
)
from plugins.education.standards.models import STANDARD
from plugins.education.standards.schemas import StandardDraft, StandardPatch
from plugins.education.standards.words import discount_told
from plugins.education.usage import measures

PLUGIN = "education"
MAKE = "education.standard.make"
NEEDS_DOCUMENT = ("学费", "住宿费")
"""Charged by approval of the price authority; what families choose freely is not (§3.6)."""
MOST_TOLD = 200
"""Rows that the second person sees beside the proposal; all of them stand on the list of standards."""


class PriceBook(msgspec.Struct, frozen=True, dict=True):
    """Everything that prices are made of; `drafts` counts standards and discounts nobody has approved."""

    items: list[FeeItem]
    standards: list[FeeStandard]
    discounts: list[Discount]
    merchants: dict[str, UUID]
    drafts: int

    @cached_property
    def discount_names(self) -> dict[str, str]:
        """What the discounts are called, by code."""
        return {discount.code: discount.name for discount in self.discounts}


async def load(session: Session, *, approved_only: bool, item_codes: Collection[str] | None = None) -> PriceBook:
    """The client's items, standards and discounts, ready for pricing; drafts count where they price one of the items (None: any)."""
    items = await fee_items.list_items(session, PLUGIN)
    stated = await measures.load(session)
    standards = await repository.list_standards(session, approved_only=approved_only)
    discounts = await repository.list_discounts(session, approved_only=approved_only)
    granted: dict[str, set[str]] = {}
    for row in await repository.list_granted(session):
        granted.setdefault(row.code, set()).add(row.student_no)
    return PriceBook(
        items=[read_item(row, measures.of(row, stated)) for row in items],
        standards=[read_standard(row) for row in standards],
        discounts=[read_discount(row, granted.get(row.code)) for row in discounts],
        merchants={row.code: row.merchant_id for row in items},
        drafts=sum(row.status != "approved" and (item_codes is None or row.item_code in item_codes) for row in standards)
        + sum(row.status != "approved" and _may_touch(row, item_codes) for row in discounts),
    )


def _may_touch(discount: Row, item_codes: Collection[str] | None) -> bool:
    return item_codes is None or not discount.item_codes or not set(item_codes).isdisjoint(discount.item_codes)


def read_item(row: Row, measure: Measure | None = None) -> FeeItem:
    """A fee item as the rules know it."""
    return FeeItem(row.code, row.name, row.category, row.period, row.mandatory, row.discountable, row.refundable_policy, measure)


def read_standard(row: Row) -> FeeStandard:
    """A standard as the rules know it."""
    scope = {key: getattr(row, key) for key in SCOPE if getattr(row, key) is not None}
    return FeeStandard(row.item_code, scope, row.price_fen, row.starts_on, row.ends_on, row.approval_doc_no, row.sheet_row)


def read_discount(row: Row, granted: set[str] | None = None) -> Discount:
    """A discount as the rules know it, with those who were granted it on their own application."""
    condition = msgspec.convert(row.condition, Condition)
    if granted:
        condition = msgspec.structs.replace(condition, granted=frozenset(granted))
    return Discount(
        row.code, row.name, row.kind, tuple(row.item_codes), condition, _plain(row.percent), row.amount_fen, row.priority, row.stackable,
        row.compound,
    )  # fmt: skip


def _plain(percent: Decimal | None) -> Decimal | None:
    return None if percent is None else Decimal(f"{percent.normalize():f}")


async def create(session: Session, draft: StandardDraft, by: Actor) -> UUID:
    """Write one standard as a draft; its scope must exist and no other standard of the same scope may hold at the same time."""
    tree = await organisation.load(session)
    scope = {key: value for key in SCOPE if (value := getattr(draft, key))}
    _check_scope(tree, scope)
    if not tree.covers(by.reach(MAKE), scope):
        raise StandardWrong(field="campus", why="这个范围超出您的管辖，请至少选定您负责的校区")
    await _check_draft(session, draft, scope)
    row = {key: None for key in SCOPE} | scope
    standard_id = ids.uuid7()
    row |= {
        "id": standard_id, "item_code": draft.item_code, "price_fen": draft.price_fen, "starts_on": draft.starts_on,
        "ends_on": draft.ends_on,
        "approval_doc_no": draft.approval_doc_no.strip() or None, "status": "draft", "made_by": by.name,
    }  # fmt: skip
    await repository.insert_standards(session, [row])
    after = msgspec.to_builtins(draft) | {"scope": scope}
    await audit.record(session, by, "education.standard.create", "fee_standard", standard_id, after=after)
    return standard_id


def _check_scope(tree: SchoolTree, scope: dict[str, str]) -> None:
    if not tree.index.has(*(scope.get(level) for level in organisation.PLACES)):
        raise StandardWrong(field="campus", why="组织架构中没有这样的校区、学部、年级、班级组合，请核对")
    for key in ("boarding", "student_type"):
        if key in scope and scope[key] not in tree.index.choices[key]:
            raise StandardWrong(field=key, why=f"{SCOPE[key]}只能是：{'、'.join(tree.index.choices[key])}")


async def _check_draft(session: Session, draft: StandardDraft, scope: dict[str, str]) -> None:
    item = next((row for row in await fee_items.list_items(session, PLUGIN) if row.code == draft.item_code), None)
    if item is None:
        raise StandardWrong(field="item_code", why="没有这个收费项目")
    if not is_of_campus(read_item(item, measures.of(item, await measures.load(session))), scope):
        raise StandardWrong(field="division", why="按表计量的项目，标准只能按校区制定，请把其他条件留空")
    await _check_alone(session, FeeStandard(draft.item_code, scope, draft.price_fen, draft.starts_on, draft.ends_on))


async def _check_alone(session: Session, wanted: FeeStandard, own_id: UUID | None = None) -> None:
    """A sane price and span, and no other standard of the same item and scope at the same time."""
    if not 0 <= wanted.price_fen <= money.MAX_FEN:
        raise StandardWrong(field="price", why="单价不能为负，也不能大得离谱，请核对")
    if wanted.ends_on < wanted.starts_on:
        raise StandardWrong(field="ends_on", why="失效日期早于生效日期，请核对")
    for row in await repository.list_standards(session, retired=True):
        known = read_standard(row)
        overlaps = known.starts_on <= wanted.ends_on and wanted.starts_on <= known.ends_on and row.status != "retired"
        same = (known.item_code, known.scope) == (wanted.item_code, wanted.scope) and row.id != own_id
        if same and (overlaps or known.starts_on == wanted.starts_on):
            raise StandardOverlaps(other=known.describe())


async def change(session: Session, standard_id: UUID, patch: StandardPatch, by: Actor) -> None:
    """Another price, end or approval document: a draft again, which a second person approves anew; bills already made stay as they are."""
    row = await repository.lock_standard(session, standard_id)
    if row is None or row.status == "retired" or not (await organisation.load(session)).covers(by.reach(MAKE), read_standard(row).scope):
        raise StandardNotFound()
    given = {name: value for name, value in msgspec.structs.asdict(patch).items() if value is not msgspec.UNSET}
    if "approval_doc_no" in given:
        given["approval_doc_no"] = given["approval_doc_no"].strip() or None
    new = {name: value for name, value in given.items() if getattr(row, name) != value}
    if not new:
        return
    wanted = read_standard(row)
    spans = {name: value for name, value in new.items() if name in ("price_fen", "ends_on")}
    await _check_alone(session, msgspec.structs.replace(wanted, **spans), standard_id)
    await repository.change_standard(session, standard_id, {**new, "sheet_row": None, "made_by": by.name})
    before = {name: msgspec.to_builtins(getattr(row, name)) for name in new} | {"status": row.status}
    after = {name: msgspec.to_builtins(value) for name, value in new.items()} | {"status": "draft"}
    await audit.record(session, by, "education.standard.change", "fee_standard", standard_id, before=before, after=after)


async def find(session: Session, standard_id: UUID, by: Actor, permission: str) -> Row:
    """One standard that touches the asker's part of the school."""
    row = await repository.find_standard(session, standard_id)
    if row is None or not (await organisation.load(session)).touches(by.reach(permission), read_standard(row).scope):
        raise StandardNotFound()
    return row


async def retire(session: Session, standard_id: UUID, reason: str, by: Actor) -> None:
    """A standard prices no more, from the next trial run on; bills already made stay as they are."""
    row = await repository.lock_standard(session, standard_id)
    if row is None or not (await organisation.load(session)).covers(by.reach(MAKE), read_standard(row).scope):
        raise StandardNotFound()
    if not reason.strip():
        raise StandardWrong(field="reason", why="请填写停用原因")
    STANDARD.check(row.status, "retired")
    await repository.retire_standard(session, standard_id)
    before = {"status": row.status, "price_fen": row.price_fen}
    await audit.record(session, by, "education.standard.retire", "fee_standard", standard_id, before=before, reason=reason)


async def retire_discount(session: Session, discount_id: UUID, reason: str, by: Actor) -> None:
    """A discount is given no more, from the next trial run on."""
    row = await repository.lock_discount(session, discount_id)
    if row is None or not (await organisation.load(session)).whole(by.reach(MAKE)):
        raise DiscountNotFound()
    if not reason.strip():
        raise StandardWrong(field="reason", why="请填写停用原因")
    STANDARD.check(row.status, "retired")
    await repository.retire_discount(session, discount_id)
    await audit.record(session, by, "education.discount.retire", "discount", discount_id, before={"status": row.status}, reason=reason)


async def submit(session: Session, reason: str, by: Actor) -> UUID:
    """Hand every draft within reach to a second person; each standard of tuition and boarding must name its approval document.

    What waits already is taken along, so that one decision covers it all.
    """
    tree, reach = await organisation.load(session), by.reach(MAKE)
    rows = [r for r in await repository.list_standards(session) if r.status != "approved" and tree.covers(reach, read_standard(r).scope)]
    discounts = [row for row in await repository.list_discounts(session) if row.status != "approved"] if tree.whole(reach) else []
    if not rows and not discounts:
        raise NothingToSubmit()
    items = {row.code: row for row in await fee_items.list_items(session, PLUGIN)}
    missing = [row for row in rows if not row.approval_doc_no and items[row.item_code].category in NEEDS_DOCUMENT]
    if missing:
        raise ApprovalDocMissing(rows="；".join(read_standard(row).describe() for row in missing[:10]))
    await _take_along(session, by)
    batch = ids.uuid7()
    await repository.submit(session, batch, [row.id for row in rows], [row.id for row in discounts])
    names = {code: row.name for code, row in items.items()}
    told = [[f"{items[r.item_code].name}（{' '.join(read_standard(r).scope.values()) or '全部学生'}）", "", _price_told(r)] for r in rows]
    told += [[f"优惠 {row.name}", "", discount_told(read_discount(row), names)] for row in discounts]
    return await approvals.propose(
        session, by, kind="education.standards", title=f"收费标准 {len(rows)} 条、优惠规则 {len(discounts)} 条", subject_id=batch,
        reason=reason,
        proposal={"standards": len(rows), "discounts": len(discounts), "told": told[:MOST_TOLD]},
    )  # fmt: skip


def _price_told(row: Row) -> str:
    return f"{money.format_yuan(row.price_fen)} 元，{row.starts_on} 至 {row.ends_on}，{row.approval_doc_no or '无批准文号'}"


async def _take_along(session: Session, by: Actor) -> None:
    """An older proposal of the same drafts is taken back: its rows wait under the new one."""
    for batch in await repository.list_batches(session):
        for row in await proposals.about(session, batch):
            if row.status == "waiting":
                await approvals_repository.decide(session, row.id, "withdrawn", by.name, "已并入新的提交", clock.now())


async def approve(session: Session, batch: UUID, proposal: dict, by: Actor) -> None:
    """The second person agreed: what was submitted may price bills from now on."""
    count = await repository.approve(session, batch, by.name, clock.now())
    if not count:
        raise NothingToApprove()
    await audit.record(session, by, "education.standard.approve", "fee_standard", batch, after={"rows": count}, reason=proposal["reason"])


def describe(proposal: dict) -> list[tuple[str, str, str]]:
    """What a proposal would bring into force, row by row, for the second person."""
    return [tuple(each) for each in proposal["told"]]
