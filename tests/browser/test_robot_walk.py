"""A statement robot from its first form to a closed difference, in a real browser: the robot's own browser logs in at the sandbox's shop."""

import asyncio
import datetime as dt
import re
from types import SimpleNamespace

import httpx
import pytest
from sqlalchemy import text

from core import clock

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CODE, NAME = "banyan-hospital", "走查用美团账单"
ROBOTS = "/console/medical/robots"
DAY, RIDDLE = (clock.today() - dt.timedelta(days=ago) for ago in (20, 21))
"""Before the demo's own weeks: nobody else has told of these."""
STORES = {"WK-1": "S001", "WK-2": "S002"}
PATIENCE = 300
_RUN = """
    SELECT t.status, t.error, t.told, t.tries FROM medical.robot_task t JOIN medical.robot r ON r.id = t.robot_id WHERE r.name = :name AND t.bill_on = :day
"""


@pytest.fixture(scope="module")
async def shop(house):
    """A shop at the sandbox with two days of orders, and a way to wait for what the robot makes of them."""
    tenant_id = (await house.directory.by_code(CODE)).id
    async with httpx.AsyncClient(base_url=f"{house.settings.sandbox_url}/sandbox/api", trust_env=False, timeout=30) as outside:
        made = (await outside.post("/shops", json={"platform": "meituan", "name": "走查药房"})).json()
        here = f"/shops/{made['code']}"
        filled = [await outside.put(f"{here}/days/{day}", json={"stores": list(STORES), "count": 6}) for day in (DAY, RIDDLE)]

        async def becomes(day: dt.date, wanted: str) -> None:
            found = None
            for _ in range(PATIENCE):
                async with house.database.tenant(tenant_id) as session:
                    found = (await session.all(text(_RUN), {"name": NAME, "day": day}))[0]
                if found.status == wanted:
                    return
                await asyncio.sleep(0.3)
            raise AssertionError(f"{wanted} was expected of the run, it is {found}")

        async def riddle(on: bool) -> None:
            (await outside.put(f"{here}/switches", json={"captcha": on})).raise_for_status()

        yield SimpleNamespace(account=made, orders=filled[0].json(), becomes=becomes, riddle=riddle)


def tills(orders: list[dict]) -> bytes:
    """The tills' file: of the first store one order is missing."""

    def yuan(order: dict) -> str:
        fen = order["item_fen"] - order["promotion_fen"] - order["service_fen"] - order["delivery_fen"] + order["subsidy_fen"]
        return f"{fen // 100}.{fen % 100:02d}"

    rows = [f"美团,{STORES[order['store']]},{DAY},{order['order_no']},{yuan(order)}" for order in orders[1:]]
    return "\n".join(["平台*,门店编码*,账单日期*,平台订单号*,结算金额*", *rows]).encode("utf-8-sig")


async def send(operator, here: str, day: dt.date) -> None:
    """Send the robot for a day, from its own page."""
    await operator.open(here)
    await operator.fill("账单日期", str(day))
    await operator.press("运行")
    await operator.says("已发起")


async def test_a_robot_is_made_authorised_sent_and_its_difference_closed(visit, shop):
    operator, finance = await visit("机器人运维"), await visit("药房财务")
    await operator.log_in("hospital.robots")
    await operator.menu("对账机器人")
    await operator.look("对账机器人", narrow=True)
    await operator.follow("新增机器人")
    for label, value in (("名称", NAME), ("地址", shop.account["address"]), ("平台账号", shop.account["login"]), ("密码", shop.account["password"]),
                         ("门店", "\n".join(f"{number} {code}" for number, code in STORES.items())), ("每天运行时间（点）", "23")):  # fmt: skip
        await operator.fill(label, value)
    await operator.choose("平台", "美团")
    await operator.choose("方式", "商家后台网站")
    await operator.look("新增机器人", narrow=True)
    await operator.press("保存")
    await operator.says("机器人已保存")
    here = operator.page.url.removeprefix(operator.url).partition("?")[0]
    await operator.look("还没有授权的机器人", narrow=True)
    await operator.fill("开始日期", str(RIDDLE))
    await operator.press("起草")
    await operator.says("等待药房财务签署")

    await finance.log_in("hospital.pharmacy")
    await finance.page.get_by_role("link", name=re.compile("待签署的机器人授权")).click()
    await finance.follow(NAME)
    await finance.says("兹授权银行的对账机器人")
    await finance.look("待签署的授权", narrow=True)
    await finance.agree("签署")
    await finance.says("已签署")

    await operator.open(here)
    await operator.press("启用")
    await operator.says("已启用，每天自动运行")
    await send(operator, here, DAY)
    await shop.becomes(DAY, "uploaded")
    await operator.says("账单已入库，等门店订单")
    await operator.says("登录成功")
    await operator.look("一次运行", narrow=True)

    await finance.upload("medical.till_orders", "门店订单.csv", tills(shop.orders))
    await finance.page.get_by_role("button", name=re.compile(r"^导入 \d+ 行$")).click()
    await finance.says("已导入：")
    await shop.becomes(DAY, "different")
    await finance.open(f"/console/medical/store-days?status=different&platform=meituan&from={DAY}&to={DAY}&q=S001")
    await finance.look("不一致的门店日", narrow=True)
    await finance.open_first()
    await finance.says("门店没有这一单")
    await finance.look("一个门店日", narrow=True)
    await finance.agree("接受差异", reason="门店漏录一单，次日补录")
    await finance.says("等待另一位同事复核")

    second = await visit("医院复核岗")
    await second.log_in("hospital.finance")
    await second.menu("复核")
    await second.row(f"接受门店日差异 松涛店 {DAY}").get_by_role("link").first.click()
    await second.look("差异待复核", narrow=True)
    await second.press("同意并执行")
    await second.says("已同意")
    await finance.page.reload()
    await finance.says("已接受差异")
    await shop.becomes(DAY, "reconciled")
    assert operator.complaints == finance.complaints == second.complaints == []


async def test_a_riddle_for_people_is_named_and_waits_on_the_work_list(visit, shop):
    await shop.riddle(True)
    operator = await visit("机器人运维")
    await operator.log_in("hospital.robots")
    await operator.menu("对账机器人")
    await operator.follow(NAME)
    here = operator.page.url.removeprefix(operator.url).partition("?")[0]
    await send(operator, here, RIDDLE)
    await shop.becomes(RIDDLE, "captcha_required")
    await operator.open("/console")
    await operator.page.get_by_role("link", name=re.compile("需人工处理的机器人运行")).click()
    await operator.says("网站要求验证码")
    await operator.look("需人工处理的运行", narrow=True)
    await operator.follow(NAME)
    await operator.says("失败页面截图")
    await operator.look("需要人工验证", narrow=True)
    await shop.riddle(False)
    await operator.press("重试")
    await operator.says("已重新发起")
    await shop.becomes(RIDDLE, "uploaded")
    await operator.says("账单已入库，等门店订单")
    assert operator.complaints == []
