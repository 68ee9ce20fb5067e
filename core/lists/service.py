"""Keeping how somebody likes a list: a filter under a name, for oneself or for the colleagues; columns left out; what the menu opens."""

from collections.abc import Collection, Mapping
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import msgspec

from core import ids
from core.database import Row, Session
from core.identity.actor import Actor
from core.lists import repository
from core.lists.errors import PageUnknown, ViewsFull, ViewUnknown, ViewUnnamed
from core.web.lists import page_key

LONGEST_TITLE, LONGEST_QUERY, MOST, MOST_COLUMNS = 40, 1000, 20, 40
_NOT_KEPT = ("cursor", "lang")


def page_of(path: str) -> str:
    """The list that an address is of; PageUnknown for what is no page of ours."""
    if not path.startswith(("/console/", "/bank/")) or len(path) > 200 or not path.isprintable():
        raise PageUnknown()
    return page_key(path)


async def save_view(session: Session, path: str, title: str, query: str, *, shared: bool, default: bool, by: Actor) -> UUID:
    """Keep the filters, order and nothing else of an address under a name; the same name again is the same view, changed."""
    page, title = page_of(path), " ".join(title.replace("\0", "").split())
    if not 0 < len(title) <= LONGEST_TITLE:
        raise ViewUnnamed()
    kept = urlencode([(name, value) for name, value in parse_qsl(query.replace("\0", "")[:LONGEST_QUERY]) if name not in _NOT_KEPT])
    view_id = await repository.find_same(session, page, by.id, title)
    if view_id is not None:
        await repository.change_view(session, view_id, kept, shared)
    elif await repository.count_views(session, page, by.id) >= MOST:
        raise ViewsFull(most=MOST)
    else:
        view_id = ids.uuid7()
        row = {"id": view_id, "page": page, "title": title, "query": kept, "owner_id": by.id, "shared": shared}
        await repository.add_view(session, row)
    if default:
        await repository.set_default(session, by.id, page, view_id)
    return view_id


async def remove_view(session: Session, view_id: UUID, by: Actor) -> Row:
    """Drop one's own view and answer what it was, so that it can be brought back."""
    view = await repository.find_view(session, view_id, by.id)
    if view is None or view.owner_id != by.id:
        raise ViewUnknown()
    await repository.remove_view(session, view_id)
    return view


async def open_by_default(session: Session, view_id: UUID, wanted: bool, by: Actor) -> Row:
    """Let the menu open a list with this view, or plain again."""
    view = await repository.find_view(session, view_id, by.id)
    if view is None:
        raise ViewUnknown()
    await repository.set_default(session, by.id, view.page, view_id if wanted else None)
    return view


async def choose_columns(session: Session, path: str, table: str, titles: Mapping[int, str], shown: Collection[int], by: Actor) -> None:
    """Leave columns of a table out from now on; the first always stays, so that a row can be told from another."""
    titles = dict(list(sorted(titles.items()))[:MOST_COLUMNS])
    out = {str(place): title[:40] for place, title in titles.items() if place and place not in shown}
    columns = {table[:40]: {"of": len(titles), "out": out}}
    await repository.set_columns(session, by.id, page_of(path), msgspec.json.encode(columns).decode())


async def left_out(session: Session, path: str, by: Actor) -> set[str]:
    """The titles of the columns that somebody leaves out on a page, as they stood there."""
    if not path:
        return set()
    tables = await repository.find_columns(session, by.id, page_of(path))
    return {title for table in tables.values() for title in table["out"].values()}
