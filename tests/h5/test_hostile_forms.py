"""Whatever is typed or sent, a page answers kindly: nothing breaks, nothing is believed."""

import pytest
from sqlalchemy import text

from tests import families

NASTY = ["\x00", "'; DROP TABLE core.bill; --", "<script>", "²", "٣", "😀" * 50, "A" * 5000, "%s%n", "{0}", "../../etc/passwd"]


@pytest.fixture
async def parent(school, browser, sms):
    phone = browser()
    await families.bind(phone, sms, school, school.children[0])
    return phone


@pytest.mark.parametrize("typed", NASTY)
async def test_a_nasty_text_in_any_field_is_refused_and_never_breaks_a_page(platform, school, parent, typed):
    bill_id = await families.bill(platform, school, school.children[0])
    forms = {
        "/bind": {"name": typed, "number": typed, "id_tail": typed[:4]},
        "/login": {"phone": typed},
        "/login/code": {"code": typed},
        "/code": {"code": typed},
        f"/bills/{bill_id}/choose": {"version": typed, "line": typed},
        f"/bills/{bill_id}/credit": {"idempotency_key": typed},
        "/pay": {"bill": typed, "way": typed, "choice": typed, "amount": typed, "idempotency_key": typed},
    }
    for path, fields in forms.items():
        await parent.get(f"{school.home}/privacy")
        page = await parent.post(f"{school.home}{path}", fields)
        assert page.status_code < 500, path
        assert "<script>" not in page.text.replace("<script>alert", "")
    async with platform.database.tenant(school.id) as session:
        assert await session.scalar(text("SELECT count(*) FROM core.payment_order")) == 0


@pytest.mark.parametrize(
    "path", ["orders/%00", "orders/'", "bills/x", "receipts/x", "bind/x", "pay?bill=%00", "code?code=%00", "wechat?state=%00&code=x"]
)
async def test_a_nasty_address_is_no_page(school, parent, path):
    assert (await parent.get(f"{school.home}/{path}")).status_code in (200, 404)


async def test_a_client_that_is_unknown_has_no_pages(browser):
    for path in ("/h5/nobody", "/h5/nobody/bind", "/verify/nobody/R202600000001"):
        assert (await browser().get(path)).status_code == 404
