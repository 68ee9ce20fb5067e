"""Money that comes by cheque and by bank transfer, in a real browser: cleared, bounced, matched, unknown, and put where it belongs (issue 3)."""

import re

import httpx
import msgspec
import pytest

from core import clock, ids
from core.payments.accounts import service as accounts
from core.payments.channels.counter import SIGNATURE, STAMP, signature
from tests.browser.family import CODE, HOME, agreed, balanced, bind, found_by_code, pay, school_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAID = "SELECT paid_fen FROM core.bill WHERE id = :id"


@pytest.fixture(scope="module")
async def school(house):
    return await school_of(house)


async def tell(house, school, sub_account: str, amount_fen: int, payer: str) -> str:
    """The client's bank tells of a transfer; answers the bank's number of it."""
    async with house.database.tenant(school.id) as session:
        account_id, account = await accounts.collecting(session, house.vault, "counter")
    reference = "B" + ids.digits(14)
    body = msgspec.json.encode({
        "reference": reference, "sub_account": sub_account, "amount_fen": amount_fen, "payer_name": payer, "payer_account": "6222000012345678",
        "received_at": clock.now(), "remark": "学费",
    })  # fmt: skip
    stamp = str(int(clock.now().timestamp()))
    headers = {STAMP: stamp, SIGNATURE: signature(account.credentials["bank_key"], stamp, body)}
    async with httpx.AsyncClient(base_url=house.settings.public_url, trust_env=False) as bank:
        answer = await bank.post(f"/notify/bank/{CODE}/{account_id}", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return reference


async def take_cheque(cashier, bill, number: str) -> None:
    """At the window: find the family, take a cheque for the whole bill."""
    await cashier.menu("窗口收费")
    await cashier.fill("账单号、缴费码或人员编号", bill.pay_code)
    await cashier.press("查询")
    await cashier.choose("方式", "支票")
    await cashier.fill("支票号码", number)
    await cashier.fill("出票行", "榕城银行北城支行")
    await cashier.fill("出票人", "样例纸业有限公司")
    await cashier.look("收支票", narrow=True)
    await cashier.press("确认收款")
    await cashier.says("支票已登记，入账后再记到账单")


async def test_one_cheque_clears_and_one_bounces(visit, school):
    good, bad = next(school.bills), next(school.bills)
    cashier = await visit("支票-收费员")
    await cashier.log_in("school.cashier")
    await cashier.menu("窗口收费")
    await cashier.fill("窗口", "二号窗口")
    await cashier.press("开班")
    await take_cheque(cashier, good, "30501188")
    await take_cheque(cashier, bad, "30501189")
    await cashier.look("已登记支票", narrow=True)
    assert [(await school.ask(PAID, id=bill.id))[0].paid_fen for bill in (good, bad)] == [0, 0]

    treasurer = await visit("支票-出纳")
    await treasurer.log_in("school.treasurer")
    await treasurer.menu("交班")
    await treasurer.follow("支票")
    await treasurer.look("支票", narrow=True)
    await treasurer.agree("已入账", within=treasurer.row("30501188"))
    await treasurer.says("支票已入账")
    await treasurer.agree("退票", reason="出票人余额不足", within=treasurer.row("30501189"))
    await treasurer.says("已登记退票，账单仍待缴")
    await treasurer.look("支票已处理", narrow=True)
    assert [(await school.ask(PAID, id=bill.id))[0].paid_fen for bill in (good, bad)] == [good.amount_fen, 0]
    parent = await visit("支票-家长", phone=True)
    await found_by_code(parent, bad)
    await parent.says("去缴费")
    await parent.look("退票后的账单", narrow=True)
    assert cashier.complaints == treasurer.complaints == []


async def test_a_transfer_finds_its_bill_and_an_unknown_one_is_given_an_owner(visit, house, school):
    bill, lost = next(school.bills), next(school.bills)
    treasurer = await visit("转账-出纳")
    await treasurer.log_in("school.treasurer")
    await treasurer.menu("交班")
    await treasurer.follow("转账")
    await treasurer.look("还没有转账", narrow=True)
    await treasurer.fill("人员编号", bill.student)
    await treasurer.press("查看子账号")
    await treasurer.look("子账号", narrow=True)
    number = re.search(r"8866 ?\d{4} ?\d{4} ?\d{4}", await treasurer.page.locator("main").inner_text()).group(0).replace(" ", "")
    known = await tell(house, school, number, bill.amount_fen, "爸爸")
    unknown = await tell(house, school, "8866000000000000", lost.amount_fen, "某某贸易")
    await treasurer.page.reload()
    await treasurer.says(known)
    await treasurer.look("转账", narrow=True)
    assert (await school.ask(PAID, id=bill.id))[0].paid_fen == bill.amount_fen

    finance = await visit("转账-财务")
    await finance.log_in("school.accountant")
    await finance.menu("长款挂账")
    await finance.look("长款挂账", narrow=True)
    await finance.open_first()
    await finance.look("一条长款", narrow=True)
    await finance.fill("转入账单", lost.number)
    await finance.fill("处理依据", f"银行流水 {unknown}，汇款人电话确认")
    await finance.press("提交复核")
    await finance.says("等待另一位同事复核")
    item = finance.page.url
    checker = await visit("转账-复核")
    await checker.log_in("school.finance")
    await checker.page.goto(item)
    await checker.follow("查看申请")
    await checker.look("复核挂账", narrow=True)
    await checker.press("同意并执行")
    await checker.says("已同意")
    await checker.page.goto(item)
    await checker.look("已转入账单")
    assert (await school.ask(PAID, id=lost.id))[0].paid_fen == lost.amount_fen
    await balanced(checker)


async def given_credit(visit, house, school, finance, checker, student: str, amount_fen: int) -> None:
    """Unknown money becomes a family's credit, by two people."""
    await tell(house, school, "8866000000000001", amount_fen, "热心人")
    await finance.menu("长款挂账")
    await finance.open_first()
    await finance.fill("转为某人的余额", student)
    await finance.fill("处理依据", "校友捐助，指定给这名学生")
    await finance.press("提交复核")
    await finance.says("等待另一位同事复核")
    await agreed(checker, finance.page.url)


async def test_a_family_uses_its_credit_or_asks_for_it_back(visit, house, school):
    bill = next(school.bills)
    finance = await visit("余额-财务")
    await finance.log_in("school.accountant")
    checker = await visit("余额-复核")
    await checker.log_in("school.finance")
    await given_credit(visit, house, school, finance, checker, bill.student, 60_000)
    mother = await visit("余额-妈妈", phone=True)
    await bind(mother, school, bill.student)
    await mother.says("家庭余额")
    await mother.look("首页有余额", narrow=True)
    await mother.open(f"{HOME}/bills/{bill.id}")
    await mother.look("可用余额抵缴", narrow=True)
    await mother.page.get_by_role("button", name=re.compile("用家庭余额抵缴")).click()
    await mother.says("已用余额抵缴 ¥600.00")
    assert (await school.ask(PAID, id=bill.id))[0].paid_fen == 60_000

    await given_credit(visit, house, school, finance, checker, bill.student, 40_000)
    await mother.open(HOME)
    await mother.page.get_by_role("link", name=re.compile("家庭余额")).click()
    await mother.look("可退的余额", narrow=True)
    await mother.page.locator("summary", has_text="申请退回余额").click()
    await mother.look("申请退回余额", narrow=True)
    await mother.press("申请退回余额 ¥400.00")
    await mother.says("申请已提交，正在审核")
    await checker.menu("复核")
    await checker.open_first()
    await checker.look("复核退余额", narrow=True)
    await checker.press("同意并执行")
    await checker.says("已同意")
    await mother.says("由收费窗口付出")
    await mother.look("余额退款已批准", narrow=True)
    await balanced(checker)


async def test_money_on_the_wrong_bill_is_moved_by_two_people(visit, school):
    wrong, right = next(school.bills), next(school.bills)
    father = await visit("转移-爸爸", phone=True)
    await found_by_code(father, wrong)
    await pay(father)
    maker = await visit("转移-经办")
    await maker.log_in("school.standards")
    await maker.open(f"/console/bills/{wrong.id}")
    await maker.follow("转移缴费")
    await maker.look("转移缴费", narrow=True)
    await maker.fill("或转入其他账单", right.number)
    await maker.fill("转移金额", "800")
    await maker.fill("转移原因", "家长输错缴费码")
    await maker.press("提交复核")
    await maker.says("等待另一位同事复核")
    checker = await visit("转移-复核")
    await checker.log_in("school.finance")
    await checker.page.goto(maker.page.url)
    await checker.follow("查看申请")
    await checker.look("复核转移", narrow=True)
    await checker.press("同意并执行")
    await checker.says("已同意")
    await checker.open(f"/console/bills/{right.id}")
    await checker.says("800.00")
    await checker.look("转入的账单", narrow=True)
    assert (await school.ask(PAID, id=right.id))[0].paid_fen == 80_000
    await balanced(checker)
