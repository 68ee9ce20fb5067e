"""A code on a wall opens the cashier for everybody, and takes no more than the law lets it."""

import asyncio
import re

import httpx
import pytest
from sqlalchemy import insert, text

from core import ids
from core.billing.models import fee_item
from core.payments import repository as payments
from core.payments.errors import RouteInvalid, StaticCodeOverCap
from core.payments.static_codes import service as static_codes
from tests import families


@pytest.fixture
async def desk(staff, house):
    return await staff(house.school, "payments.channel.read", "payments.channel.manage", "identity.org.read")


async def made(desk, cap: str = "500", title: str = "校门口") -> str:
    """A new code; answers the address it opens."""
    answer = await desk.post("/console/channels/codes", data={"title": title, "cap": cap})
    assert answer.status_code == 303, answer.text
    page = (await desk.get(answer.headers["location"])).text
    return re.search(r"http://banyan\.test(/h5/[^<\"\s]+/q/\w+)", page).group(1)


async def small(house, fen: int = 30_000):
    """A bill of this much."""
    from tests import trade

    lines = (trade.line(house.school.trade, "MEAL", fen),)
    return await house.bill(lines=lines)


async def opened(phone, house, path: str, bill_id) -> None:
    """Scan the code, type the pay code."""
    await phone.get(path)
    assert phone.path in (f"{house.school.home}/code", house.school.home)
    await phone.get(f"{house.school.home}/code")
    await phone.post(f"{house.school.home}/code", {"code": await families.pay_code(house.platform, house.school, bill_id)})
    assert str(bill_id) in phone.path


async def pressed(phone, house, bill_id):
    await phone.get(f"{house.school.home}/pay?bill={bill_id}")
    form = {"bill": str(bill_id), "way": "wechatpay:h5", "idempotency_key": phone.hidden("idempotency_key")}
    return await phone.post(f"{house.school.home}/pay", form, follow=False)


async def test_scanning_leads_to_the_pay_code_and_on_to_the_money(house, desk, browser):
    await house.good()
    path, bill_id, phone = await made(desk), await small(house), browser()
    await opened(phone, house, path, bill_id)
    answer = await pressed(phone, house, bill_id)
    assert "redirect_url=" in answer.headers["location"]
    async with house.session() as session:
        assert await session.scalar(text("SELECT count(*) FROM core.static_use")) == 1


async def test_the_list_says_what_came_in_today(house, desk, browser, settle):
    mchid = await families.collect_at(house.platform, house.school, house.sandbox)
    path, bill_id, phone = await made(desk), await small(house), browser()
    await opened(phone, house, path, bill_id)
    await pressed(phone, house, bill_id)
    async with house.session() as session:
        number = await session.scalar(text("SELECT number FROM core.payment_order"))
    async with httpx.AsyncClient(base_url=house.sandbox, trust_env=False) as outside:
        await outside.post(f"/sandbox/api/wechatpay/orders/{mchid}/{number}/pay")
    assert "已支付" in (await phone.get(f"{house.school.home}/orders/{number}")).text
    page = (await desk.get("/console/channels/codes")).text
    assert "校门口" in page
    assert "300.00" in page


async def test_the_days_cap_holds_over_several_bills(house, desk, browser):
    await house.good()
    path, phone = await made(desk), browser()
    first, second = await small(house), await small(house)
    for bill_id in (first, second):
        await opened(phone, house, path, bill_id)
    await pressed(phone, house, first)
    page = await phone.get(f"{house.school.home}/pay?bill={second}")
    assert "今天还可付 ¥200.00" in page.text
    answer = await pressed(phone, house, second)
    page = await phone.get(answer.headers["location"])
    assert "每天最多可付 500.00 元，今天还可付 200.00 元" in page.text
    async with house.session() as session:
        assert await session.scalar(text("SELECT count(*) FROM core.payment_order")) == 1


async def test_an_order_that_was_not_paid_gives_its_share_back(house, desk, browser):
    await house.good()
    path, phone = await made(desk), browser()
    first, second = await small(house), await small(house)
    for bill_id in (first, second):
        await opened(phone, house, path, bill_id)
    await pressed(phone, house, first)
    async with house.session() as session:
        number = await session.scalar(text("SELECT number FROM core.payment_order"))
    await phone.get(f"{house.school.home}/orders/{number}")
    await phone.post(f"{house.school.home}/orders/{number}/cancel")
    assert "redirect_url=" in (await pressed(phone, house, second)).headers["location"]


async def test_two_taps_at_once_do_not_pass_the_cap_together(house, desk, browser):
    await house.good()
    await made(desk)
    payer, bills = house.payer(), [await small(house), await small(house)]
    async with house.session() as session:
        code_id = await session.scalar(text("SELECT id FROM core.static_code"))
    answers = await asyncio.gather(
        *(house.start(bill, 30_000, payer=payer, static_code_id=code_id) for bill in bills), return_exceptions=True
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["OrderRead", "StaticCodeOverCap"]
    assert any(isinstance(answer, StaticCodeOverCap) for answer in answers)


async def test_a_verified_parent_paying_their_own_bill_is_not_bound_by_the_cap(house, desk, browser, sms):
    await house.good()
    path, phone = await made(desk), browser()
    await families.bind(phone, sms, house.school, house.school.children[0])
    bill_id = await house.bill()
    await phone.get(path)
    assert phone.path == house.school.home, "they are shown what they owe"
    answer = await pressed(phone, house, bill_id)
    assert "redirect_url=" in answer.headers["location"]
    async with house.session() as session:
        assert await session.scalar(text("SELECT amount_fen FROM core.payment_order")) == 95_000
        assert await session.scalar(text("SELECT count(*) FROM core.static_use")) == 0


async def test_the_same_device_by_another_road_is_not_bound(house, browser):
    await house.good()
    phone, bill_id = browser(), await house.bill()
    await phone.get(f"{house.school.home}/code")
    await phone.post(f"{house.school.home}/code", {"code": await families.pay_code(house.platform, house.school, bill_id)})
    assert "redirect_url=" in (await pressed(phone, house, bill_id)).headers["location"]


async def test_a_code_out_of_use_says_so(house, desk, browser):
    path = await made(desk)
    async with house.session() as session:
        code_id = await session.scalar(text("SELECT id FROM core.static_code"))
    await desk.post(f"/console/channels/codes/{code_id}/off")
    phone = browser()
    page = await phone.get(path)
    assert (page.status_code, "已停用" in page.text) == (404, True)
    assert (await phone.get(f"{house.school.home}/q/NOTACODE")).status_code == 404


@pytest.mark.parametrize("cap", ["500.01", "0", "-1", "abc", ""])
async def test_no_code_may_take_more_than_the_law_lets_it(house, desk, cap):
    answer = await desk.post("/console/channels/codes", data={"title": "大额", "cap": cap})
    assert answer.status_code == 422
    async with house.session() as session:
        assert await session.scalar(text("SELECT count(*) FROM core.static_code")) == 0
        with pytest.raises(RouteInvalid):
            await static_codes.add(session, desk.actor, title="大额", day_cap_fen=static_codes.MOST_FEN + 1)


async def test_a_picture_for_the_poster_is_a_download(house, desk):
    await made(desk)
    async with house.session() as session:
        code_id = await session.scalar(text("SELECT id FROM core.static_code"))
    picture = await desk.get(f"/console/channels/codes/{code_id}/qr.png")
    assert picture.content.startswith(b"\x89PNG")
    assert picture.headers["content-disposition"].startswith("attachment")
    page = await desk.get(f"/console/channels/codes/{code_id}")
    assert "<svg" in page.text


async def test_another_clients_code_does_not_exist_here(house, desk, browser, client, staff):
    path = await made(desk)
    other = await client(plugins=())
    phone = browser()
    assert (await phone.get(f"/h5/{other.code}/q/{path.rsplit('/', 1)[1]}")).status_code == 404


async def test_a_code_for_one_fee_leads_straight_to_its_bills(house, desk, browser, sms):
    await house.good()
    async with house.session() as session:
        tuition = {"plugin": "test", "code": "TUITION", "name": "学费", "category": "学费", "period": "term", "mandatory": True}
        await session.execute(insert(fee_item), tuition | {"id": ids.uuid7(), "merchant_id": house.school.trade.merchants["TUITION"]})
    answer = await desk.post("/console/channels/codes", data={"title": "学费", "cap": "500", "item": "TUITION"})
    page = (await desk.get(answer.headers["location"])).text
    path = re.search(r"http://banyan\.test(/h5/[^<\"\s]+/q/\w+)", page).group(1)
    phone = browser()
    await families.bind(phone, sms, house.school, house.school.children[0])
    bill_id = await house.bill()
    await small(house)
    await phone.get(path)
    assert phone.path.endswith("/pay")
    assert re.findall(r'name="bill" value="([^"]+)"', phone.text) == [str(bill_id)], "not the bill for meals"
    assert (await desk.post("/console/channels/codes", data={"title": "x", "cap": "500", "item": "NOBODY"})).status_code == 422


async def test_a_device_known_by_its_wallet_and_by_itself_is_one_customer(house, desk):
    """The wallet's number and the device are counted together, so both are held while it is counted."""
    await house.good()
    await made(desk)
    payer, bills = house.payer(), [await small(house, 40_000), await small(house, 40_000)]
    async with house.session() as session:
        code_id = await session.scalar(text("SELECT id FROM core.static_code"))
    for bill in bills:
        await house.start(bill, 40_000, payer=payer)
    async with house.session() as session:
        numbers = [row.number for row in await session.all(text("SELECT number FROM core.payment_order ORDER BY created_at"))]
        await session.execute(text("UPDATE core.payment_order SET openid = 'oCustomer' WHERE number = :number"), {"number": numbers[0]})

    async def count(number: str) -> None:
        async with house.session() as session:
            await static_codes.spend(session, code_id, await payments.find_order(session, number), payer)
            await asyncio.sleep(0.1)

    answers = await asyncio.gather(*map(count, numbers), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["NoneType", "StaticCodeOverCap"]


async def test_what_the_code_still_takes_is_chosen_already(house, desk, browser):
    await house.good()
    path, bill_id, phone = await made(desk, cap="100"), await small(house), browser()
    await opened(phone, house, path, bill_id)
    page = await phone.get(f"{house.school.home}/pay?bill={bill_id}")
    assert "先缴 ¥100.00" in page.text
    assert 'value="first" data-pay-fen="10000" checked' in page.text
    assert 'data-basket="10000"' in page.text
    assert "全部" not in page.text
    form = {"bill": str(bill_id), "way": "wechatpay:h5", "choice": "first", "idempotency_key": phone.hidden("idempotency_key")}
    answer = await phone.post(f"{house.school.home}/pay", form, follow=False)
    assert "redirect_url=" in answer.headers["location"]
    async with house.session() as session:
        assert await session.scalar(text("SELECT amount_fen FROM core.payment_order")) == 10_000
    page = await phone.get(f"{house.school.home}/pay?bill={bill_id}")
    assert "今天已付满限额" in page.text
    assert 'class="h5-bar"' not in page.text


async def test_a_bill_that_cannot_be_cut_says_how_it_can_be_paid(house, desk, browser):
    await house.good()
    path, phone = await made(desk, cap="100"), browser()
    from tests import trade

    bill_id = await house.bill(lines=(trade.line(house.school.trade, "MEAL", 30_000),), allow_partial=False)
    await opened(phone, house, path, bill_id)
    page = await phone.get(f"{house.school.home}/pay?bill={bill_id}")
    assert "今天最多还可付 ¥100.00，这张账单需一次缴清" in page.text
    assert 'class="h5-bar"' not in page.text
