"""What a list page knows of its reader: views that were kept, columns that are left out (`core.lists` keeps them, the session brings them)."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl
from uuid import UUID

import msgspec
from markupsafe import Markup

_CELLS = re.compile(r"(?=<t[dh][ >])")


class View(msgspec.Struct, frozen=True):
    """A filter under a name; `mine` may be removed, `default` is what the menu opens."""

    id: UUID
    title: str
    query: str
    shared: bool = False
    mine: bool = True
    default: bool = False


class ListChoice(msgspec.Struct, frozen=True):
    """One person's views and columns of one page."""

    views: list[View] = []
    columns: dict[str, dict] = {}

    @property
    def default_query(self) -> str:
        return next((view.query for view in self.views if view.default), "")

    def hidden(self, table: str, count: int) -> frozenset[int]:
        """The places of the columns that are left out; none where the table has changed since."""
        kept = self.columns.get(table) or {}
        return frozenset(int(place) for place in kept.get("out", {})) if kept.get("of") == count else frozenset()


def page_key(path: str) -> str:
    """The name under which choices of a page are kept."""
    return path.removeprefix("/console/")


def read(found: Mapping[str, object] | None, user_id: str) -> dict[str, ListChoice]:
    """Choices by page, from what the session's query brought."""
    found = found or {}
    pages: dict[str, dict] = {row["page"]: {"columns": row["columns"], "view_id": row["view_id"], "views": []} for row in found.get("choices") or ()}
    for row in found.get("views") or ():
        page = pages.setdefault(row["page"], {"columns": {}, "view_id": None, "views": []})
        default = page["view_id"] == row["id"]
        page["views"].append(View(UUID(row["id"]), row["title"], row["query"], row["shared"], row["owner_id"] == user_id, default))
    return {name: ListChoice(page["views"], page["columns"]) for name, page in pages.items()}


def same(query: str, other: str) -> bool:
    """Whether two addresses ask for the same rows in the same order."""
    def asks(text: str) -> list[tuple[str, str]]:
        return sorted((name, value) for name, value in parse_qsl(text) if name not in ("cursor", "lang"))

    return asks(query) == asks(other)


def without(cells: str, hidden: frozenset[int], count: int) -> Markup:
    """A row's cells without those of the columns that are left out; a row that has merged cells stays whole."""
    before, *found = _CELLS.split(str(cells))
    if len(found) != count:
        return Markup(cells)
    return Markup(before + "".join(cell for place, cell in enumerate(found) if place not in hidden))


def kept(columns: Sequence, hidden: frozenset[int]) -> list:
    """The columns (or the sums under them) that are shown."""
    return [column for place, column in enumerate(columns) if place not in hidden]
