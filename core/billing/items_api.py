"""Fee items in the API: read, make, change, take out of use."""

from uuid import UUID

from litestar import get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core.billing import item_keeping, repository
from core.billing.story_schemas import FeeItemCreate, FeeItemPage, FeeItemPatch, FeeItemRead
from core.database import Row, Session
from core.identity.actor import Actor
from core.platform import Platform
from core.tenancy.directory import ClientProfile

READ, MANAGE = {"permission": "billing.item.read"}, {"permission": item_keeping.MANAGE}
TAGS = ["收费项目 fee items"]
ITEMS = "/api/v1/fee-items"


@get(ITEMS, opt=READ, tags=TAGS)
async def list_fee_items(
    session: NamedDependency[Session], actor: NamedDependency[Actor], plugin: FromQuery[str | None] = None
) -> FeeItemPage:
    """Every fee item, in its order, also those out of use; a client has tens of them, so there is one page."""
    return FeeItemPage([_read(row) for row in await repository.list_items(session, plugin)], None)


@post(ITEMS, opt=MANAGE, tags=TAGS)
async def create_fee_item(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    data: JSONBody[FeeItemCreate],
) -> FeeItemRead:
    """A new fee item; 409 FEE_ITEM_TAKEN when its plugin has one of that code."""
    words = item_keeping.words_of(platform.plugins, client.plugins)
    item_id = await item_keeping.create(session, words, data, actor)
    return _read(await item_keeping.find(session, words, item_id))


@patch(ITEMS + "/{item_id:uuid}", opt=MANAGE, tags=TAGS)
async def change_fee_item(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    item_id: FromPath[UUID],
    data: JSONBody[FeeItemPatch],
) -> FeeItemRead:
    """Other facts, for bills to come; `active` false deactivates. 409 STALE_FORM when somebody else was faster."""
    words = item_keeping.words_of(platform.plugins, client.plugins)
    await item_keeping.change(session, words, item_id, data, actor)
    return _read(await item_keeping.find(session, words, item_id))


def _read(row: Row) -> FeeItemRead:
    return FeeItemRead(**{name: getattr(row, name) for name in FeeItemRead.__struct_fields__})


ROUTES = [list_fee_items, create_fee_item, change_fee_item]
