"""The bank's own tree: head office → branch → sub-branch."""

from uuid import UUID

import msgspec

from core import ids
from core.database import Row, Session
from core.errors import NotFound
from core.identity import audit
from core.identity.actor import Actor
from core.tenancy import branches_repository as repository
from core.tenancy.errors import BranchMisplaced, CodeTaken
from core.tenancy.text import required, short_code

PARENT = {"branch": "hq", "sub_branch": "branch"}


def label(branch_id: UUID) -> str:
    """A row's label in a tree path: letters and digits of its id."""
    return branch_id.hex


async def found(session: Session, by: Actor, code: str, name: str) -> UUID:
    """The head office, root of the tree; a bank has one."""
    for row in await repository.list_branches(session):
        if row.kind == "hq":
            return row.id
    branch_id = ids.uuid7()
    facts = {"kind": "hq", "code": short_code(code), "name": required(name, "机构名称")}
    await repository.add_branch(session, {"id": branch_id, "path": label(branch_id), **facts})
    await audit.record(session, by, "tenancy.branch.create", "branch", branch_id, after=facts)
    return branch_id


async def add(session: Session, by: Actor, parent_id: UUID, kind: str, code: str, name: str) -> UUID:
    """A branch under head office or a sub-branch under a branch, within the asker's reach."""
    parent = await repository.find_branch(session, parent_id)
    if parent is None or not by.reaches("tenancy.branch.manage", parent_id):
        raise NotFound()
    if PARENT.get(kind) != parent.kind:
        raise BranchMisplaced()
    branch_id = ids.uuid7()
    facts = {"kind": kind, "code": short_code(code), "name": required(name, "机构名称")}
    if facts["code"] in {row.code for row in await repository.list_branches(session)}:
        raise CodeTaken(code=facts["code"])
    path = f"{parent.path}.{label(branch_id)}"
    await repository.add_branch(session, {"id": branch_id, "parent_id": parent_id, "path": path, **facts})
    await audit.record(session, by, "tenancy.branch.create", "branch", branch_id, after=facts)
    return branch_id


async def rename(session: Session, by: Actor, branch_id: UUID, name: str) -> None:
    """Another name for a branch."""
    row = await repository.find_branch(session, branch_id)
    if row is None or not by.reaches("tenancy.branch.manage", branch_id):
        raise NotFound()
    line = required(name, "机构名称")
    if line != row.name:
        await repository.rename_branch(session, branch_id, line)
        await audit.record(session, by, "tenancy.branch.rename", "branch", branch_id, before={"name": row.name}, after={"name": line})


class Figures(msgspec.Struct):
    """What a branch and everything under it bring in, by the clients' newest daily summaries."""

    id: UUID
    kind: str
    code: str
    name: str
    depth: int
    clients: int = 0
    active_clients: int = 0
    billed_fen: int = 0
    paid_fen: int = 0
    open_fen: int = 0


COUNTED = ("clients", "active_clients", "billed_fen", "paid_fen", "open_fen")


async def figures(session: Session, reach: list[UUID] | None) -> list[Figures]:
    """Key figures per branch within reach, each including its sub-branches, parents first."""
    rows = await repository.branch_figures(session, reach)
    found = {row.path: Figures(row.id, row.kind, row.code, row.name, row.path.count(".")) for row in rows}
    for row in rows:
        labels = row.path.split(".")
        for above in (".".join(labels[: n + 1]) for n in range(len(labels))):
            if above in found:
                for name in COUNTED:
                    setattr(found[above], name, getattr(found[above], name) + getattr(row, name))
    return list(found.values())


async def within(session: Session, reach: list[UUID] | None) -> list[Row]:
    """The branches a right reaches, parents before children."""
    rows = await repository.list_branches(session)
    return [row for row in rows if reach is None or row.id in reach]
