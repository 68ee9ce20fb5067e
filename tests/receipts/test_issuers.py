"""Fiscal e-tickets and invoices: issued under our number, once, whatever the platform does; taken back before the money goes."""

import asyncio
import datetime as dt

import msgspec
import pytest
from sqlalchemy import text

from core import clock
from core.identity.actor import system
from core.receipts import demo, service, setup
from core.receipts import issuing as ladder
from tests.architecture.source import ROOT
from tests.receipts import issuing
from tests.receipts.shop import paid, rows, told


async def flush(platform, shop, held, fen: int, key: str = "RF1"):
    async with platform.database.tenant(shop.id) as session:
        return await service.red_flush(session, held.payment_id, held.bill_id, fen, "退费", system(shop.id), key)


async def state(platform, shop, key: str = "RF1") -> str:
    async with platform.database.tenant(shop.id) as session:
        return await service.flush_state(session, key)


async def later(platform, shop) -> None:
    """The next rung of the ladder, without waiting for it."""
    async with platform.database.tenant(shop.id) as session:
        await session.execute(text("UPDATE core.receipt SET next_query_at = now() WHERE next_query_at IS NOT NULL"))
    await ladder.ask_due(platform, shop.id)


async def test_a_fiscal_ticket_carries_what_the_platform_gave_it(platform, shop, fiscal, outside, settle):
    await paid(platform, shop, settle)
    (made,) = await rows(platform, shop)
    assert (made.ticket, made.status, made.seq) == ("fiscal", "issued", 1)
    kept = await outside.ticket(fiscal, made.number)
    assert (made.facts["code"], made.facts["number"], made.facts["check_code"]) == (kept["billBatchCode"], kept["billNo"], kept["random"])
    assert (made.facts["title"], made.facts["drawer"]) == ("非税收入统一票据（电子）", "王会计")
    assert len(made.facts["seals"]) == 2
    assert kept["totalAmt"] == "950.00"
    assert kept["asked"]["chargeDetail"] == [
        {"sortNo": 1, "chargeCode": "TUITION", "chargeName": "TUITION", "number": "1", "std": "1000.00", "amt": "950.00"}
    ]


async def test_a_bill_with_two_kinds_of_ticket_gets_one_of_each(platform, shop, fiscal, outside, settle):
    unit = await outside.register("einvoice")
    await issuing.opened(platform, shop, unit, ["MEAL"], tax_rates={"MEAL": "6"})
    await paid(platform, shop, settle, meals=True)
    made = {r.ticket: r for r in await rows(platform, shop)}
    assert {ticket: (r.amount_fen, r.status) for ticket, r in made.items()} == {"fiscal": (95_000, "issued"), "einvoice": (30_000, "issued")}
    assert made["einvoice"].facts["tax_fen"] == 1_698
    assert len(made["einvoice"].facts["number"]) == 20
    assert (await outside.ticket(unit, made["einvoice"].number))["asked"]["sellerTaxId"] == unit["unit_code"]


async def test_a_fee_items_own_kind_decides_where_no_issuer_names_it(platform, shop, outside, settle, connected):
    unit = await outside.register("fiscal")
    await issuing.opened(platform, shop, unit, [])
    async with platform.database.tenant(shop.id) as session:
        await session.execute(
            text("""INSERT INTO core.fee_item (id, plugin, code, name, category, period, mandatory, merchant_id, ticket_type)
                    VALUES (gen_random_uuid(), 'test', 'TUITION', '学费', '费', 'term', true, :merchant, 'fiscal')"""),
            {"merchant": shop.trade.merchants["TUITION"]},
        )
    await paid(platform, shop, settle)
    assert [r.ticket for r in await rows(platform, shop)] == ["fiscal"]


@pytest.mark.parametrize("fault", ["api_error", "api_tamper"])
async def test_an_answer_that_cannot_be_believed_leaves_the_ticket_pending_and_the_ladder_decides(
    platform, shop, fiscal, outside, settle, fault
):
    await outside.misbehave(fiscal, {"kind": fault, "remaining": 1})
    await paid(platform, shop, settle)
    (made,) = await rows(platform, shop)
    assert made.status == "issuing"
    assert made.next_query_at > clock.now()
    assert made.last_error
    await later(platform, shop)
    (made,) = await rows(platform, shop)
    assert (made.status, made.last_error) == ("issued", None)
    assert made.facts["number"] == (await outside.ticket(fiscal, made.number))["billNo"]


async def test_a_time_out_that_was_carried_out_is_one_ticket(platform, shop, fiscal, outside, settle, monkeypatch):
    await outside.misbehave(fiscal, {"kind": "api_timeout", "seconds": 1, "remaining": 1})
    monkeypatch.setattr(platform.http, "timeout", 0.3)
    await paid(platform, shop, settle)
    (made,) = await rows(platform, shop)
    assert made.status == "issuing"
    assert (await outside.ticket(fiscal, made.number))["state"] == "issued"
    await later(platform, shop)
    (made,) = await rows(platform, shop)
    assert made.facts["number"] == (await outside.ticket(fiscal, made.number))["billNo"]


async def test_a_platform_that_takes_its_time_is_asked_again(platform, shop, fiscal, outside, settle):
    await outside.http.put(f"/sandbox/api/fiscal/units/{fiscal['app_id']}", json={"slow_seconds": 3600})
    await paid(platform, shop, settle)
    (made,) = await rows(platform, shop)
    for _ in range(5):
        if made.status == "issued":
            break
        assert made.status == "issuing"
        await later(platform, shop)
        (made,) = await rows(platform, shop)
    assert made.status == "issued"


async def test_a_refusal_waits_for_people_and_can_be_sent_again(platform, shop, fiscal, outside, settle):
    await outside.http.put(f"/sandbox/api/fiscal/units/{fiscal['app_id']}", json={"items": ["BOOKS"]})
    await paid(platform, shop, settle)
    (made,) = await rows(platform, shop)
    assert (made.status, made.next_query_at, made.last_error) == ("issuing", None, "收费项目 TUITION 未备案")
    await outside.http.put(f"/sandbox/api/fiscal/units/{fiscal['app_id']}", json={"items": ["TUITION"]})
    async with platform.database.tenant(shop.id) as session:
        assert await ladder.retry(session, made.id, system(shop.id))
        assert not await ladder.retry(session, made.id, system(shop.id))
    await settle(shop)
    (made,) = await rows(platform, shop)
    assert made.status == "issued"


async def test_a_refund_waits_until_the_ticket_is_taken_back_at_the_platform(platform, shop, fiscal, outside, settle):
    held = await paid(platform, shop, settle)
    assert (await flush(platform, shop, held, 20_000)).state == "under_way"
    assert await state(platform, shop) == "under_way"
    await settle(shop)
    assert await state(platform, shop) == "done"
    old, red, new = await rows(platform, shop)
    assert told([old, red, new]) == [("blue", 1, 95_000, "red_flushed"), ("red", 1, -95_000, "issued"), ("blue", 2, 75_000, "issued")]
    assert (await outside.ticket(fiscal, old.number))["flushed_by"] == red.number
    assert (await outside.ticket(fiscal, new.number))["totalAmt"] == "750.00"
    assert red.facts["number"] != old.facts["number"]


async def test_while_the_platform_is_away_the_ticket_counts_as_being_taken_back(platform, shop, fiscal, outside, settle, web):
    held = await paid(platform, shop, settle)
    await outside.misbehave(fiscal, {"kind": "api_error"})
    await flush(platform, shop, held, 95_000)
    await settle(shop)
    old = (await rows(platform, shop))[0]
    assert (old.status, await state(platform, shop)) == ("issued", "under_way")
    async with platform.database.tenant(shop.id) as session:
        assert not any(r.stands for r in await service.receipts_of(session, [held.bill_id]))
    page = (await web.get(f"/verify/{shop.client.code}/{old.number}", params={"code": old.verify_code})).text
    assert "正在红冲" in page
    assert "这张收据是真的" not in page
    await outside.misbehave(fiscal)
    await later(platform, shop)
    assert await state(platform, shop) == "done"


async def test_a_ticket_that_was_refused_is_voided_not_flushed(platform, shop, fiscal, outside, settle):
    await outside.http.put(f"/sandbox/api/fiscal/units/{fiscal['app_id']}", json={"items": ["BOOKS"]})
    held = await paid(platform, shop, settle)
    assert (await flush(platform, shop, held, 95_000)).state == "done"
    await settle(shop)
    assert told(await rows(platform, shop)) == [("blue", 1, 95_000, "voided")]


async def test_a_ticket_refused_after_its_red_flush_was_asked_for_takes_the_red_one_with_it(platform, shop, fiscal, outside, settle):
    await outside.misbehave(fiscal, {"kind": "api_error", "remaining": 1})
    held = await paid(platform, shop, settle)
    await outside.http.put(f"/sandbox/api/fiscal/units/{fiscal['app_id']}", json={"items": ["BOOKS"]})
    assert (await flush(platform, shop, held, 95_000)).state == "under_way"
    await settle(shop)
    await later(platform, shop)
    assert told(await rows(platform, shop)) == [("blue", 1, 95_000, "voided"), ("red", 1, -95_000, "voided")]
    assert await state(platform, shop) == "done"


async def test_two_workers_at_once_have_a_ticket_issued_once(platform, shop, fiscal, outside, settle):
    held = await paid(platform, shop, settle)
    await flush(platform, shop, held, 20_000)
    await asyncio.gather(*(settle(shop) for _ in range(3)))
    assert told(await rows(platform, shop))[1:] == [("red", 1, -95_000, "issued"), ("blue", 2, 75_000, "issued")]


async def test_without_an_issuer_everything_is_our_own_receipt(platform, shop, fiscal, settle):
    async with platform.database.tenant(shop.id) as session:
        await session.execute(text("UPDATE core.receipt_issuer SET status = 'suspended'"))
    await paid(platform, shop, settle)
    assert [(r.ticket, r.status) for r in await rows(platform, shop)] == [("receipt", "issued")]


async def test_a_suspended_issuer_keeps_what_waits(platform, shop, fiscal, outside, settle):
    await outside.misbehave(fiscal, {"kind": "api_error", "remaining": 1})
    await paid(platform, shop, settle)
    async with platform.database.tenant(shop.id) as session:
        await session.execute(text("UPDATE core.receipt_issuer SET status = 'suspended'"))
    await later(platform, shop)
    (made,) = await rows(platform, shop)
    assert (made.status, made.last_error) == ("issuing", ladder.NOT_OPENED)
    assert made.next_query_at <= clock.now() + dt.timedelta(hours=1)


async def test_a_demonstration_registers_its_issuers_once(connected, shop, settle):
    folder = ROOT / "tenants" / "banyan-school" / "demo"
    for _ in range(2):
        await demo.connect(connected, shop.client, folder)
    async with connected.database.tenant(shop.id) as session:
        known = {issuer.ticket: issuer for issuer in await setup.list_issuers(session)}
    assert {ticket: (issuer.items, issuer.version, issuer.status) for ticket, issuer in known.items()} == {
        "fiscal": (["DORM"], 1, "active"),
        "einvoice": (["UNIFORM"], 1, "active"),
    }


async def test_a_demonstration_without_its_sandbox_goes_on_with_our_own_receipts(platform, shop, settle, monkeypatch):
    monkeypatch.setattr(platform, "settings", msgspec.structs.replace(platform.settings, sandbox_url="http://127.0.0.1:9"))
    await demo.connect(platform, shop.client, ROOT / "tenants" / "banyan-school" / "demo")
    async with platform.database.tenant(shop.id) as session:
        assert await setup.list_issuers(session) == []
    await paid(platform, shop, settle)
    assert [r.ticket for r in await rows(platform, shop)] == ["receipt"]
