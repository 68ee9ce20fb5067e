"""Items, standards and discounts: imported from one workbook, approved by a second person, given to the pricing."""

import asyncio
from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

import msgspec

from core import clock, ids
from core.approvals import service as approvals
from core.billing import items as fee_items
from core.billing.items import ItemDraft
from core.database import Row, Session
from core.exports import workbook
from core.identity import audit
from core.identity.actor import Actor
from core.imports import sheets
from core.imports.schemas import ImportCheck, ImportContext, Totals
from plugins.education.organisation import service as organisation
from plugins.education.pricing.rules import SCOPE, Condition, Discount, FeeItem, FeeStandard
from plugins.education.standards import repository
from plugins.education.standards.columns import (
    DISCOUNT_COLUMNS,
    DISCOUNTS_SHEET,
    ITEM_COLUMNS,
    ITEMS_SHEET,
    STANDARD_COLUMNS,
    STANDARDS_SHEET,
)
from plugins.education.standards.errors import ApprovalDocMissing, NothingToSubmit
from plugins.education.standards.sheet import JudgedStandards, judge

PLUGIN = "education"


class PriceBook(msgspec.Struct, frozen=True):
    """Everything that prices are made of; `drafts` counts standards and discounts nobody has approved."""

    items: list[FeeItem]
    standards: list[FeeStandard]
    discounts: list[Discount]
    merchants: dict[str, UUID]
    drafts: int


async def load(session: Session, *, approved_only: bool) -> PriceBook:
    """The client's items, standards and discounts, ready for pricing."""
    items = await fee_items.list_items(session, PLUGIN)
    standards = await repository.list_standards(session, approved_only)
    discounts = await repository.list_discounts(session, approved_only)
    granted: dict[str, set[str]] = {}
    for row in await repository.list_granted(session):
        granted.setdefault(row.code, set()).add(row.student_no)
    return PriceBook(
        items=[_item(row) for row in items],
        standards=[_standard(row) for row in standards],
        discounts=[_discount(row, granted.get(row.code)) for row in discounts],
        merchants={row.code: row.merchant_id for row in items},
        drafts=sum(row.status != "approved" for row in [*standards, *discounts]),
    )


def _item(row: Row) -> FeeItem:
    return FeeItem(row.code, row.name, row.category, row.period, row.mandatory, row.discountable)


def _standard(row: Row) -> FeeStandard:
    scope = {key: getattr(row, key) for key in SCOPE if getattr(row, key) is not None}
    return FeeStandard(row.item_code, scope, row.price_fen, row.starts_on, row.ends_on, row.approval_doc_no, row.sheet_row)


def _discount(row: Row, granted: set[str] | None) -> Discount:
    """A discount as the rules know it; where students applied for it one by one, it is for those who were granted it."""
    condition = msgspec.convert(row.condition, Condition)
    if granted:
        condition = msgspec.structs.replace(condition, student_nos=frozenset(granted) | (condition.student_nos or frozenset()))
    return Discount(
        row.code, row.name, row.kind, tuple(row.item_codes), condition, _plain(row.percent), row.amount_fen, row.priority, row.stackable,
        row.compound,
    )  # fmt: skip


def _plain(percent: Decimal | None) -> Decimal | None:
    return None if percent is None else Decimal(f"{percent.normalize():f}")


class Payload(msgspec.Struct, frozen=True):
    """What a fee file will write."""

    judged: JudgedStandards
    rows: dict[tuple, Row]
    discounts: dict[str, Row]


async def check(context: ImportContext, content: bytes, filename: str) -> ImportCheck:
    """Judge a workbook of items, standards and discounts; totals count the rows of the three sheets."""
    async with context.session() as session:
        tree = await organisation.load(session)
        items = {row.code: row for row in await fee_items.list_items(session, PLUGIN)}
        standards = {_key_of(row): row for row in await repository.list_standards(session)}
        discounts = {row.code: row for row in await repository.list_discounts(session)}
    judged = await asyncio.to_thread(lambda: judge(sheets.Workbook(content, filename), tree.index))
    states = [_state(items.get(item.code), item, _item) for item in judged.items]
    states += [_state(standards.get(_key(each)), each, _without_row) for each in judged.standards]
    states += [_state(discounts.get(each.code), each, lambda row: _discount(row, None)) for each in judged.discounts]
    totals = Totals(states.count("new"), states.count("changed"), states.count("unchanged"), judged.totals.rejected)
    return ImportCheck(rows=judged.verdicts, totals=totals, payload=Payload(judged, standards, discounts))


def _key(each: FeeStandard) -> tuple:
    return (each.item_code, *(each.scope.get(key) for key in SCOPE), each.starts_on)


def _key_of(row: Row) -> tuple:
    return (row.item_code, *(getattr(row, key) for key in SCOPE), row.starts_on)


def _without_row(row: Row) -> FeeStandard:
    return msgspec.structs.replace(_standard(row), row=None)


def _state(known: Row | None, wanted: object, read: object) -> str:
    if known is None:
        return "new"
    if isinstance(wanted, FeeStandard):
        wanted = msgspec.structs.replace(wanted, row=None)
    return "unchanged" if read(known) == wanted else "changed"


async def apply(context: ImportContext, check: ImportCheck) -> None:
    """Write items at once, standards and discounts as drafts for a second person to approve."""
    payload: Payload = check.payload
    by = context.by
    async with context.session() as session:
        drafts = [
            ItemDraft(
                code=i.code, name=i.name, category=i.category, period=i.period, mandatory=i.mandatory, discountable=i.discountable
            )
            for i in payload.judged.items
        ]
        await fee_items.upsert(session, PLUGIN, drafts, _merchant_codes(context.client.settings))
        await _write_standards(session, payload, by)
        await _write_discounts(session, payload, by)
    await context.progress(1, 1)


def _merchant_codes(settings: Mapping[str, object]) -> dict[str, str]:
    """The client's choice of merchant by item code or category: `[settings.education.merchants]` in tenant.toml."""
    own = settings.get("education")
    merchants = own.get("merchants") if isinstance(own, dict) else None
    return dict(merchants) if isinstance(merchants, dict) else {}


async def _write_standards(session: Session, payload: Payload, by: Actor) -> None:
    fresh = []
    for each in payload.judged.standards:
        known = payload.rows.get(_key(each))
        values = {"price_fen": each.price_fen, "approval_doc_no": each.approval_doc_no, "ends_on": each.ends_on, "sheet_row": each.row}
        if known is None:
            scope = {key: each.scope.get(key) for key in SCOPE}
            fixed = {"id": ids.uuid7(), "item_code": each.item_code, "starts_on": each.starts_on, "status": "draft", "made_by": by.name}
            fresh.append({**fixed, **scope, **values})
        elif _without_row(known) != msgspec.structs.replace(each, row=None):
            await repository.change_standard(session, known.id, {**values, "made_by": by.name})
            before = {"price_fen": known.price_fen, "ends_on": str(known.ends_on)}
            after = {"price_fen": each.price_fen, "ends_on": str(each.ends_on)}
            await audit.record(session, by, "education.standard.change", "fee_standard", known.id, before=before, after=after)
    if fresh:
        await repository.insert_standards(session, fresh)


async def _write_discounts(session: Session, payload: Payload, by: Actor) -> None:
    fresh = []
    for position, each in enumerate(payload.judged.discounts):
        known = payload.discounts.get(each.code)
        values = {
            "name": each.name, "kind": each.kind, "item_codes": list(each.item_codes), "condition": msgspec.to_builtins(each.condition),
            "percent": each.percent, "amount_fen": each.amount_fen, "priority": each.priority, "stackable": each.stackable,
            "compound": each.compound, "position": position, "made_by": by.name,
        }  # fmt: skip
        if known is None:
            fresh.append({"id": ids.uuid7(), "code": each.code, "status": "draft", **values})
        elif _discount(known, None) != each:
            await repository.change_discount(session, known.id, values)
            await audit.record(session, by, "education.discount.change", "discount", known.id, after={"code": each.code})
    if fresh:
        await repository.insert_discounts(session, fresh)


async def submit(session: Session, reason: str, by: Actor) -> UUID:
    """Hand every draft to a second person; each standard of tuition and boarding must name its approval document."""
    by.need("education.standard.make")
    rows = [row for row in await repository.list_standards(session) if row.status != "approved"]
    drafts = [row for row in await repository.list_discounts(session) if row.status != "approved"]
    if not rows and not drafts:
        raise NothingToSubmit()
    missing = [row.sheet_row or 0 for row in rows if not row.approval_doc_no and row.item_code in await _needing_document(session)]
    if missing:
        raise ApprovalDocMissing(rows="、".join(map(str, missing[:10])))
    batch = ids.uuid7()
    await repository.submit(session, batch)
    title = f"收费标准 {len(rows)} 条、优惠规则 {len(drafts)} 条"
    return await approvals.propose(
        session, by, kind="education.standards", title=title, subject_id=batch, reason=reason,
        proposal={"standards": len(rows), "discounts": len(drafts)},
    )  # fmt: skip


async def _needing_document(session: Session) -> set[str]:
    """Tuition and boarding are charged by approval of the price authority; what families choose freely is not (§3.6)."""
    return {row.code for row in await fee_items.list_items(session, PLUGIN) if row.category in ("学费", "住宿费")}


async def approve(session: Session, batch: UUID, proposal: dict, by: Actor) -> None:
    """The second person agreed: what was submitted may price bills from now on."""
    count = await repository.approve(session, batch, by.name, clock.now())
    await audit.record(session, by, "education.standard.approve", "fee_standard", batch, after={"rows": count}, reason=proposal["reason"])


def template() -> bytes:
    """The empty workbook with its three sheets."""
    parts: Sequence = ((ITEMS_SHEET, ITEM_COLUMNS), (STANDARDS_SHEET, STANDARD_COLUMNS), (DISCOUNTS_SHEET, DISCOUNT_COLUMNS))
    return workbook.write_sheets([(name, [(column.title, "text") for column in columns], []) for name, columns in parts])
