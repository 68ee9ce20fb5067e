"""The org tree as lists and reports of money need it: choices for a filter, the path of a unit, the unit of a kind above it.

Which kinds there are (campus, grade, building, ward, …) is the vertical's matter: core only knows that they lie above one another.
"""

from collections.abc import Sequence
from uuid import UUID

from core.database import Row, Session
from core.errors import NotFound
from core.identity import org

INDENT = "\u3000"


class Units:
    """A client's units as one asker reaches them (`reach` None: all)."""

    def __init__(self, rows: Sequence[Row], reach: list[UUID] | None) -> None:
        self._by_id = {row.id: row for row in rows}
        self._reach = None if reach is None else frozenset(reach)
        self._children: dict[UUID | None, list[Row]] = {}
        for row in rows:
            self._children.setdefault(row.parent_id, []).append(row)

    def reached(self, unit_id: UUID | None) -> bool:
        """Whether the asker sees what belongs to this unit."""
        return self._reach is None or unit_id in self._reach

    def choices(self) -> list[tuple[str, str]]:
        """Every unit within reach for a drop-down, children indented under their parents."""
        found: list[tuple[str, str]] = []

        def visit(parent: UUID | None, depth: int) -> None:
            for row in self._children.get(parent, []):
                mine = self.reached(row.id)
                if mine:
                    found.append((str(row.id), INDENT * depth + row.name))
                visit(row.id, depth + mine)

        visit(None, 0)
        return found

    def below(self, unit_id: UUID) -> list[UUID]:
        """A unit and all under it, as far as the asker reaches; NotFound for a unit that is not theirs to see."""
        if unit_id not in self._by_id:
            raise NotFound()
        found, left = [], [unit_id]
        while left:
            here = left.pop()
            if self.reached(here):
                found.append(here)
            left += [row.id for row in self._children.get(here, [])]
        if not found:
            raise NotFound()
        return sorted(found)

    def scope(self, unit_id: UUID | None) -> list[UUID] | None:
        """The org ids a list is limited to: those under the chosen unit, otherwise the asker's reach (None: everything)."""
        if unit_id is not None:
            return self.below(unit_id)
        return None if self._reach is None else sorted(self._reach)

    def above(self, unit_id: UUID | None) -> list[Row]:
        """A unit and everything above it, the root first."""
        found, here = [], self._by_id.get(unit_id)
        while here is not None:
            found.append(here)
            here = self._by_id.get(here.parent_id)
        return found[::-1]

    def path(self, unit_id: UUID | None, last: int = 3) -> str:
        """The names on the way to a unit, the nearest ones: `小学部 / 三年级 / 2班`; the root is left out, it is the client itself."""
        above = self.above(unit_id)
        return " / ".join(row.name for row in (above[1:] or above)[-last:])

    def of_kind(self, unit_id: UUID | None, kind: str) -> Row | None:
        """The unit of a kind that a unit is or lies under."""
        return next((row for row in self.above(unit_id) if row.kind == kind), None)

    def name(self, unit_id: UUID | None) -> str:
        """One unit's own name."""
        row = self._by_id.get(unit_id)
        return row.name if row else ""

    def kinds(self) -> list[str]:
        """The kinds that this client's tree has, from the top down."""
        depth: dict[str, int] = {}
        for row in self._by_id.values():
            depth[row.kind] = min(depth.get(row.kind, 99), len(self.above(row.id)))
        return sorted(depth, key=lambda kind: depth[kind])

    def in_order(self, kind: str) -> list[Row]:
        """Every unit of a kind, in the order of the tree."""
        found: list[Row] = []

        def visit(parent: UUID | None) -> None:
            for row in self._children.get(parent, []):
                if row.kind == kind:
                    found.append(row)
                visit(row.id)

        visit(None)
        return found


async def load(session: Session, reach: list[UUID] | None) -> Units:
    """The tree of this client, one query."""
    return Units(await org.list_units(session), reach)
