"""Independent software judges both sides of WeChat Pay: `wechatpayv3` (Python) and `wechatpay-axios-plugin` (npm).

What they sign the sandbox accepts, what the sandbox signs they verify, what our channel signs they verify, what they refuse we refuse; with the
public key, with certificates, and for a service provider.
"""

import asyncio
import base64
import datetime as dt
import gzip
import hashlib
import secrets
from pathlib import Path

import httpx
import msgspec
import pytest

from core import clock
from core.payments.channels.conformance import listening
from core.payments.channels.errors import ForgedNotice
from core.payments.channels.protocol import ChannelAccount, OrderRequest
from core.payments.channels.wechatpay import WechatPay, crypto
from core.sandbox.schema import install
from core.sandbox.serving import sandbox_serving
from tests.judges.environments import ask_node, ask_python

pytestmark = pytest.mark.slow
PYTHON, NODE = (Path(__file__).parent / f"wechatpay_judge.{kind}" for kind in ("py", "js"))
TWISTS = ("notice_tamper_body", "notice_tamper_signature", "notice_unknown_serial", "notice_probe")
SHOP = "榕城校服厂"


@pytest.fixture(scope="module")
async def sandbox(postgres):
    await install(postgres.owner_url)
    async with sandbox_serving(postgres.app_url, time_scale=0.00001) as settings:
        yield settings.public_url


@pytest.fixture(scope="module")
async def outside(sandbox):
    async with httpx.AsyncClient(base_url=sandbox, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
async def channel():
    async with httpx.AsyncClient(trust_env=False) as client:
        yield WechatPay(client)


@pytest.fixture(scope="module")
async def ear(channel):
    async with listening(channel) as ear:
        yield ear


async def registered(outside, **wanted) -> ChannelAccount:
    given = (await outside.post("/sandbox/api/wechatpay/merchants", json={"name": "榕城第一实验学校", **wanted})).json()
    kept = {name: given[name] for name in ("mchid", "appid", "base_url", "mode")}
    return ChannelAccount(channel="wechatpay", credentials=given["credentials"], **kept)


@pytest.fixture(scope="module", params=["public_key", "certificate", "partner"])
async def account(request, outside):
    """A merchant with the keys of one mode and not those of the other."""
    if request.param == "partner":
        return await registered(outside, mode="partner")
    made = await registered(outside, signing=request.param)
    other = "platform_public_key" if request.param == "certificate" else "platform_certificate"
    credentials = {name: value for name, value in made.credentials.items() if not name.startswith(other)}
    return msgspec.structs.replace(made, credentials=credentials)


class Judge:
    """A judge that is asked in a process of its own, while the sandbox goes on."""

    def __init__(self, ask, account: ChannelAccount) -> None:
        self._ask, self.account = ask, account

    async def __call__(self, *steps: tuple[str, dict]) -> list[dict]:
        return await asyncio.to_thread(self._ask, [{"do": do, "args": args} for do, args in steps])


@pytest.fixture(scope="module")
def python(account):
    told = msgspec.to_builtins(account)
    return Judge(lambda steps: ask_python("wechatpayv3", PYTHON, {"account": told, "steps": steps}), account)


@pytest.fixture(scope="module")
def node(account):
    given = account.credentials
    certs = {}
    if "platform_public_key" in given:
        certs[given["platform_public_key_id"]] = given["platform_public_key"]
    for pem in given.get("platform_certificates", "").split("-----END CERTIFICATE-----\n")[:-1]:
        pem += "-----END CERTIFICATE-----\n"
        certs[next(iter(crypto.certificate_keys(pem)))] = pem
    told = {
        "mchid": given.get("sp_mchid", account.mchid),
        "serial": given["merchant_serial"],
        "private_key": given["merchant_private_key"],
        "apiv3_key": given["apiv3_key"],
        "base_url": account.base_url + "/",
        "certs": certs,
    }
    return Judge(lambda steps: ask_node(NODE, {"account": told, "steps": steps}), account)


def number(letter: str = "T") -> str:
    return f"{letter}{secrets.token_hex(12)}"


def sub(account: ChannelAccount) -> dict[str, str]:
    return {"sub_mchid": account.mchid} if account.mode == "partner" else {}


def ids(account: ChannelAccount) -> dict[str, str]:
    given = account.credentials
    if account.mode == "partner":
        return {"sp_mchid": given["sp_mchid"], "sp_appid": given["sp_appid"], "sub_mchid": account.mchid}
    return {"mchid": account.mchid, "appid": account.appid}


def order(account: ChannelAccount, ear, **wanted) -> OrderRequest:
    now, made = clock.now().replace(microsecond=0), number()
    fields = {
        "number": made,
        "description": "2026 学年秋季学费",
        "amount_fen": 123450,
        "scene": "native",
        "notify_url": ear.notify_url(made),
        "placed_at": now,
        "expires_at": now + dt.timedelta(minutes=20),
    }
    return OrderRequest(**(fields | wanted))


async def pay(outside, account: ChannelAccount, made: str) -> None:
    assert (await outside.post(f"/sandbox/api/wechatpay/orders/{account.mchid}/{made}/pay")).status_code == 200


async def aged(outside, account: ChannelAccount, made: str) -> str:
    return (await outside.post(f"/sandbox/api/wechatpay/orders/{account.mchid}/{made}/age", json={"days": 2})).json()["day"]


async def test_wechatpayv3_orders_queries_refunds_and_closes(python, account, outside, channel, ear):
    asked, other = order(account, ear), order(account, ear)
    wanted = {
        "description": "秋季学费", "amount": {"total": 123450, "currency": "CNY"}, "notify_url": asked.notify_url,
        "scene_info": {"payer_client_ip": "203.0.113.7", "h5_info": {"type": "Wap"}}, **sub(account),
    }  # fmt: skip
    placed = await python(
        ("pay", wanted | {"out_trade_no": asked.number, "pay_type": "NATIVE"}),
        ("pay", wanted | {"out_trade_no": other.number, "pay_type": "H5"}),
        ("query", {"out_trade_no": asked.number, **sub(account)}),
        ("close", {"out_trade_no": other.number, **sub(account)}),
        ("query", {"out_trade_no": number(), **sub(account)}),
    )
    assert [step["code"] for step in placed] == [200, 200, 200, 204, 404], placed
    assert placed[0]["said"]["code_url"].startswith("weixin://")
    assert placed[2]["said"]["trade_state"] == "NOTPAY"
    assert (await channel.query(account, other.ref)).state == "closed"
    await pay(outside, account, asked.number)
    amount = {"refund": 100, "total": 123450, "currency": "CNY"}
    refund = {"out_refund_no": number("R"), "out_trade_no": asked.number, "amount": amount, "reason": "退学", **sub(account)}
    paid = await python(
        ("query", {"out_trade_no": asked.number, **sub(account)}),
        ("refund", refund),
        ("query_refund", {"out_refund_no": refund["out_refund_no"], **sub(account)}),
        ("refund", refund | {"out_refund_no": number("R"), "amount": amount | {"refund": 123450}}),
    )
    assert [step["code"] for step in paid] == [200, 200, 200, 400], paid
    assert paid[0]["said"]["trade_state"] == "SUCCESS"
    assert paid[2]["said"]["out_refund_no"] == refund["out_refund_no"]
    state = await channel.query(account, asked.ref)
    assert (state.state, state.channel_txn_id) == ("refunded", paid[0]["said"]["transaction_id"])


async def test_wechatpay_axios_orders_queries_refunds_and_closes(node, account, outside, channel, ear):
    asked, other = order(account, ear), order(account, ear)
    base = "v3/pay/partner/transactions" if account.mode == "partner" else "v3/pay/transactions"
    whose = {name: value for name, value in ids(account).items() if name.endswith("mchid")}
    body = ids(account) | {"description": "秋季学费", "amount": {"total": 123450, "currency": "CNY"}}

    def placing(one: OrderRequest) -> tuple[str, dict]:
        return "post", {"path": f"{base}/native", "data": body | {"out_trade_no": one.number, "notify_url": one.notify_url}}

    placed = await node(
        placing(asked),
        placing(other),
        ("get", {"path": f"{base}/out-trade-no/{asked.number}", "params": whose}),
        ("post", {"path": f"{base}/out-trade-no/{other.number}/close", "data": whose}),
        ("get", {"path": f"{base}/out-trade-no/{number()}", "params": whose}),
    )
    assert [step["code"] for step in placed] == [200, 200, 200, 204, 404], placed
    assert (await channel.query(account, other.ref)).state == "closed"
    await pay(outside, account, asked.number)
    refund = {
        "out_trade_no": asked.number, "out_refund_no": number("R"), "amount": {"refund": 100, "total": 123450, "currency": "CNY"}, **sub(account)
    }  # fmt: skip
    paid = await node(
        ("get", {"path": f"{base}/out-trade-no/{asked.number}", "params": whose}),
        ("post", {"path": "v3/refund/domestic/refunds", "data": refund}),
        ("get", {"path": f"v3/refund/domestic/refunds/{refund['out_refund_no']}", "params": sub(account)}),
    )
    assert [step["code"] for step in paid] == [200, 200, 200], paid
    assert (paid[0]["said"]["trade_state"], paid[2]["said"]["amount"]["refund"]) == ("SUCCESS", 100)


@pytest.mark.parametrize("which", ["python", "node"])
async def test_an_answer_altered_on_the_way_is_refused_by_the_judge_and_by_us(request, which, account, outside, ear, channel):
    judge = request.getfixturevalue(which)
    asked = order(account, ear)
    await channel.create(account, asked)
    faults = {"faults": [{"kind": "api_tamper", "remaining": 1}]}
    base = "v3/pay/partner/transactions" if account.mode == "partner" else "v3/pay/transactions"
    whose = {name: value for name, value in ids(account).items() if name.endswith("mchid")}
    await outside.put(f"/sandbox/api/faults/orders/{account.mchid}/{asked.number}", json=faults)
    querying = ("query", {"out_trade_no": asked.number, **sub(account)})
    if which == "node":
        querying = ("get", {"path": f"{base}/out-trade-no/{asked.number}", "params": whose})
    spoilt, genuine = await judge(querying, querying)
    assert "refused" in spoilt
    assert genuine["said"]["trade_state"] == "NOTPAY"


async def heard_with(twists: tuple[str, ...], account, outside, channel, ear) -> list:
    """Every notification of a payment: the forgeries first, the genuine one last."""
    asked = order(account, ear)
    faults = {"faults": [{"kind": twist} for twist in twists]}
    await outside.put(f"/sandbox/api/faults/orders/{account.mchid}/{asked.number}", json=faults)
    await channel.create(account, asked)
    await pay(outside, account, asked.number)
    async with asyncio.timeout(60):
        while len(heard := await ear.notices(asked.number)) < len(twists) + 1:  # noqa: ASYNC110 - the sandbox's clock
            await asyncio.sleep(0.01)
    return heard


def ours(channel, account, heard) -> str:
    try:
        return channel.read_notice(account, *heard).state.order_number
    except ForgedNotice:
        return "refused"


@pytest.mark.parametrize("which", ["python", "node"])
async def test_judges_and_we_believe_the_same_notices(request, which, account, outside, channel, ear):
    judge = request.getfixturevalue(which)
    heard = await heard_with(TWISTS, account, outside, channel, ear)
    steps = []
    for headers, body in heard:
        lower = {name.lower(): value for name, value in headers.items()}
        args = {"headers": lower, "body": base64.b64encode(body).decode()}
        names = ("timestamp", "nonce", "signature", "serial")
        steps.append(("callback", args | {name: lower[f"wechatpay-{name}"] for name in names}))
    theirs = await judge(*steps)
    opened = [step.get("opened") for step in theirs]
    assert [bool(one) for one in opened] == [False] * len(TWISTS) + [True], theirs
    assert [ours(channel, account, one) != "refused" for one in heard] == [False] * len(TWISTS) + [True]
    content = opened[-1]["resource"] if which == "python" else opened[-1]
    assert (content["out_trade_no"], content["amount"]["total"]) == (ours(channel, account, heard[-1]), 123450)


async def test_a_refund_notice_is_opened_by_the_judge(python, account, outside, channel, ear):
    asked = order(account, ear)
    await channel.create(account, asked)
    await pay(outside, account, asked.number)
    refund, url = number("R"), ear.notify_url(number("N"))
    amount = {"refund": 100, "total": 123450, "currency": "CNY"}
    await python(("refund", {"out_refund_no": refund, "out_trade_no": asked.number, "amount": amount, "notify_url": url, **sub(account)}))
    headers, body = (await ear.notices(url.rpartition("/")[2]))[0]
    lower = {name.lower(): value for name, value in headers.items()}
    [told] = await python(("callback", {"headers": lower, "body": base64.b64encode(body).decode()}))
    assert (told["opened"]["event_type"], told["opened"]["resource"]["refund_status"]) == ("REFUND.SUCCESS", "SUCCESS")
    assert channel.read_notice(account, headers, body).refund.number == refund == told["opened"]["resource"]["out_refund_no"]


@pytest.mark.parametrize("wrong", ["merchant_private_key", "merchant_serial"])
async def test_a_judge_with_wrong_keys_is_refused_as_we_are(account, outside, wrong):
    stranger = await registered(outside)
    if "platform_public_key" not in account.credentials:  # else the judge asks for certificates before anything else, and gives up
        account = msgspec.structs.replace(account, credentials=stranger.credentials | account.credentials)
    mixed_up = msgspec.structs.replace(account, credentials=account.credentials | {wrong: stranger.credentials[wrong]})
    steps = [{"do": "query", "args": {"out_trade_no": number(), **sub(account)}}]
    [told] = await asyncio.to_thread(ask_python, "wechatpayv3", PYTHON, {"account": msgspec.to_builtins(mixed_up), "steps": steps})
    assert (told["code"], told["said"]["code"]) == (401, "SIGN_ERROR")


async def test_what_our_channel_sends_and_hands_to_the_wallet_the_judge_verifies(node, account, outside, ear):
    sent: list[httpx.Request] = []

    async def keep(request: httpx.Request) -> None:
        sent.append(request)

    users = (await outside.get("/sandbox/api/wechatpay/users", params={"appid": account.appid})).json()
    async with httpx.AsyncClient(trust_env=False, event_hooks={"request": [keep]}) as client:
        asked = order(account, ear, scene="jsapi", openid=users[0]["openid"])
        call = (await WechatPay(client).create(account, asked)).params
    [request] = [one for one in sent if one.method == "POST"]
    scheme, _, pairs = request.headers["authorization"].partition(" ")
    claim = dict(pair.split("=", 1) for pair in pairs.split(","))
    claim = {name: value.strip('"') for name, value in claim.items()}
    message = f"POST\n{request.url.raw_path.decode()}\n{claim['timestamp']}\n{claim['nonce_str']}\n".encode() + request.content + b"\n"
    wallet = "".join(f"{call[name]}\n" for name in ("appId", "timeStamp", "nonceStr", "package")).encode()
    certificate = account.credentials["merchant_certificate"]
    steps = [
        ("verify", {"message": base64.b64encode(text).decode(), "signature": signature, "certificate": certificate})
        for text, signature in ((message, claim["signature"]), (wallet, call["paySign"]), (message + b" ", claim["signature"]))
    ]
    assert [step["held"] for step in await node(*steps)] == [True, True, False]
    assert (scheme, claim["serial_no"]) == ("WECHATPAY2-SHA256-RSA2048", account.credentials["merchant_serial"])


async def test_a_bill_is_fetched_by_one_judge_and_read_by_the_other(python, node, account, outside, channel, ear):
    asked = order(account, ear)
    await channel.create(account, asked)
    await pay(outside, account, asked.number)
    day = await aged(outside, account, asked.number)
    [told] = await python(("trade_bill", {"bill_date": day, **sub(account)}))
    url = told["said"]["download_url"].replace(account.base_url, "https://api.mch.weixin.qq.com")
    [file] = await python(("download_bill", {"url": url}))
    content = gzip.decompress(base64.b64decode(file["file"]))
    assert hashlib.sha1(content).hexdigest() == told["said"]["hash_value"]
    assert (await channel.fetch_statement(account, dt.date.fromisoformat(day))).content == content
    [read] = await node(("bill", {"file": base64.b64encode(content).decode()}))
    rows = [row for row in read["rows"] if row["商户订单号"] == asked.number]
    assert [(row["订单金额"], row["交易状态"], row["交易类型"]) for row in rows] == [("1234.50", "SUCCESS", "NATIVE")]
    assert read["summary"]["总交易单数"] == str(len(read["rows"]))
    assert next(iter(read["rows"][0])) == "交易时间", "this judge cuts off the three bytes of a byte order mark"


async def test_a_judge_seals_a_name_that_the_sandbox_opens(python, account, outside):
    shop = await registered(outside, name=SHOP)
    receiver = {"account_type": "MERCHANT_ID", "account": shop.mchid, "relation_type": "SUPPLIER", **sub(account)}
    right, wrong = await python(
        ("profitsharing_add_receiver", receiver | {"name": SHOP}), ("profitsharing_add_receiver", receiver | {"name": "另一家"})
    )
    assert (right["code"], wrong["code"]) == (200, 400), (right, wrong)


async def test_an_abnormal_refund_is_sent_on_by_the_judge_with_sealed_card_and_name(python, account, outside, channel, ear):
    asked = order(account, ear)
    await channel.create(account, asked)
    await pay(outside, account, asked.number)
    fails = {"faults": [{"kind": "refund_fail", "remaining": 1}]}
    await outside.put(f"/sandbox/api/faults/orders/{account.mchid}/{asked.number}", json=fails)
    amount = {"refund": 100, "total": 123450, "currency": "CNY"}
    made, url = number("R"), ear.notify_url(number("N"))
    await python(("refund", {"out_refund_no": made, "out_trade_no": asked.number, "amount": amount, "notify_url": url, **sub(account)}))
    first = channel.read_notice(account, *(await ear.notices(url.rpartition("/")[2]))[0]).refund
    assert first.state == "failed"
    card = {"type": "USER_BANK_CARD", "bank_type": "ICBC_DEBIT", "bank_account": "6222020000000001234", "real_name": "陈建国"}
    sent, again = await python(
        ("abnormal_refund", {"refund_id": first.reference, "out_refund_no": made, **card, **sub(account)}),
        ("abnormal_refund", {"refund_id": first.reference, "out_refund_no": made, "type": "MERCHANT_BANK_CARD", **sub(account)}),
    )
    assert (sent["code"], sent["said"]["user_received_account"]) == (200, "ICBC_DEBIT 陈* 尾号1234")
    assert again["code"] == 400, "it is abnormal no more"
