"""What WeChat Pay's own documentation prints must verify, byte for byte."""

import pytest

from core.payments.channels.wechatpay import crypto

STAMP, NONCE = "1554208460", "593BEC0C930BF1AFEB40B4A08C8FB242"
APPID, PREPAY = "wx2421b1c4370ec43b", "wx201410272009395522657a690389285100"


@pytest.mark.parametrize("which", range(4))
def test_every_documented_signature_verifies(vectors, which):
    vector = vectors["vectors"][which]
    key = crypto.public_key(vectors["public_key"])
    assert crypto.signed_by(key, vector["message"].encode(), vector["signature"])


@pytest.mark.parametrize("which", range(4))
def test_one_altered_byte_anywhere_breaks_a_documented_signature(vectors, which):
    vector = vectors["vectors"][which]
    key, message = crypto.public_key(vectors["public_key"]), vector["message"].encode()
    for at in range(0, len(message), 7):
        altered = message[:at] + bytes([message[at] ^ 1]) + message[at + 1 :]
        assert not crypto.signed_by(key, altered, vector["signature"])


def test_the_wallet_call_of_jsapi_is_composed_as_documented(vectors):
    composed = crypto.client_message(APPID, STAMP, NONCE, f"prepay_id={PREPAY}")
    assert composed == vectors["vectors"][0]["message"].encode()


def test_the_wallet_call_of_an_app_signs_the_bare_prepay_id(vectors):
    assert crypto.client_message(APPID, STAMP, NONCE, PREPAY) == vectors["vectors"][1]["message"].encode()


def test_a_request_with_a_body_is_composed_as_documented(vectors):
    message = vectors["vectors"][2]["message"]
    body = message.split("\n")[4].encode()
    assert crypto.request_message("POST", "/v3/pay/transactions/jsapi", STAMP, NONCE, body) == message.encode()


def test_a_request_without_a_body_ends_with_an_empty_line(vectors):
    composed = crypto.request_message("GET", "/v3/refund/domestic/refunds/123123123123", STAMP, NONCE, b"")
    assert composed == vectors["vectors"][3]["message"].encode()


def test_an_answer_without_a_body_still_has_three_lines():
    assert crypto.answer_message(STAMP, NONCE, b"") == f"{STAMP}\n{NONCE}\n\n".encode()


@pytest.mark.parametrize("signature", ["", "not base64!", "AAAA", "WECHATPAY/SIGNTEST/AAAA"])
def test_what_is_no_signature_does_not_verify(vectors, signature):
    assert not crypto.signed_by(crypto.public_key(vectors["public_key"]), b"anything", signature)


def test_a_sealed_resource_opens_only_unaltered_and_with_its_own_key():
    key, other = "k" * 32, "x" * 32
    sealed = crypto.seal(key, "123456789012", "transaction", "已支付".encode())
    assert crypto.unseal(key, "123456789012", "transaction", sealed).decode() == "已支付"
    for wrong in ((other, "123456789012", "transaction", sealed), (key, "123456789013", "transaction", sealed)):
        with pytest.raises(crypto.BadSeal):
            crypto.unseal(*wrong)
    with pytest.raises(crypto.BadSeal):
        crypto.unseal(key, "123456789012", "refund", sealed)
    with pytest.raises(crypto.BadSeal):
        crypto.unseal(key, "123456789012", "transaction", "A" + sealed[1:] if sealed[0] != "A" else "B" + sealed[1:])


def test_the_sixteen_byte_nonce_that_also_occurs_opens():
    sealed = crypto.seal("k" * 32, "1234567890123456", "", b"{}")
    assert crypto.unseal("k" * 32, "1234567890123456", "", sealed) == b"{}"


def test_a_key_is_parsed_once_however_often_it_is_used(vectors):
    crypto.public_key.cache_clear()
    for _ in range(50):
        crypto.public_key(vectors["public_key"])
    assert crypto.public_key.cache_info().misses == 1


@pytest.mark.parametrize("pem", ["", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "key"])
def test_a_broken_key_is_named_as_such(pem):
    with pytest.raises(crypto.BadKey):
        crypto.public_key(pem)
    with pytest.raises(crypto.BadKey):
        crypto.private_key(pem)
