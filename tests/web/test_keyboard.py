"""The console by keyboard: the skip link, the search box, the list of keys, rows."""

import pytest

pytestmark = pytest.mark.browser
FOCUSED = "document.activeElement.textContent.trim().slice(0, 40) || document.activeElement.id"


@pytest.fixture
async def page(chromium, shell_site):
    made = await chromium.new_page(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    made.set_default_timeout(8000)
    await made.goto(shell_site + "/console/_gallery")
    yield made
    await made.close()


async def test_the_first_tab_offers_to_skip_the_menu(page, shell_site):
    await page.goto(shell_site + "/console/job")
    await page.keyboard.press("Tab")
    assert await page.evaluate(FOCUSED) == "跳到正文"
    await page.keyboard.press("Enter")
    await page.wait_for_url("**#main")


@pytest.mark.parametrize("key", ["/", "Control+k"])
async def test_one_key_leads_to_the_search_box_and_arrows_through_what_it_found(page, key):
    await page.keyboard.press(key)
    assert await page.evaluate(FOCUSED) == "find"
    async with page.expect_response("**/console/search?q=%E5%B0%8F%E6%BB%A1"):
        await page.keyboard.type("小满")
    await page.locator("#found:not(.htmx-settling) a").first.wait_for()
    await page.keyboard.press("ArrowDown")
    assert "林**" in await page.evaluate(FOCUSED)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("ArrowUp")
    assert await page.evaluate(FOCUSED) == "find"
    await page.keyboard.press("Escape")
    await page.locator("#found").wait_for(state="hidden")
    await page.keyboard.press("ArrowDown")
    await page.locator("#found").wait_for(state="visible")
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    assert page.url.endswith("?s=1")


@pytest.mark.slow
async def test_a_key_that_is_typed_into_a_field_stays_there(page):
    field = page.locator("main input[type=search]").first
    await field.focus()
    await page.keyboard.type("a/?")
    assert await field.input_value() == "a/?"


@pytest.mark.slow
async def test_a_question_mark_tells_every_key(page):
    await page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="键盘快捷键")
    await dialog.wait_for()
    await page.keyboard.press("Escape")
    await dialog.wait_for(state="hidden")


@pytest.mark.slow
async def test_arrows_walk_through_the_rows_of_a_list(page):
    await page.keyboard.press("j")
    first = await page.evaluate("document.activeElement.closest('tr').rowIndex")
    await page.keyboard.press("ArrowDown")
    assert await page.evaluate("document.activeElement.closest('tr').rowIndex") == first + 1


@pytest.mark.slow
async def test_a_job_whose_stream_does_not_come_is_asked_for_instead(chromium, shell_site):
    page = await chromium.new_page()
    await page.goto(shell_site + "/console/job?again=1&events=1")
    await page.evaluate("window.still_here = true")
    await page.locator(".by-job").get_by_text("100.0%").first.wait_for()
    assert await page.evaluate("window.still_here") is True
    await page.close()
