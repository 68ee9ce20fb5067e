"""A merchant's way to collecting, its keys, and a channel that does not answer, in a real browser (issue 3)."""

import datetime as dt
import re

import httpx
import pytest
from sqlalchemy import insert, text

from core import clock, ids
from core.identity import accounts
from core.identity.actor import system
from core.identity.models import role_grant
from tests.browser.family import agreed, found_by_code, school_of
from tests.browser.visitor import DEMO_PASSWORD, TENANTS, secret_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PDF = {"name": "资料.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 a licence"}
FACTS = {
    "法定名称": "样例甲教育集团有限公司", "统一社会信用代码": "52350000908301661F", "法定代表人姓名": "欧阳小明", "法定代表人身份证号": "11010519491231002X",
    "经营范围": "研学实践活动", "户名": "样例甲教育集团有限公司", "开户行": "榕城银行甲城云溪支行", "账号": "9900010001000000018",
    "姓名": "张三", "手机号": "13800138000",
}  # fmt: skip
PAPERS = ("营业执照（或法人登记证书）", "行业许可（办学许可证、医疗机构执业许可证、物业备案）", "法定代表人身份证", "开户许可证或银行账户证明")


@pytest.fixture(scope="module")
async def school(house):
    """The demo school with a second administrator, who signs."""
    found = await school_of(house)
    async with house.database.tenant(found.id) as session:
        user_id, _ = await accounts.create(session, house.routes, system(found.id), login="school.principal", name="司徒校长", password=DEMO_PASSWORD)
        await session.execute(insert(role_grant), [{"id": ids.uuid7(), "user_id": user_id, "role": "client.admin", "org_id": None, "granted_by": "test"}])
    return found


async def filled(admin) -> None:
    """The case filled in and its papers added."""
    for label, value in FACTS.items():
        await admin.fill(label, value)
    await admin.page.get_by_label("行业", exact=True).select_option("8211")
    await admin.page.get_by_role("checkbox", name=re.compile("^微信支付")).check()
    await admin.press("保存")
    await admin.says("已保存")
    for kind in PAPERS:
        await admin.choose("资料", kind)
        await admin.page.locator("input[type=file]").set_input_files(PDF)
        await admin.press("添加")
        await admin.says("已添加")


async def test_a_merchant_is_refused_mended_passed_and_signed(visit, school):
    admin = await visit("进件-校办")
    await admin.log_in("school.admin")
    await admin.open("/console/onboarding")
    await admin.look("还没有进件", narrow=True)
    await admin.fill("商户名称", "研学活动户")
    await admin.fill("编码", "TRIP")
    await admin.press("建立")
    await admin.says("还差这些")
    await admin.look("新进件", narrow=True)
    await filled(admin)
    await admin.look("资料齐了", narrow=True)
    await admin.press("提交审核")
    await admin.says("等待开户网点审核")
    case = admin.page.url

    zhou = await visit("进件-网点")
    await zhou.log_in("branch.zhou", secret=secret_of("branch.zhou", TENANTS))
    await zhou.page.get_by_role("link", name=re.compile("商户进件待审核")).click()
    await zhou.look("待审核", narrow=True)
    await zhou.open_first()
    await zhou.look("网点看进件", narrow=True)
    await zhou.press("开始审核")
    await zhou.agree("退回", reason="营业执照不清晰，请重新上传")
    await zhou.says("已退回")
    branch = zhou.page.url
    await admin.open("/console")
    await admin.page.get_by_role("link", name=re.compile("进件被退回")).click()
    await admin.open_first()
    await admin.says("营业执照不清晰")
    await admin.look("被退回", narrow=True)
    await admin.press("按退回原因修改")
    await admin.press("提交审核")
    await admin.says("等待开户网点审核")
    await zhou.page.goto(branch)
    await zhou.press("开始审核")
    await zhou.press("通过，交渠道审核")
    await zhou.says("等待渠道审核")
    await zhou.look("等渠道", narrow=True)
    await zhou.fill("微信支付给的商户号", "1900012345")
    await zhou.press("登记通过")
    await zhou.says("已登记渠道的答复")

    await admin.page.goto(case)
    await admin.look("提交人不能自己签", narrow=True)
    assert await admin.page.get_by_role("button", name="确认签约").first.get_attribute("aria-disabled") == "true"
    principal = await visit("进件-校长")
    await principal.log_in("school.principal")
    await principal.page.get_by_role("link", name=re.compile("进件待签约")).click()
    await principal.open_first()
    await principal.look("签约前", narrow=True)
    await principal.agree("确认签约", "签约")
    await principal.says("已签约，商户可以收款")
    await principal.look("已签约", narrow=True)
    assert admin.complaints == zhou.complaints == principal.complaints == []


async def stripe_secret(house, school) -> str:
    """The secret key that the sandbox's gateway knows the school by."""
    (row,) = await school.ask("SELECT mchid FROM core.channel_account WHERE channel = 'stripe'")
    async with httpx.AsyncClient(base_url=house.settings.sandbox_url, trust_env=False) as outside:
        return (await outside.get(f"/sandbox/api/stripe/merchants/{row.mchid}")).json()["credentials"]["secret_key"]


async def rotated(admin, checker, key: str, reason: str) -> None:
    """Other keys, by two people."""
    await admin.page.locator("[name='key.secret_key']").fill(key)
    await admin.fill("说明", reason)
    await admin.press("提交复核", admin.card("更换密钥"))
    await admin.says("密钥正在等待复核")
    await agreed(checker, admin.page.url)
    await admin.page.reload()


async def test_keys_are_changed_by_two_people_tested_by_a_button_and_their_end_is_told(visit, house, school):
    admin = await visit("密钥-校办")
    await admin.log_in("school.admin")
    await admin.menu("支付渠道")
    await admin.look("收款账号", narrow=True)
    await admin.follow("银行卡")
    await admin.press("测试")
    await admin.says("测试通过")
    checker = await visit("密钥-复核")
    await checker.log_in("school.finance")
    await rotated(admin, checker, "sk_test_51wrongwrongwrong", "例行更换")
    await admin.says("旧密钥保留到")
    await admin.press("测试")
    await admin.says("测试没有通过")
    await admin.look("测试没有通过", narrow=True)
    await rotated(admin, checker, await stripe_secret(house, school), "上次抄错了一位")
    await admin.press("测试")
    await admin.says("测试通过")
    await admin.look("测试通过", narrow=True)
    async with house.database.tenant(school.id) as session:
        await session.execute(text("UPDATE core.channel_account SET expires_at = :at WHERE channel = 'unionpay'"), {"at": clock.now() + dt.timedelta(days=20)})
    await admin.open("/console")
    await admin.page.get_by_role("link", name=re.compile("收款证书将到期")).click()
    await admin.look("证书将到期", narrow=True)
    assert admin.complaints == checker.complaints == []


async def test_a_channel_that_does_not_answer_is_told_and_another_one_offered(visit, house, school):
    (row,) = await school.ask("SELECT mchid FROM core.channel_account WHERE channel = 'wechatpay'")
    async with httpx.AsyncClient(base_url=house.settings.sandbox_url, trust_env=False) as outside:
        told = await outside.put("/sandbox/api/faults", json={"faults": [{"kind": "api_error", "mchid": row.mchid}]})
        assert told.status_code < 300, told.text
        try:
            mother = await visit("渠道-妈妈", phone=True)
            for _ in range(3):
                await found_by_code(mother, next(school.bills))
                await mother.press("去缴费")
                await mother.says("确认缴费")
                await mother.page.locator("input[value='wechatpay:h5']").check()
                await mother.press("确认支付")
                await mother.says("微信支付暂时没有答复，正在确认")
            await mother.look("微信没有答复", narrow=True)
            await found_by_code(mother, next(school.bills))
            await mother.press("去缴费")
            await mother.says("确认缴费")
            await mother.look("改用其他方式", narrow=True)
            assert await mother.page.locator("input[value='wechatpay:h5'][disabled]").count() == 1
            admin = await visit("渠道-校办")
            await admin.log_in("school.admin")
            await admin.menu("支付渠道")
            await admin.look("渠道繁忙", narrow=True)
            await admin.follow("微信支付")
            await admin.says("渠道暂时没有答复")
        finally:
            await outside.put("/sandbox/api/faults", json={"faults": []})
        await mother.press("确认支付")
        await mother.press("确认付款")
        await mother.says("收费单位已收到")
        await mother.look("支付宝已付")
