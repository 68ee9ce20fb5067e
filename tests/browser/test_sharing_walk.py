"""A payment is shared: a receiver registered and agreed to, a share asked for and agreed to, taken back, the rest released; and a card payment undone."""

import asyncio
import re

import httpx
import msgspec
import pytest
from sqlalchemy import text, update

from core import ids
from core.payers.access import Payer
from core.payments import service as payments
from core.payments.models import channel_account
from core.payments.schemas import PayItem

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CODE = "banyan-school"
_BILL = text("SELECT id, amount_fen FROM core.bill WHERE status = 'issued' AND amount_fen BETWEEN 100000 AND 4900000 ORDER BY number DESC LIMIT 1")


async def frozen_payment(house) -> str:
    """The school freezes its WeChat money from now on, and a parent pays; answers the payment's id."""
    school = await house.directory.by_code(CODE)
    async with house.database.tenant(school.id) as session:
        keys = await house.vault.keys(session)
        row = await session.one(channel_account.select().where(channel_account.c.channel == "wechatpay").limit(1))
        sealed = keys.seal(msgspec.json.encode(msgspec.json.decode(keys.open(row.credentials_sealed)) | {"profit_sharing": "true"}))
        await session.execute(update(channel_account).where(channel_account.c.id == row.id).values(credentials_sealed=sealed))
        bill = await session.one(_BILL)
    payer = Payer(session_id=ids.uuid7(), payer_id=None, csrf="", device=b"d", openids={}, bill_ids=frozenset())
    order = await payments.start_payment(
        house, school, payer, [PayItem(bill.id, bill.amount_fen)], channel="wechatpay", scene="native", ip="192.0.2.1", idempotency_key=ids.token(),
    )  # fmt: skip
    async with httpx.AsyncClient(base_url=house.settings.sandbox_url, trust_env=False) as outside:
        answer = await outside.post(f"/sandbox/api/wechatpay/orders/{row.mchid}/{order.number}/pay")
    assert answer.status_code == 200, answer.text
    assert (await payments.check_order(house, school, order.number)).status == "succeeded"
    async with house.database.tenant(school.id) as session:
        back = "UPDATE core.payment SET paid_at = paid_at - interval '2 minutes' WHERE order_number = :number RETURNING id"
        return str((await session.one(text(back), {"number": order.number})).id)


async def until(person, path: str, words: str) -> None:
    """Look again until the page says so: the worker has to have asked the channel."""
    async with asyncio.timeout(90):
        while True:
            await person.open(path)
            if await person.page.locator(".by-badge").filter(has_text=re.compile(f"^{words}$")).count():
                return
            await asyncio.sleep(0.3)


async def agreed(finance) -> None:
    await finance.open("/console/approvals")
    await finance.page.locator("tbody a").filter(has_text=re.compile("分账|解冻")).first.click()
    await finance.look("复核", narrow=True)
    await finance.press("同意并执行")
    await finance.says("已同意")


async def test_a_share_from_the_receiver_to_the_release(visit, house):
    paid = await frozen_payment(house)
    maker, finance = await visit("分账经办"), await visit("分账复核")
    await maker.log_in("school.accountant")
    await finance.log_in("school.finance")
    await maker.open("/console/sharing")
    await maker.look("待分账", narrow=True)
    await maker.follow("接收方", maker.page.locator("main, #head"))
    await maker.fill("接收方商户号或 openid", "1600000066")
    await maker.fill("接收方全称", "榕城餐饮有限公司")
    await maker.look("登记接收方", narrow=True)
    await maker.press("提交复核")
    await maker.says("已提交，等待另一位同事复核")
    await agreed(finance)
    await until(maker, "/console/sharing/receivers", "可分账")
    await maker.look("接收方", narrow=True)
    here = f"/console/sharing/payments/{paid}"
    await maker.open(here)
    await maker.page.locator("input[name^=share-]").first.fill("10%")
    await maker.fill("分账原因", "食堂分成")
    await maker.look("申请分账", narrow=True)
    await maker.press("提交复核")
    await maker.says("已提交，等待另一位同事复核")
    await agreed(finance)
    await until(maker, here, "已完成")
    await maker.look("已分账", narrow=True)
    await maker.fill("回退原因", "家长退费")
    await maker.press("申请回退")
    await maker.says("已提交，等待另一位同事复核")
    await agreed(finance)
    await until(maker, here, "已回退")
    await maker.agree("解冻剩余资金", reason="不再分账")
    await maker.says("已提交，等待另一位同事复核")
    await agreed(finance)
    await until(maker, here, "已解冻")
    await maker.look("已解冻", narrow=True)
    assert [*maker.complaints, *finance.complaints] == []
