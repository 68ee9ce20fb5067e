"""What comes back is believed only as it was signed; what cannot be believed says nothing about the order."""

import base64
import hashlib
from urllib.parse import parse_qs, parse_qsl

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from core.payments.channels import rsa
from core.payments.channels.alipay import crypto
from core.payments.channels.errors import AlreadyPaid, ChannelRefused, ChannelShort, ChannelUnknown, OrderNotAtChannel
from core.payments.channels.protocol import disagreements

QUERY = "alipay.trade.query"
PAID = {
    "code": "10000",
    "msg": "Success",
    "out_trade_no": "T202609010000000001",
    "trade_no": "2026090122001004070200176844",
    "trade_status": "TRADE_SUCCESS",
    "total_amount": "1234.50",
    "buyer_pay_amount": "1230.00",
    "send_pay_date": "2026-09-01 10:34:56",
    "buyer_open_id": "074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5",
}


@pytest.fixture
def ask(channel, speaker, gateway, order):
    """Has the gateway answer a query with these bytes."""

    async def query(body: bytes, status: int = 200, **credentials):
        gateway.body, gateway.status = body, status
        return await channel.query(speaker.account(gateway.url, **credentials), order(number="T202609010000000001").ref)

    return query


def why(unknown) -> str:
    return unknown.value.facts["reason"]


async def test_a_request_travels_as_the_official_sdks_send_it(ask, speaker, gateway):
    await ask(speaker.answer(QUERY, PAID))
    ((verb, path, query, body),) = gateway.asked
    address, form = dict(parse_qsl(query.decode())), parse_qs(body.decode())
    assert (verb, path, list(form)) == ("POST", "/gateway.do", ["biz_content"])
    assert (address["sign_type"], address["charset"], address["version"], address["format"]) == ("RSA2", "utf-8", "1.0", "JSON")
    signed = {name: value for name, value in address.items() if name != "sign"} | {"biz_content": form["biz_content"][0]}
    text = "&".join(f"{name}={signed[name]}" for name in sorted(signed))
    assert rsa.signed_by(rsa.public_key(speaker.app.public_pem), text.encode(), address["sign"])


async def test_a_signed_answer_is_read_whole(ask, speaker):
    state = await ask(speaker.answer(QUERY, PAID))
    assert (state.state, state.amount_fen, state.payer_paid_fen, state.currency) == ("succeeded", 123450, 123000, "CNY")
    assert (state.mchid, state.appid, state.payer_ref) == ("2088123456789012", "2021001234567890", PAID["buyer_open_id"])
    assert state.paid_at.isoformat() == "2026-09-01T02:34:56+00:00"
    assert msgspec.json.decode(state.raw) == PAID


@pytest.mark.parametrize(
    ("status", "more", "state"),
    [
        ("WAIT_BUYER_PAY", {"send_pay_date": None}, "pending"),
        ("TRADE_FINISHED", {}, "succeeded"),
        ("TRADE_CLOSED", {"send_pay_date": None}, "closed"),
        ("TRADE_CLOSED", {}, "refunded"),
        ("SOMETHING_NEW", {}, "unknown"),
    ],
)
async def test_each_status_means_what_it_means(ask, speaker, status, more, state):
    said = {name: value for name, value in (PAID | {"trade_status": status} | more).items() if value}
    assert (await ask(speaker.answer(QUERY, said))).state == state


@pytest.mark.parametrize(
    "raw",
    [
        msgspec.json.format(msgspec.json.encode(PAID), indent=2),
        msgspec.json.encode(PAID | {"notify": "https://a/b"}).replace(b"/", rb"\/"),
        msgspec.json.encode(PAID | {"body": 'unbalanced } and "sign":"x" inside {{'}),
        msgspec.json.encode(PAID | {"body": "备注"}).replace("备".encode(), rb"\u5907"),
    ],
)
async def test_the_signature_covers_the_raw_bytes_however_they_are_written(ask, speaker, raw):
    state = await ask(speaker.answer(QUERY, None, raw=raw))
    assert (state.paid, state.raw) == (True, raw)


@pytest.mark.parametrize("where", ["first", "last", "with a certificate's name between"])
async def test_the_signature_may_stand_anywhere_in_the_answer(ask, speaker, where):
    body = speaker.answer(QUERY, PAID)
    parts = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    name, raw, sign = next(iter(parts)).encode(), bytes(parts[next(iter(parts))]), bytes(parts["sign"])
    serial = msgspec.json.encode(crypto.certificate_serial(speaker.alipay.certificate_pem))
    bodies = {
        "first": b'{"sign":%s,"%s":%s}' % (sign, name, raw),
        "last": body,
        "with a certificate's name between": b'{"%s":%s,"alipay_cert_sn":%s,"sign":%s}' % (name, raw, serial, sign),
    }
    assert (await ask(bodies[where])).paid


async def test_one_altered_byte_of_the_content_is_not_believed(ask, speaker):
    body = speaker.answer(QUERY, PAID)
    content = msgspec.json.encode(PAID)
    begins = body.index(content)
    for at in range(begins + 1, begins + len(content) - 1, 17):
        with pytest.raises(ChannelUnknown):
            await ask(body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :])


@pytest.mark.parametrize(
    ("code", "sub_code", "error"),
    [
        ("40002", "isv.invalid-signature", ChannelRefused),
        ("40002", "isv.invalid-app-id", ChannelRefused),
        ("20001", "aop.invalid-app-auth-token", ChannelRefused),
        ("40006", "isv.insufficient-isv-permissions", ChannelRefused),
        ("20000", "aop.unknow-error", ChannelUnknown),
        ("40005", "isv.app-call-limited", ChannelUnknown),
        ("40004", "ACQ.TRADE_NOT_EXIST", ChannelUnknown),
        ("40004", "ACQ.TRADE_HAS_SUCCESS", ChannelUnknown),
        ("40002", "ACQ.TRADE_NOT_EXIST", ChannelUnknown),
        ("10000", "", ChannelUnknown),
        ("10003", "", ChannelUnknown),
    ],
)
async def test_an_unsigned_answer_is_never_a_success_and_says_nothing_of_an_order(ask, code, sub_code, error):
    said = PAID | {"code": code, "sub_code": sub_code, "sub_msg": "说明"}
    for name in ("alipay_trade_query_response", "error_response"):
        with pytest.raises((ChannelRefused, ChannelUnknown)) as refused:
            await ask(msgspec.json.encode({name: said}))
        assert type(refused.value) is error
        assert refused.value.facts["channel_code"] == (sub_code or code)


@pytest.mark.parametrize(
    ("code", "sub_code", "error"),
    [
        ("40004", "ACQ.TRADE_HAS_SUCCESS", AlreadyPaid),
        ("40004", "ACQ.TRADE_HAS_FINISHED", AlreadyPaid),
        ("40004", "ACQ.SELLER_BALANCE_NOT_ENOUGH", ChannelShort),
        ("40004", "ACQ.CONTEXT_INCONSISTENT", ChannelRefused),
        ("40004", "ACQ.SYSTEM_ERROR", ChannelUnknown),
        ("20000", "isp.unknow-error", ChannelUnknown),
        ("20000", "", ChannelUnknown),
        ("40005", "", ChannelUnknown),
    ],
)
async def test_a_signed_refusal_means_what_it_says(ask, speaker, code, sub_code, error):
    with pytest.raises((ChannelRefused, ChannelUnknown)) as refused:
        await ask(speaker.answer(QUERY, {"code": code, "msg": "Business Failed", "sub_code": sub_code, "sub_msg": "说明"}))
    assert type(refused.value) is error


async def test_an_order_that_is_not_there_must_be_said_under_signature(ask, channel, speaker, gateway, order):
    said = {"code": "40004", "msg": "Business Failed", "sub_code": "ACQ.TRADE_NOT_EXIST", "sub_msg": "交易不存在"}
    assert (await ask(speaker.answer(QUERY, said))).state == "unknown"
    gateway.body = speaker.answer("alipay.trade.close", said)
    with pytest.raises(OrderNotAtChannel):
        await channel.close(speaker.account(gateway.url), order().ref)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        *((500, b"{}"), (502, b"<html>Bad Gateway</html>"), (404, b"{}"), (302, b"")),
        *((200, b""), (200, b"<html></html>"), (200, b"[]"), (200, b"{}"), (200, b"\xff\xfe"), (200, b'{"sign":"AAAA"}')),
        (200, b'{"alipay_trade_query_response":"10000","sign":"AAAA"}'),
        (200, b'{"alipay_trade_query_response":{"code":10000},"sign":"AAAA"}'),
    ],
)
async def test_an_answer_that_is_no_answer_leaves_everything_open(ask, status, body):
    with pytest.raises(ChannelUnknown):
        await ask(body, status)


async def test_a_signed_answer_to_another_question_is_no_answer(ask, speaker):
    with pytest.raises(ChannelUnknown) as unknown:
        await ask(speaker.answer("alipay.trade.refund", PAID))
    assert why(unknown) == "answer"


OURS = {"out_trade_no": "T202609010000000002"}


@pytest.mark.parametrize(
    ("call", "method", "wrong"),
    [
        ("create", "alipay.trade.create", {}),
        ("close", "alipay.trade.close", {}),
        ("cancel", "alipay.trade.cancel", {}),
        ("refund", "alipay.trade.refund", {}),
        ("query_refund", "alipay.trade.fastpay.refund.query", {}),
        ("query_refund", "alipay.trade.fastpay.refund.query", OURS | {"out_request_no": "R1"}),
    ],
)
async def test_a_genuine_answer_about_another_order_proves_nothing_of_this_one(channel, speaker, gateway, order, asked, ref, call, method, wrong):
    mine = order(number=OURS["out_trade_no"], openid="2088102123456789")
    refund = asked(mine, 450, "R2")
    subject = {"create": mine, "refund": refund, "query_refund": ref(refund)}.get(call, mine.ref)
    said = PAID | {"fund_change": "Y", "refund_fee": "4.50", "refund_amount": "4.50", "refund_status": "REFUND_SUCCESS", "out_request_no": "R2"}
    gateway.body = speaker.answer(method, said | wrong)
    with pytest.raises(ChannelUnknown) as unknown:
        await getattr(channel, call)(speaker.account(gateway.url), subject)
    assert why(unknown) == "answer"
    gateway.body = speaker.answer(method, said | OURS)
    await getattr(channel, call)(speaker.account(gateway.url), subject)
    assert len(gateway.asked) == 2


async def test_a_query_answered_about_another_order_says_whose_answer_it_is(ask, speaker):
    state = await ask(speaker.answer(QUERY, PAID | {"out_trade_no": "T202609010000000009"}))
    assert list(disagreements(state, speaker.account(), "T202609010000000001", 123450)) == ["order_number"]


async def test_signed_content_that_is_not_what_was_asked_for_leaves_everything_open(ask, speaker):
    for broken in ({"total_amount": "1,234.50"}, {"total_amount": "-1.00"}, {"total_amount": 1234.5}, {"send_pay_date": "yesterday"}):
        with pytest.raises(ChannelUnknown) as unknown:
            await ask(speaker.answer(QUERY, PAID | broken))
        assert why(unknown) == "answer"


async def test_a_signature_by_anybody_else_is_not_believed(ask, speaker):
    content = msgspec.json.encode(PAID)
    for pair in (speaker.stranger, speaker.app):
        with pytest.raises(ChannelUnknown) as unknown:
            await ask(speaker.answer(QUERY, PAID, sign=speaker.sign(content, pair)))
        assert why(unknown) == "signature"


async def test_with_certificates_the_named_one_must_be_the_one_we_hold(ask, speaker):
    ours, other = (crypto.certificate_serial(pair.certificate_pem) for pair in (speaker.alipay, speaker.stranger))
    assert (await ask(speaker.answer(QUERY, PAID, alipay_cert_sn=ours), **speaker.certificates)).paid
    with pytest.raises(ChannelUnknown) as unknown:
        await ask(speaker.answer(QUERY, PAID, alipay_cert_sn=other), **speaker.certificates)
    assert why(unknown) == "signature"


async def test_a_gateway_that_is_not_there_leaves_everything_open(channel, speaker, order):
    with pytest.raises(ChannelUnknown):
        await channel.query(speaker.account("http://127.0.0.1:9"), order().ref)


def test_what_a_request_signs_is_written_as_the_sheet_says():
    given = {"b": "2", "a": "值/&=", "sign": "x", "empty": "", "sign_type": "RSA2"}
    assert crypto.request_text(given) == "a=值/&=&b=2&sign_type=RSA2".encode()
    assert crypto.notice_text({"b": "2", "a": "", "sign": "x", "sign_type": "RSA2"}) == b"a=&b=2"
    assert crypto.notice_text({"b": "2", "a": "", "sign": "x", "sign_type": "RSA2"}, empties=False) == b"b=2"


def test_a_certificate_is_named_by_its_issuer_and_number(speaker):
    for pem in (speaker.app.certificate_pem, speaker.root):
        number = x509.load_pem_x509_certificate(pem.encode()).serial_number
        issuer = "CN=Banyan Sandbox Root Authority R1,OU=Sandbox Certification Authority,O=Banyan,C=CN"
        assert crypto.certificate_serial(pem) == hashlib.md5(f"{issuer}{number}".encode(), usedforsecurity=False).hexdigest()


def test_a_bundle_of_roots_is_named_by_those_that_sign_with_rsa(speaker):
    other = speaker.stranger.certificate_pem
    broken = "-----BEGIN CERTIFICATE-----\nTUlJ\n-----END CERTIFICATE-----\n"
    names = [crypto.certificate_serial(pem) for pem in (speaker.root, other)]
    assert crypto.root_serial(speaker.root + broken + other) == "_".join(names)
    with pytest.raises(rsa.BadKey):
        crypto.root_serial(broken)


def test_keys_are_read_in_every_dress(speaker):
    key = rsa.private_key(speaker.app.private_pem)
    formats = (serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL)
    ders = [key.private_bytes(serialization.Encoding.DER, form, serialization.NoEncryption()) for form in formats]
    signatures = {rsa.sign(rsa.private_key(base64.b64encode(der).decode()), b"text") for der in ders}
    assert signatures == {rsa.sign(key, b"text")}
    public = key.public_key()
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    dresses = (base64.encodebytes(der).decode(), speaker.app.public_pem, speaker.app.certificate_pem)
    assert all(rsa.signed_by(rsa.public_key(dress), b"text", next(iter(signatures))) for dress in dresses)
    for broken in ("", "AAAA", speaker.app.public_pem, "-----BEGIN PRIVATE KEY-----"):
        with pytest.raises(rsa.BadKey):
            rsa.private_key(broken)
