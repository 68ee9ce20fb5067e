"""The cashier and the desk of payment channels speak Chinese first and English by their catalogues."""

from pathlib import Path

import pytest

import core
from core.web import extraction

ROOT = Path(core.__file__).parent


@pytest.mark.parametrize("feature", ["cashier", "payments"])
def test_every_sentence_has_an_english_one(app, feature):
    assert extraction.missing([ROOT / feature]) == {}
    assert extraction.bare_chinese([ROOT / feature]) == []


@pytest.mark.parametrize("path", ["/console/channels", "/console/channels/routes", "/console/channels/codes"])
async def test_the_desk_is_read_in_english_by_a_switch(house, staff, path):
    await house.route(await house.good(), limit_fen=100_000)
    desk = await staff(house.school, "payments.channel.read", "payments.channel.manage")
    page = (await desk.get(f"{path}?lang=en")).text
    assert "Merchant numbers" in page
    assert not [word for word in ("收款账号", "收款规则", "固定收款码") if word in page]


async def test_the_pay_page_is_read_in_english_by_a_switch(house, browser):
    from tests import families

    await house.good()
    bill_id, phone = await house.bill(), browser(agent=families.DESKTOP)
    await phone.get(f"{house.school.home}/code")
    await phone.post(f"{house.school.home}/code", {"code": await families.pay_code(house.platform, house.school, bill_id)})
    page = (await phone.get(f"{house.school.home}/pay?bill={bill_id}&lang=en")).text
    assert "Scan with your phone, " in page
    assert "用手机扫码付款" not in page
