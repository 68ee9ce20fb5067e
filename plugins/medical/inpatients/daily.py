"""Daily lists: what a day in hospital cost, written once; a correction names the version it replaces."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from core import clock
from core.database import Row, Session
from core.database.tables import encode_json
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import TenantKeys
from core.money import format_yuan
from plugins.medical.inpatients import repository
from plugins.medical.inpatients.errors import AdmissionNotFound, ListBroken, ListDiffers, NotInHospital
from plugins.medical.inpatients.schemas import DailyListAsk, DailyListRead, ListItem
from plugins.medical.inpatients.states import PRESENT
from plugins.medical.orders.quantities import plain, sound
from plugins.medical.orders.rules import check_categories


async def put(
    session: Session, keys: TenantKeys, settings: Mapping[str, object], visit_no: str, ask: DailyListAsk, by: Actor
) -> DailyListRead:
    """Keep a day's list, its items sealed. The same list again changes nothing; another one is refused unless it names the version it corrects.

    ListBroken when amounts do not add up, CategoryUnknown where the hospital has no such category, ListDiffers for another list without the
    right version, NotInHospital once the stay is settled.
    """
    row = await repository.lock_by_visit(session, visit_no)
    if row is None:
        raise AdmissionNotFound()
    categories = judged(ask)
    check_categories(categories, settings)
    digest = hashlib.sha256(msgspec.json.encode([ask.total_fen, [msgspec.to_builtins(item) for item in ask.items]])).digest()
    known = await repository.find_list(session, row.id, ask.day)
    if known is not None and bytes(known.body_hash) == digest:
        return read(known)
    if row.status not in PRESENT:
        raise NotInHospital()
    if known is not None and ask.version != known.version:
        raise ListDiffers(day=ask.day, version=known.version)
    values = {
        "admission_id": row.id, "list_on": ask.day, "total_fen": ask.total_fen, "categories": encode_json(categories),
        "items_sealed": keys.seal(encode_json(msgspec.to_builtins(ask.items))), "items": len(ask.items), "body_hash": digest,
    }  # fmt: skip
    await repository.put_list(session, values)
    kept = await repository.find_list(session, row.id, ask.day)
    before = {"total_fen": known.total_fen, "version": known.version} if known else None
    after = {"day": str(ask.day), "total_fen": kept.total_fen, "version": kept.version}
    await audit.record(session, by, "medical.admission.list", "admission", row.id, before=before, after=after)
    return read(kept)


def judged(ask: DailyListAsk) -> dict[str, int]:
    """The category totals of a list that adds up; ListBroken naming the row and both sums otherwise."""
    if ask.day > clock.today():
        raise ListBroken(why=f"清单日期 {ask.day} 在今天之后")
    categories: dict[str, int] = {}
    for number, item in enumerate(ask.items, 1):
        if not sound(item.quantity):
            raise ListBroken(why=f"第 {number} 行数量不合理，请核对", row=number, field="quantity")
        if (item.quantity < 0) != (item.amount_fen < 0) and item.amount_fen:
            why = f"第 {number} 行金额 {format_yuan(item.amount_fen)} 元与数量 {plain(item.quantity)} 的正负不一致"
            raise ListBroken(why=why, row=number, field="amount_fen")
        categories[item.category] = categories.get(item.category, 0) + item.amount_fen
    if (found := sum(categories.values())) != ask.total_fen:
        why = f"清单合计 {format_yuan(ask.total_fen)} 元与明细之和 {format_yuan(found)} 元不一致"
        raise ListBroken(why=why, total_fen=ask.total_fen, items_fen=found, field="total_fen")
    return categories


async def lists(session: Session, admission_id: UUID) -> list[DailyListRead]:
    """A stay's lists by category totals, the latest day first."""
    return [read(row) for row in await repository.list_lists(session, admission_id)]


def by_category(rows: Sequence[Row]) -> list[tuple[str, int]]:
    """What all days come to by category, the largest first."""
    found: dict[str, int] = {}
    for row in rows:
        for category, fen in row.categories.items():
            found[category] = found.get(category, 0) + fen
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))


async def items(session: Session, keys: TenantKeys, admission_id: UUID, day: dt.date) -> tuple[DailyListRead, list[ListItem]] | None:
    """One day in clear, for the patient's own page; None where there is no list of it."""
    row = await repository.find_list(session, admission_id, day)
    if row is None:
        return None
    return read(row), msgspec.json.decode(keys.open(row.items_sealed).encode(), type=list[ListItem])


def read(row: Row) -> DailyListRead:
    """A list as staff see it."""
    return DailyListRead(day=row.list_on, total_fen=row.total_fen, categories=dict(row.categories), items=row.items, version=row.version)
