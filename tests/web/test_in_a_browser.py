"""The shell in a real browser: nothing cut off, nothing refused by the security policy, nothing sent twice, axe satisfied."""

import pytest

from tests.looking import fits, judged

pytestmark = pytest.mark.browser
PAGES = ["/console/_gallery", "/h5/_gallery", "/login", "/wrong/404", "/api"]


@pytest.mark.parametrize("path", PAGES)
async def test_no_page_scrolls_sideways_or_breaks_the_policy_and_axe_finds_nothing_serious(chromium, shell_site, path):
    page = await chromium.new_page(viewport={"width": 390, "height": 844}, locale="zh-CN", reduced_motion="reduce")
    complaints = []
    page.on("console", lambda m: complaints.append(m.text) if "Content Security Policy" in m.text else None)
    page.on("pageerror", lambda e: complaints.append(str(e)))
    await page.goto(shell_site + path)
    for width in (320, 1440, 390):
        await fits(page, width, path)
    assert complaints == []
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        await judged(page, f"{path} {scheme}")
    await page.close()


async def test_a_double_click_posts_once(chromium, shell_site):
    page = await chromium.new_page()
    await page.goto(shell_site + "/console/job")
    before = int(await page.inner_text("#seen"))
    button = page.get_by_role("button", name="直接")
    async with page.expect_navigation():
        await button.dblclick(no_wait_after=True)
    assert int(await page.inner_text("#seen")) == before + 1
    await page.close()


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_dangerous_button_asks_first_even_without_javascript(chromium, shell_site, scripts):
    context = await chromium.new_context(java_script_enabled=scripts)
    page = await context.new_page()
    await page.goto(shell_site + "/console/job")
    before = int(await page.inner_text("#seen"))
    await page.get_by_role("button", name="作废").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_text("不能恢复").wait_for()
    await dialog.get_by_role("button", name="取消").click()
    await dialog.wait_for(state="hidden")
    await page.get_by_role("button", name="作废").click()
    async with page.expect_navigation():
        await dialog.get_by_role("button", name="作废").click()
    assert int(await page.inner_text("#seen")) == before + 1
    await context.close()


async def test_a_job_shows_its_end_without_a_reload(chromium, shell_site):
    page = await chromium.new_page()
    await page.goto(shell_site + "/console/job?again=1")
    await page.evaluate("window.still_here = true")
    await page.locator(".by-job").get_by_text("100.0%").first.wait_for()
    assert await page.evaluate("window.still_here") is True
    await page.close()


async def test_checking_becomes_paid_by_itself(chromium, shell_site):
    page = await chromium.new_page()
    await page.goto(shell_site + "/h5/checking")
    await page.get_by_text("已支付").wait_for()
    assert await page.get_by_text("正在确认").count() == 0
    await page.close()


async def test_the_menu_opens_on_a_phone_without_javascript(chromium, shell_site):
    context = await chromium.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = await context.new_page()
    await page.goto(shell_site + "/console/_gallery")
    entry = page.get_by_role("navigation", name="主菜单").get_by_text("支付明细")
    assert not await entry.is_visible()
    await page.get_by_role("button", name="打开菜单").click()
    await entry.wait_for()
    assert await entry.is_visible()
    await context.close()


async def test_on_a_phone_a_list_comes_before_its_filters(chromium, shell_site):
    page = await chromium.new_page(viewport={"width": 390, "height": 844}, locale="zh-CN")
    await page.goto(shell_site + "/console/_gallery")
    form = page.locator("form.by-filters").first
    fields, button = form.locator(".by-field:not(.by-search)"), form.get_by_role("button", name="筛选")
    await button.wait_for()
    assert [await field.is_visible() for field in await fields.all()] == [False, False]
    assert await form.get_by_role("searchbox").is_visible()
    await button.click()
    assert [await field.is_visible() for field in await fields.all()] == [True, True]
    assert await button.get_attribute("aria-expanded") == "true"
    await page.close()


async def test_at_a_desk_filters_stand_open(chromium, shell_site):
    page = await chromium.new_page(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    await page.goto(shell_site + "/console/_gallery")
    form = page.locator("form.by-filters").first
    assert await form.get_by_role("button", name="查询").is_visible() and await form.locator(".by-field").last.is_visible()
    assert not await form.locator(".by-unfold").is_visible()
    await page.close()


async def test_no_amount_is_cut_off_on_the_narrowest_phone_with_the_largest_letters(chromium, shell_site):
    page = await chromium.new_page(viewport={"width": 320, "height": 700}, locale="zh-CN")
    await page.goto(shell_site + "/h5/_gallery")
    await page.evaluate("document.documentElement.style.fontSize = '200%'")
    cut = "all => all.filter(e => e.getBoundingClientRect().right > e.parentElement.getBoundingClientRect().right + 1).map(e => e.textContent)"
    assert await page.locator(".h5-total b, .h5-bill-sum b, .h5-bar b, .h5-result-amount").evaluate_all(cut) == []
    await page.close()
