"""Views: a filter of the work list under a name, for oneself or for everybody."""

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from core import ids
from core.database import Row, Session
from core.errors import InvalidRequest
from core.identity.actor import Actor
from core.reconciliation.differences import service as differences
from core.reconciliation.differences import views_repository
from core.reconciliation.remedies.refusals import ViewNotFound

PAGE = "differences"
_NOT_KEPT = ("cursor", "lang")


async def list_views(session: Session, by: Actor) -> Sequence[Row]:
    """One's own and the shared ones."""
    return await views_repository.list_views(session, PAGE, by.id)


async def save(session: Session, by: Actor, title: str, query: str, *, shared: bool) -> UUID:
    """Keep the filter of an address under a name; BadFilter when it is none."""
    title = " ".join(title.replace("\0", "").split())
    if not title or len(title) > 40:
        raise InvalidRequest("请填写 1–40 字的视图名称")
    pairs = [(name, value) for name, value in parse_qsl(query[:1000].replace("\0", "")) if name not in _NOT_KEPT]
    differences.asked_of(dict(pairs))
    view_id = ids.uuid7()
    row = {"id": view_id, "page": PAGE, "title": title, "query": urlencode(pairs), "owner_id": by.id, "shared": shared}
    await views_repository.add(session, row)
    return view_id


async def remove(session: Session, view_id: UUID, by: Actor) -> None:
    """Drop one's own view."""
    if not await views_repository.remove(session, view_id, by.id):
        raise ViewNotFound()
