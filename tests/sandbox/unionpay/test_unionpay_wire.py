"""UnionPay's wire in the sandbox, touched with bare hands: what a careless or dishonest merchant is told."""

import base64
import datetime as dt
import secrets
from urllib.parse import urlencode

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from core import clock
from core.payments.channels.protocol import ChannelAccount
from core.payments.channels.rsa import public_key
from core.payments.channels.unionpay import UnionPay, crypto
from core.payments.channels.unionpay import wire as unionpay_wire
from core.sandbox.serving import sandbox_serving
from core.sandbox.unionpay.wire import WORDS
from tests.payments.channels.unionpay_fixtures import API, Desk, channel, desk, listening, outside, register, sandbox

__all__ = ["channel", "desk", "listening", "outside", "register", "sandbox"]

APP, BACK, QUERY = (f"/gateway/api/{name}.do" for name in ("appTransReq", "backTransReq", "queryTrans"))


def stamp(at: dt.datetime) -> str:
    return f"{at.astimezone(clock.SHANGHAI):%Y%m%d%H%M%S}"


def payment(desk, **altered) -> dict[str, str]:
    """The fields of a payment, not signed yet; None takes one away."""
    now = clock.now()
    fields = {
        "version": "5.1.0",
        "encoding": "UTF-8",
        "signMethod": "01",
        "txnType": "01",
        "txnSubType": "01",
        "bizType": "000201",
        "channelType": "08",
        "accessType": "0",
        "merId": desk.account.mchid,
        "orderId": f"T{secrets.token_hex(12)}",
        "txnTime": stamp(now),
        "txnAmt": "100",
        "currencyCode": "156",
        "payTimeout": stamp(now + dt.timedelta(minutes=15)),
        "backUrl": desk.notify_url,
    }
    return {name: value for name, value in (fields | altered).items() if value is not None}


def signed(desk, fields: dict[str, str], **over) -> dict[str, str]:
    """The fields with the merchant's signature; `over` spoils them afterwards."""
    identity = crypto.identity_in(desk.account.credentials["sign_certificate"], desk.account.credentials["sign_certificate_password"])
    full = fields | {"certId": identity.cert_id}
    return full | {"signature": crypto.sign(identity.key, full)} | over


async def asked(desk, path: str, fields: dict[str, str]) -> dict[str, str]:
    """What UnionPay answers; it must be signed, whatever it says."""
    reply = await desk.outside.post(path, content=urlencode(fields), headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert reply.status_code == 200
    answer = unionpay_wire.read_answer(reply.content)
    held = desk.account.credentials
    key = crypto.signer(answer["signPubKeyCert"], held["root_certificate"], held["middle_certificate"], clock.now())
    assert crypto.signed_by(key, answer)
    return answer


async def test_an_answer_is_one_line_of_which_nothing_is_encoded(desk):
    fields = signed(desk, payment(desk, reqReserved="账单|B20267"))
    reply = await desk.outside.post(APP, data=fields)
    line = reply.content.decode()
    assert "reqReserved=账单|B20267" in line
    assert "-----BEGIN CERTIFICATE-----\r\n" in line
    assert "respMsg=成功[0000000]" in line
    answer = unionpay_wire.read_answer(reply.content)
    certificate = answer["signPubKeyCert"]
    assert not certificate.endswith("\n")
    assert "certId" not in answer
    assert crypto.signed_by(public_key(certificate), answer)
    assert not crypto.signed_by(public_key(certificate), answer | {"signPubKeyCert": certificate.replace("\r\n", "\n")})


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ({"signature": "AAAA"}, "11"),
        ({"txnAmt": "1"}, "11"),
        ({"certId": "12345"}, "11"),
        ({"merId": "777000000000001"}, "31"),
        ({"version": "5.0.0"}, "10"),
        ({"encoding": "GBK"}, "10"),
        ({"signMethod": "11"}, "10"),
        ({"signature": ""}, "13"),
        ({"merId": ""}, "13"),
    ],
)
async def test_who_asks_must_be_proved(desk, over, code):
    fields = signed(desk, payment(desk), **over)
    assert (await asked(desk, APP, fields))["respCode"] == code
    assert (await desk.outside.get(f"{API}/orders/{desk.account.mchid}/{fields['orderId']}")).status_code == 404


async def test_another_merchants_certificate_proves_nothing(desk, register):
    other = await register()
    assert (await asked(desk, APP, signed(other, payment(desk))))["respCode"] == "11"


@pytest.mark.parametrize(
    ("altered", "code", "names"),
    [
        ({"orderId": None}, "13", "orderId"),
        ({"txnTime": None}, "13", "txnTime"),
        ({"txnAmt": None}, "13", "txnAmt"),
        ({"backUrl": None}, "13", "backUrl"),
        ({"orderId": "T-1_2345678"}, "10", "orderId"),
        ({"orderId": "T1"}, "10", "orderId"),
        ({"txnAmt": "0"}, "10", "txnAmt"),
        ({"txnAmt": "007"}, "10", "txnAmt"),
        ({"txnAmt": "1.00"}, "10", "txnAmt"),
        ({"txnAmt": "1" * 13}, "10", "txnAmt"),
        ({"currencyCode": "840"}, "10", "currencyCode"),
        ({"backUrl": "ftp://x"}, "10", "backUrl"),
        ({"reqReserved": "a=1&b=2"}, "10", "reqReserved"),
        ({"bizType": "000301"}, "10", "bizType"),
        ({"accessType": "1"}, "10", "accessType"),
        ({"txnTime": "20261322000000"}, "10", "txnTime"),
        ({"txnTime": "20200101000000"}, "10", "txnTime"),
        ({"payTimeout": "20200101000000"}, "69", "超时"),
    ],
)
async def test_a_field_that_is_missing_or_wrong_is_named(desk, altered, code, names):
    answer = await asked(desk, APP, signed(desk, payment(desk, **altered)))
    assert answer["respCode"] == code
    assert names in answer["respMsg"]
    assert "tn" not in answer


@pytest.mark.parametrize("body", ["", "a", "a=1&a=2", "%FF=1"])
async def test_what_is_no_message_is_told_so_and_signed(desk, body):
    reply = await desk.outside.post(QUERY, content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    answer = unionpay_wire.read_answer(reply.content)
    assert answer["respCode"] in ("10", "13")
    assert crypto.signed_by(public_key(answer["signPubKeyCert"]), answer)


async def test_a_number_used_before_is_a_duplicate_whatever_else_is_asked(desk):
    fields = payment(desk)
    assert (await asked(desk, APP, signed(desk, fields)))["respCode"] == "00"
    for again in (fields, fields | {"txnAmt": "5"}, fields | {"txnTime": stamp(clock.now() + dt.timedelta(seconds=5))}):
        answer = await asked(desk, APP, signed(desk, again))
        assert (answer["respCode"], answer["respMsg"]) == ("12", WORDS["12"])


async def test_a_form_with_a_bad_signature_shows_the_payer_a_page_and_takes_no_order(desk):
    fields = signed(desk, payment(desk), txnAmt="1")
    page = await desk.outside.post("/gateway/api/frontTransReq.do", data=fields)
    assert page.status_code == 200
    assert "验证签名失败" in page.text
    assert (await desk.outside.get(f"{API}/orders/{desk.account.mchid}/{fields['orderId']}")).status_code == 404


async def test_a_query_tells_an_order_by_number_and_time_only(desk):
    fields = payment(desk)
    await asked(desk, APP, signed(desk, fields))
    about = {"txnType": "00", "txnSubType": "00", "bizType": "000000"}
    names = ("version", "encoding", "signMethod", "accessType", "merId", "orderId", "txnTime")
    query = {name: fields[name] for name in names} | about
    answer = await asked(desk, QUERY, signed(desk, query))
    assert (answer["respCode"], answer["origRespCode"], answer["txnAmt"]) == ("00", "05", "100")
    answer = await asked(desk, QUERY, signed(desk, query | {"txnTime": "20260101000000"}))
    assert answer["respCode"] == "34"
    assert "origRespCode" not in answer
    assert (await asked(desk, QUERY, signed(desk, query | {"txnType": "01"})))["respCode"] == "10"


async def test_a_paid_order_is_told_with_everything_of_its_settlement(desk):
    order = await desk.paid(amount_fen=700, attach="note")
    raw = (await desk.channel.query(desk.account, order)).raw
    answer = unionpay_wire.read_answer(raw)
    assert (answer["settleAmt"], answer["settleCurrencyCode"], answer["currencyCode"], answer["reqReserved"]) == ("700", "156", "156", "note")
    assert len(answer["queryId"]) == 21
    assert answer["queryId"][2:14] == f"{clock.now().astimezone(clock.SHANGHAI):%y}{answer['traceTime']}"
    assert answer["queryId"][14:20] == answer["traceNo"]
    assert len(answer["settleDate"]) == 4


async def test_for_a_second_a_front_order_may_not_be_found(postgres, sandbox, listening):
    async with (
        sandbox_serving(postgres.app_url, time_scale=1.0) as settings,
        httpx.AsyncClient(base_url=settings.public_url, trust_env=False) as outside,
        httpx.AsyncClient(trust_env=False) as client,
    ):
        given = (await outside.post(f"{API}/merchants", json={"name": "真实节奏"})).json()
        account = unionpay_account(given)
        desk = Desk(UnionPay(client), account, outside, listening.url)
        order = await desk.placed()
        assert (await desk.channel.query(account, order.ref)).state == "unknown"
        states = set()
        while "pending" not in states:
            states.add((await desk.channel.query(account, order.ref)).state)
        assert states == {"unknown", "pending"}


def unionpay_account(given: dict) -> ChannelAccount:
    return ChannelAccount(channel="unionpay", **{name: given[name] for name in ("mchid", "appid", "base_url", "credentials")})


async def test_a_merchant_registered_again_keeps_its_certificate(outside, register):
    desk = await register(mchid=f"777{secrets.randbelow(10**12):012d}")
    again = await register(mchid=desk.account.mchid, name="另一个名字")
    ids = {crypto.identity_in(d.account.credentials["sign_certificate"], "000000").cert_id for d in (desk, again)}
    assert len(ids) == 1
    assert (await outside.get(f"{API}/merchants/{desk.account.mchid}")).json()["name"] == "榕城第一实验学校"


async def test_a_certificate_of_a_merchant_names_the_merchant_and_not_unionpay(desk):
    container = base64.b64decode(desk.account.credentials["sign_certificate"])
    certificate = pkcs12.load_key_and_certificates(container, b"000000")[1]
    assert desk.account.mchid in certificate.subject.rfc4514_string()
    assert crypto.UNIONPAY_NAME not in certificate.subject.rfc4514_string()
