"""What a phone page owes a parent: three taps to paid, light over the wire, honest on a bad connection, one payment whatever is pressed."""

import asyncio
import re

import pytest
from sqlalchemy import text

from tests import families, looking
from tests.browser.phones import somebody, town

__all__ = ["somebody", "town"]
pytestmark = pytest.mark.browser
TAPS = 3
FIRST_PAGE_BYTES = 100 * 1024
_OUTLINED = """new MutationObserver(() => {
    if (document.documentElement.classList.contains('is-leaving') && document.querySelector('.h5-skeleton').checkVisibility()) outlined();
}).observe(document.documentElement, { attributes: true })"""
_COUNT = "addEventListener('click', (event) => { if (event.isTrusted && event.detail) tapped(); }, true)"


async def orders(town, school) -> list:
    async with town.database.tenant(school.id) as session:
        return await session.all(text("SELECT * FROM core.payment_order ORDER BY created_at"))


async def at_the_last_button(town, somebody, name: str, **how):
    """A parent bound to a child with one bill, before the button that pays."""
    school = somebody.school
    bill_id = await families.bill(town, school, school.children[0], title="2026 秋季学期学杂费")
    parent = await somebody(name, **how)
    await parent.bind(school.children[0])
    await parent.open(f"/pay?bill={bill_id}")
    await parent.says("确认缴费")
    return parent, bill_id


async def test_a_bound_parent_has_paid_after_three_taps(town, somebody):
    school = somebody.school
    for child in school.children:
        await families.bill(town, school, child, title="2026 秋季学期学杂费")
    mother = await somebody("taps")
    for child in school.children:
        await mother.bind(child)
    taps: list[int] = []
    await mother.page.context.expose_function("tapped", lambda: taps.append(1))
    await mother.page.context.add_init_script(_COUNT)
    await mother.open()
    await mother.says("¥1,900.00")
    await mother.press("去缴费")
    await mother.press("确认支付")
    await mother.press("立即支付")
    await mother.says("收费单位已收到")
    assert len(taps) == TAPS
    assert [order.status for order in await orders(town, school)] == ["succeeded"]
    assert mother.complaints == []


async def test_the_first_page_is_light_over_the_wire(town, somebody):
    stranger = await somebody("wire")
    wire = await stranger.page.context.new_cdp_session(stranger.page)
    sizes: list[float] = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    await wire.send("Network.enable")
    await stranger.open()
    await stranger.page.wait_for_load_state("networkidle")
    assert len(sizes) >= 5, "the page, its style sheets and its scripts"
    assert sum(sizes) <= FIRST_PAGE_BYTES, sizes
    assert stranger.complaints == []


async def test_two_quick_presses_are_one_payment_and_back_says_paid(town, somebody):
    mother, _bill_id = await at_the_last_button(town, somebody, "twice")
    await mother.page.get_by_role("button", name="确认支付").dblclick()
    await mother.page.get_by_role("button", name="立即支付").wait_for()
    (order,) = await orders(town, somebody.school)
    await families.paid_outside(town, somebody.school, order.number)
    for _ in range(400):  # the channel's notice is on its way
        if (await orders(town, somebody.school))[0].status == "succeeded":
            break
        await asyncio.sleep(0.05)
    await mother.page.go_back()
    await mother.says("已经缴清，不用再付")
    assert await mother.page.get_by_role("button", name="确认支付").count() == 0


async def test_without_a_connection_nothing_is_sent_and_the_page_says_so(town, somebody):
    mother, _bill_id = await at_the_last_button(town, somebody, "offline")
    await mother.page.context.set_offline(True)
    await mother.says("没有网络")
    await mother.press("确认支付")
    await mother.says("什么都没有发出")
    await looking.picture(mother.page, "offline-01-没有网络")
    assert await orders(town, somebody.school) == []
    await mother.page.context.set_offline(False)
    await mother.press("确认支付")
    await mother.page.get_by_role("button", name="立即支付").wait_for()
    assert len(await orders(town, somebody.school)) == 1


@pytest.mark.slow
async def test_a_connection_lost_while_sending_is_tried_again_with_the_same_key(town, somebody):
    mother, _bill_id = await at_the_last_button(town, somebody, "lost")
    tries: list[str] = []

    async def broken(route) -> None:
        """The first answer is lost after it was given; later ones arrive."""
        tries.append(route.request.post_data or "")
        if len(tries) == 1:
            await route.fetch()
            await route.abort("connectionreset")
        else:
            await route.continue_()

    await mother.page.route(re.compile(r"/pay$"), broken)
    await mother.press("确认支付")
    await mother.says("正在自动重试")
    await mother.page.get_by_role("button", name="立即支付").wait_for()
    assert len(tries) == 2
    assert len(set(tries)) == 1, "the same key"
    assert len(await orders(town, somebody.school)) == 1


@pytest.mark.slow
async def test_while_checking_a_lost_connection_is_told_and_the_result_comes_by_itself(town, somebody):
    mother, _bill_id = await at_the_last_button(town, somebody, "checking", agent=families.DESKTOP, width=1440)
    await mother.press("确认支付")
    await mother.says("请用微信扫码支付")
    await mother.page.context.set_offline(True)
    await mother.says("付款结果不受影响")
    await looking.picture(mother.page, "checking-01-断网")
    (order,) = await orders(town, somebody.school)
    await families.paid_outside(town, somebody.school, order.number)
    await mother.page.context.set_offline(False)
    await mother.says("收费单位已收到")


@pytest.mark.slow
async def test_a_slow_page_shows_its_outline_and_where_one_is(town, somebody):
    mother, bill_id = await at_the_last_button(town, somebody, "slow")
    await mother.open()
    held, outlined = asyncio.Event(), asyncio.Event()
    await mother.page.expose_function("outlined", outlined.set)  # the driver itself waits for the next page
    await mother.page.evaluate(_OUTLINED)

    async def slow(route) -> None:
        await held.wait()
        await route.continue_()

    await mother.page.route(re.compile(rf"/bills/{bill_id}"), slow)
    await mother.page.get_by_role("link", name=re.compile("学杂费")).first.click(no_wait_after=True)
    await asyncio.wait_for(outlined.wait(), 20)
    held.set()
    await mother.says("费用明细")
    await mother.page.locator(".h5-skeleton").wait_for(state="hidden")


@pytest.mark.slow
async def test_the_bar_says_what_will_be_paid_as_it_is_chosen(town, somebody):
    mother, _bill_id = await at_the_last_button(town, somebody, "follow")
    bar = mother.page.locator(".h5-bar")
    assert "¥950.00" in await bar.inner_text()
    await mother.page.get_by_label("其他金额").fill("12.3")
    assert "本次支付" in await bar.inner_text()
    assert "¥12.30" in await bar.inner_text()
    await mother.page.get_by_label("其他金额").fill("")
    assert "¥950.00" in await bar.inner_text()


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "scheme"), [("zh", "dark"), ("en", "light")])
async def test_twice_as_large_text_fits_a_small_phone(town, somebody, lang, scheme):
    mother, bill_id = await at_the_last_button(town, somebody, f"large-{lang}", width=320, scheme=scheme)
    plain = ("/history", "/receipts", "/notices", "/bindings", "/privacy", "/refunds", "/login", "/code", "/bind")
    for at, path in enumerate(("", f"/bills/{bill_id}", f"/pay?bill={bill_id}", *plain)):
        await mother.open(f"{path}{'&' if '?' in path else '?'}lang={lang}")
        await looking.judged(mother.page, f"{path} {lang} {scheme}")
        await mother.page.evaluate("document.documentElement.style.fontSize = '200%'")
        await looking.fits(mother.page, 320, f"{path} {lang} 200%")
        await looking.picture(mother.page, f"large-{lang}-{scheme}-{at:02d}")
    assert mother.complaints == []
