"""Fee items one by one in the API: made, changed, taken out of use, by whoever reaches the whole client."""

import pytest

from core.identity import audit
from tests import desk as desks

ITEM = {"plugin": "education", "code": "MEAL", "name": "餐费", "category": "服务性收费", "period": "term", "mandatory": False}
ITEMS = "/api/v1/fee-items"


@pytest.fixture
async def desk(platform, client):
    return await desks.opened(platform, lambda **given: client(**given | {"plugins": ("education",)}))


@pytest.fixture
async def keeper(desk, staff):
    return await staff(desk, "billing.item.manage", "billing.item.read")


async def test_an_item_is_made_read_changed_and_taken_out_of_use(platform, desk, keeper):
    made = await keeper.post(ITEMS, json=ITEM)
    assert made.status_code == 201, made.text
    item = made.json()
    assert (item["merchant_id"] in map(str, desk.trade.merchants.values()), item["active"], item["version"]) == (True, True, 1)
    other = str(desk.trade.merchants["MEAL"])
    changed = (await keeper.patch(f"{ITEMS}/{item['id']}", json={"version": 1, "name": "午餐费", "merchant_id": other})).json()
    assert (changed["name"], changed["merchant_id"], changed["version"]) == ("午餐费", other, 2)
    gone = (await keeper.patch(f"{ITEMS}/{item['id']}", json={"version": 2, "active": False})).json()
    assert gone["active"] is False
    listed = (await keeper.get(ITEMS, params={"plugin": "education"})).json()["items"]
    assert [(row["code"], row["active"]) for row in listed] == [("MEAL", False)]
    async with platform.database.tenant(desk.id) as session:
        told = await audit.history(session, "fee_item", item["id"])
    assert sorted(row["action"] for row in told) == ["billing.item.change", "billing.item.change", "billing.item.create"]


async def test_the_same_again_changes_nothing_and_a_stale_version_is_refused(keeper):
    item = (await keeper.post(ITEMS, json=ITEM)).json()
    assert (await keeper.patch(f"{ITEMS}/{item['id']}", json={"version": 1, "name": "餐费"})).json()["version"] == 1
    await keeper.patch(f"{ITEMS}/{item['id']}", json={"version": 1, "name": "午餐"})
    assert (await keeper.patch(f"{ITEMS}/{item['id']}", json={"version": 1, "name": "晚餐"})).json()["code"] == "STALE_FORM"
    assert (await keeper.post(ITEMS, json=ITEM)).json()["code"] == "FEE_ITEM_TAKEN"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"plugin": "hospital"}, "plugin"),
        ({"code": "餐"}, "code"),
        ({"name": "=HYPERLINK(1)"}, "name"),
        ({"name": "<b>"}, "name"),
        ({"category": "随便"}, "category"),
        ({"merchant_id": "0197a5c2-7d3e-7c41-9a55-3f2b8c1d0e4f"}, "merchant_id"),
    ],
)
async def test_what_is_wrong_is_named(keeper, wrong, field):
    refused = await keeper.post(ITEMS, json=ITEM | wrong)
    assert (refused.status_code, refused.json()["code"], refused.json()["facts"]["field"]) == (422, "FEE_ITEM_WRONG", field)


@pytest.mark.parametrize("wrong", [{"period": "week"}, {"mandatory": "yes"}, {"price_fen": 1}, {"name": ""}])
async def test_what_does_not_fit_is_refused(keeper, wrong):
    assert (await keeper.post(ITEMS, json=ITEM | wrong)).status_code == 422


async def test_items_are_the_whole_clients(desk, staff, keeper, client):
    item = (await keeper.post(ITEMS, json=ITEM)).json()
    part = await staff(desk, "billing.item.manage", org_id=desk.units["东区"])
    assert (await part.post(ITEMS, json=ITEM | {"code": "X"})).status_code == 404
    assert (await part.patch(f"{ITEMS}/{item['id']}", json={"version": 1, "name": "x"})).status_code == 404
    root = await staff(desk, "billing.item.manage", org_id=desk.units["榕华"])
    assert (await root.post(ITEMS, json=ITEM | {"code": "X"})).status_code == 201
    reader = await staff(desk, "billing.item.read")
    assert (await reader.post(ITEMS, json=ITEM)).status_code == 403
    stranger = await staff(await client(), "billing.item.manage")
    assert (await stranger.patch(f"{ITEMS}/{item['id']}", json={"version": 1, "name": "x"})).status_code == 404


async def test_an_item_has_a_refund_policy_of_core_or_of_its_plugin(keeper):
    item = (await keeper.post(ITEMS, json=ITEM | {"refundable_policy": "term_third"})).json()
    assert item["refundable_policy"] == "term_third"
    changed = await keeper.patch(f"{ITEMS}/{item['id']}", json={"version": 1, "refundable_policy": "by_days"})
    assert (changed.json()["refundable_policy"], changed.json()["version"]) == ("by_days", 2)
    refused = await keeper.patch(f"{ITEMS}/{item['id']}", json={"version": 2, "refundable_policy": "by_mood"})
    assert (refused.status_code, refused.json()["facts"]["field"]) == (422, "refundable_policy")
    assert (await keeper.post(ITEMS, json=ITEM | {"code": "BUS"})).json()["refundable_policy"] == "none"
