"""What works where a payer stands, and which merchant number takes the money."""

import pytest
from sqlalchemy import text, update

from core import ids
from core.payments.errors import AmountOverLimit, ChannelNotOpened, MerchantNotCollecting
from core.payments.routing import service as routing
from core.tenancy.models import merchant
from tests import families

ALIPAY = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148 AliApp(AP/10.5) AlipayClient/10.5"


class Way:
    """A channel as routing sees it."""

    def __init__(self, code: str, *scenes: str, **more: str) -> None:
        self.code, self.scenes = code, scenes
        vars(self).update(more)


WECHAT = Way("wechatpay", "jsapi", "h5", "native", "app", "barcode")
ALI = Way("alipay", "h5", "page", "native", "jsapi", "barcode", "app")
UNION = Way("unionpay", "h5", "page", "app")
CARD = Way("stripe", "card")
COUNTER = Way("counter", "cash", "pos", "transfer", "cheque")
GATEWAY = Way("citybank", "h5", "jsapi", wallet="citybankapp")


@pytest.mark.parametrize(
    ("agent", "way", "scenes"),
    [
        (families.WECHAT, WECHAT, ("jsapi",)),
        (families.WECHAT, ALI, ()),
        (families.WECHAT, UNION, ("h5",)),
        (families.WECHAT, CARD, ("card",)),
        (ALIPAY, ALI, ("h5",)),
        (ALIPAY, WECHAT, ()),
        (families.PHONE, WECHAT, ("h5",)),
        (families.PHONE, ALI, ("h5",)),
        (families.PHONE, CARD, ("card",)),
        (families.DESKTOP, WECHAT, ("native",)),
        (families.DESKTOP, ALI, ("native", "page")),
        (families.DESKTOP, UNION, ("page",)),
        (families.DESKTOP, CARD, ("card",)),
        (families.DESKTOP, COUNTER, ()),
        (families.PHONE, COUNTER, ()),
        (families.PHONE + " CityBankApp/3", GATEWAY, ("jsapi",)),
        (families.WECHAT, GATEWAY, ()),
        ("", WECHAT, ("native",)),
    ],
)
def test_a_device_is_offered_what_works_on_it(agent, way, scenes):
    assert routing.scenes_here(agent, way) == scenes


async def test_a_basket_of_one_merchant_is_collected_on_its_own_number(house):
    general, own = await house.account(), await house.account(merchant="TUITION")
    async with house.session() as session:
        for codes, expected in ((["TUITION"], own), (["MEAL"], general), (["TUITION", "MEAL"], general), ([], general)):
            merchants = {house.school.trade.merchants[code] for code in codes}
            (offer,) = await routing.choose(session, [("wechatpay", "h5")], 100, merchants)
            assert offer.account_id == expected, codes


async def test_without_a_general_number_a_mixed_basket_is_not_taken(house):
    await house.account(merchant="TUITION")
    assert [option.channel for option in await house.options(merchants=["TUITION"])] == ["wechatpay"]
    assert await house.options(merchants=["TUITION", "MEAL"]) == []
    with pytest.raises(ChannelNotOpened):
        await house.start(await mixed(house), 125_000)


async def mixed(house):
    """A bill whose two lines, of two merchants, are both wanted."""
    bill_id = await house.bill()
    async with house.session() as session:
        await session.execute(text("UPDATE core.bill_line SET chosen = true WHERE bill_id = :id"), {"id": bill_id})
        await session.execute(text("UPDATE core.bill SET amount_fen = 125000 WHERE id = :id"), {"id": bill_id})
    return bill_id


async def test_routes_say_which_number_takes_which_amounts(house):
    small, large = await house.account(), await house.account()
    await house.route(small, min_fen=0, max_fen=10_000, position=1)
    await house.route(large, min_fen=10_001, max_fen=None, position=2)
    async with house.session() as session:
        for amount_fen, expected in ((1, small), (10_000, small), (10_001, large), (5_000_000, large)):
            (offer,) = await routing.choose(session, [("wechatpay", "h5")], amount_fen, ())
            assert offer.account_id == expected, amount_fen


async def test_routes_say_which_scenes_and_in_which_order(house):
    first, second = await house.account(), await house.account()
    await house.route(first, scenes=["native"], position=20)
    await house.route(second, scenes=["h5", "native"], position=10)
    async with house.session() as session:
        (native,) = await routing.choose(session, [("wechatpay", "native")], 100, ())
        (h5,) = await routing.choose(session, [("wechatpay", "h5")], 100, ())
        assert await routing.choose(session, [("wechatpay", "jsapi")], 100, ()) == []
    assert (native.account_id, h5.account_id) == (second, second)


async def test_a_route_that_is_off_takes_nothing_and_leaves_no_back_door(house):
    account_id = await house.account()
    await house.route(account_id, active=False)
    assert await house.options() == []


async def test_a_routes_limit_is_shown_and_held(house):
    await house.route(await house.good(), limit_fen=50_000)
    (option,) = await house.options()
    assert (option.limit_fen, option.payments_needed) == (50_000, 2)
    bill_id = await house.bill()
    with pytest.raises(AmountOverLimit):
        await house.start(bill_id, 50_001)
    assert (await house.start(bill_id, 50_000)).status == "pending"


async def test_a_merchant_that_may_not_collect_is_not_charged_for(house):
    await house.good()
    bill_id = await house.bill()
    async with house.session() as session:
        await session.execute(update(merchant).where(merchant.c.code == "TUITION").values(status="suspended"))
    (option,) = await house.options()
    assert not option.available
    assert "TUITION" in option.why
    with pytest.raises(MerchantNotCollecting):
        await house.start(bill_id)
    async with house.session() as session:
        assert await session.scalar(text("SELECT count(*) FROM core.payment_order")) == 0


async def test_routes_are_kept_in_the_console_and_the_api(staff, house):
    account_id = await house.good()
    desk = await staff(house.school, "payments.channel.read", "payments.channel.manage")
    typed = {"account": str(account_id), "scene": "h5", "min": "0", "max": "1000", "limit": "500.00", "position": "5"}
    answer = await desk.post("/console/channels/routes", data=typed)
    assert answer.status_code == 303
    (route,) = (await desk.get("/api/v1/payment-routes")).json()["items"]
    assert (route["max_fen"], route["limit_fen"], route["scenes"], route["position"]) == (100_000, 50_000, ["h5"], 5)
    page = await desk.get("/console/channels/routes")
    assert "500.00" in page.text
    await desk.post(f"/console/channels/routes/{route['id']}/off")
    assert await house.options() == []
    assert (await desk.delete(f"/api/v1/payment-routes/{route['id']}")).status_code == 204
    assert len(await house.options()) == 1, "without routes the number takes everything again"


@pytest.mark.parametrize(
    "wrong",
    [
        {"limit_fen": 5_000_001},
        {"limit_fen": 0},
        {"min_fen": 200, "max_fen": 100},
        {"min_fen": -1},
        {"scenes": ["cash"]},
        {"position": -1},
        {"channel_account_id": str(ids.uuid7())},
    ],
)
async def test_a_route_stays_within_what_its_channel_can(staff, house, wrong):
    account_id = await house.good()
    desk = await staff(house.school, "payments.channel.read", "payments.channel.manage")
    body = {"channel_account_id": str(account_id)} | wrong
    answer = await desk.post("/api/v1/payment-routes", json=body, headers={"idempotency-key": ids.token()})
    assert answer.status_code in (404, 422), answer.text
    assert (await desk.get("/api/v1/payment-routes")).json()["items"] == []
