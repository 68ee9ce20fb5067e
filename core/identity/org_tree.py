"""The org tree as `show.tree` draws it."""

from collections.abc import Sequence
from uuid import UUID

from core.database import Row


def branches_of(units: Sequence[Row], chosen: UUID | None = None) -> list[dict[str, object]]:
    """Roots with their children, each counting what lies under it; the way to the chosen unit stands open."""
    by_id = {row.id: row for row in units}
    open_ids = set()
    row = by_id.get(chosen)
    while row is not None:
        open_ids.add(row.id)
        row = by_id.get(row.parent_id)
    nodes = {
        row.id: {
            "id": row.id,
            "label": row.name,
            "href": f"/console/org?unit={row.id}",
            "children": [],
            "open": row.id in open_ids,
        }
        for row in units
    }
    roots = []
    for row in units:
        (nodes[row.parent_id]["children"] if row.parent_id in nodes else roots).append(nodes[row.id])
    for row in reversed(units):
        count = sum(1 + (child.get("count") or 0) for child in nodes[row.id]["children"])
        if count:
            nodes[row.id]["count"] = count
    return roots
