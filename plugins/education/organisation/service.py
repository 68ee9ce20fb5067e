"""The school's org tree in the database: imported whole from a file, read back for every check and price."""

import asyncio
from collections.abc import Collection, Iterator, Mapping
from uuid import UUID

import msgspec

from core.database import Session
from core.errors import Conflict
from core.identity import org
from core.imports.schemas import ImportCheck, ImportContext, Totals
from plugins.education.organisation import repository
from plugins.education.organisation.tree import Organisation, OrgIndex, parse

LEVELS = 4
PLACES = ("campus", "division", "grade", "class_name")
Reach = Collection[UUID] | None
"""The org units somebody's right reaches; None for the whole tenant."""
Paths = dict[UUID, tuple[str, ...]]
"""Each org unit's names from the campus down, by id."""


class ClassMisplaced(Conflict):
    code = "CLASS_MISPLACED"
    message = "“{path}”里有学生，却不在“校区 / 学部 / 年级 / 班级”这一层，请在组织架构里把它移回原处"


class SchoolTree(msgspec.Struct, frozen=True):
    """What the plugin needs of the tree: paths below the school by id, ids by path, and the words its choice columns allow."""

    paths: Paths
    ids: dict[tuple[str, ...], UUID]
    index: OrgIndex

    def place(self, class_id: UUID) -> tuple[str, str, str, str]:
        """Campus, division, grade and class of a class; ClassMisplaced when somebody moved it elsewhere in the tree."""
        path = self.paths[class_id]
        if len(path) != LEVELS:
            raise ClassMisplaced(path=" / ".join(path))
        return path

    def whole(self, reach: Reach) -> bool:
        """Whether a reach is the whole school: all of it, or every campus."""
        return reach is None or all(unit_id in reach for unit_id, path in self.paths.items() if len(path) == 1)

    def covers(self, reach: Reach, scope: Mapping[str, str]) -> bool:
        """Whether everything a price's scope may touch lies within a reach; one without a place touches the whole school."""
        return self.whole(reach) or (any(level in scope for level in PLACES) and all(u in reach for u in self._under(scope)))

    def touches(self, reach: Reach, scope: Mapping[str, str]) -> bool:
        """Whether a price's scope may touch anything within a reach."""
        return self.whole(reach) or any(u in reach for u in self._under(scope))

    def _under(self, scope: Mapping[str, str]) -> list[UUID]:
        """The units that a scope's deepest filled level means."""
        names = [scope.get(level) for level in PLACES]
        depth = max((at for at, name in enumerate(names, 1) if name is not None), default=1)
        return [
            unit_id
            for unit_id, path in self.paths.items()
            if len(path) == depth and all(name is None or name == part for name, part in zip(names, path, strict=False))
        ]


async def load(session: Session) -> SchoolTree:
    """Read the tree, as the client's people keep it in core."""
    units = {unit.id: unit for unit in await org.list_units(session)}
    paths: Paths = {}
    for unit_id, unit in units.items():
        names, at = [], unit
        while at is not None and at.kind not in ("group", "school"):
            names.append(at.name)
            at = units.get(at.parent_id)
        paths[unit_id] = tuple(reversed(names))
    choices = next((u.attributes["choices"] for u in units.values() if u.parent_id is None and "choices" in u.attributes), {})
    ids = {path: unit_id for unit_id, path in paths.items() if path}
    return SchoolTree(paths, ids, OrgIndex((p for p in paths.values() if p), {k: tuple(v) for k, v in choices.items()}))


async def check(context: ImportContext, content: bytes, filename: str) -> ImportCheck:
    """Judge a tree file; it is right as a whole or refused with every fault."""
    tree = await asyncio.to_thread(parse, content)
    async with context.session() as session:
        known = await repository.known_units(session)
    new = changed = 0
    for names, facts in _facts(_nested(tree)):
        new += names not in known
        changed += names in known and known[names] != facts
    return ImportCheck(rows=[], totals=Totals(new, changed, len(tree.nodes) - new - changed, 0), payload=tree)


def _facts(node: org.OrgNode, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], repository.Facts]]:
    """Every unit of a nested tree: its names from the root down, and what the file says of it."""
    names = (*above, node.name)
    yield names, (node.kind, node.code, node.position, node.attributes)
    for child in node.children:
        yield from _facts(child, names)


async def apply(context: ImportContext, check: ImportCheck) -> None:
    """Add what is new and refresh what changed; units that the file does not name stay (students may be in them)."""
    async with context.session() as session:
        await org.apply_tree(session, [_nested(check.payload)], context.by)
    await context.progress(1, 1)


def _nested(tree: Organisation) -> org.OrgNode:
    below: dict[tuple[str, ...], list[org.OrgNode]] = {}
    made: org.OrgNode | None = None
    for node in reversed(tree.nodes):
        attributes: dict[str, object] = {} if node.grade_no is None else {"grade_no": node.grade_no}
        if len(node.names) == 1:
            attributes["choices"] = {key: list(words) for key, words in tree.choices.items()}
        siblings = below.setdefault(node.names[:-1], [])
        children = tuple(reversed(below.get(node.names, [])))
        made = org.OrgNode(node.kind, node.name, node.code, 0, attributes, children)
        siblings.append(made)
    assert made is not None, "a checked tree has a root"
    return _numbered(made)


def _numbered(node: org.OrgNode) -> org.OrgNode:
    """The same tree with each unit's place among its siblings, so that 一年级 stands before 二年级."""
    children = tuple(msgspec.structs.replace(_numbered(child), position=place) for place, child in enumerate(node.children))
    return msgspec.structs.replace(node, children=children)
