"""The one genuine signed notification we have: it verifies with the double hash over CRLF, in lower-case hex, and in no other way."""

import base64
import datetime as dt
import hashlib
import json
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from core.payments.channels.rsa import private_key, public_key, signed_by
from core.payments.channels.unionpay import crypto, wire
from core.sandbox.unionpay.authority import issue


@pytest.fixture(scope="module")
def vector():
    return json.loads((Path(__file__).parent / "unionpay_vector.json").read_text(encoding="utf-8"))


def message(vector, line_end: str = "\r\n", **altered: str) -> dict[str, str]:
    return vector["fields"] | {"signPubKeyCert": line_end.join(vector["certificate"])} | altered


@pytest.fixture(scope="module")
def key(vector):
    return public_key("\n".join(vector["certificate"]))


def test_the_genuine_notification_verifies(vector, key):
    assert crypto.signed_by(key, message(vector))


def test_the_certificate_names_unionpay(vector):
    name = x509.load_pem_x509_certificate("\n".join(vector["certificate"]).encode()).subject.rfc4514_string()
    assert f"041@8310000000083040@{crypto.UNIONPAY_NAME}@00016495" in name


@pytest.mark.parametrize("line_end", ["\n", "", "\r"])
def test_a_certificate_with_other_line_ends_is_not_what_was_signed(vector, key, line_end):
    assert not crypto.signed_by(key, message(vector, line_end))


def test_a_line_end_after_the_last_line_is_one_too_many(vector, key):
    fields = message(vector)
    assert not crypto.signed_by(key, fields | {"signPubKeyCert": fields["signPubKeyCert"] + "\r\n"})


def test_upper_case_hex_and_a_single_hash_do_not_verify(vector, key):
    fields = message(vector)
    text = crypto.signed_text(fields)
    once = hashlib.sha256(text).hexdigest()
    assert signed_by(key, once.encode(), fields["signature"])
    assert not signed_by(key, once.upper().encode(), fields["signature"])
    assert not signed_by(key, text, fields["signature"])
    assert not signed_by(key, hashlib.sha256(text).digest(), fields["signature"])


@pytest.mark.parametrize("name", ["accNo", "encoding", "exchangeRate", "merId", "orderId", "respCode", "settleAmt", "txnAmt", "version"])
def test_every_field_is_signed(vector, key, name):
    fields = message(vector)
    assert not crypto.signed_by(key, fields | {name: fields[name] + "0"})
    assert not crypto.signed_by(key, {k: v for k, v in fields.items() if k != name})


def test_a_field_more_is_not_what_was_signed(vector, key):
    assert not crypto.signed_by(key, message(vector, reqReserved="x"))


@pytest.mark.parametrize("signature", ["", "AAAA", "不是签名", "=" * 344])
def test_a_signature_that_is_none_is_refused(vector, key, signature):
    assert not crypto.signed_by(key, message(vector, signature=signature))


def test_the_certificate_is_out_of_date_today_and_was_not_then(vector):
    """Its own issuer is not at hand, so the certificate is proved by itself here: only the dates are looked at."""
    pem = "\n".join(vector["certificate"])
    held = x509.load_pem_x509_certificate(pem.encode())
    assert held.not_valid_before_utc <= dt.datetime(2022, 9, 8, tzinfo=dt.UTC) <= held.not_valid_after_utc < dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    with pytest.raises(crypto.BadCertificate, match="chain"):
        crypto.proved(pem, pem, "")


def test_what_the_notification_says_is_read_whole(vector):
    report = wire.read_report(message(vector))
    assert (report.mer_id, report.order_id, report.resp_code) == ("777290058167151", "yansongda20220908132206", "00")
    assert (report.amount_fen, wire.currency_of(report), report.query_id) == (1, "CNY", "782209081322060674028")
    assert report.finished_at == dt.datetime(2022, 9, 8, 5, 22, 6, tzinfo=dt.UTC)


def test_our_own_signature_is_the_same_arithmetic():
    pair = issue("someone", None)
    fields = {"b": "2", "a": "中文=&", "signature": "old"}
    digest = hashlib.sha256("a=中文=&&b=2".encode()).hexdigest().encode()
    key = private_key(pair.private_pem)
    assert crypto.sign(key, fields) == base64.b64encode(key.sign(digest, padding.PKCS1v15(), hashes.SHA256())).decode()
