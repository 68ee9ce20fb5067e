"""The side menu: features and plugins say what they offer, a person sees what is theirs."""

from collections.abc import Collection, Iterable

import msgspec


class MenuItem(msgspec.Struct, frozen=True):
    """One entry: `label` and `group` are marked with `N_`, `icon` is a tabler outline name, lower `order` stands higher."""

    label: str
    path: str
    icon: str = "point"
    group: str = ""
    permission: str = ""
    order: int = 500
    count: int | None = None
    query: str = ""
    """What the reader's own view adds to the path."""


class MenuGroup(msgspec.Struct, frozen=True):
    """Entries under one heading; the first group has none."""

    label: str
    items: list[MenuItem]


def menu_for(items: Iterable[MenuItem], permissions: Collection[str] | None) -> list[MenuGroup]:
    """The entries a person may open, grouped, in order; `None` as permissions shows everything."""
    groups: dict[str, list[MenuItem]] = {}
    for item in sorted(items, key=lambda i: (i.order, i.label)):
        if not item.permission or permissions is None or item.permission in permissions:
            groups.setdefault(item.group, []).append(item)
    return [MenuGroup(label, entries) for label, entries in groups.items()]


def current_path(menu: Iterable[MenuGroup], path: str) -> str:
    """The entry that is lit on a page: the longest one that the page's path lies under; a home (one step: `/console`) lights for itself only."""
    items = [item.path for group in menu for item in group.items]
    under = [each for each in items if path == each or (each.count("/") > 1 and path.startswith(each + "/"))]
    return max(under, key=len, default="")
