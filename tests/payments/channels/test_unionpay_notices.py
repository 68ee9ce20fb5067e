"""Whose word it is: only UnionPay's, under the configured root, in date, over every field; and what it then means."""

import datetime as dt
import hashlib
import time
from urllib.parse import parse_qsl, urlencode

import msgspec
import pytest

from core import clock
from core.payments.channels import rsa
from core.payments.channels.errors import AccountIncomplete, ForgedNotice
from core.payments.channels.protocol import ChannelAccount, disagreements
from core.payments.channels.unionpay import UnionPay, crypto
from core.sandbox.unionpay import authority
from core.sandbox.unionpay.authority import Pair

PAYMENT = {
    "version": "5.1.0",
    "encoding": "UTF-8",
    "signMethod": "01",
    "txnType": "01",
    "txnSubType": "01",
    "bizType": "000201",
    "accessType": "0",
    "merId": "777290058167151",
    "orderId": "P26112200000000001",
    "txnTime": "20261122003005",
    "txnAmt": "123450",
    "currencyCode": "156",
    "queryId": "782611220031050674028",
    "respCode": "00",
    "respMsg": "成功[0000000]",
    "traceNo": "067402",
    "traceTime": "1122003105",
    "settleAmt": "123450",
    "settleCurrencyCode": "156",
    "settleDate": "1122",
}
REFUND = PAYMENT | {
    "txnType": "04",
    "txnSubType": "00",
    "orderId": "R26112200000000009",
    "txnAmt": "3450",
    "settleAmt": "3450",
    "queryId": "782611220031050674999",
    "origQryId": "782611220031050674028",
    "reqReserved": "P26112200000000001",
}


class UnionPaySpeaks:
    """UnionPay with its authority, and everybody who would like to be UnionPay."""

    def __init__(self) -> None:
        self.authority = authority.found("CFCA")
        self.genuine = authority.issue(authority.unionpay_name(), self.authority.middle)
        self.merchant = authority.issue(authority.merchant_name("777290058167151", "榕城第一实验学校"), self.authority.middle)
        year = dt.timedelta(days=365)
        long_ago = clock.now() - 2 * year
        self.expired = authority.issue(authority.unionpay_name(), self.authority.middle, since=long_ago, life=year)
        self.not_yet = authority.issue(authority.unionpay_name(), self.authority.middle, since=clock.now() + year)
        self.by_root = authority.issue(authority.unionpay_name(), self.authority.root)
        self.alone = authority.issue(authority.unionpay_name(), None)
        self.by_merchant = authority.issue(authority.unionpay_name(), self.merchant)

    def account(self, **credentials) -> ChannelAccount:
        held = {"root_certificate": self.authority.root.certificate_pem, "middle_certificate": self.authority.middle.certificate_pem}
        return ChannelAccount(channel="unionpay", mchid=PAYMENT["merId"], appid="", base_url="http://127.0.0.1:9", credentials=held | credentials)

    def fields(self, content: dict = PAYMENT, by: Pair | None = None, **altered: str) -> dict[str, str]:
        by = by or self.genuine
        full = {k: v for k, v in (content | altered).items() if v is not None} | {"signPubKeyCert": by.travelling_pem}
        return full | {"signature": crypto.sign(rsa.private_key(by.private_pem), full)}

    def body(self, *content, **altered) -> bytes:
        return urlencode(self.fields(*content, **altered)).encode()


@pytest.fixture(scope="module")
def unionpay():
    return UnionPaySpeaks()


@pytest.fixture(scope="module")
def channel():
    return UnionPay(None)


def why(refused) -> tuple[str, str | None]:
    return refused.value.facts["reason"], refused.value.facts.get("fault")


def test_a_genuine_payment_is_read_whole(channel, unionpay):
    body = unionpay.body()
    notice = channel.read_notice(unionpay.account(), {}, body)
    state = notice.state
    assert (notice.kind, notice.event_id, notice.event_type) == ("payment", PAYMENT["queryId"], "01.00")
    assert (state.state, state.paid, state.order_number, state.mchid) == ("succeeded", True, "P26112200000000001", "777290058167151")
    assert (state.amount_fen, state.currency, state.channel_txn_id) == (123450, "CNY", PAYMENT["queryId"])
    assert state.paid_at == dt.datetime(2026, 11, 21, 16, 31, 5, tzinfo=dt.UTC)
    assert state.raw == body
    assert disagreements(state, unionpay.account(), "P26112200000000001", 123450) == {}


def test_a_signer_straight_under_the_root_is_believed_too(channel, unionpay):
    account = unionpay.account(middle_certificate="")
    assert channel.read_notice(account, {}, unionpay.body(PAYMENT, unionpay.by_root)).state.paid


@pytest.mark.parametrize(
    ("who", "fault"),
    [("merchant", "name"), ("expired", "expired"), ("not_yet", "expired"), ("alone", "chain"), ("by_merchant", "chain")],
)
def test_a_certificate_that_is_not_unionpays_signs_nothing(channel, unionpay, who, fault):
    with pytest.raises(ForgedNotice) as refused:
        channel.read_notice(unionpay.account(), {}, unionpay.body(PAYMENT, getattr(unionpay, who)))
    assert why(refused) == ("certificate", fault)
    assert refused.value.status == 401


def test_a_foreign_authority_in_unionpays_name_signs_nothing(channel, unionpay):
    with pytest.raises(ForgedNotice) as refused:
        channel.read_notice(unionpay.account(), {}, unionpay.body(PAYMENT, authority.foreign_signer()))
    assert why(refused) == ("certificate", "chain")


def test_another_authority_of_the_same_name_signs_nothing(channel, unionpay):
    twin = authority.found("CFCA")
    assert twin.middle.certificate.subject == unionpay.authority.middle.certificate.subject
    with pytest.raises(ForgedNotice) as refused:
        channel.read_notice(unionpay.account(), {}, unionpay.body(PAYMENT, authority.issue(authority.unionpay_name(), twin.middle)))
    assert why(refused) == ("certificate", "chain")


@pytest.mark.parametrize("name", ["中国银联股份有限公司", "041@中国银联股份有限公司@x@1", "041@831@中国银联股份有限公司 @1", "041@831@银联商务@1"])
def test_a_name_with_unionpay_in_the_wrong_place_signs_nothing(channel, unionpay, name):
    pretender = authority.issue(name, unionpay.authority.middle)
    with pytest.raises(ForgedNotice) as refused:
        channel.read_notice(unionpay.account(), {}, unionpay.body(PAYMENT, pretender))
    assert why(refused) == ("certificate", "name")


def test_a_missing_middle_certificate_breaks_the_chain(channel, unionpay):
    with pytest.raises(ForgedNotice) as refused:
        channel.read_notice(unionpay.account(middle_certificate=""), {}, unionpay.body())
    assert why(refused) == ("certificate", "chain")


def test_a_certificate_that_was_proved_once_still_ends_on_its_day(unionpay):
    body, account = unionpay.body(), unionpay.account()
    assert UnionPay(None).read_notice(account, {}, body).state.paid
    later = UnionPay(None, seconds_now=lambda: time.time() + 6 * 365 * 86400)
    with pytest.raises(ForgedNotice) as refused:
        later.read_notice(account, {}, body)
    assert why(refused) == ("certificate", "expired")


@pytest.mark.parametrize("pem", ["", "not a certificate", "-----BEGIN CERTIFICATE-----\r\nAAAA\r\n-----END CERTIFICATE-----"])
def test_a_certificate_that_is_none_signs_nothing(channel, unionpay, pem):
    with pytest.raises(ForgedNotice) as refused:
        channel.read_notice(unionpay.account(), {}, urlencode(unionpay.fields() | {"signPubKeyCert": pem}).encode())
    assert why(refused) == ("certificate", "content")


def test_somebody_elses_key_under_unionpays_certificate_signs_nothing(channel, unionpay):
    swapped = Pair(unionpay.merchant.private_pem, unionpay.genuine.certificate_pem)
    with pytest.raises(ForgedNotice) as refused:
        channel.read_notice(unionpay.account(), {}, unionpay.body(PAYMENT, swapped))
    assert why(refused) == ("signature", None)


@pytest.mark.parametrize("name", [*PAYMENT, "signature"])
def test_one_altered_letter_in_any_field_is_refused(channel, unionpay, name):
    fields = unionpay.fields()
    value = fields[name]
    altered = fields | {name: ("9" if value[0] != "9" else "8") + value[1:]}
    with pytest.raises(ForgedNotice):
        channel.read_notice(unionpay.account(), {}, urlencode(altered).encode())


@pytest.mark.parametrize("name", [*PAYMENT, "signature", "signPubKeyCert"])
def test_a_field_taken_away_is_refused(channel, unionpay, name):
    fields = {k: v for k, v in unionpay.fields().items() if k != name}
    with pytest.raises(ForgedNotice):
        channel.read_notice(unionpay.account(), {}, urlencode(fields).encode())


def test_a_field_more_is_refused_also_one_that_stood_in_the_address(channel, unionpay):
    with pytest.raises(ForgedNotice):
        channel.read_notice(unionpay.account(), {}, unionpay.body() + b"&client=demo")


def test_a_field_that_comes_twice_is_refused(channel, unionpay):
    with pytest.raises(ForgedNotice) as refused:
        channel.read_notice(unionpay.account(), {}, unionpay.body() + b"&txnAmt=1")
    assert why(refused)[0] == "content"


def test_a_certificate_with_unix_line_ends_is_not_what_was_signed(channel, unionpay):
    fields = unionpay.fields()
    fields["signPubKeyCert"] = fields["signPubKeyCert"].replace("\r\n", "\n")
    with pytest.raises(ForgedNotice) as refused:
        channel.read_notice(unionpay.account(), {}, urlencode(fields).encode())
    assert why(refused) == ("signature", None)


@pytest.mark.parametrize("how", ["single", "upper"])
def test_a_single_hash_or_upper_case_hex_is_refused(channel, unionpay, how):
    fields = {k: v for k, v in unionpay.fields().items() if k != "signature"}
    text = crypto.signed_text(fields)
    message = text if how == "single" else hashlib.sha256(text).hexdigest().upper().encode()
    fields["signature"] = rsa.sign(rsa.private_key(unionpay.genuine.private_pem), message)
    with pytest.raises(ForgedNotice) as refused:
        channel.read_notice(unionpay.account(), {}, urlencode(fields).encode())
    assert why(refused) == ("signature", None)


@pytest.mark.parametrize("altered", [{"version": "5.0.0"}, {"signMethod": "11"}, {"signMethod": None}, {"version": None}])
def test_an_older_or_other_way_of_signing_is_refused(channel, unionpay, altered):
    with pytest.raises(ForgedNotice) as refused:
        channel.read_notice(unionpay.account(), {}, unionpay.body(**altered))
    assert why(refused) == ("type", None)


@pytest.mark.parametrize(
    "altered",
    [
        {"txnAmt": "12.5"},
        {"txnAmt": "-1"},
        {"orderId": "P1 OR 1"},
        {"respCode": None},
        {"txnTime": "20269999999999"},
        {"queryId": "7826&x=1"},
        {"merId": "77a"},
    ],
)
def test_signed_content_that_is_no_trade_is_refused(channel, unionpay, altered):
    with pytest.raises(ForgedNotice) as refused:
        channel.read_notice(unionpay.account(), {}, unionpay.body(**altered))
    assert why(refused)[0] == "content"


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff\xfe", b"a=b", b"<xml/>", b"signature=x"])
def test_nonsense_is_refused(channel, unionpay, body):
    with pytest.raises(ForgedNotice):
        channel.read_notice(unionpay.account(), {}, body)


def test_two_fields_run_together_keep_their_signature_and_are_refused_all_the_same(channel, unionpay):
    """The signed text joins fields with `&`: txnAmt=123450 and txnSubType=01 in one value sign like two."""
    fields = unionpay.fields()
    joined = fields | {"txnAmt": f"{fields['txnAmt']}&txnSubType={fields['txnSubType']}"}
    del joined["txnSubType"]
    assert crypto.signed_by(rsa.public_key(unionpay.genuine.certificate_pem), joined)
    with pytest.raises(ForgedNotice) as refused:
        channel.read_notice(unionpay.account(), {}, urlencode(joined).encode())
    assert why(refused)[0] == "content"


def test_a_success_with_a_defect_is_a_success(channel, unionpay):
    assert channel.read_notice(unionpay.account(), {}, unionpay.body(respCode="A6")).state.state == "succeeded"


@pytest.mark.parametrize("code", ["03", "05", "64", "01"])
def test_any_other_code_decides_nothing_because_the_payer_may_try_again(channel, unionpay, code):
    state = channel.read_notice(unionpay.account(), {}, unionpay.body(respCode=code)).state
    assert (state.state, state.paid, state.channel_txn_id, state.paid_at) == ("pending", False, None, None)


@pytest.mark.parametrize(("txn_type", "code", "refund", "order"), [("04", "00", "succeeded", "refunded"), ("31", "01", "closed", "succeeded")])
def test_a_refund_or_undo_is_told_with_the_order_it_gives_back(channel, unionpay, txn_type, code, refund, order):
    notice = channel.read_notice(unionpay.account(), {}, unionpay.body(REFUND, txnType=txn_type, respCode=code))
    assert (notice.kind, notice.refund.state, notice.refund.number) == ("refund", refund, "R26112200000000009")
    assert (notice.refund.amount_fen, notice.refund.reference) == (3450, "782611220031050674999")
    assert (notice.refund.order_number, notice.state.order_number) == ("P26112200000000001",) * 2
    assert (notice.state.state, notice.state.channel_txn_id, notice.state.amount_fen) == (order, "782611220031050674028", None)


def test_a_refund_is_never_taken_for_a_payment(channel, unionpay):
    assert channel.read_notice(unionpay.account(), {}, unionpay.body(REFUND, queryId=PAYMENT["queryId"])).kind == "refund"


def test_a_trade_of_another_kind_is_kept_and_changes_nothing(channel, unionpay):
    notice = channel.read_notice(unionpay.account(), {}, unionpay.body(txnType="02"))
    assert (notice.kind, notice.state.paid) == ("other", False)


@pytest.mark.parametrize(
    ("altered", "field"),
    [
        ({"merId": "777290058167152"}, "mchid"),
        ({"orderId": "P26112200000000002"}, "order_number"),
        ({"txnAmt": "123451"}, "amount_fen"),
        ({"currencyCode": "840"}, "currency"),
    ],
)
def test_a_valid_signature_about_something_else_disagrees_in_exactly_that_field(channel, unionpay, altered, field):
    state = channel.read_notice(unionpay.account(), {}, unionpay.body(**altered)).state
    assert list(disagreements(state, unionpay.account(), "P26112200000000001", 123450)) == [field]


def test_a_notice_replayed_to_another_merchant_shows_whose_it_is(channel, unionpay):
    other = msgspec.structs.replace(unionpay.account(), mchid="777000000000001")
    state = channel.read_notice(other, {}, unionpay.body()).state
    assert list(disagreements(state, other, "P26112200000000001", 123450)) == ["mchid"]


def test_a_notice_read_twice_is_the_same_event(channel, unionpay):
    body = unionpay.body()
    assert channel.read_notice(unionpay.account(), {}, body) == channel.read_notice(unionpay.account(), {}, body)


def test_the_order_of_the_fields_does_not_matter(channel, unionpay):
    turned = urlencode(parse_qsl(unionpay.body().decode())[::-1]).encode()
    assert channel.read_notice(unionpay.account(), {}, turned).state.paid


def test_an_account_without_a_root_believes_nobody_and_says_what_is_missing(channel, unionpay):
    with pytest.raises(AccountIncomplete) as incomplete:
        channel.read_notice(unionpay.account(root_certificate=""), {}, unionpay.body())
    assert incomplete.value.facts["missing"] == "root_certificate"


def test_the_answer_ends_a_notification_or_has_it_sent_again(channel):
    assert channel.answer(True)[::2] == (200, b"ok")
    status, _, body = channel.answer(False, "数据库暂不可用")
    assert status >= 500
    assert body.decode() == "数据库暂不可用"
