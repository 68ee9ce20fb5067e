"""A parent of the demo school with a phone: bound to a child of the roster, paying, and reading what the page says."""

import asyncio
import csv
import re
from types import SimpleNamespace

import httpx
from sqlalchemy import text

from tests.browser.visitor import TENANTS

CODE = "banyan-school"
HOME = f"/h5/{CODE}"
ROSTER = TENANTS / CODE / "demo" / "roster.csv"
_UNPAID = text("""
    SELECT b.id, b.number, b.pay_code, b.amount_fen, p.number AS student
    FROM core.bill b JOIN core.party p ON p.id = b.party_id
    WHERE b.status = 'issued' AND b.paid_fen = 0 AND b.amount_fen BETWEEN :least AND :most ORDER BY p.number
""")


async def school_of(house) -> SimpleNamespace:
    """The demo school, with its unpaid bills, each for one use, and a way to ask its books."""
    tenant_id = (await house.directory.by_code(CODE)).id
    async with house.database.tenant(tenant_id) as session:
        bills = iter(list(await session.all(_UNPAID, {"least": 100_000, "most": 5_000_000})))

    async def ask(sql: str, **values: object):
        async with house.database.tenant(tenant_id) as session:
            return await session.all(text(sql), values)

    return SimpleNamespace(platform=house, id=tenant_id, bills=bills, ask=ask)


async def bind(parent, school, student: str) -> None:
    """The parent proves whose parent they are: facts of the child, a phone of the roster, the code that was sent."""
    with ROSTER.open(encoding="utf-8-sig", newline="") as file:
        facts = next(row for row in csv.DictReader(file) if row["学号*"] == student)
    await parent.open(HOME + "/bind")
    for label, value in (("学生姓名", facts["姓名*"]), ("学号", student), ("证件后四位", facts["证件号码*"][-4:])):
        await parent.page.get_by_label(label).fill(value)
    await parent.press("下一步")
    await parent.press("发送验证码")
    await parent.says("输入验证码")
    await parent.page.get_by_label("验证码", exact=True).fill(await code_for(school.platform, facts["家长1手机号*"]))
    for purpose in ("缴费服务", "孩子的信息"):
        await parent.page.get_by_label(re.compile(rf"^\s*{purpose}")).check()
    await parent.press("完成绑定")
    await parent.says("绑定成功")


async def code_for(platform, phone: str) -> str:
    """The code in the last message to a phone, as soon as the worker has sent it."""
    async with httpx.AsyncClient(base_url=platform.settings.sandbox_url, trust_env=False, follow_redirects=True) as outside:
        for _ in range(300):
            answer = await outside.get("/sandbox/api/sms", params={"phone": phone})
            for message in answer.json():
                if found := re.search(r"验证码 (\d{6})", message["text"]):
                    return found.group(1)
            await asyncio.sleep(0.2)
    raise AssertionError(f"no code was sent to {phone}")


async def found_by_code(parent, bill) -> None:
    """Open a bill by the number that stands on its notice."""
    await parent.open(HOME + "/code")
    await parent.page.get_by_label("缴费码").fill(bill.pay_code)
    await parent.press("查看账单")


async def pay(parent, way: str = "wechatpay:h5", button: str = "立即支付") -> None:
    """From the page of what is owed to the money having come."""
    await parent.press("去缴费")
    await parent.says("确认缴费")
    await parent.page.locator(f"input[value='{way}']").check()
    await parent.press("确认支付")
    await parent.press(button)
    await parent.page.wait_for_url(re.compile(r"/orders/P"))
    await parent.says("收费单位已收到")


async def agreed(checker, page: str) -> None:
    """The second person opens what waits on a page, reads it and agrees."""
    await checker.page.goto(page)
    await checker.follow("查看申请")
    await checker.press("同意并执行")
    await checker.says("已同意")


async def balanced(someone) -> None:
    """The books of the school add up, as finance sees it."""
    await someone.open("/console/ledger")
    await someone.says("账是平的：差额 0.00 元")
