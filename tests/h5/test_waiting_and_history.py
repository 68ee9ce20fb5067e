"""What a payer's pages say of money nobody knows the end of, of what is paid already, and of what was paid before."""

import re

import pytest
from sqlalchemy import text

from core import clock
from tests import families
from tests.h5.test_paying import confirm, impatient, orders, paid_in, parent, shop, wallet

__all__ = ["impatient", "parent", "shop", "wallet"]


async def paid(platform, school, phone, shop, wallet, settle, bills) -> str:
    """Pay some bills; answers the order's number."""
    await confirm(phone, school, bills)
    number = (await orders(platform, school))[-1].number
    await paid_in(wallet, shop, number)
    await phone.get(f"{school.home}/orders/{number}")
    await settle(school)
    return number


async def test_a_payment_under_way_stands_on_every_page_that_could_begin_another(platform, school, parent):
    bill_id = await families.bill(platform, school, school.children[0])
    await confirm(parent, school, [bill_id])
    (order,) = await orders(platform, school)
    for path in ("", f"/bills/{bill_id}", f"/pay?bill={bill_id}"):
        page = await parent.get(school.home + path)
        assert "还没有结果" in page.text
        assert f"{school.home}/orders/{order.number}" in page.text


async def test_back_after_paying_says_that_it_is_paid(platform, school, parent, shop, wallet, settle):
    bills = [await families.bill(platform, school, child) for child in school.children]
    await paid(platform, school, parent, shop, wallet, settle, bills[:1])
    page = await parent.get(f"{school.home}/pay?bill={bills[0]}")
    assert parent.path == f"{school.home}/bills/{bills[0]}"
    assert "已经缴清，不用再付" in page.text
    assert 'name="way"' not in page.text
    await paid(platform, school, parent, shop, wallet, settle, bills[1:])
    page = await parent.get(f"{school.home}/pay?bill={bills[0]}&bill={bills[1]}")
    assert parent.path == f"{school.home}/history"
    assert "还没有结果" not in (await parent.get(school.home)).text


async def test_the_button_without_script_sends_one_key_however_often_it_is_pressed(platform, school, parent):
    bill_id = await families.bill(platform, school, school.children[0])
    await parent.get(f"{school.home}/pay?bill={bill_id}")
    form = {"bill": str(bill_id), "way": "wechatpay:h5", "choice": "all", "idempotency_key": parent.hidden("idempotency_key")}
    form["_csrf_token"] = parent.hidden("_csrf_token")
    first = await parent.http.post(f"{school.home}/pay", data=form)
    by_script = await parent.http.post(f"{school.home}/pay", data=form, headers={"HX-Request": "true"})
    assert by_script.status_code == 200
    assert by_script.headers["hx-redirect"] == first.headers["location"], "the script is told where the plain form is led"
    assert len(await orders(platform, school)) == 1


async def test_a_long_wait_says_what_happens_to_the_money(platform, school, parent):
    bill_id = await families.bill(platform, school, school.children[0])
    await confirm(parent, school, [bill_id])
    (order,) = await orders(platform, school)
    assert "等得比平常久" not in (await parent.get(f"{school.home}/orders/{order.number}")).text
    async with platform.database.tenant(school.id) as session:
        await session.execute(text("UPDATE core.payment_order SET created_at = created_at - interval '4 minutes'"))
    assert "等得比平常久" in (await parent.get(f"{school.home}/orders/{order.number}")).text


async def test_history_and_receipts_are_narrowed_to_a_year_and_a_child(platform, school, parent, shop, wallet, settle):
    bills = [await families.bill(platform, school, child, title=f"{child.name}的账单") for child in school.children]
    for bill_id in bills:
        await paid(platform, school, parent, shop, wallet, settle, [bill_id])
    year, (first, second) = clock.today().year, school.children
    for path in ("/history", "/receipts"):
        page = await parent.get(f"{school.home}{path}?person={first.id}")
        assert f"{first.name}的账单" in page.text
        assert f"{second.name}的账单" not in page.text
        assert 'name="person"' in page.text
        page = await parent.get(f"{school.home}{path}?year={year}")
        assert f"{second.name}的账单" in page.text
        assert "看全部" in (await parent.get(f"{school.home}{path}?year={year - 1}")).text
    for person in ("x", "0" * 32, "%00"):
        page = await parent.get(f"{school.home}/history?person={person}")
        assert page.status_code == 200
        assert "的账单" not in page.text


async def test_a_long_history_comes_a_page_at_a_time(platform, school, parent, shop, wallet, settle, monkeypatch):
    from core.cashier import history

    monkeypatch.setattr(history, "PAGE", 1)
    for child in school.children:
        await paid(platform, school, parent, shop, wallet, settle, [await families.bill(platform, school, child, title=f"{child.name}的账单")])
    page = await parent.get(f"{school.home}/history")
    assert "共缴 ¥1,900.00" in page.text
    assert f"{school.children[0].name}的账单" not in page.text
    page = await parent.get(re.search(r'href="([^"]*cursor=[^"]+)"', page.text).group(1).replace("&amp;", "&"))
    assert f"{school.children[0].name}的账单" in page.text
    assert "更早的记录" not in page.text


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_a_receipt_can_be_passed_on_without_the_name(platform, school, parent, shop, wallet, settle, lang):
    await paid(platform, school, parent, shop, wallet, settle, [await families.bill(platform, school, school.children[0])])
    async with platform.database.tenant(school.id) as session:
        receipt_id = await session.scalar(text("SELECT id FROM core.receipt"))
    page = await parent.get(f"{school.home}/receipts/{receipt_id}?lang={lang}")
    link = re.search(r'data-copy="([^"]+)"', page.text).group(1).replace("&amp;", "&")
    assert "/verify/" in link
    shown = await parent.http.get(link.replace("http://banyan.test", ""))
    assert shown.status_code == 200
    assert school.children[0].name not in shown.text
