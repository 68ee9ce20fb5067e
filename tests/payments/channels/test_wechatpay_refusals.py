"""Refusals are unsigned: only those declared as such count, in every spelling the documents use."""

import httpx
import pytest

from core.payments.channels.errors import AlreadyPaid, ChannelRefused, ChannelUnknown, OrderNotAtChannel
from core.payments.channels.wechatpay.transport import refusal_of


def told(status: int, code: str) -> Exception:
    return refusal_of(httpx.Response(status, json={"code": code, "message": "说明"}, headers={"Request-ID": "08-1"}))


@pytest.mark.parametrize("status", [400, 403])
@pytest.mark.parametrize("code", ["ORDERPAID", "ORDER_PAID"])
def test_paid_is_understood_in_both_spellings_and_under_either_status(status, code):
    assert type(told(status, code)) is AlreadyPaid


@pytest.mark.parametrize("code", ["ORDERNOTEXIST", "ORDER_NOT_EXIST", "RESOURCE_NOT_EXISTS"])
def test_an_absent_order_is_understood_in_every_spelling(code):
    assert type(told(404, code)) is OrderNotAtChannel


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (500, "SYSTEM_ERROR"),
        (500, "SYSTEMERROR"),
        (400, "SYSTEMERROR"),
        (502, "SERVICE_UNAVAILABLE"),
        (503, "SERVICE_UNAVAILABLE"),
        (429, "FREQUENCY_LIMITED"),
        (429, "RATELIMIT_EXCEEDED"),
        (202, "USER_PAYING"),
        (202, "USERPAYING"),
        (500, "ORDERPAID"),
    ],
)
def test_what_decides_nothing_is_unknown(status, code):
    assert type(told(status, code)) is ChannelUnknown


@pytest.mark.parametrize("code", ["PARAM_ERROR", "NO_AUTH", "NOAUTH", "SIGN_ERROR", "OUT_TRADE_NO_USED", "RULE_LIMIT"])
def test_a_declared_refusal_keeps_the_channels_code_and_words(code):
    refusal = told(403, code)
    assert type(refusal) is ChannelRefused
    assert refusal.facts["channel_code"] == code
    assert refusal.facts["request_id"] == "08-1"
    assert "说明" in refusal.message


@pytest.mark.parametrize("body", [b"", b"<html>Bad Gateway</html>", b"[]", b'{"message":"x"}'])
@pytest.mark.parametrize("status", [302, 400, 404, 405, 502])
def test_an_answer_without_a_code_is_unknown_whatever_its_status(status, body):
    assert type(refusal_of(httpx.Response(status, content=body))) is ChannelUnknown
