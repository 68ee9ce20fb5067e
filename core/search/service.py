"""Looking everywhere at once: each source that the asker may use is asked in turn, in one transaction, for a few things each."""

from collections.abc import Callable, Collection, Sequence
from urllib.parse import quote

import msgspec

from core.database import Session
from core.identity.actor import Actor
from core.platform import Platform
from core.search import marks
from core.search.sources import Asked, Found, Source, phone_of, read

LIMIT, WHOLE = 5, 20
"""Things of a kind in the drop-down, and on the page."""


class Group(msgspec.Struct, frozen=True):
    """What one source found; `more` says that there are others, `href` leads to its list."""

    code: str
    title: str
    items: list[Found]
    more: bool = False
    href: str = ""


def sources(platform: Platform, enabled: Collection[str] | None, by: Actor) -> list[Source]:
    """What this person can look for: core's sources and those of the `enabled` plugins (None: the bank's), as far as a right opens them."""
    side = "bank" if enabled is None else "console"
    offered = platform.plugins.collect_all("register_search")
    found = [source for plugin, source in offered if source.side == side and (plugin == "core" or plugin in (enabled or ()))]
    return sorted((s for s in found if any(by.may(right) for right in s.permissions)), key=lambda source: source.position)


async def search(
    session: Session, platform: Platform, enabled: Collection[str] | None, by: Actor, typed: str, limit: int = LIMIT
) -> list[Group]:
    """What fits, in groups; nothing beyond the lists that the asker may open. A person found twice stands in the first group only."""
    asked = read(typed)
    if asked is None:
        return []
    asked = await _with_marks(session, platform, asked)
    groups, seen = [], set()
    for source in sources(platform, enabled, by):
        found = await source.find(session, asked, by, limit + 1)
        items = [item for item in found[:limit] if not (item.key and item.key in seen)]
        seen.update(item.key for item in items)
        if items:
            href = source.list_path.replace("{q}", quote(asked.text)) if source.list_path else ""
            groups.append(Group(source.code, source.title, items, len(found) > limit, href))
    return groups


async def _with_marks(session: Session, platform: Platform, asked: Asked) -> Asked:
    """The hashes under which phones are found, where a phone or its end was typed."""
    phone = phone_of(asked)
    if not (phone or asked.tail):
        return asked
    keys = await platform.vault.keys(session)
    if phone:
        return msgspec.structs.replace(asked, phone_mark=marks.mark(keys, phone))
    return msgspec.structs.replace(asked, tail_mark=marks.tail_mark(keys, asked.tail))


def pages(menu: Sequence[object], typed: str, words: Callable[[str], str]) -> list[Found]:
    """The lines of the menu whose name holds what was typed."""
    text = typed.strip().lower()
    lines = [item for group in menu for item in group.items] if text else []
    return [Found(title=words(item.label), href=item.path) for item in lines if text in words(item.label).lower()]
