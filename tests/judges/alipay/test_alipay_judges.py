"""Independent SDKs judge both sides: what they sign the sandbox accepts, what the sandbox signs they verify, what they refuse we refuse.

`alipay-sdk-python` (official), `python-alipay-sdk` (fzlee) and npm `alipay-sdk` (official), each in an environment and a process of its own.
"""

import asyncio
import secrets
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import msgspec
import pytest

from core import clock
from core.payments.channels import rsa
from core.payments.channels.alipay import Alipay, crypto, wire
from core.payments.channels.alipay.transport import opened
from core.payments.channels.errors import ChannelRefused, ChannelUnknown, ForgedNotice
from core.payments.channels.http import channel_client
from core.sandbox.alipay import keys
from core.sandbox.serving import serving
from tests.judges.alipay.conftest import JUDGES

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("name", JUDGES)]
CERTIFYING = ("python-alipay-sdk", "npm alipay-sdk")
QUERY = "alipay.trade.query"


def said(verdict: dict):
    assert "refused" not in verdict, verdict
    return verdict["said"]


def number() -> str:
    return f"T{secrets.token_hex(12)}"


async def buyer(outside, account, name: str = "open_id") -> str:
    users = (await outside.get("/sandbox/api/alipay/users", params={"appid": account.appid})).json()
    return next(user[name] for user in users if user["code"] == "lin")


async def pay(outside, account, out_trade_no: str) -> None:
    assert (await outside.post(f"/sandbox/api/alipay/orders/{account.mchid}/{out_trade_no}/pay", json={"user": "lin"})).status_code == 200


async def test_an_order_from_its_beginning_to_its_refund_is_asked_for_and_understood(name, judge, account, outside):
    """Every call of the SDK is accepted by the sandbox, and every answer passes the SDK's own verification."""
    mine, code = number(), (await outside.post("/sandbox/api/alipay/pay-codes")).json()["auth_code"]
    usual = {"total_amount": "12.50", "subject": "学费 100% + 住宿"}
    named = {"out_trade_no": mine}

    def call(method: str, **content) -> dict:
        return {"do": "call", "method": f"alipay.trade.{method}", "content": content, "notify_url": "http://127.0.0.1:9/n"}

    first = await judge(
        name,
        account,
        call("precreate", **usual, out_trade_no=number()),
        call("query", **named),
        call("create", **usual, **named, buyer_id=await buyer(outside, account, "buyer_id")),
        call("query", **named),
        call("pay", **usual, out_trade_no=number(), scene="bar_code", auth_code=code),
    )
    ready, absent, created, waiting, charged = map(said, first)
    assert ready["qr_code"].startswith("https://qr.alipay.com/")
    assert (absent["code"], absent["sub_code"]) == ("40004", "ACQ.TRADE_NOT_EXIST")
    assert (created["code"], waiting["trade_status"], charged["code"]) == ("10000", "WAIT_BUYER_PAY", "10000")
    await pay(outside, account, mine)
    back = {"refund_amount": "2.50", "out_request_no": "R1"}
    second = await judge(
        name,
        account,
        call("query", **named),
        call("close", **named),
        call("refund", **named, **back),
        call("refund", **named, **back),
        call("fastpay.refund.query", **named, out_request_no="R1"),
        call("fastpay.refund.query", **named, out_request_no="R2"),
        call("cancel", **named),
        {"do": "call", "method": "alipay.data.dataservice.bill.downloadurl.query", "content": {"bill_type": "trade", "bill_date": "2019-09-01"}},
    )
    paid, unclosable, refunded, repeated, found, unknown, cancelled, bill = map(said, second)
    assert (paid["trade_status"], paid["buyer_pay_amount"], paid["trade_no"]) == ("TRADE_SUCCESS", "12.50", created["trade_no"])
    assert unclosable["sub_code"] == "ACQ.TRADE_STATUS_ERROR"
    assert [(answer["fund_change"], answer["refund_fee"]) for answer in (refunded, repeated)] == [("Y", "2.50"), ("N", "2.50")]
    assert (found["refund_status"], found["refund_amount"]) == ("REFUND_SUCCESS", "2.50")
    assert "refund_status" not in unknown
    assert (cancelled["action"], bill["sub_code"]) == ("refund", "NO_BILL_DATA")


@pytest.mark.parametrize(("method", "product"), [("wap", "QUICK_WAP_WAY"), ("page", "FAST_INSTANT_TRADE_PAY")])
async def test_a_page_it_signs_leads_to_the_cashier_and_altered_nowhere(name, judge, account, outside, method, product):
    content = {"out_trade_no": number(), "total_amount": "12.50", "subject": "学费 100% + 住宿", "product_code": product}
    task = {"do": "page", "method": f"alipay.trade.{method}.pay", "content": content, "return_url": "http://127.0.0.1:8200/h5?a=1&b=2"}
    url = said((await judge(name, account, task))[0])
    assert "¥12.50" in (await outside.get(url, follow_redirects=True)).text
    altered = url.replace("12.50", "12.51")
    assert altered != url
    assert "isv.invalid-signature" in (await outside.get(altered)).content.decode("gbk")


async def test_an_app_order_it_signs_is_accepted(name, judge, account, outside):
    content = {"out_trade_no": number(), "total_amount": "12.50", "subject": "学费", "product_code": "QUICK_MSECURITY_PAY"}
    signed = said((await judge(name, account, {"do": "app", "method": "alipay.trade.app.pay", "content": content}))[0])
    assert "确认付款" in (await outside.get(f"/gateway.do?{signed}", follow_redirects=True)).text


@pytest.mark.parametrize("scene", ["h5", "page", "app"])
async def test_it_signs_our_own_requests_exactly_as_we_do(name, judge, channel, account, order, scene):
    prepared = await channel.create(account, order(scene=scene, attach="学号=1&班=2"))
    query = prepared.params["orderStr"] if scene == "app" else urlsplit(prepared.value).query
    parameters = dict(parse_qsl(query, strict_parsing=True))
    sign = parameters.pop("sign")
    assert said((await judge(name, account, {"do": "sign", "parameters": parameters}))[0]) == sign


async def test_what_our_channel_sends_over_the_wire_it_would_have_signed_so_too(name, judge, account, order):
    """The very request our channel posts: its signature is the SDK's own over the same parameters."""
    caught: list[dict[str, str]] = []

    async def gateway(scope, receive, send) -> None:
        if scope["type"] != "http":
            return
        body = (await receive()).get("body", b"")
        caught.append(dict(parse_qsl(scope["query_string"].decode())) | dict(parse_qsl(body.decode())))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    async with serving(gateway) as url, channel_client(20) as client:
        with pytest.raises(ChannelUnknown):
            await Alipay(client).query(msgspec.structs.replace(account, base_url=url), order().ref)
    sign = caught[0].pop("sign")
    assert said((await judge(name, account, {"do": "sign", "parameters": caught[0]}))[0]) == sign


async def test_every_notification_the_sandbox_sends_it_verifies_and_what_it_refuses_we_refuse(name, judge, channel, account, order, outside):
    heard: list[dict[str, str]] = []

    async def ear(scope, receive, send) -> None:
        if scope["type"] != "http":
            return
        heard.append(dict(parse_qsl((await receive())["body"].decode(), strict_parsing=True)))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"success"})

    async with serving(ear) as url:
        wanted = order(scene="jsapi", openid=await buyer(outside, account), notify_url=f"{url}/n", attach="100%25 = &")
        await channel.create(account, wanted)
        kinds = ["notice_tamper_body", "notice_tamper_signature", "notice_tamper_amount", "notice_tamper_merchant", "notice_stale"]
        await outside.put(f"/sandbox/api/faults/orders/{account.mchid}/{wanted.number}", json={"faults": [{"kind": kind} for kind in kinds]})
        await pay(outside, account, wanted.number)
        async with asyncio.timeout(60):
            while len(heard) < len(kinds) + 1:  # noqa: ASYNC110 - another server hears them
                await asyncio.sleep(0.01)
    forms = [*heard, *altered_forms(heard[-1])]
    verdicts = [verdict.get("said") is True for verdict in await judge(name, account, *({"do": "notice", "form": form} for form in forms))]
    ours = [believed(channel, account, form) for form in forms]
    assert verdicts[: len(heard)].count(False) == 2  # the body and the signature that were tampered with
    assert ours[: len(heard)].count(False) == 3  # and the one of another day, which an SDK does not look at
    assert not any(verdicts[len(heard) :])
    assert [us for us, it in zip(ours, verdicts, strict=True) if us and not it] == []


def altered_forms(genuine: dict[str, str]) -> list[dict[str, str]]:
    """One genuine notification with one thing wrong in each."""
    stranger = rsa.private_key(keys.certified("stranger", keys.root()[0]).private_pem)
    unsigned = {name: value for name, value in genuine.items() if name not in ("sign", "sign_type")}
    return [
        genuine | {"sign": "AAAA"},
        genuine | {"sign": rsa.sign(stranger, crypto.request_text(unsigned))},
        *(genuine | {name: genuine[name] + "0"} for name in unsigned),
        *({n: v for n, v in genuine.items() if n != name} for name in unsigned),
        genuine | {"refund_fee": "1.00"},
    ]


def believed(channel, account, form: dict[str, str]) -> bool:
    try:
        channel.read_notice(account, {}, urlencode(form).encode())
    except ForgedNotice:
        return False
    return True


async def test_every_answer_it_refuses_we_refuse(name, judge, account, outside):
    """Answers of the sandbox, whole and falsified: the SDK and our channel agree on each."""
    genuine = (await outside.post("/gateway.do", content=urlencode(signed_query(account)))).text
    sign = msgspec.json.decode(genuine.encode())["sign"]
    other = rsa.sign(rsa.private_key(account.credentials["app_private_key"]), b"{}")
    bodies = [
        genuine,
        genuine.replace("40004", "10000"),
        genuine.replace("TRADE_NOT_EXIST", "TRADE_HAS_SUCCESS"),
        genuine.replace("{", '{"tampered":"true",', 2).replace('{"tampered":"true","alipay', '{"alipay'),
        genuine.replace("交易不存在", "交易不存在 "),
        genuine.replace(sign, "AAAA"),
        genuine.replace(sign, other),
        genuine.replace(f',"sign":"{sign}"', ""),
        '{"alipay_trade_query_response":{"code":"40002","msg":"Invalid Arguments","sub_code":"isv.invalid-signature"}}',
        '{"alipay_trade_query_response":{"code":"10000","msg":"Success","trade_status":"TRADE_SUCCESS"}}',
        '{"error_response":{"code":"40002","msg":"Invalid Arguments","sub_code":"isv.invalid-app-id"}}',
        "<html>502 Bad Gateway</html>",
        "",
    ]
    assert len(set(bodies)) == len(bodies)
    tasks = [{"do": "answer", "method": QUERY, "body": body} for body in bodies]
    verdicts = ["said" in verdict for verdict in await judge(name, account, *tasks)]
    assert verdicts == [True] + [False] * (len(bodies) - 1)
    assert [proved(account, body) for body in bodies] == verdicts


def signed_query(account) -> dict[str, str]:
    """A signed query for an order that is not there."""
    given = {
        "app_id": account.appid,
        "method": QUERY,
        "charset": "utf-8",
        "sign_type": "RSA2",
        "timestamp": wire.local(clock.now()),
        "version": "1.0",
        "biz_content": '{"out_trade_no":"T00000000000000000000"}',
    }
    return given | {"sign": rsa.sign(rsa.private_key(account.credentials["app_private_key"]), crypto.request_text(given))}


def proved(account, body: str) -> bool:
    """Whether our channel believes that Alipay said this; a signed refusal is believed, an unsigned one is not an answer about the order."""
    try:
        opened(account, QUERY, body.encode())
    except ChannelUnknown:
        return False
    except ChannelRefused as refusal:
        return refusal.facts["channel_code"].startswith("ACQ.")
    return True


async def test_an_app_it_acts_for_with_the_wrong_key_is_turned_away_and_it_believes_nothing(name, judge, register, account):
    other = await register()
    crossed = msgspec.structs.replace(account, credentials=account.credentials | {"app_private_key": other.credentials["app_private_key"]})
    deaf = msgspec.structs.replace(account, credentials=account.credentials | {"alipay_public_key": other.credentials["alipay_public_key"]})
    ask = {"do": "call", "method": QUERY, "content": {"out_trade_no": number()}}
    for wrong in (crossed, deaf):
        [verdict] = await judge(name, wrong, ask)
        assert "refused" in verdict


async def test_an_answer_tampered_with_on_its_way_is_refused(name, judge, account, outside):
    mine = number()
    await outside.put(f"/sandbox/api/faults/orders/{account.mchid}/{mine}", json={"faults": [{"kind": "api_tamper", "remaining": 1}]})
    ask = {"do": "call", "method": QUERY, "content": {"out_trade_no": mine}}
    tampered, genuine = await judge(name, account, ask, ask)
    assert ("refused" in tampered, said(genuine)["sub_code"]) == (True, "ACQ.TRADE_NOT_EXIST")


async def test_for_a_service_provider_it_shows_the_merchants_token(name, judge, register, outside):
    account = await register(mode="partner")
    token = account.credentials["app_auth_token"]
    content = {"out_trade_no": number(), "total_amount": "1.00", "subject": "学费"}
    ask = {"do": "call", "method": "alipay.trade.precreate", "content": content}
    shown, hidden = await judge(name, account, ask | {"app_auth_token": token}, ask)
    assert (said(shown)["code"], "refused" in hidden) == ("10000", True)


async def test_with_certificates_it_names_them_as_we_do_and_is_served(name, judge, register, outside):
    if name not in CERTIFYING:  # the official Python SDK has no certificate mode: it is served with keys and turned away here
        account = await register(signing="certificate")
        [verdict] = await judge(name, account, {"do": "call", "method": QUERY, "content": {"out_trade_no": number()}})
        assert "refused" in verdict
        return
    account = await register(signing="certificate")
    ours = [crypto.certificate_serial(account.credentials["app_cert"]), crypto.root_serial(account.credentials["alipay_root_cert"])]
    content = {"out_trade_no": number(), "total_amount": "1.00", "subject": "学费"}
    serials, made = await judge(name, account, {"do": "serials"}, {"do": "call", "method": "alipay.trade.precreate", "content": content})
    assert said(serials) == ours
    assert said(made)["code"] == "10000"


async def test_the_payers_way_back_is_signed_so_that_it_verifies(name, judge, account, order, channel, outside):
    wanted = order(scene="h5")
    page = await outside.get((await channel.create(account, wanted)).value, follow_redirects=True)
    ticket = page.text.split('name="ticket" value="')[1].split('"')[0]
    done = await outside.post("/alipay/pay", data={"ticket": ticket, "press": "pay", "user": "lin"})
    address = done.text.split('class="button main" href="')[1].split('"')[0].replace("&amp;", "&")
    given = {name_: values[0] for name_, values in parse_qs(urlsplit(address).query).items() if name_ not in ("order", "step")}
    genuine, altered = await judge(
        name, account, {"do": "notice", "form": given}, {"do": "notice", "form": given | {"total_amount": "0.01"}}
    )
    assert (said(genuine), altered.get("said")) in ((True, False), (True, None))
