"""The bank's branches: head office, branches, sub-branches, and what each brings in."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, insert, select, text, update

from core.database import Session
from core.tenancy.models import branch

_SUBTREE = text("""
    SELECT below.id FROM core.branch here JOIN core.branch below ON below.path OPERATOR(public.<@) here.path
    WHERE here.id = :branch_id
""")
_FIGURES = text("""
    SELECT b.id, b.parent_id, b.kind, b.code, b.name, CAST(b.path AS text) AS path,
           count(c.id) FILTER (WHERE c.status <> 'closed') AS clients,
           count(c.id) FILTER (WHERE c.status = 'active') AS active_clients,
           coalesce(sum(d.billed_fen), 0)::bigint AS billed_fen,
           coalesce(sum(d.paid_fen), 0)::bigint AS paid_fen,
           coalesce(sum(d.open_fen), 0)::bigint AS open_fen
    FROM core.branch b
    LEFT JOIN core.client c ON c.branch_id = b.id
    LEFT JOIN LATERAL (SELECT billed_fen, collected_fen AS paid_fen, open_fen FROM core.portfolio_day
                       WHERE client_id = c.id AND plugin = '' AND billed_fen IS NOT NULL ORDER BY day DESC LIMIT 1) d ON true
    WHERE CAST(:everywhere AS boolean) OR b.id = ANY(CAST(:branch_ids AS uuid[]))
    GROUP BY b.id, b.parent_id, b.kind, b.code, b.name, b.path ORDER BY b.path
""")


async def add_branch(session: Session, row: dict[str, object]) -> None:
    """A new branch."""
    await session.execute(insert(branch), row)


async def list_branches(session: Session) -> Sequence[Row]:
    """The whole tree, parents before children."""
    return await session.all(select(branch).order_by(branch.c.path))


async def find_branch(session: Session, branch_id: UUID) -> Row | None:
    """One branch."""
    return await session.one_or_none(select(branch).where(branch.c.id == branch_id))


async def rename_branch(session: Session, branch_id: UUID, name: str) -> None:
    """Another name."""
    await session.execute(update(branch).where(branch.c.id == branch_id).values(name=name))


async def branch_subtree(session: Session, branch_id: UUID) -> list[UUID]:
    """A branch and everything under it."""
    return [row.id for row in await session.all(_SUBTREE, {"branch_id": branch_id})]


async def branch_figures(session: Session, reach: list[UUID] | None) -> Sequence[Row]:
    """Clients and collection per branch, from the clients' newest day rows."""
    return await session.all(_FIGURES, {"everywhere": reach is None, "branch_ids": reach or []})
