"""A parent asks for money back on the phone: only of what is theirs, once however often they tap, and sees how far it is."""

import pytest
from sqlalchemy import insert, text

from core.approvals import service as approvals
from core.billing import corrections
from core.identity.actor import Actor, system
from core.payments.models import channel_account
from core.payments.service import settle as word
from tests import families, trade


@pytest.fixture
async def phone(platform, school, browser, sms):
    """A parent bound to the first child."""
    made = browser()
    await families.bind(made, sms, school, school.children[0])
    return made


@pytest.fixture
async def bill(platform, school, channel):
    """The first child's bill, paid."""
    await _collecting(platform, school)
    bill_id = await families.bill(platform, school, school.children[0])
    await _pay(platform, school, bill_id)
    return bill_id


async def _collecting(platform, school) -> None:
    async with platform.database.tenant(school.id) as session:
        keys = await platform.vault.keys(session)
        row = {
            "id": school.trade.account_id, "channel": "wechatpay", "mchid": trade.MCHID, "appid": trade.APPID, "base_url": "http://127.0.0.1:9",
            "credentials_sealed": keys.seal(b"{}"),
        }  # fmt: skip
        await session.execute(insert(channel_account), row)


async def _pay(platform, school, bill_id) -> None:
    number = await trade.order(platform, school.trade, [(bill_id, 95_000)])
    await word(platform, school.id, school.trade.account, trade.success(number, 95_000))


async def agree(platform, school) -> None:
    checker = Actor(kind="user", id="checker", name="复核", tenant_id=school.id, rights={"refunds.refund.check": None})
    kinds = approvals.kinds_of(platform.plugins, school.client.plugins)
    async with platform.database.tenant(school.id) as session:
        found = await session.one(text("SELECT id FROM core.approval WHERE status = 'waiting'"))
        await approvals.approve(session, kinds, found.id, checker)


async def refunds(platform, school) -> list:
    async with platform.database.tenant(school.id) as session:
        return list(await session.all(text("SELECT * FROM core.refund ORDER BY id")))


async def test_a_parent_asks_sees_it_checked_and_sees_it_arrive(platform, school, phone, bill, channel, settle):
    channel.usual = "succeeded"
    await phone.get(f"{school.home}/bills/{bill}")
    assert f"{school.home}/bills/{bill}/refund" in phone.text
    await phone.get(f"{school.home}/bills/{bill}/refund")
    fields = {"amount": "300.00", "why": "退学", "effective_on": "2026-11-22", "idempotency_key": phone.hidden("idempotency_key")}
    here = f"{school.home}/bills/{bill}/refund"
    await phone.post(here, fields)
    assert "正在审核" in phone.text, phone.text
    first = phone.path
    await phone.get(here)
    await phone.post(here, fields)
    assert phone.path == first, "the second tap is the same request"
    assert [row.amount_fen for row in await refunds(platform, school)] == [30_000]
    await agree(platform, school)
    await settle(school)
    await phone.get(first)
    assert "已全部退回" in phone.text
    await phone.get(f"{school.home}/refunds")
    assert "300.00" in phone.text
    assert await trade.faults(platform, school.id) == {}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"amount": "950.01", "why": "退学"}, "最多可退"),
        ({"amount": "-1", "why": "退学"}, "请填写要退的金额"),
        ({"amount": "一百", "why": "退学"}, "无效"),
        ({"amount": "1.001", "why": "退学"}, "无效"),
        ({"amount": "10", "why": ""}, "退款原因"),
        ({"amount": "10", "why": "退学", "effective_on": "昨天"}, "无效"),
        ({"amount": "10", "why": "退学", "effective_on": "0202-10-01"}, "2000 年到 2100 年"),
    ],
)
async def test_what_cannot_be_is_said_on_the_form_and_leaves_nothing_behind(platform, school, phone, bill, fields, said):
    here = f"{school.home}/bills/{bill}/refund"
    await phone.get(here)
    await phone.post(here, {"idempotency_key": phone.hidden("idempotency_key")} | fields)
    assert phone.page.status_code == 422
    assert said in phone.text
    assert await refunds(platform, school) == []
    await phone.post(here, {"amount": "10", "why": "退学", "idempotency_key": phone.hidden("idempotency_key")})
    assert len(await refunds(platform, school)) == 1, "after mending it goes through"


async def test_another_familys_bill_and_refund_do_not_exist(platform, school, phone, bill, browser, sms, channel):
    here = f"{school.home}/bills/{bill}/refund"
    await phone.get(here)
    await phone.post(here, {"amount": "10", "why": "退学", "idempotency_key": phone.hidden("idempotency_key")})
    mine = phone.path
    stranger = browser(address="203.0.113.9")
    await families.bind(stranger, sms, school, school.children[1])
    assert (await stranger.get(here)).status_code == 404
    assert (await stranger.get(mine)).status_code == 404
    await stranger.get(school.home)
    assert (await stranger.post(here, {"amount": "10", "why": "x", "idempotency_key": "12345678"})).status_code == 404


async def test_who_only_knows_the_pay_code_can_pay_but_ask_nothing_back(platform, school, bill, browser):
    helper = browser(address="203.0.113.10")
    await helper.get(f"{school.home}/code")
    await helper.post(f"{school.home}/code", {"code": await families.pay_code(platform, school, bill)})
    assert "申请退款" not in helper.text
    answer = await helper.get(f"{school.home}/bills/{bill}/refund")
    assert "申请退款" not in answer.text


async def test_unused_credit_is_asked_back_as_a_whole(platform, school, phone, bill, channel, settle):
    channel.usual = "succeeded"
    async with platform.database.tenant(school.id) as session:
        await session.execute(text("UPDATE core.bill_line SET discount_fen = 15000, net_fen = 85000 WHERE bill_id = :b AND line_no = 1"), {"b": bill})
        await session.execute(text("UPDATE core.bill SET amount_fen = 85000, discount_fen = 15000 WHERE id = :b"), {"b": bill})
        await corrections._excess_to_credit(session, await corrections._hold(session, bill), system(school.id), "adjust:test")
    await phone.get(f"{school.home}/refunds")
    assert "100.00" in phone.text
    fields = {"person": str(school.children[0].id), "idempotency_key": phone.hidden("idempotency_key")}
    await phone.post(f"{school.home}/credit/refund", fields)
    assert "正在审核" in phone.text
    await agree(platform, school)
    await settle(school)
    [row] = await refunds(platform, school)
    assert (row.status, row.source, row.refunded_fen) == ("success", "credit", 10_000)
    assert await trade.faults(platform, school.id) == {}


async def asked_back(phone, school, bill) -> str:
    """Ask for ten yuan; answers the address of the request."""
    here = f"{school.home}/bills/{bill}/refund"
    await phone.get(here)
    await phone.post(here, {"amount": "10", "why": "退学", "idempotency_key": phone.hidden("idempotency_key")})
    return phone.path


async def test_the_page_tells_every_step_and_who_asked_may_take_it_back(platform, school, phone, bill):
    mine = await asked_back(phone, school, bill)
    for told in ("申请已提交", "审核", "款项到账", 'aria-current="step"', "撤回退款申请"):
        assert told in phone.text
    await phone.post(f"{mine}/withdraw")
    assert "已撤回，没有退款" in phone.text
    assert "撤回退款申请" not in phone.text
    [row] = await refunds(platform, school)
    assert row.status == "cancelled"
    assert "不能撤回" in (await phone.post(f"{mine}/withdraw")).text


async def test_a_refusal_says_why(platform, school, phone, bill):
    mine = await asked_back(phone, school, bill)
    checker = Actor(kind="user", id="checker", name="复核", tenant_id=school.id, rights={"refunds.refund.check": None})
    kinds = approvals.kinds_of(platform.plugins, school.client.plugins)
    async with platform.database.tenant(school.id) as session:
        found = await session.one(text("SELECT id FROM core.approval WHERE status = 'waiting'"))
        await approvals.reject(session, kinds, found.id, checker, "本学期费用按规定不退")
    page = await phone.get(mine)
    assert "审核未通过" in page.text
    assert "本学期费用按规定不退" in page.text


async def test_nobody_takes_back_what_another_family_or_the_institution_asked_for(platform, school, phone, bill, browser, sms):
    mine = await asked_back(phone, school, bill)
    stranger = browser(address="203.0.113.9")
    await families.bind(stranger, sms, school, school.children[1])
    assert (await stranger.post(f"{mine}/withdraw")).status_code == 404
    async with platform.database.tenant(school.id) as session:
        await session.execute(text("UPDATE core.approval SET made_by_id = 'somebody'"))
    assert "撤回退款申请" not in (await phone.get(mine)).text
    await phone.post(f"{mine}/withdraw")
    assert [row.status for row in await refunds(platform, school)] == ["requested"]


async def test_where_the_client_takes_no_requests_online_nothing_is_offered(platform, client, roster, browser, sms, channel):
    school = await families.found(platform, roster, await client(plugins=(), settings={"payer_refunds": False}))
    await _collecting(platform, school)
    bill_id = await families.bill(platform, school, school.children[0])
    await _pay(platform, school, bill_id)
    await families.bind(phone := browser(), sms, school, school.children[0])
    here = f"{school.home}/bills/{bill_id}/refund"
    assert here not in (await phone.get(f"{school.home}/bills/{bill_id}")).text
    assert "不在线上受理退款" in (await phone.get(here)).text
    await phone.post(here, {"amount": "10", "why": "退学", "idempotency_key": "12345678"})
    assert await refunds(platform, school) == []
