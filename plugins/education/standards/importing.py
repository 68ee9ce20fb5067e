"""A fee workbook comes in: its three sheets judged, set against what is there, and written as drafts for a second person."""

import asyncio
from collections.abc import Mapping, Sequence

import msgspec

from core import ids
from core.billing import items as fee_items
from core.billing.items import ItemDraft
from core.database import Row, Session
from core.exports import workbook
from core.identity import audit
from core.identity.actor import Actor
from core.imports import sheets
from core.imports.schemas import ImportCheck, ImportContext, Totals
from plugins.education.organisation import reach
from plugins.education.organisation import service as organisation
from plugins.education.organisation.service import Reach, SchoolTree
from plugins.education.pricing.rules import CATEGORIES, SCOPE, Discount, FeeItem, FeeStandard, Measure
from plugins.education.standards import repository
from plugins.education.standards.columns import (
    DISCOUNT_COLUMNS,
    DISCOUNTS_SHEET,
    ITEM_COLUMNS,
    ITEMS_SHEET,
    STANDARD_COLUMNS,
    STANDARDS_SHEET,
)
from plugins.education.standards.errors import BeyondYourCampus
from plugins.education.standards.service import PLUGIN, read_discount, read_item, read_standard
from plugins.education.standards.sheet import JudgedStandards, judge
from plugins.education.usage import measures

PERMISSION = "education.standards.import"
TUITION_MERCHANT = "TUITION"
Key = tuple[object, ...]


class Known(msgspec.Struct, frozen=True):
    """What is there already, retired standards and discounts too: a row that comes back takes the place of the old one."""

    items: dict[str, Row]
    stated: dict[str, Measure]
    standards: dict[Key, Row]
    discounts: dict[str, Row]


class Payload(msgspec.Struct, frozen=True):
    """What a fee file will write."""

    judged: JudgedStandards
    known: Known


async def check(context: ImportContext, content: bytes, filename: str) -> ImportCheck:
    """Judge a workbook of items, standards and discounts; totals count the rows of the three sheets."""
    async with context.session() as session:
        tree = await organisation.load(session)
        known = Known(
            items={row.code: row for row in await fee_items.list_items(session, PLUGIN)},
            stated=await measures.load(session),
            standards={_key_of(row): row for row in await repository.list_standards(session, retired=True)},
            discounts={row.code: row for row in await repository.list_discounts(session, retired=True)},
        )
        mine = await reach.reach_of(session, context.platform.plugins, context.client.plugins, context.by, PERMISSION)
    judged = await asyncio.to_thread(lambda: judge(sheets.Workbook(content, filename), tree.index, known.stated))
    _stay_within(judged, known, tree, mine)
    states = [_item_state(known, each) for each in judged.items]
    states += [_standard_state(known, each) for each in judged.standards]
    states += [_discount_state(known, each) for each in judged.discounts]
    totals = Totals(states.count("new"), states.count("changed"), states.count("unchanged"), judged.totals.rejected)
    return ImportCheck(rows=judged.verdicts, totals=totals, payload=Payload(judged, known))


def _stay_within(judged: JudgedStandards, known: Known, tree: SchoolTree, mine: Reach) -> None:
    """Items and discounts are the whole school's; somebody with one campus changes that campus' standards only."""
    if tree.whole(mine):
        return
    if any(_item_state(known, i) != "unchanged" for i in judged.items) or any(_discount_state(known, d) != "unchanged" for d in judged.discounts):
        raise BeyondYourCampus(what="收费项目或优惠规则")
    beyond = [s.row for s in judged.standards if _standard_state(known, s) != "unchanged" and not tree.covers(mine, s.scope)]
    if beyond:
        raise BeyondYourCampus(what=f"“{STANDARDS_SHEET}”第 {'、'.join(map(str, beyond[:10]))} 行")


def _key(each: FeeStandard) -> Key:
    return (each.item_code, *(each.scope.get(key) for key in SCOPE), each.starts_on)


def _key_of(row: Row) -> Key:
    return (row.item_code, *(getattr(row, key) for key in SCOPE), row.starts_on)


def _item_state(known: Known, each: FeeItem) -> str:
    row = known.items.get(each.code)
    if row is None:
        return "new"
    told = read_item(row, known.stated.get(each.code))
    return "unchanged" if (told if each.refund else msgspec.structs.replace(told, refund=None)) == each else "changed"


def _standard_state(known: Known, each: FeeStandard) -> str:
    row = known.standards.get(_key(each))
    if row is None:
        return "new"
    same = msgspec.structs.replace(read_standard(row), row=None) == msgspec.structs.replace(each, row=None)
    return "unchanged" if same and row.status != "retired" else "changed"


def _discount_state(known: Known, each: Discount) -> str:
    row = known.discounts.get(each.code)
    return "new" if row is None else "unchanged" if read_discount(row) == each and row.status != "retired" else "changed"


async def apply(context: ImportContext, check: ImportCheck) -> None:
    """Write items at once, standards and discounts as drafts for a second person to approve."""
    payload: Payload = check.payload
    async with context.session() as session:
        drafts = [
            ItemDraft(
                code=i.code,
                name=i.name,
                category=i.category,
                period=i.period,
                mandatory=i.mandatory,
                discountable=i.discountable,
                refundable_policy=i.refund,
            )
            for i in payload.judged.items
        ]
        await fee_items.upsert(session, PLUGIN, drafts, _merchant_codes(context.client.settings))
        await measures.write(session, {i.code: i.measure for i in payload.judged.items if i.measure}, context.by)
        await _write_standards(session, payload, context.by)
        await _write_discounts(session, payload, context.by)
    await context.progress(1, 1)


def _merchant_codes(settings: Mapping[str, object]) -> dict[str, str]:
    """The merchant by item code or category: `[settings.education.merchants]` in tenant.toml, else the tuition merchant."""
    own = settings.get("education")
    merchants = own.get("merchants") if isinstance(own, dict) else None
    usual = dict.fromkeys(CATEGORIES, TUITION_MERCHANT)
    return usual | dict(merchants) if isinstance(merchants, dict) else usual


async def _write_standards(session: Session, payload: Payload, by: Actor) -> None:
    fresh = []
    for each in payload.judged.standards:
        state = _standard_state(payload.known, each)
        values = {"price_fen": each.price_fen, "approval_doc_no": each.approval_doc_no, "ends_on": each.ends_on, "sheet_row": each.row}
        if state == "new":
            scope = {key: each.scope.get(key) for key in SCOPE}
            fixed = {"id": ids.uuid7(), "item_code": each.item_code, "starts_on": each.starts_on, "status": "draft", "made_by": by.name}
            fresh.append({**fixed, **scope, **values})
        elif state == "changed":
            row = payload.known.standards[_key(each)]
            await repository.change_standard(session, row.id, {**values, "made_by": by.name})
            before = {"price_fen": row.price_fen, "ends_on": str(row.ends_on), "status": row.status}
            after = {"price_fen": each.price_fen, "ends_on": str(each.ends_on), "status": "draft"}
            await audit.record(session, by, "education.standard.change", "fee_standard", row.id, before=before, after=after)
    if fresh:
        await repository.insert_standards(session, fresh)


async def _write_discounts(session: Session, payload: Payload, by: Actor) -> None:
    fresh = []
    for position, each in enumerate(payload.judged.discounts):
        state = _discount_state(payload.known, each)
        values = {
            "name": each.name, "kind": each.kind, "item_codes": list(each.item_codes), "condition": msgspec.to_builtins(each.condition),
            "percent": each.percent, "amount_fen": each.amount_fen, "priority": each.priority, "position": position,
            "stackable": each.stackable, "compound": each.compound, "made_by": by.name,
        }  # fmt: skip
        if state == "new":
            fresh.append({"id": ids.uuid7(), "code": each.code, "status": "draft", **values})
        elif state == "changed":
            row = payload.known.discounts[each.code]
            await repository.change_discount(session, row.id, values)
            await audit.record(session, by, "education.discount.change", "discount", row.id, after={"code": each.code})
    if fresh:
        await repository.insert_discounts(session, fresh)


def template() -> bytes:
    """The empty workbook with its three sheets."""
    parts: Sequence = ((ITEMS_SHEET, ITEM_COLUMNS), (STANDARDS_SHEET, STANDARD_COLUMNS), (DISCOUNTS_SHEET, DISCOUNT_COLUMNS))
    return workbook.write_sheets([(name, [(column.title, "text") for column in columns], []) for name, columns in parts])
