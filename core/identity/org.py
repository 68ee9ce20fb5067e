"""The org tree of a client: units created, renamed, moved; whole trees applied at once from an import.

A unit's path is made of labels from ids, so that names may change and hold any character. Which kinds exist
(group, school, campus, …) is the vertical's matter.
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from core import ids
from core.database import Row, Session
from core.errors import NotFound
from core.identity import audit
from core.identity import org_repository as repository
from core.identity.actor import Actor
from core.identity.errors import NameMissing, OrgMoveImpossible, OrgNameTaken

OBJECT = "org_unit"


class OrgNode(msgspec.Struct, frozen=True):
    """A unit as a file describes it, with what lies under it; `code` and `attributes` belong to the vertical."""

    kind: str
    name: str
    code: str | None = None
    position: int = 0
    attributes: dict[str, object] = {}
    children: tuple["OrgNode", ...] = ()


def _label(unit_id: UUID) -> str:
    return unit_id.hex


def _named(value: str) -> str:
    name = " ".join(value.split())
    if not name or len(name) > 60:
        raise NameMissing("请填写 1–60 个字的单位名称")
    return name


async def list_units(session: Session, reach: Sequence[UUID] | None = None) -> list[Row]:
    """Every unit within reach (None: the whole tree), parents before children."""
    within = None if reach is None else set(reach)
    return [row for row in await repository.list_units(session) if within is None or row.id in within]


async def find(session: Session, unit_id: UUID) -> Row:
    """One unit."""
    row = await repository.find_unit(session, unit_id)
    if row is None:
        raise NotFound()
    return row


async def subtree_ids(session: Session, unit_id: UUID) -> list[UUID]:
    """A unit and everything under it, to be used as `org_id = ANY(…)`."""
    return await repository.subtree_ids(session, unit_id)


async def find_by_names(session: Session, names: Sequence[str]) -> UUID | None:
    """The unit at the end of a path of names; a path may start at any level and must be the only one of its kind."""
    units = await repository.list_units(session)
    by_id = {unit.id: unit for unit in units}

    def ends_with(unit, left: Sequence[str]) -> bool:
        while left and unit is not None and unit.name == left[-1]:
            unit, left = by_id.get(unit.parent_id), left[:-1]
        return not left

    found = [unit.id for unit in units if ends_with(unit, names)]
    return found[0] if len(found) == 1 else None


async def create(session: Session, by: Actor, *, parent_id: UUID | None, kind: str, name: str, code: str | None = None) -> UUID:
    """A new unit under another (or a root, for those who reach the whole tenant)."""
    await repository.lock_tree(session)
    parent_path = ""
    if parent_id is not None:
        parent_path = (await _within(session, by, parent_id)).path + "."
    elif by.reach("identity.org.manage") is not None:
        raise NotFound()
    name = _named(name)
    siblings = [unit for unit in await repository.list_units(session) if unit.parent_id == parent_id]
    if name in {unit.name for unit in siblings}:
        raise OrgNameTaken(name=name)
    unit_id = ids.uuid7()
    facts = {"parent_id": parent_id, "kind": kind, "name": name, "code": code, "position": len(siblings)}
    await repository.add_units(session, [{"id": unit_id, "path": parent_path + _label(unit_id), "attributes": {}, **facts}])
    await audit.record(session, by, "identity.org.create", OBJECT, unit_id, after={**facts, "parent_id": parent_id and str(parent_id)})
    return unit_id


async def rename(session: Session, by: Actor, unit_id: UUID, name: str) -> None:
    """Another name; everything else stays."""
    await repository.lock_tree(session)
    row, name = await _within(session, by, unit_id), _named(name)
    if name == row.name:
        return
    if any(u.parent_id == row.parent_id and u.name == name for u in await repository.list_units(session)):
        raise OrgNameTaken(name=name)
    await repository.change_unit(session, unit_id, {"name": name})
    await audit.record(session, by, "identity.org.rename", OBJECT, unit_id, before={"name": row.name}, after={"name": name})


async def move(session: Session, by: Actor, unit_id: UUID, new_parent_id: UUID) -> None:
    """Another place in the tree, with everything under it."""
    await repository.lock_tree(session)
    row, parent = await _within(session, by, unit_id), await _within(session, by, new_parent_id)
    if parent.path == row.path or parent.path.startswith(row.path + "."):
        raise OrgMoveImpossible()
    if any(u.parent_id == new_parent_id and u.name == row.name and u.id != unit_id for u in await repository.list_units(session)):
        raise OrgNameTaken(name=row.name)
    await repository.move_subtree(session, unit_id, row.path, f"{parent.path}.{_label(unit_id)}")
    await repository.change_unit(session, unit_id, {"parent_id": new_parent_id})
    before, after = {"parent_id": row.parent_id and str(row.parent_id)}, {"parent_id": str(new_parent_id)}
    await audit.record(session, by, "identity.org.move", OBJECT, unit_id, before=before, after=after)


async def _within(session: Session, by: Actor, unit_id: UUID) -> Row:
    row = await repository.find_unit(session, unit_id)
    if row is None or not by.reaches("identity.org.manage", unit_id):
        raise NotFound()
    return row


async def apply_tree(session: Session, nodes: Sequence[OrgNode], by: Actor) -> dict[str, int]:
    """Bring the tree to a file's: units are known by their names under the same parent; what the file does not name stays.

    Answers how many were `new`, `changed`, `unchanged`.
    """
    await repository.lock_tree(session)
    known = {(unit.parent_id, unit.name): unit for unit in await repository.list_units(session)}
    counts = {"new": 0, "changed": 0, "unchanged": 0}
    fresh: list[dict[str, object]] = []

    async def visit(node: OrgNode, parent_id: UUID | None, parent_path: str) -> None:
        name = _named(node.name)
        facts = {"kind": node.kind, "code": node.code, "position": node.position, "attributes": node.attributes}
        unit = known.get((parent_id, name))
        if unit is None:
            unit_id = ids.uuid7()
            path = f"{parent_path}.{_label(unit_id)}".lstrip(".")
            fresh.append({"id": unit_id, "parent_id": parent_id, "path": path, "name": name, **facts})
            counts["new"] += 1
        else:
            unit_id, path = unit.id, unit.path
            changed = {key: value for key, value in facts.items() if getattr(unit, key) != value}
            counts["changed" if changed else "unchanged"] += 1
            if changed:
                await repository.change_unit(session, unit_id, changed)
                before = {key: getattr(unit, key) for key in changed}
                await audit.record(session, by, "identity.org.change", OBJECT, unit_id, before=before, after=changed)
        for child in node.children:
            await visit(child, unit_id, path)

    for node in nodes:
        await visit(node, None, "")
    if fresh:
        await repository.add_units(session, fresh)
    if counts["new"]:
        await audit.record(session, by, "identity.org.apply", OBJECT, "tree", after=dict(counts))
    return counts
