"""Nobody is served who does not prove who asks; the checks come in the order WeChat Pay makes them."""

import json
import time
from pathlib import Path

import pytest

from core.payments.channels.wechatpay import crypto
from core.sandbox.wechatpay import keys
from core.sandbox.wechatpay.authorization import Claim, check_signature, read_claim
from core.sandbox.wechatpay.errors import WireError

VECTORS = json.loads((Path(__file__).parents[1] / "payments/channels/vectors.json").read_text(encoding="utf-8"))
NEVER = "/v3/pay/transactions/out-trade-no/T00000000000000000000"


def refusal(reply) -> tuple[int, str]:
    assert "wechatpay-signature" not in reply.headers
    return reply.status_code, reply.json()["code"]


@pytest.mark.parametrize("which", [2, 3])
def test_the_documented_requests_pass_the_sandboxs_own_check(which):
    vector = VECTORS["vectors"][which]
    method, target, timestamp, nonce, body, _ = vector["message"].split("\n")
    serial = "408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB"
    header = (
        f'WECHATPAY2-SHA256-RSA2048 mchid="1900007291",nonce_str="{nonce}",signature="{vector["signature"]}",'
        f'timestamp="{timestamp}",serial_no="{serial}"'
    )
    claim = read_claim({"user-agent": "x", "accept": "*/*", "authorization": header})
    assert check_signature(claim, VECTORS["public_key"], serial, method, target, body.encode()) is None
    with pytest.raises(WireError) as refused:
        check_signature(claim, VECTORS["public_key"], serial, method, target, body.encode() + b" ")
    assert refused.value.status == 401


def test_a_claim_is_read_in_any_order_of_its_pairs():
    fields = {"serial_no": "A", "timestamp": "1", "signature": "s=/+", "nonce_str": "n", "mchid": "m"}
    for names in (list(fields), list(reversed(fields))):
        pairs = ",".join(f'{name}="{fields[name]}"' for name in names)
        headers = {"user-agent": "x", "accept": "*/*", "authorization": f"WECHATPAY2-SHA256-RSA2048 {pairs}"}
        assert read_claim(headers) == Claim("m", "n", "s=/+", "1", "A")


async def test_pairs_in_another_order_are_served_over_the_wire(merchant):
    turned = ["serial_no", "timestamp", "signature", "nonce_str", "mchid"]
    reply = await merchant.send("GET", f"{NEVER}?mchid={merchant.mchid}", order=turned)
    assert refusal(reply) == (404, "ORDER_NOT_EXIST")


@pytest.mark.parametrize("skew", [-301, 330, -86400, 600])
async def test_a_clock_more_than_five_minutes_off_is_refused_before_the_signature_is_looked_at(merchant, skew):
    stamp = str(int(time.time()) + skew)
    reply = await merchant.send("GET", f"{NEVER}?mchid={merchant.mchid}", timestamp=stamp, signature="AAAA")
    assert refusal(reply) == (401, "SIGN_ERROR")
    assert "timestamp" in reply.json()["message"]


async def test_a_clock_four_minutes_off_is_served(merchant):
    reply = await merchant.send("GET", f"{NEVER}?mchid={merchant.mchid}", timestamp=str(int(time.time()) - 240))
    assert refusal(reply) == (404, "ORDER_NOT_EXIST")


async def test_an_unknown_serial_is_refused(merchant):
    reply = await merchant.send("GET", f"{NEVER}?mchid={merchant.mchid}", serial_no="0" * 40)
    assert refusal(reply) == (401, "SIGN_ERROR")
    assert reply.json()["message"] == "商户证书序列号有误。"


async def test_an_unknown_merchant_is_refused(merchant):
    reply = await merchant.send("GET", f"{NEVER}?mchid=1000000000", mchid="1000000000")
    assert refusal(reply) == (400, "MCH_NOT_EXISTS")


async def test_a_signature_by_another_key_is_refused_and_says_what_should_have_been_signed(merchant):
    stranger = keys.certificate("stranger").private_pem
    reply = await merchant.send("GET", f"{NEVER}?mchid={merchant.mchid}", key=stranger)
    assert refusal(reply) == (401, "SIGN_ERROR")
    shown = reply.json()["detail"]["sign_information"]
    assert (shown["method"], shown["url"]) == ("GET", f"{NEVER}?mchid={merchant.mchid}")


async def test_a_body_altered_after_signing_is_refused(merchant):
    order = merchant.order()
    signed_body = json.dumps(order).encode()
    header = merchant.authorization("POST", "/v3/pay/transactions/native", signed_body)
    reply = await merchant.send("POST", "/v3/pay/transactions/native", signed_body + b" ", headers={"Authorization": header})
    assert refusal(reply) == (401, "SIGN_ERROR")


async def test_the_query_string_is_part_of_what_is_signed(merchant):
    header = merchant.authorization("GET", NEVER, b"")
    reply = await merchant.send("GET", f"{NEVER}?mchid={merchant.mchid}", headers={"Authorization": header})
    assert refusal(reply) == (401, "SIGN_ERROR")


async def test_percent_encoding_is_signed_as_it_travels(merchant):
    reply = await merchant.send("GET", f"/v3/pay/transactions/out-trade-no/A%7CB%2AC12345?mchid={merchant.mchid}")
    assert refusal(reply) == (404, "ORDER_NOT_EXIST")


async def test_json_in_any_spacing_is_taken_because_the_raw_bytes_are_what_counts(merchant):
    spaced = json.dumps(merchant.order(), indent=3, ensure_ascii=True).encode()
    reply = await merchant.send("POST", "/v3/pay/transactions/native", spaced)
    assert reply.status_code == 200


@pytest.mark.parametrize("header", ["User-Agent", "Accept"])
async def test_a_request_without_a_user_agent_or_accept_is_refused(merchant, header):
    reply = await merchant.send("GET", "/v3/certificates", headers={header: None})
    assert refusal(reply) == (400, "INVALID_REQUEST")


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer abc",
        "WECHATPAY2-SHA256-RSA2048",
        "WECHATPAY2-SHA256-RSA2048 mchid=1",
        'WECHATPAY2-SHA256-RSA2048 mchid="1",mchid="2"',
        'WECHATPAY2-SHA256-RSA2048 mchid="1",nonce_str="2",signature="3",timestamp="4"',
        'WECHATPAY2-SHA256-RSA2048 mchid="1",nonce_str="2",signature="3",timestamp="x",serial_no="5"',
    ],
)
async def test_a_header_that_proves_nothing_is_refused(merchant, authorization):
    reply = await merchant.send("GET", "/v3/certificates", headers={"Authorization": authorization})
    assert refusal(reply) == (401, "SIGN_ERROR")


async def test_a_public_key_id_that_is_not_ours_is_refused(merchant):
    reply = await merchant.send("GET", "/v3/certificates", headers={"Wechatpay-Serial": "PUB_KEY_ID_0"})
    assert refusal(reply) == (400, "INVALID_REQUEST")


@pytest.mark.parametrize("signing", ["public_key", "certificate"])
async def test_answers_are_signed_as_the_merchant_is_set_up(outside, merchant_of, signing):
    merchant = await merchant_of(outside, signing=signing)
    reply = await merchant.place(merchant.order())
    given = merchant.account.credentials
    expected = given["platform_public_key_id" if signing == "public_key" else "platform_certificate_serial"]
    pem = given["platform_public_key" if signing == "public_key" else "platform_certificates"].split("\n\n")[0]
    message = crypto.answer_message(reply.headers["wechatpay-timestamp"], reply.headers["wechatpay-nonce"], reply.content)
    assert reply.headers["wechatpay-serial"] == expected
    assert reply.headers["wechatpay-signature-type"] == "WECHATPAY2-SHA256-RSA2048"
    assert reply.headers["request-id"]
    assert crypto.signed_by(crypto.public_key(pem), message, reply.headers["wechatpay-signature"])


async def test_asking_with_the_public_key_id_is_answered_with_it_even_in_certificate_mode(outside, merchant_of):
    merchant = await merchant_of(outside, signing="certificate")
    key_id = merchant.account.credentials["platform_public_key_id"]
    reply = await merchant.send("GET", "/v3/certificates", headers={"Wechatpay-Serial": key_id})
    assert reply.headers["wechatpay-serial"] == key_id


async def test_during_the_switch_both_kinds_of_signature_arrive(outside, merchant_of):
    merchant = await merchant_of(outside, signing="mixed")
    order = merchant.order()
    serials = {(await merchant.place(order)).headers["wechatpay-serial"][:10] for _ in range(40)}
    assert len(serials) == 2
    assert "PUB_KEY_ID" in serials


async def test_the_grey_switch_can_be_moved_later(outside, merchant_of):
    merchant = await merchant_of(outside, signing="certificate")
    moved = await outside.put(f"/sandbox/api/wechatpay/merchants/{merchant.mchid}/signing", json={"signing": "public_key"})
    assert moved.json()["signing"] == "public_key"
    reply = await merchant.place(merchant.order())
    assert reply.headers["wechatpay-serial"].startswith("PUB_KEY_ID_")


async def test_certificates_open_with_the_apiv3_key_and_carry_their_serials(merchant):
    reply = await merchant.send("GET", "/v3/certificates")
    for entry in reply.json()["data"]:
        sealed = entry["encrypt_certificate"]
        pem = crypto.unseal(
            merchant.account.credentials["apiv3_key"],
            sealed["nonce"],
            sealed["associated_data"],
            sealed["ciphertext"],
        )
        assert list(crypto.certificate_keys(pem.decode())) == [entry["serial_no"]]
    assert reply.json()["data"]
