"""Answers are cut into fields although nothing in them is encoded; times get their years; requests say what the sheet wants."""

import base64
import datetime as dt

import pytest

from core.payments.channels.protocol import ChannelAccount, OrderRequest, RefundRequest
from core.payments.channels.unionpay import requests, wire

ACCOUNT = ChannelAccount(channel="unionpay", mchid="777290058167151", appid="", base_url="http://127.0.0.1:9", credentials={})
PLACED = dt.datetime(2026, 11, 21, 16, 30, 5, tzinfo=dt.UTC)


def order(**wanted) -> OrderRequest:
    fields = {
        "number": "P26112200000000001",
        "description": "2026 学年秋季学费",
        "amount_fen": 123450,
        "scene": "h5",
        "notify_url": "https://pay.example.com/notify/unionpay/demo/1",
        "return_url": "https://pay.example.com/h5/demo/orders/1",
        "expires_at": PLACED + dt.timedelta(minutes=15),
        "placed_at": PLACED,
    }
    return OrderRequest(**fields | wanted)


def test_an_ampersand_in_brackets_belongs_to_the_value():
    body = b"merId=7&reserved={a=1&b=2}&respMsg=ok[00&1]&list=[{x=1&y=2}&{z=3}]&respCode=00"
    assert wire.read_answer(body) == {
        "merId": "7",
        "reserved": "{a=1&b=2}",
        "respMsg": "ok[00&1]",
        "list": "[{x=1&y=2}&{z=3}]",
        "respCode": "00",
    }


def test_only_the_first_equals_sign_divides():
    pem = "-----BEGIN CERTIFICATE-----\r\nMII+/==\r\n-----END CERTIFICATE-----"
    assert wire.read_answer(f"signature=ab+/==&signPubKeyCert={pem}&empty=".encode()) == {
        "signature": "ab+/==",
        "signPubKeyCert": pem,
        "empty": "",
    }


@pytest.mark.parametrize("body", [b"", b"<html>", b"a", b"=1", b"a=1&&b=2", b"a=1&a=2", b"\xff=1", b'{"code":"x"}'])
def test_what_is_no_answer_is_refused(body):
    with pytest.raises(ValueError):
        wire.read_answer(body)


@pytest.mark.parametrize("body", [b"a", b"a=1&a=2", b"a=%FF", "a=中".encode(), b"a=1&b"])
def test_what_is_no_form_is_refused(body):
    with pytest.raises(ValueError):
        wire.read_form(body)


@pytest.mark.parametrize(
    "altered",
    [
        {"respCode": "00&txnAmt=1"},
        {"orderId": "P1&queryId=2"},
        {"txnAmt": "1&txnSubType=01"},
        {"txnAmt": "-5"},
        {"txnAmt": "1.00"},
        {"txnAmt": "１２"},
        {"txnTime": "20261122003005\n"},
        {"merId": "777&x=1"},
        {"queryId": "12 "},
        {"respCode": None},
    ],
)
def test_a_value_that_could_be_two_fields_run_together_is_refused(altered):
    fields = {"respCode": "00", "merId": "777290058167151", "orderId": "P1", "txnTime": "20261122003005", "txnAmt": "1"} | altered
    with pytest.raises(ValueError):
        wire.read_report({k: v for k, v in fields.items() if v is not None})


@pytest.mark.parametrize(
    ("trace_time", "txn_time", "at"),
    [
        ("0908132206", "20220908132206", dt.datetime(2022, 9, 8, 5, 22, 6)),
        ("0101000010", "20261231235950", dt.datetime(2026, 12, 31, 16, 0, 10)),
        ("1231235950", "20270101000010", dt.datetime(2026, 12, 31, 15, 59, 50)),
        ("0229080000", "20280229075900", dt.datetime(2028, 2, 29, 0, 0, 0)),
        ("1122003105", "20261122003005", dt.datetime(2026, 11, 21, 16, 31, 5)),
    ],
)
def test_a_stamp_without_a_year_gets_the_orders(trace_time, txn_time, at):
    assert wire.traced_at(trace_time, txn_time) == at.replace(tzinfo=dt.UTC)


@pytest.mark.parametrize("trace_time", ["", "0230000000", "13", "1301000000"])
def test_a_stamp_that_is_no_time_gives_none(trace_time):
    assert wire.traced_at(trace_time, "20261122003005") is None


def test_a_payment_says_what_the_sheet_wants_in_beijing_time():
    assert requests.payment_fields(ACCOUNT, order()) == {
        "version": "5.1.0",
        "encoding": "UTF-8",
        "signMethod": "01",
        "txnType": "01",
        "txnSubType": "01",
        "bizType": "000201",
        "accessType": "0",
        "channelType": "08",
        "merId": "777290058167151",
        "orderId": "P26112200000000001",
        "txnTime": "20261122003005",
        "txnAmt": "123450",
        "currencyCode": "156",
        "payTimeout": "20261122004505",
        "frontUrl": "https://pay.example.com/h5/demo/orders/1",
        "backUrl": "https://pay.example.com/notify/unionpay/demo/1",
        "riskRateInfo": "{commodityName=2026 学年秋季学费}",
    }
    assert requests.payment_fields(ACCOUNT, order(scene="page"))["channelType"] == "07"


@pytest.mark.parametrize(("description", "goods"), [("学费{2026}&a=[1]\"'", "学费 2026 a 1"), ("长" * 200, "长" * 64), ("学费\r\n住宿费", "学费 住宿费")])
def test_a_description_cannot_break_the_message(description, goods):
    assert requests.payment_fields(ACCOUNT, order(description=description))["riskRateInfo"] == f"{{commodityName={goods}}}"


def test_a_description_of_nothing_but_brackets_is_left_out():
    assert "riskRateInfo" not in requests.payment_fields(ACCOUNT, order(description="{}"))


@pytest.mark.parametrize("attach", ["bill|B20267", "账单 B20267", "a=1&b={2}", "b64.x", "第一行\n第二行"])
def test_an_attachment_comes_back_as_it_was_sent(attach):
    sent = requests.payment_fields(ACCOUNT, order(attach=attach))["reqReserved"]
    assert not wire.AMBIGUOUS.search(sent)
    assert wire.unwrapped(sent) == attach


def test_a_reserved_text_of_somebody_else_is_left_alone():
    assert wire.unwrapped("b64.!!!") == "b64.!!!"
    assert wire.unwrapped(base64.b64encode(b"x").decode()) == "eA=="
    assert wire.unwrapped(None) is None


@pytest.mark.parametrize("txn_type", [requests.REFUND, requests.UNDO])
def test_a_reversal_has_a_number_and_a_time_of_its_own(txn_type):
    at = PLACED + dt.timedelta(days=3)
    refund = RefundRequest(number="R26112200000000001", order=order().ref, amount_fen=100, reason="x", notify_url="http://n", placed_at=at)
    fields = requests.reversal_fields(ACCOUNT, refund, "782209081322060674028", txn_type)
    assert (fields["txnType"], fields["txnSubType"], fields["origQryId"]) == (txn_type, "00", "782209081322060674028")
    assert (fields["orderId"], fields["txnTime"], fields["txnAmt"]) == ("R26112200000000001", "20261125003005", "100")
    assert fields["reqReserved"] == "P26112200000000001"


@pytest.mark.parametrize(
    ("code", "status"),
    [("00", "succeeded"), ("A6", "succeeded"), ("03", "processing"), ("05", "processing"), ("34", "unknown"), ("01", "closed"), ("64", "closed")],
)
def test_a_refund_that_failed_has_used_up_its_number(code, status):
    assert wire.refund_status(code) == status
