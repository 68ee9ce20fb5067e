"""A robot with a real Chromium at the merchant sites: three layouts, and what goes wrong there."""

import pytest

from plugins.medical.robots import site
from tests.medical.robots.pharmacy import DAY

pytestmark = pytest.mark.browser


async def at(pharmacy, platform: str, **switches):
    shop = await pharmacy.shop(platform)
    await pharmacy.fill(shop)
    if switches:
        await pharmacy.switch(shop, **switches)
    robot_id = await pharmacy.robot("site", shop, platform)
    await pharmacy.authorise(robot_id)
    await pharmacy.beat()
    return shop, await pharmacy.run(robot_id)


@pytest.mark.slow
async def test_it_logs_in_and_brings_the_day_from_all_three_sites(pharmacy):
    for platform in ("meituan", "eleme", "pdd"):
        shop, run = await at(pharmacy, platform)
        assert (run.status, run.lines, run.error) == ("uploaded", 12, None), platform
        assert (await pharmacy.artefacts(run.id))["statement"] == await pharmacy.file(shop, DAY) or platform == "eleme"


@pytest.mark.slow
async def test_what_goes_wrong_has_a_name_and_a_picture_without_secrets(pharmacy, monkeypatch):
    monkeypatch.setattr(site, "WAIT_MS", 4_000)
    for platform, switches, status, error in (
        ("meituan", {"locked_out": True}, "login_failed", "wrong_password"),
        ("eleme", {"captcha": True}, "captcha_required", "captcha"),
        ("pdd", {"no_data": True}, "no_data", "no_bills"),
        ("meituan", {"page_changed": True}, "format_changed", "page_changed"),
        ("eleme", {"html_file": True}, "format_changed", "page_instead_of_file"),
        ("pdd", {"revoked_mid_run": True}, "login_failed", "session_ended"),
        ("meituan", {"elsewhere": "http://169.254.169.254/latest/meta-data"}, "refused", "led_elsewhere"),
    ):  # fmt: skip
        shop, run = await at(pharmacy, platform, **switches)
        assert (run.status, run.error) == (status, error), switches
        kept = await pharmacy.artefacts(run.id)
        assert ("page" in kept) is (error not in ("page_instead_of_file", "led_elsewhere"))
        assert all(shop["password"].encode() not in content for content in kept.values())


async def test_without_a_chromium_it_says_what_to_do(pharmacy, monkeypatch):
    monkeypatch.setattr(site, "find_chromium", lambda _own: None)
    _, run = await at(pharmacy, "meituan")
    assert (run.status, run.error) == ("unreachable", "no_browser")
