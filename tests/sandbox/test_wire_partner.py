"""A service provider at the wire: its own addresses, both numbers named, and nobody's merchant but its own."""

import pytest

from core.sandbox import wallet

ORDERS = "/v3/pay/partner/transactions"
REFUNDS = "/v3/refund/domestic/refunds"


def code(reply) -> str:
    assert "wechatpay-signature" not in reply.headers
    return reply.json()["code"]


class Provider:
    """The hands of a provider, for one of its merchants."""

    def __init__(self, hands) -> None:
        self.hands = hands
        given = hands.account.credentials
        self.sp_mchid, self.sp_appid, self.sub_mchid = given["sp_mchid"], given["sp_appid"], hands.mchid

    async def send(self, method: str, target: str, content: object = None):
        return await self.hands.send(method, target, content, mchid=self.sp_mchid)

    def order(self, **wanted) -> dict:
        order = self.hands.order()
        del order["appid"], order["mchid"]
        return order | {"sp_appid": self.sp_appid, "sp_mchid": self.sp_mchid, "sub_mchid": self.sub_mchid} | wanted

    async def query(self, number: str, query: str | None = None):
        asked = f"sp_mchid={self.sp_mchid}&sub_mchid={self.sub_mchid}" if query is None else query
        return await self.send("GET", f"{ORDERS}/out-trade-no/{number}?{asked}")


@pytest.fixture(scope="module")
async def provider(outside, merchant_of):
    return Provider(await merchant_of(outside, mode="partner"))


@pytest.fixture(scope="module")
async def other(outside, merchant_of):
    return Provider(await merchant_of(outside, mode="partner"))


async def test_an_order_is_placed_paid_and_shown_under_both_numbers(provider):
    order = provider.order()
    assert (await provider.send("POST", f"{ORDERS}/native", order)).json()["code_url"]
    assert (await provider.hands.pay(order["out_trade_no"], user="lin")).status_code == 200
    shown = (await provider.query(order["out_trade_no"])).json()
    assert (shown["sp_mchid"], shown["sub_mchid"], shown["trade_state"]) == (provider.sp_mchid, provider.sub_mchid, "SUCCESS")
    assert not {"mchid", "appid", "sub_appid"} & set(shown)
    assert shown["payer"] == {"sp_openid": wallet.openid(provider.sp_appid, "lin")}


async def test_a_merchants_own_appid_gives_its_payers_openid(outside, merchant_of):
    own = Provider(await merchant_of(outside, mode="partner", appid="wx00000000000000aa"))
    order = own.order(sub_appid="wx00000000000000aa", payer={"sub_openid": wallet.openid("wx00000000000000aa", "lin")})
    assert (await own.send("POST", f"{ORDERS}/jsapi", order)).json()["prepay_id"]
    await own.hands.pay(order["out_trade_no"])
    shown = (await own.query(order["out_trade_no"])).json()
    assert (shown["sub_appid"], shown["payer"]["sub_openid"]) == ("wx00000000000000aa", order["payer"]["sub_openid"])
    assert shown["payer"]["sp_openid"] == wallet.openid(own.sp_appid, "lin")


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"sp_mchid": "1500000000"}, "SIGN_ERROR"),
        ({"sp_appid": "wx0000000000000000"}, "APPID_MCHID_NOT_MATCH"),
        ({"sub_appid": "wx0000000000000000"}, "APPID_MCHID_NOT_MATCH"),
        ({"sub_mchid": "1900000000"}, "NO_AUTH"),
        ({"sub_mchid": None}, "PARAM_ERROR"),
        ({"sub_mchid": 5}, "NO_AUTH"),
    ],
)
async def test_a_wrong_number_is_refused(provider, wrong, expected):
    assert code(await provider.send("POST", f"{ORDERS}/native", provider.order(**wrong))) == expected


async def test_a_provider_acts_for_its_own_merchants_only(provider, other):
    order = other.order()
    await other.send("POST", f"{ORDERS}/native", order)
    await other.hands.pay(order["out_trade_no"])
    astray = f"sp_mchid={provider.sp_mchid}&sub_mchid={other.sub_mchid}"
    assert code(await provider.query(order["out_trade_no"], astray)) == "NO_AUTH"
    refund = {
        "sub_mchid": other.sub_mchid,
        "out_trade_no": order["out_trade_no"],
        "out_refund_no": "R" + order["out_trade_no"],
        "amount": {"refund": 1, "total": 100, "currency": "CNY"},
    }
    assert code(await provider.send("POST", REFUNDS, refund)) == "NO_AUTH"
    assert (await other.send("POST", REFUNDS, refund)).json()["status"] == "PROCESSING"


@pytest.mark.parametrize("query", ["x=1", "sp_mchid={sp}", "sub_mchid={sub}", "sp_mchid=1&sub_mchid={sub}", "sp_mchid={sp}&sub_mchid={sub}&sub_mchid=1"])
async def test_a_query_names_both_numbers_once(provider, query):
    order = provider.order()
    await provider.send("POST", f"{ORDERS}/native", order)
    reply = await provider.query(order["out_trade_no"], query.format(sp=provider.sp_mchid, sub=provider.sub_mchid))
    assert code(reply) == "PARAM_ERROR"


async def test_an_order_of_the_provider_is_not_its_merchants_own(provider, outside):
    order = provider.order()
    await provider.send("POST", f"{ORDERS}/native", order)
    direct = f"/v3/pay/transactions/out-trade-no/{order['out_trade_no']}?mchid={provider.sp_mchid}"
    assert code(await provider.send("GET", direct)) == "ORDER_NOT_EXIST"


async def test_closing_needs_both_numbers_and_repeats(provider):
    order = provider.order()
    await provider.send("POST", f"{ORDERS}/native", order)
    target = f"{ORDERS}/out-trade-no/{order['out_trade_no']}/close"
    assert code(await provider.send("POST", target, {"sp_mchid": provider.sp_mchid})) == "PARAM_ERROR"
    for _ in range(2):
        both = {"sp_mchid": provider.sp_mchid, "sub_mchid": provider.sub_mchid}
        assert (await provider.send("POST", target, both)).status_code == 204


async def test_the_notice_is_sealed_for_the_provider(provider, ear, channel):
    order = provider.order(notify_url=ear.url)
    await provider.send("POST", f"{ORDERS}/native", order)
    await provider.hands.pay(order["out_trade_no"])
    await provider.hands.told_when(order["out_trade_no"], lambda told: told["notices"] == ["delivered"])
    state = channel.read_notice(provider.hands.account, *ear.heard[0]).state
    assert (state.mchid, state.appid, state.paid) == (provider.sub_mchid, provider.sp_appid, True)
