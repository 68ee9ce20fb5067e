"""A service provider speaks for its merchants: its keys, their numbers, and nobody else's."""

import msgspec
import pytest

from core.payments.channels.errors import AccountIncomplete, ChannelRefused
from core.payments.channels.protocol import ChannelAccount, disagreements
from core.payments.channels.wechatpay import crypto, modes, wire

PARTNER = ChannelAccount(
    channel="wechatpay",
    mchid="1900000109",
    appid="wx8888888888888888",
    base_url="https://api.mch.weixin.qq.com",
    credentials={"sp_mchid": "1230000109", "sp_appid": "wx8888888888888888"},
    mode="partner",
)
TRANSACTION = {
    "sp_appid": "wx8888888888888888",
    "sp_mchid": "1230000109",
    "sub_mchid": "1900000109",
    "out_trade_no": "T202609010000000001",
    "transaction_id": "4200000925202101284997714292",
    "trade_state": "SUCCESS",
    "success_time": "2026-09-01T10:34:56+08:00",
    "payer": {"sp_openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
    "amount": {"total": 123450, "payer_total": 123450, "currency": "CNY"},
}
OWN_APPID = "wxd678efh567hg6999"


def state(account=PARTNER, **altered):
    raw = msgspec.json.encode(TRANSACTION | altered)
    return wire.order_state(account, wire.read_transaction(raw), raw)


def differing(account=PARTNER, **altered) -> list[str]:
    return list(disagreements(state(account, **altered), account, "T202609010000000001", 123450))


def test_a_report_about_our_merchant_agrees():
    assert differing() == []
    assert state().payer_ref == "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"


@pytest.mark.parametrize(
    ("altered", "field"),
    [
        ({"sub_mchid": "1900000110"}, "mchid"),
        ({"sp_mchid": "1230000110"}, "mchid"),
        ({"sp_appid": "wx0000000000000000"}, "appid"),
        ({"sub_appid": OWN_APPID}, "appid"),
    ],
)
def test_a_report_about_another_merchant_provider_or_appid_disagrees(altered, field):
    assert differing(**altered) == [field]


def test_a_direct_report_is_not_taken_for_a_partners_nor_the_other_way_round():
    direct = msgspec.structs.replace(PARTNER, mode="direct", credentials={})
    assert set(differing(direct)) == {"mchid", "appid"}
    assert set(differing(mchid="1900000109", appid="wx8888888888888888", sp_mchid="", sub_mchid="", sp_appid="")) == {"mchid", "appid"}


def test_a_merchant_with_an_appid_of_its_own_sends_it_and_its_payers_openid(order):
    own = msgspec.structs.replace(PARTNER, appid=OWN_APPID)
    body = msgspec.json.decode(wire.order_body(own, order(scene="jsapi", openid="o1")))
    assert (body["sub_appid"], body["payer"]) == (OWN_APPID, {"sub_openid": "o1"})
    shared = msgspec.json.decode(wire.order_body(PARTNER, order(scene="jsapi", openid="o1")))
    assert ("sub_appid" in shared, shared["payer"]) == (False, {"sp_openid": "o1"})
    assert differing(own, sub_appid=OWN_APPID, payer={"sp_openid": "o0", "sub_openid": "o1"}) == []


def test_queries_name_both_numbers_and_refunds_the_merchants():
    assert modes.merchant_ids(PARTNER) == {"sp_mchid": "1230000109", "sub_mchid": "1900000109"}
    assert modes.sub_ids(PARTNER) == {"sub_mchid": "1900000109"}
    assert modes.signing_mchid(PARTNER) == "1230000109"


@pytest.mark.parametrize("missing", ["sp_mchid", "sp_appid"])
def test_a_partner_account_without_its_provider_says_so(order, missing):
    bare = msgspec.structs.replace(PARTNER, credentials={k: v for k, v in PARTNER.credentials.items() if k != missing})
    with pytest.raises(AccountIncomplete) as incomplete:
        wire.order_body(bare, order())
    assert incomplete.value.facts["missing"] == missing


@pytest.mark.parametrize("appid", [None, OWN_APPID])
async def test_a_jsapi_order_is_signed_by_the_provider_for_the_invoking_appid(channel, register, order, outside, appid):
    account = await register(mode="partner", **({"appid": appid} if appid else {}))
    users = (await outside.get("/sandbox/api/wechatpay/users", params={"appid": account.appid})).json()
    wanted = order(scene="jsapi", openid=users[1]["openid"])
    call = (await channel.create(account, wanted)).params
    message = crypto.client_message(account.appid, call["timeStamp"], call["nonceStr"], call["package"])
    assert crypto.signed_by(crypto.public_key(account.credentials["merchant_certificate"]), message, call["paySign"])
    page = await outside.get("/cashier/jsapi", params=call)
    assert page.status_code == 200, page.text
    await outside.post(f"/sandbox/api/wechatpay/orders/{account.mchid}/{wanted.number}/pay")
    paid = await channel.query(account, wanted.ref)
    assert disagreements(paid, account, wanted.number, wanted.amount_fen) == {}
    assert paid.payer_ref == users[1]["openid"]


async def test_a_provider_cannot_speak_for_anothers_merchant(channel, register, order):
    account, other = await register(mode="partner"), await register(mode="partner")
    wanted = order()
    await channel.create(other, wanted)
    astray = msgspec.structs.replace(account, mchid=other.mchid)
    for call in (channel.create(astray, wanted), channel.query(astray, wanted.ref), channel.close(astray, wanted.ref)):
        with pytest.raises(ChannelRefused) as refused:
            await call
        assert refused.value.facts["channel_code"] == "NO_AUTH"


async def test_one_provider_serves_several_merchants(channel, register, order, outside):
    first = await register(mode="partner")
    second = await register(mode="partner", sp_mchid=first.credentials["sp_mchid"])
    assert second.credentials == first.credentials
    wanted = order()
    await channel.create(first, wanted)
    assert (await channel.query(first, wanted.ref)).state == "pending"
    assert (await channel.query(second, wanted.ref)).state == "unknown"
