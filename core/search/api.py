"""The search box in the API."""

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from msgspec import Struct

from core.database import Session
from core.errors import InvalidRequest
from core.identity.actor import Actor
from core.platform import Platform
from core.search import service
from core.search.sources import SHORTEST, read

TAGS = ["搜索 search"]
MOST = 20


class SearchTooShort(InvalidRequest):
    code = "SEARCH_TOO_SHORT"
    message = "请至少输入 {least} 个字符"


class FoundRead(Struct, frozen=True):
    """One thing that fits, masked; `path` is its page in the console."""

    title: str
    detail: str
    status: str
    path: str


class FoundGroup(Struct, frozen=True):
    """Things of one kind; `more` says that there are others."""

    code: str
    title: str
    items: list[FoundRead]
    more: bool


class SearchRead(Struct, frozen=True):
    """What fits, by kind; only kinds that the asker may list."""

    groups: list[FoundGroup]


@get("/api/v1/search", opt={"permission": "any", "side": "both"}, tags=TAGS)
async def search_everything(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    q: FromQuery[str],
    limit: FromQuery[int] = service.LIMIT,
) -> SearchRead:
    """People by name, pinyin, number or phone; bills, payments, receipts and refunds by number. The bank finds clients and branches."""
    if read(q) is None:
        raise SearchTooShort(least=SHORTEST)
    client = request.scope["state"].get("client_profile")
    groups = await service.search(session, platform, client and client.plugins, actor, q, min(max(limit, 1), MOST))
    return SearchRead([
        FoundGroup(group.code, group.title, [FoundRead(i.title, i.detail, i.status, i.href) for i in group.items], group.more) for group in groups
    ])  # fmt: skip


ROUTES = [search_everything]
