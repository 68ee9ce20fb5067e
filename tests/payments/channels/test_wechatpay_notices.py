"""A notification is believed only if WeChat Pay signed these bytes, for us, now; it is read by what it is about."""

import datetime as dt
import time

import msgspec
import pytest

from core.payments.channels.errors import ForgedNotice, UnknownChannelKey
from core.payments.channels.protocol import ChannelAccount, disagreements
from core.payments.channels.wechatpay import WechatPay, crypto
from core.sandbox.wechatpay import keys

TRANSACTION = {
    "appid": "wx2421b1c4370ec43b",
    "mchid": "1900007291",
    "out_trade_no": "T202609010000000001",
    "transaction_id": "4200000925202101284997714292",
    "trade_type": "JSAPI",
    "trade_state": "SUCCESS",
    "trade_state_desc": "支付成功",
    "bank_type": "CMC",
    "attach": "自定义数据",
    "success_time": "2026-09-01T10:34:56+08:00",
    "payer": {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
    "amount": {"total": 123450, "payer_total": 123000, "currency": "CNY", "payer_currency": "CNY"},
}


class Speaker:
    """WeChat Pay's side of one merchant: seals, signs, and can be told to do either wrongly."""

    def __init__(self) -> None:
        self.apiv3_key = keys.letters(32)
        self.public = keys.public_key()
        self.certificate = keys.certificate("platform")

    def account(self, *modes: str) -> ChannelAccount:
        """The merchant as we have it set up, in one mode or both."""
        credentials = {"apiv3_key": self.apiv3_key}
        if "public_key" in modes:
            credentials |= {"platform_public_key_id": self.public.serial, "platform_public_key": self.public.public_pem}
        if "certificate" in modes:
            credentials |= {"platform_certificates": self.certificate.public_pem}
        return ChannelAccount(
            channel="wechatpay",
            mchid=TRANSACTION["mchid"],
            appid=TRANSACTION["appid"],
            base_url="http://127.0.0.1:9",
            credentials=credentials,
        )

    def body(self, content: object = TRANSACTION, original_type: str = "transaction", **envelope) -> bytes:
        nonce = keys.letters(12)
        resource = {
            "original_type": original_type,
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": crypto.seal(self.apiv3_key, nonce, original_type, msgspec.json.encode(content)),
            "associated_data": original_type,
            "nonce": nonce,
        }
        return msgspec.json.encode(
            {"id": "EV-1", "event_type": "TRANSACTION.SUCCESS", "resource": resource, "summary": "支付成功"} | envelope
        )

    def headers(self, body: bytes, mode: str = "public_key", age_seconds: int = 0) -> dict[str, str]:
        pair = self.public if mode == "public_key" else self.certificate
        stamp = str(int(time.time()) - age_seconds)
        return {
            "Wechatpay-Timestamp": stamp,
            "Wechatpay-Nonce": "abcdefghijklmnop",
            "Wechatpay-Signature": crypto.sign(
                crypto.private_key(pair.private_pem), crypto.answer_message(stamp, "abcdefghijklmnop", body)
            ),
            "Wechatpay-Serial": pair.serial,
            "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
        }


@pytest.fixture(scope="module")
def speaker():
    return Speaker()


def why(refused) -> str:
    return refused.value.facts["reason"]


def test_a_genuine_payment_is_read_whole(channel, speaker):
    body = speaker.body()
    notice = channel.read_notice(speaker.account("public_key"), speaker.headers(body), body)
    state = notice.state
    assert (notice.kind, notice.event_id) == ("payment", "EV-1")
    assert (state.state, state.paid) == ("succeeded", True)
    assert (state.order_number, state.mchid, state.appid) == ("T202609010000000001", "1900007291", "wx2421b1c4370ec43b")
    assert (state.amount_fen, state.payer_paid_fen, state.currency) == (123450, 123000, "CNY")
    assert state.paid_at == dt.datetime(2026, 9, 1, 2, 34, 56, tzinfo=dt.UTC)
    assert state.payer_ref == "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
    assert msgspec.json.decode(state.raw) == TRANSACTION


@pytest.mark.parametrize("mode", ["public_key", "certificate"])
def test_both_kinds_of_key_are_understood_during_the_switch(channel, speaker, mode):
    body = speaker.body()
    notice = channel.read_notice(speaker.account("public_key", "certificate"), speaker.headers(body, mode), body)
    assert notice.state.paid


@pytest.mark.parametrize(("held", "used"), [("public_key", "certificate"), ("certificate", "public_key")])
def test_a_key_we_do_not_hold_is_refused_by_its_serial(channel, speaker, held, used):
    body = speaker.body()
    with pytest.raises(UnknownChannelKey) as refused:
        channel.read_notice(speaker.account(held), speaker.headers(body, used), body)
    assert refused.value.status == 401
    assert why(refused) == "serial"


def test_a_right_signature_under_another_serial_is_refused(channel, speaker):
    body = speaker.body()
    headers = speaker.headers(body) | {"Wechatpay-Serial": "PUB_KEY_ID_0100000000000000000000000000"}
    with pytest.raises(UnknownChannelKey):
        channel.read_notice(speaker.account("public_key", "certificate"), headers, body)


def test_one_altered_byte_of_the_body_is_refused(channel, speaker):
    body = speaker.body()
    headers = speaker.headers(body)
    for at in range(0, len(body), 61):
        with pytest.raises(ForgedNotice) as refused:
            channel.read_notice(speaker.account("public_key"), headers, body[:at] + b"\x00" + body[at + 1 :])
        assert why(refused) == "signature"


def test_re_serialised_json_is_not_what_was_signed(channel, speaker):
    body = speaker.body()
    spaced = msgspec.json.format(body, indent=2)
    with pytest.raises(ForgedNotice):
        channel.read_notice(speaker.account("public_key"), speaker.headers(body), spaced)


@pytest.mark.parametrize("age", [301, 600, -301, 86400])
def test_a_notice_from_another_time_is_refused_though_its_signature_is_right(channel, speaker, age):
    body = speaker.body()
    with pytest.raises(ForgedNotice) as refused:
        channel.read_notice(speaker.account("public_key"), speaker.headers(body, age_seconds=age), body)
    assert why(refused) == "clock"


def test_our_own_clock_ten_minutes_off_refuses_everything(speaker):
    behind = WechatPay(None, seconds_now=lambda: time.time() - 600)
    body = speaker.body()
    with pytest.raises(ForgedNotice) as refused:
        behind.read_notice(speaker.account("public_key"), speaker.headers(body), body)
    assert why(refused) == "clock"


def test_a_signature_probe_is_refused(channel, speaker):
    body = speaker.body()
    headers = speaker.headers(body)
    headers["Wechatpay-Signature"] = "WECHATPAY/SIGNTEST/" + headers["Wechatpay-Signature"][19:]
    with pytest.raises(ForgedNotice) as refused:
        channel.read_notice(speaker.account("public_key"), headers, body)
    assert why(refused) == "probe"


def test_another_signature_type_is_refused(channel, speaker):
    body = speaker.body()
    headers = speaker.headers(body) | {"Wechatpay-Signature-Type": "WECHATPAY2-SM2-WITH-SM3"}
    with pytest.raises(ForgedNotice) as refused:
        channel.read_notice(speaker.account("public_key"), headers, body)
    assert why(refused) == "type"


@pytest.mark.parametrize("name", ["Timestamp", "Nonce", "Signature", "Serial"])
def test_a_notice_without_one_of_its_headers_is_refused(channel, speaker, name):
    body = speaker.body()
    headers = speaker.headers(body)
    del headers[f"Wechatpay-{name}"]
    with pytest.raises(ForgedNotice) as refused:
        channel.read_notice(speaker.account("public_key"), headers, body)
    assert why(refused) == "headers"


@pytest.mark.parametrize("stamp", ["", "-1", "1e9", "二〇二六", "9" * 40, "1554208460.0"])
def test_a_timestamp_that_is_no_number_of_seconds_is_refused(channel, speaker, stamp):
    body = speaker.body()
    with pytest.raises(ForgedNotice):
        channel.read_notice(speaker.account("public_key"), speaker.headers(body) | {"Wechatpay-Timestamp": stamp}, body)


def test_header_names_may_come_in_any_case(channel, speaker):
    body = speaker.body()
    lower = {name.lower(): value for name, value in speaker.headers(body).items()}
    assert channel.read_notice(speaker.account("public_key"), lower, body).state.paid


def test_a_notice_sealed_with_another_key_does_not_open(channel, speaker):
    body = speaker.body()
    account = speaker.account("public_key")
    other = msgspec.structs.replace(account, credentials=account.credentials | {"apiv3_key": "x" * 32})
    with pytest.raises(ForgedNotice) as refused:
        channel.read_notice(other, speaker.headers(body), body)
    assert why(refused) == "content"


@pytest.mark.parametrize(
    "content",
    [
        TRANSACTION | {"amount": {"total": 1234.5, "currency": "CNY"}},
        TRANSACTION | {"amount": {"total": "123450", "currency": "CNY"}},
        TRANSACTION | {"out_trade_no": None},
        [],
        "支付成功",
    ],
)
def test_signed_content_that_is_no_payment_is_refused(channel, speaker, content):
    body = speaker.body(content)
    with pytest.raises(ForgedNotice) as refused:
        channel.read_notice(speaker.account("public_key"), speaker.headers(body), body)
    assert why(refused) == "content"


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff\xfe", b'{"id":"EV-1"}'])
def test_a_signed_body_that_is_no_envelope_is_refused(channel, speaker, body):
    with pytest.raises(ForgedNotice):
        channel.read_notice(speaker.account("public_key"), speaker.headers(body), body)


def test_a_profit_sharing_movement_is_not_taken_for_a_payment(channel, speaker):
    split = {
        "mchid": "1900007291",
        "transaction_id": TRANSACTION["transaction_id"],
        "order_id": "3008450740201411110007820472",
    }
    body = speaker.body(split, original_type="profitsharing")
    notice = channel.read_notice(speaker.account("public_key"), speaker.headers(body), body)
    assert (notice.kind, notice.event_type, notice.state.paid) == ("other", "TRANSACTION.SUCCESS", False)


@pytest.mark.parametrize(
    ("status", "state"), [("SUCCESS", "refunded"), ("ABNORMAL", "succeeded"), ("CLOSED", "succeeded")]
)
def test_a_refund_notice_says_what_became_of_its_order(channel, speaker, status, state):
    refund = {
        "mchid": "1900007291",
        "out_trade_no": "T202609010000000001",
        "transaction_id": TRANSACTION["transaction_id"],
        "out_refund_no": "R1",
        "refund_id": "50000000382019052709732678859",
        "refund_status": status,
        "amount": {"total": 123450, "refund": 100, "payer_total": 123450, "payer_refund": 100},
    }
    body = speaker.body(refund, original_type="refund", event_type=f"REFUND.{status}")
    notice = channel.read_notice(speaker.account("public_key"), speaker.headers(body), body)
    assert (notice.kind, notice.state.state, notice.state.amount_fen) == ("refund", state, 123450)


@pytest.mark.parametrize(
    ("altered", "field"),
    [
        ({"mchid": "1900000001"}, "mchid"),
        ({"appid": "wx0000000000000000"}, "appid"),
        ({"out_trade_no": "T202609010000000002"}, "order_number"),
        ({"amount": {"total": 123451, "currency": "CNY"}}, "amount_fen"),
        ({"amount": {"total": 123450, "currency": "USD"}}, "currency"),
    ],
)
def test_a_valid_signature_about_something_else_disagrees_in_exactly_that_field(channel, speaker, altered, field):
    account = speaker.account("public_key")
    body = speaker.body(TRANSACTION | altered)
    state = channel.read_notice(account, speaker.headers(body), body).state
    assert list(disagreements(state, account, "T202609010000000001", 123450)) == [field]


def test_a_report_about_our_own_order_agrees(channel, speaker):
    account = speaker.account("public_key")
    body = speaker.body()
    state = channel.read_notice(account, speaker.headers(body), body).state
    assert disagreements(state, account, "T202609010000000001", 123450) == {}


def test_the_answer_ends_a_notification_or_has_it_sent_again(channel):
    status, headers, body = channel.answer(True)
    assert (status, headers["Content-Type"], msgspec.json.decode(body)["code"]) == (200, "application/json", "SUCCESS")
    status, _, body = channel.answer(False, "数据库暂不可用")
    assert status >= 500
    assert msgspec.json.decode(body) == {"code": "FAIL", "message": "数据库暂不可用"}


def test_an_account_shows_no_secret_when_it_is_printed(speaker):
    assert speaker.apiv3_key not in repr(speaker.account("public_key"))
