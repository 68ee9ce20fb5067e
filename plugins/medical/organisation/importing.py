"""The tree from a file: each row set against the units that are there and the rows before it; what is good is added, nothing is moved or renamed.

A unit is known by its code. Moving and renaming are a person's deeds on the page of the organisation, for people and reports hang on units.
"""

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from core.database import Row
from core.exports import workbook
from core.identity import org
from core.imports.schemas import ImportCheck, ImportContext, Totals
from core.imports.verdicts import Verdict
from plugins.medical.organisation import files
from plugins.medical.organisation.files import CODE, COLUMNS, KIND, NAME, PARENT, UnitRow
from plugins.medical.organisation.levels import KINDS, UNDER

SAMPLE = (
    ("集团", "样例医疗集团", "G", ""), ("医院", "样例医院", "H1", "G"), ("院区", "本部院区", "C1", "H1"), ("科室", "内科门诊", "NK", "C1"),
    ("窗口", "一号窗口", "W01", "C1"), ("自助终端", "自助机1号", "T01", "C1"), ("连锁药房", "样例连锁药房", "CH", "G"), ("门店", "一号店", "S001", "CH"),
)  # fmt: skip
Key = tuple[str | None, str]
"""A parent's code and a name."""


class _Ground:
    """The units that are there, with those that the rows so far add."""

    def __init__(self, units: Sequence[Row]) -> None:
        codes = {unit.id: unit.code for unit in units}
        self.kinds = {unit.code: unit.kind for unit in units if unit.code}
        self.known = {unit.code: (unit.kind, unit.name, codes.get(unit.parent_id)) for unit in units if unit.code}
        self.names: dict[Key, str | None] = {(codes.get(unit.parent_id), unit.name): unit.code for unit in units}
        self.seen: dict[str, int] = {}

    def fault(self, row: UnitRow) -> Verdict | None:
        """Why a row stays out."""
        if row.code in self.seen:
            return _reject(row, CODE, "duplicate_code", f"编码与第 {self.seen[row.code]} 行重复，请核对")
        self.seen[row.code] = row.row
        above = self.kinds.get(row.parent) if row.parent else None
        if row.parent and above is None:
            return _reject(row, PARENT, "unknown_parent", f"没有编码为 {row.parent} 的上级单位；上级要排在前面，且没有被拒绝")
        if above not in UNDER[row.kind]:
            allowed = "、".join(KINDS[kind] if kind else "最上层" for kind in UNDER[row.kind])
            return _reject(row, PARENT, "wrong_parent", f"{KINDS[row.kind]}只能放在：{allowed}")
        if row.code in self.known:
            return self._moved(row)
        holder = self.names.get((row.parent, row.name), row.code)
        if holder is not None and holder != row.code:
            return _reject(row, NAME, "duplicate_name", f"同一上级下已有“{row.name}”（编码 {holder}），请核对")
        return None

    def _moved(self, row: UnitRow) -> Verdict | None:
        kind, name, parent = self.known[row.code]
        if kind != row.kind:
            return _reject(row, KIND, "other_kind", f"编码 {row.code} 已是{KINDS.get(kind, kind)}“{name}”，请核对编码")
        if name != row.name:
            return _reject(row, NAME, "other_name", f"编码 {row.code} 登记为“{name}”；改名请在“组织架构”页面办理")
        if parent != row.parent:
            return _reject(row, PARENT, "other_parent", f"“{name}”登记在上级 {parent or '最上层'} 之下；移动请在“组织架构”页面办理")
        return None

    def add(self, row: UnitRow) -> None:
        """A row is good: later rows may stand under it."""
        self.kinds[row.code] = row.kind
        self.names[row.parent, row.name] = row.code


def _reject(row: UnitRow, column: object, code: str, message: str) -> Verdict:
    return Verdict(row.row, column.title, "reject", code, message)


async def check(context: ImportContext, content: bytes, filename: str) -> ImportCheck:
    """Judge every row; changes nothing."""
    rows, verdicts = await asyncio.to_thread(files.read, content, filename)
    async with context.session() as session:
        units = await org.list_units(session)
    ground, good, rejected = _Ground(units), [], {v.row for v in verdicts if v.verdict == "reject"}
    for row in rows:
        if fault := ground.fault(row):
            verdicts.append(fault)
            rejected.add(row.row)
        else:
            ground.add(row)
            good.append(row)
    new = [row for row in good if row.code not in ground.known]
    totals = Totals(len(new), 0, len(good) - len(new), len(rejected))
    return ImportCheck(rows=sorted(verdicts, key=lambda v: v.row), totals=totals, payload=new)


async def apply(context: ImportContext, check: ImportCheck) -> None:
    """Add what is new; what is there stays as it is."""
    async with context.session() as session:
        if check.payload:
            await org.apply_tree(session, _nested(await org.list_units(session), check.payload), context.by)
    await context.progress(1, 1)


def _nested(units: Sequence[Row], new: Sequence[UnitRow]) -> list[org.OrgNode]:
    """The whole tree with the new units at the end of their parents' children: what is there is named with its own facts."""
    ids: dict[str, UUID | str] = {unit.code: unit.id for unit in units if unit.code}
    nodes: dict[UUID | str, org.OrgNode] = {u.id: org.OrgNode(u.kind, u.name, u.code, u.position, u.attributes) for u in units}
    above: dict[UUID | str, UUID | str | None] = {unit.id: unit.parent_id for unit in units}
    held = {(unit.parent_id, unit.name): unit.id for unit in units}
    for row in new:
        parent = ids[row.parent] if row.parent else None
        key = held.get((parent, row.name), row.code)
        place = nodes[key].position if key in nodes else sum(a == parent for a in above.values())
        nodes[key] = org.OrgNode(row.kind, row.name, row.code, place, nodes[key].attributes if key in nodes else {})
        ids[row.code], above[key] = key, parent
    return [_whole(key, nodes, above) for key, parent in above.items() if parent is None]


def _whole(key: UUID | str, nodes: Mapping[UUID | str, org.OrgNode], above: Mapping[UUID | str, UUID | str | None]) -> org.OrgNode:
    children = tuple(_whole(below, nodes, above) for below, parent in above.items() if parent == key)
    return msgspec.structs.replace(nodes[key], children=children)


def template() -> bytes:
    """The file with its headers and a small example to write over."""
    return workbook.write("组织架构", [(column.title, "text") for column in COLUMNS], SAMPLE)
