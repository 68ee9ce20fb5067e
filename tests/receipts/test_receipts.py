"""Receipts: one per payment and bill, numbers without a gap, and a public page that tells genuine from forged."""

import asyncio

import pytest
from sqlalchemy import text

from core.receipts import service
from tests import families
from tests.receipts.shop import pay, rows


async def test_a_basket_makes_one_receipt_for_each_bill(platform, shop, settle):
    bills = [await families.bill(platform, shop, child) for child in shop.children]
    number = await pay(platform, shop, [(bill, 95_000) for bill in bills])
    await settle(shop)
    made = await rows(platform, shop)
    assert [(r.status, r.amount_fen, r.seq) for r in made] == [("issued", 95_000, 1), ("issued", 95_000, 2)]
    content = made[0].content
    assert (content["client"], content["payment_number"]) == (shop.client.name, number)
    assert content["lines"] == [["TUITION", 95_000]]


async def test_the_event_twice_is_one_receipt(platform, shop, settle):
    bill = await families.bill(platform, shop, shop.children[0])
    await pay(platform, shop, [(bill, 95_000)])
    await settle(shop)
    (made,) = await rows(platform, shop)
    async with platform.database.tenant(shop.id) as session:
        await service.prepare(session, made.payment_id, [bill])
    await settle(shop)
    assert len(await rows(platform, shop)) == 1


async def test_numbers_have_no_gap_when_many_jobs_number_at_once(platform, shop):
    for _ in range(12):
        bill = await families.bill(platform, shop, shop.children[0])
        await pay(platform, shop, [(bill, 95_000)])
    async with platform.database.tenant(shop.id) as session:
        paid = await session.all(text("SELECT payment_id, array_agg(DISTINCT bill_id) AS bills FROM core.allocation GROUP BY payment_id"))
        for row in paid:
            await service.prepare(session, row.payment_id, row.bills)

    async def issue_some() -> int:
        async with platform.database.tenant(shop.id) as session:
            return await service.issue_waiting(session, shop.client, 5)

    assert sum(await asyncio.gather(*(issue_some() for _ in range(4)))) == 12
    made = await rows(platform, shop)
    assert [r.seq for r in made] == list(range(1, 13))
    assert [r.number[-8:] for r in made] == [f"{n:08d}" for n in range(1, 13)]


async def test_each_client_counts_for_itself(platform, client, roster, shop, settle):
    await pay(platform, shop, [(await families.bill(platform, shop, shop.children[0]), 95_000)])
    await settle(shop)
    elsewhere = await families.found(platform, roster, await client(plugins=()))
    await pay(platform, elsewhere, [(await families.bill(platform, elsewhere, elsewhere.children[0]), 95_000)])
    await settle(elsewhere)
    assert [r.seq for r in await rows(platform, elsewhere)] == [1]


async def test_anybody_with_the_receipt_can_check_it(platform, shop, settle, web):
    await pay(platform, shop, [(await families.bill(platform, shop, shop.children[0]), 95_000)])
    await settle(shop)
    (made,) = await rows(platform, shop)
    page = await web.get(f"/verify/{shop.client.code}/{made.number}", params={"code": made.verify_code})
    assert page.status_code == 200
    for told in ("这张收据是真的", made.number, "¥950.00", "玖佰伍拾元整", "张**"):
        assert told in page.text
    assert shop.children[0].name not in page.text


@pytest.mark.parametrize(
    ("number", "code"),
    [("{number}", "wrong"), ("{number}", ""), ("R209900000001", "{code}"), ("x", "{code}"), ("R%D9%A1", "{code}"), ("<b>", "é")],
)
async def test_a_forged_receipt_is_not_found_and_shows_nothing(platform, shop, settle, web, number, code):
    await pay(platform, shop, [(await families.bill(platform, shop, shop.children[0]), 95_000)])
    await settle(shop)
    (made,) = await rows(platform, shop)
    facts = {"number": made.number, "code": made.verify_code}
    page = await web.get(f"/verify/{shop.client.code}/{number.format(**facts)}", params={"code": code.format(**facts)})
    assert page.status_code == 404
    assert "¥950.00" not in page.text
    assert "<b>" not in page.text


async def test_a_receipt_of_another_client_is_not_found_here(platform, client, roster, shop, settle, web):
    await pay(platform, shop, [(await families.bill(platform, shop, shop.children[0]), 95_000)])
    await settle(shop)
    (made,) = await rows(platform, shop)
    elsewhere = await client(plugins=())
    page = await web.get(f"/verify/{elsewhere.code}/{made.number}", params={"code": made.verify_code})
    assert page.status_code == 404
