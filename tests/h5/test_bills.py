"""What a payer sees: the family's bills, one explained, optional items, a bill by its code — and nobody else's."""

from uuid import uuid4

import pytest
from sqlalchemy import text

from tests import families


@pytest.fixture
async def parent(school, browser, sms):
    """A phone bound to the first child."""
    phone = browser()
    await families.bind(phone, sms, school, school.children[0])
    return phone


async def test_an_unknown_device_is_told_what_this_is_and_how_to_begin(school, browser):
    page = await browser().get(school.home)
    assert page.status_code == 200
    assert f"{school.home}/bind" in page.text
    assert f"{school.home}/code" in page.text


async def test_the_cookie_is_for_this_client_only_and_out_of_scripts_reach(school, browser):
    page = await browser().get(school.home)
    (cookie,) = [value for value in page.headers.get_list("set-cookie") if value.startswith("banyan_payer=")]
    assert f"Path={school.home};" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


async def test_the_home_page_adds_up_the_family(platform, school, browser, sms):
    phone = browser()
    for child in school.children:
        await families.bind(phone, sms, school, child)
        await families.bill(platform, school, child)
    page = await phone.get(school.home)
    assert page.text.count("¥950.00") >= 4
    assert "¥1,900.00" in page.text


async def test_a_line_tells_the_rule_the_price_and_the_discount(platform, school, parent):
    bill_id = await families.bill(platform, school, school.children[0])
    page = await parent.get(f"{school.home}/bills/{bill_id}")
    for told in ("每学期", "1,000.00 × 1 = 1,000.00", "−¥50.00", "¥950.00"):
        assert told in page.text


async def test_optional_items_are_not_ticked_and_can_be(platform, school, parent):
    bill_id = await families.bill(platform, school, school.children[0])
    page = await parent.get(f"{school.home}/bills/{bill_id}")
    assert 'name="line" value="2" data-fen="30000">' in page.text
    page = await parent.post(f"{school.home}/bills/{bill_id}/choose", {"version": parent.hidden("version"), "line": "2"})
    assert parent.path == f"{school.home}/pay"
    assert "¥1,250.00" in page.text


async def test_a_stale_tick_is_told_and_changes_nothing(platform, school, parent):
    bill_id = await families.bill(platform, school, school.children[0])
    await parent.get(f"{school.home}/bills/{bill_id}")
    page = await parent.post(f"{school.home}/bills/{bill_id}/choose", {"version": "7", "line": "2"})
    assert "账单刚刚有变化" in page.text
    async with platform.database.tenant(school.id) as session:
        assert await session.scalar(text("SELECT amount_fen FROM core.bill")) == 95_000


@pytest.mark.parametrize("line", ["1", "9", "x", "-1", "999999999999"])
async def test_a_tick_that_names_no_optional_line_never_breaks_a_page(platform, school, parent, line):
    bill_id = await families.bill(platform, school, school.children[0])
    await parent.get(f"{school.home}/bills/{bill_id}")
    page = await parent.post(f"{school.home}/bills/{bill_id}/choose", {"version": parent.hidden("version"), "line": line})
    assert page.status_code in (200, 422)
    async with platform.database.tenant(school.id) as session:
        assert await session.scalar(text("SELECT amount_fen FROM core.bill")) == 95_000


async def test_somebody_elses_bill_does_not_exist(platform, school, parent):
    other = await families.bill(platform, school, school.children[1])
    for path in (f"bills/{other}", f"bills/{uuid4()}"):
        assert (await parent.get(f"{school.home}/{path}")).status_code == 404
    await parent.get(school.home)
    assert (await parent.post(f"{school.home}/bills/{other}/choose", {"version": "1", "line": "2"})).status_code == 404
    assert (await parent.get(f"{school.home}/pay?bill={other}")).status_code == 404
    await parent.get(school.home)
    assert (await parent.post(f"{school.home}/pay", {"bill": str(other), "way": "wechatpay:h5"})).status_code == 404


async def test_another_clients_bill_and_device_do_not_exist(platform, client, roster, school, parent):
    elsewhere = await families.found(platform, roster, await client(plugins=()))
    other = await families.bill(platform, elsewhere, elsewhere.children[0])
    assert (await parent.get(f"{school.home}/bills/{other}")).status_code == 404
    assert (await parent.get(f"{elsewhere.home}/bills/{other}")).status_code == 404
    token = next(cookie.value for cookie in parent.http.cookies.jar if cookie.name == "banyan_payer" and cookie.path == school.home)
    page = await parent.http.get(f"{elsewhere.home}/bindings", headers={"cookie": f"banyan_payer={token}"})
    assert page.status_code == 303, "a token of one client is unknown to another"


async def test_a_forged_device_is_a_new_and_unknown_one(school, parent):
    page = await parent.http.get(f"{school.home}/bindings", headers={"cookie": "banyan_payer=forged"})
    assert page.status_code == 303
    assert page.headers["location"] == school.home


@pytest.mark.parametrize("token", ["", "forged"])
async def test_a_form_from_elsewhere_is_refused(platform, school, parent, token):
    bill_id = await families.bill(platform, school, school.children[0])
    assert (await parent.post(f"{school.home}/bills/{bill_id}/choose", {"line": "2"}, csrf=token)).status_code == 403


async def test_names_and_titles_are_never_markup(platform, client, roster, browser, sms):
    school = await families.found(platform, roster, await client(plugins=(), name="<img src=x onerror=alert(1)>"))
    child = school.children[0]
    await families.bind(phone := browser(), sms, school, child)
    evil = "<script>alert(1)</script>"
    bill_id = await families.bill(platform, school, child, title=evil)
    async with platform.database.tenant(school.id) as session:
        await session.execute(text("UPDATE core.party SET name = '<b>x</b>' WHERE id = :id"), {"id": child.id})
    for path in (school.home, f"{school.home}/bills/{bill_id}", f"{school.home}/bindings", f"{school.home}/privacy"):
        page = await phone.get(path)
        assert page.status_code == 200
        for markup in (evil, "<b>x</b>", "<img src=x"):
            assert markup not in page.text


async def test_a_pay_code_opens_one_bill_masked_on_this_device_only(platform, school, browser):
    child = school.children[0]
    bill_id = await families.bill(platform, school, child)
    code = await families.pay_code(platform, school, bill_id)
    grandmother, stranger = browser(), browser()
    await grandmother.get(f"{school.home}/code")
    spaced = " ".join(code[n : n + 4] for n in range(0, 16, 4))
    page = await grandmother.post(f"{school.home}/code", {"code": spaced})
    assert grandmother.path == f"{school.home}/bills/{bill_id}"
    assert "*小明" in page.text
    assert "三年级*班" in page.text
    assert child.name not in page.text
    assert "¥950.00" in page.text
    assert 'name="line"' not in page.text, "a pay code is for paying, not for choosing"
    assert (await stranger.get(f"{school.home}/bills/{bill_id}")).status_code == 404


async def test_a_typing_error_in_a_pay_code_is_told_and_not_counted(platform, school, browser):
    code = await families.pay_code(platform, school, await families.bill(platform, school, school.children[0]))
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    phone = browser()
    for typed, told in ((wrong, "逐位核对"), ("12345", "16 位数字"), ("١" * 16, "16 位数字")):
        await phone.get(f"{school.home}/code")
        page = await phone.post(f"{school.home}/code", {"code": typed})
        assert page.status_code == 422
        assert told in page.text
    async with platform.database.tenant(school.id) as session:
        assert await session.all(text("SELECT 1 FROM core.failed_try")) == []


async def test_guessing_pay_codes_is_stopped(platform, school, browser):
    phone = browser()
    real = await families.pay_code(platform, school, await families.bill(platform, school, school.children[0]))
    for _ in range(5):
        await phone.get(f"{school.home}/code")
        assert (await phone.post(f"{school.home}/code", {"code": "4000000000000002"})).status_code == 422
    await phone.get(f"{school.home}/code")
    assert (await phone.post(f"{school.home}/code", {"code": real})).status_code == 403


async def test_a_code_of_another_client_is_unknown_here(platform, client, roster, school, browser):
    elsewhere = await families.found(platform, roster, await client(plugins=()))
    code = await families.pay_code(platform, elsewhere, await families.bill(platform, elsewhere, elsewhere.children[0]))
    phone = browser()
    await phone.get(f"{school.home}/code")
    page = await phone.post(f"{school.home}/code", {"code": code})
    assert page.status_code == 422
    assert "没有找到这个缴费码" in page.text
