"""The school's org tree in the database: imported whole from a file, read back for every check and price."""

import asyncio
from uuid import UUID

import msgspec

from core.database import Session
from core.identity import org
from core.imports.schemas import ImportCheck, ImportContext, Totals
from plugins.education.organisation import repository
from plugins.education.organisation.tree import Organisation, OrgIndex, parse

Paths = dict[UUID, tuple[str, ...]]
"""Each org unit's names from the campus down, by id."""


class SchoolTree(msgspec.Struct, frozen=True):
    """What the plugin needs of the tree: paths below the school by id, ids by path, and the words its choice columns allow."""

    paths: Paths
    ids: dict[tuple[str, ...], UUID]
    index: OrgIndex


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
        known = await repository.known_paths(session)
    paths = {node.names for node in tree.nodes}
    new = len(paths - known)
    return ImportCheck(rows=[], totals=Totals(new, 0, len(paths) - new, 0), payload=tree)


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
