"""The sandbox misbehaves as told, over real HTTP: whatever it does to an answer, the order is never taken for failed."""

import time

import httpx
import pytest

from core.payments.channels.alipay import Alipay
from core.payments.channels.errors import ChannelUnknown


async def test_a_broken_gateway_did_nothing_and_says_nothing(channel, account, order, hand):
    wanted = order(openid=await hand.buyer())
    await hand.fault(wanted.number, "api_error", remaining=1)
    with pytest.raises(ChannelUnknown) as unknown:
        await channel.create(account, wanted)
    assert unknown.value.facts["reason"] == "isp.unknow-error"
    assert (await channel.query(account, wanted.ref)).state == "unknown"


async def test_a_tampered_answer_is_not_believed_and_the_order_may_exist(channel, account, order, hand):
    wanted = order(openid=await hand.buyer())
    await hand.fault(wanted.number, "api_tamper", remaining=1)
    with pytest.raises(ChannelUnknown) as unknown:
        await channel.create(account, wanted)
    assert unknown.value.facts["reason"] == "signature"
    assert (await channel.query(account, wanted.ref)).state == "pending"


async def test_a_pay_code_charged_without_an_answer_is_found_by_asking(channel, account, order, hand):
    wanted = order(scene="barcode", auth_code=await hand.pay_code(user="lin"))
    await hand.fault(wanted.number, "api_timeout", seconds=2.0, remaining=1)
    async with httpx.AsyncClient(timeout=1.0, trust_env=False) as impatient:
        with pytest.raises(ChannelUnknown) as unknown:
            await Alipay(impatient).create(account, wanted)
    assert unknown.value.facts["reason"] == "ReadTimeout"
    assert (await channel.query(account, wanted.ref)).state == "succeeded"


async def test_a_slow_answer_is_an_answer(channel, account, order, hand):
    wanted = await hand.trade(order)
    await hand.fault(wanted.number, "api_delay", seconds=0.2, remaining=1)
    began = time.monotonic()
    assert (await channel.query(account, wanted.ref)).state == "pending"
    assert time.monotonic() - began >= 0.2


async def test_a_broken_gateway_shows_the_payer_a_page(channel, account, order, hand, outside):
    wanted = order(scene="h5")
    prepared = await channel.create(account, wanted)
    await hand.fault(wanted.number, "api_error", remaining=1)
    shown = (await outside.get(prepared.value)).content.decode("gbk")
    assert "isp.unknow-error" in shown
    opened = await outside.get(prepared.value, follow_redirects=True)
    assert "确认付款" in opened.text
