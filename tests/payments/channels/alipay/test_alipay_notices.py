"""A notification is believed only if Alipay signed these fields, for us, not long ago; it is read by what it is about (Alipay §7)."""

import datetime as dt
from urllib.parse import urlencode

import msgspec
import pytest

from core.payments.channels.errors import AccountIncomplete, ForgedNotice
from core.payments.channels.protocol import disagreements

PAID = {
    "notify_id": "2026090100222103456076841405842349",
    "notify_type": "trade_status_sync",
    "app_id": "2021001234567890",
    "auth_app_id": "2021001234567890",
    "version": "1.0",
    "trade_no": "2026090122001004070200176844",
    "out_trade_no": "T202609010000000001",
    "seller_id": "2088123456789012",
    "buyer_id": "2088102123456789",
    "trade_status": "TRADE_SUCCESS",
    "total_amount": "1234.50",
    "buyer_pay_amount": "1230.00",
    "subject": "秋季学费 100% + 住宿",
    "gmt_create": "2026-09-01 10:34:40",
    "gmt_payment": "2026-09-01 10:34:56",
    "fund_bill_list": '[{"amount":"1230.00","fundChannel":"ALIPAYACCOUNT"}]',
    "passback_params": "%E5%AD%A6%E5%8F%B7%3D1",
}
REFUND = {"refund_fee": "4.50", "gmt_refund": "2026-09-02 09:00:00.320", "out_biz_no": "R202609020000000001"}
NUMBER = PAID["out_trade_no"]


@pytest.fixture
def read(channel, speaker):
    """Reads a posted notification as the merchant's door does."""
    return lambda body, **credentials: channel.read_notice(speaker.account(**credentials), {}, body)


def why(refused) -> str:
    return refused.value.facts["reason"]


def test_a_genuine_payment_is_read_whole(read, speaker):
    body = speaker.body(PAID)
    notice = read(body)
    state = notice.state
    assert (notice.kind, notice.event_id, notice.event_type) == ("payment", PAID["notify_id"], "trade_status_sync.TRADE_SUCCESS")
    assert (state.state, state.paid, notice.refund) == ("succeeded", True, None)
    assert (state.order_number, state.mchid, state.appid) == (NUMBER, "2088123456789012", "2021001234567890")
    assert (state.amount_fen, state.payer_paid_fen, state.currency) == (123450, 123000, "CNY")
    assert state.paid_at == dt.datetime(2026, 9, 1, 2, 34, 56, tzinfo=dt.UTC)
    assert (state.payer_ref, state.attach, state.raw) == ("2088102123456789", "学号=1", body)


@pytest.mark.parametrize("charset", ["utf-8", "gbk", "GBK"])
def test_the_signature_is_over_the_bytes_of_whatever_charset(read, speaker, charset):
    assert read(speaker.body(PAID, charset=charset)).state.paid


def test_empty_fields_count_or_do_not(read, speaker):
    with_empties = speaker.form(PAID | {"point_amount": "", "body": ""})
    assert read(urlencode(with_empties).encode()).state.paid
    without = speaker.form(PAID) | {"point_amount": "", "body": ""}
    assert read(urlencode(without).encode()).state.paid


def test_with_certificates_the_certificate_verifies(read, speaker):
    assert read(speaker.body(PAID), **speaker.certificates).state.paid


@pytest.mark.parametrize("name", sorted(PAID))
def test_each_field_altered_after_signing_is_refused(read, speaker, name):
    form = speaker.form(PAID)
    for altered in (form | {name: form[name] + "0"}, {n: v for n, v in form.items() if n != name}, form | {"zz": "1"}):
        with pytest.raises(ForgedNotice) as refused:
            read(urlencode(altered).encode())
        assert (why(refused), refused.value.status) == ("signature", 401)


@pytest.mark.parametrize("who", ["stranger", "app"])
def test_a_signature_by_anybody_else_is_refused(read, speaker, who):
    with pytest.raises(ForgedNotice) as refused:
        read(speaker.body(PAID, pair=getattr(speaker, who)))
    assert why(refused) == "signature"


@pytest.mark.parametrize("sign", ["", "AAAA", "不是签名", "QUFB" * 86])
def test_a_signature_that_is_none_is_refused(read, speaker, sign):
    with pytest.raises(ForgedNotice) as refused:
        read(urlencode(speaker.form(PAID) | {"sign": sign}).encode())
    assert why(refused) == "signature"


@pytest.mark.parametrize("sign_type", ["RSA", "", "rsa2", "MD5"])
def test_another_kind_of_signature_is_refused(read, speaker, sign_type):
    with pytest.raises(ForgedNotice) as refused:
        read(urlencode(speaker.form(PAID) | {"sign_type": sign_type}).encode())
    assert why(refused) == "type"


def test_a_field_that_comes_twice_is_refused_though_one_of_them_is_signed(read, speaker):
    body = speaker.body(PAID)
    for twice in (b"total_amount=0.01&" + body, body + b"&total_amount=0.01", body + b"&sign_type=RSA2"):
        with pytest.raises(ForgedNotice) as refused:
            read(twice)
        assert why(refused) == "form"


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff\xfe", "名=值".encode(), b"a", b"&".join(b"f%d=1" % i for i in range(300))])
def test_a_body_that_is_no_form_is_refused(read, body):
    with pytest.raises(ForgedNotice):
        read(body)


@pytest.mark.parametrize("age", [27 * 3600, 40 * 86400, -27 * 3600])
def test_a_notice_older_than_its_last_delivery_is_a_replay(read, speaker, age):
    with pytest.raises(ForgedNotice) as refused:
        read(speaker.body(PAID, age_seconds=age))
    assert why(refused) == "clock"


def test_a_notice_that_waited_a_day_is_still_heard(read, speaker):
    assert read(speaker.body(PAID, age_seconds=25 * 3600)).state.paid


@pytest.mark.parametrize(
    "broken",
    [
        {"total_amount": "1,234.50"},
        {"total_amount": "123450fen"},
        {"gmt_payment": "yesterday"},
        {"notify_id": None},
        {"out_trade_no": None},
        {"trade_status": None},
        {"refund_fee": "all"},
    ],
)
def test_signed_content_that_makes_no_sense_is_refused(read, speaker, broken):
    told = {name: value for name, value in (PAID | broken).items() if value is not None}
    with pytest.raises(ForgedNotice) as refused:
        read(speaker.body(told))
    assert why(refused) == "content"


def test_an_unknown_charset_is_refused(read, speaker):
    form = speaker.form({name: value for name, value in PAID.items() if name != "subject"}, charset="utf-16-le")
    with pytest.raises(ForgedNotice):
        read(urlencode(form).encode())
    said = speaker.form({n: v for n, v in PAID.items() if n != "subject"} | {"charset": "rot13"})
    with pytest.raises(ForgedNotice) as refused:
        read(urlencode(said).encode())
    assert why(refused) == "charset"


def test_a_partial_refund_leaves_the_order_paid_and_names_the_refund(read, speaker):
    notice = read(speaker.body(PAID | REFUND))
    assert (notice.kind, notice.state.state) == ("refund", "succeeded")
    refund = notice.refund
    assert (refund.state, refund.number, refund.order_number, refund.mchid) == ("succeeded", REFUND["out_biz_no"], NUMBER, "2088123456789012")
    assert refund.refunded_at == dt.datetime(2026, 9, 2, 1, 0, 0, 320000, tzinfo=dt.UTC)
    assert refund.amount_fen is None  # what is told is the sum of all refunds


def test_a_whole_refund_and_a_close_for_want_of_payment_are_told_apart(read, speaker):
    whole = read(speaker.body(PAID | REFUND | {"trade_status": "TRADE_CLOSED", "refund_fee": "1234.50"}))
    assert (whole.kind, whole.state.state, whole.state.paid) == ("refund", "refunded", True)
    unpaid = {name: value for name, value in PAID.items() if name not in ("gmt_payment", "buyer_pay_amount")}
    for more in ({}, {"refund_fee": "0.00"}):
        timed_out = read(speaker.body(unpaid | {"trade_status": "TRADE_CLOSED"} | more))
        assert (timed_out.kind, timed_out.state.state, timed_out.state.paid, timed_out.refund) == ("payment", "closed", False, None)


def test_a_refund_whose_number_is_not_told_proves_no_refund(read, speaker):
    told = {name: value for name, value in (PAID | REFUND).items() if name != "out_biz_no"}
    notice = read(speaker.body(told))
    assert (notice.kind, notice.refund, notice.state.state) == ("refund", None, "succeeded")
    undated = read(speaker.body({name: value for name, value in (PAID | REFUND).items() if name != "gmt_refund"}))
    assert (undated.kind, undated.refund.state, undated.refund.number) == ("refund", "unknown", REFUND["out_biz_no"])


def test_another_kind_of_notification_is_kept_and_changes_nothing(read, speaker):
    told = {"notify_id": "1", "notify_type": "open_app_auth_notify", "app_id": PAID["app_id"]}
    notice = read(speaker.body(told))
    assert (notice.kind, notice.event_type, notice.state.paid) == ("other", "open_app_auth_notify", False)


@pytest.mark.parametrize(
    ("altered", "field"),
    [
        ({"seller_id": "2088000000000001"}, "mchid"),
        ({"seller_id": None}, "mchid"),
        ({"app_id": "2021000000000001"}, "appid"),
        ({"out_trade_no": "T202609010000000002"}, "order_number"),
        ({"total_amount": "1234.51"}, "amount_fen"),
    ],
)
def test_a_valid_signature_about_something_else_disagrees_in_exactly_that_field(read, speaker, altered, field):
    told = {name: value for name, value in (PAID | altered).items() if value is not None}
    state = read(speaker.body(told)).state
    assert list(disagreements(state, speaker.account(), NUMBER, 123450)) == [field]


def test_a_report_about_our_own_order_agrees(read, speaker):
    assert disagreements(read(speaker.body(PAID)).state, speaker.account(), NUMBER, 123450) == {}


def test_an_account_that_cannot_verify_says_what_is_missing(read, speaker):
    for broken in (None, "nonsense!"):
        with pytest.raises(AccountIncomplete) as incomplete:
            read(speaker.body(PAID), alipay_public_key=broken)
        assert incomplete.value.facts["missing"] == "alipay_public_key"


def test_the_answer_is_exactly_seven_letters_each(channel):
    assert channel.answer(True) == (200, {"Content-Type": "text/plain; charset=utf-8"}, b"success")
    status, _, body = channel.answer(False, "数据库暂不可用")
    assert (status >= 500, body) == (True, b"failure")


def test_an_account_shows_no_secret_when_it_is_printed(speaker):
    account = speaker.account()
    assert not any(line in repr(account) for line in account.credentials["app_private_key"].splitlines())
    assert msgspec.json.encode(account.mchid).decode().strip('"') in repr(account)
