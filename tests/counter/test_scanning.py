"""Pay codes at the window, against the sandbox's Alipay: one code is one payment, unknown is under way, the drawer is not touched."""

import asyncio
import datetime as dt
import re

import httpx
import msgspec
import pytest
from sqlalchemy import insert, text, update

from core import clock, ids
from core.billing import service as billing
from core.counter import scanning, service, shifts
from core.counter import window as desk
from core.counter.errors import NotAPayCode, PayCodeNotOffered, PayCodesNotOpened, PayCodeUsed, ScanNotFound
from core.payments import ladder
from core.payments.accounts import service as accounts
from core.payments.channels.alipay import Alipay
from core.payments.channels.errors import ChannelRefused, ChannelUnknown, OrderNotAtChannel
from core.payments.channels.protocol import OrderRef
from core.payments.models import channel_account, order
from core.payments.schemas import PayItem
from tests import trade
from tests.counter.conftest import person
from tests.payer_fixtures import connected, outside_world

__all__ = ["connected", "outside_world"]
COUNTER, SCANS = "/console/counter", "/api/v1/counter/scans"


@pytest.fixture
async def wallet(outside_world):
    async with httpx.AsyncClient(base_url=outside_world, trust_env=False, timeout=30) as outside:
        yield outside


@pytest.fixture(scope="module")
async def seller(outside_world):
    async with httpx.AsyncClient(base_url=outside_world, trust_env=False, timeout=60) as outside:
        return (await outside.post("/sandbox/api/alipay/merchants", json={"name": "学校"})).json()


@pytest.fixture
async def window(platform, shop, connected, seller, cashier):
    """The school collects at Alipay, the cashier's shift is open with 200.00, two bills of 950.00."""
    async with platform.database.tenant(shop.tenant_id) as session:
        keys = await platform.vault.keys(session)
        row = {
            "id": ids.uuid7(), "channel": "alipay", "mchid": seller["mchid"], "appid": seller["appid"], "base_url": seller["base_url"],
            "credentials_sealed": keys.seal(msgspec.json.encode(seller["credentials"])),
        }  # fmt: skip
        await session.execute(insert(channel_account), row)
        await shifts.open_shift(session, cashier, "一号窗口", 20_000)
    bills = await trade.bills(platform, shop)
    client = await platform.directory.profile(shop.tenant_id)
    return Window(platform, client, cashier, [PayItem(bill, 95_000) for bill in bills])


class Window:
    def __init__(self, platform, client, cashier, items):
        self.platform, self.client, self.cashier, self.items = platform, client, cashier, items

    def tenant(self):
        return self.platform.database.tenant(self.client.id)

    async def scan(self, code: str, items=None, by=None):
        return await scanning.scan(self.platform, self.client, by or self.cashier, items or self.items[:1], code, "192.0.2.1")

    async def check(self, number: str):
        return await scanning.check(self.platform, self.client, self.cashier, number)

    async def payments(self):
        async with self.tenant() as session:
            return await session.all(text("SELECT * FROM core.payment ORDER BY booked_at"))

    async def paid_fen(self, n: int = 0) -> int:
        async with self.tenant() as session:
            return (await billing.find_bill(session, self.items[n].bill_id)).paid_fen

    async def sound(self) -> bool:
        return await trade.faults(self.platform, self.client.id) == {}


async def code_of(wallet, user: str = "chen", asks: bool = False) -> str:
    return (await wallet.post("/sandbox/api/alipay/pay-codes", params={"user": user, "asks": asks})).json()["auth_code"]


async def test_a_scan_pays_several_bills_at_once_and_the_drawer_holds_what_it_held(window, wallet, settle):
    found = await window.scan(await code_of(wallet), window.items)
    assert (found.status, found.amount_fen, found.channel) == ("succeeded", 190_000, "alipay")
    assert [await window.paid_fen(n) for n in (0, 1)] == [95_000, 95_000]
    await settle(window.client)
    async with window.tenant() as session:
        held = await shifts.working(session, window.cashier)
        assert await shifts.expected(session, held) == 20_000, "not the drawer's money"
        shift = await shifts.find(session, held.id, window.cashier)
        [entry] = await shifts.entries(session, held.id)
        receipts = await session.all(text("SELECT number FROM core.receipt WHERE number IS NOT NULL"))
    assert shift.by_kind == {"barcode": (1, 190_000)}
    assert (entry.kind, entry.amount_fen, entry.order_number) == ("barcode", 190_000, found.number)
    assert receipts, "a receipt as everywhere"
    assert await window.sound()


async def test_whoever_is_asked_for_a_password_is_waited_for(window, wallet, seller):
    found = await window.scan(await code_of(wallet, asks=True))
    assert (found.status, found.payment_id, await window.paid_fen()) == ("pending", None, 0)
    assert (await window.check(found.number)).status == "pending"
    assert (await wallet.post(f"/sandbox/api/alipay/orders/{seller['mchid']}/{found.number}/pay")).status_code == 200
    paid = await window.check(found.number)
    assert (paid.status, paid.payment_id is not None, await window.paid_fen()) == ("succeeded", True, 95_000)


@pytest.mark.parametrize("asks", [False, True])
async def test_a_scanner_that_fires_five_times_makes_one_payment(window, wallet, seller, asks):
    code = await code_of(wallet, asks=asks)
    found = await asyncio.gather(*(window.scan(code) for _ in range(5)), return_exceptions=True)
    numbers = {scan.number for scan in found if not isinstance(scan, Exception)}
    assert len(numbers) == 1, found
    if asks:
        await wallet.post(f"/sandbox/api/alipay/orders/{seller['mchid']}/{numbers.pop()}/pay")
    again = await window.scan(code)
    assert (again.status, len(await window.payments()), await window.paid_fen()) == ("succeeded", 1, 95_000)
    assert await window.sound()


async def test_a_code_that_paid_one_bill_pays_no_other(window, wallet):
    code = await code_of(wallet)
    await window.scan(code)
    with pytest.raises(PayCodeUsed):
        await window.scan(code, window.items[1:])
    assert (len(await window.payments()), await window.paid_fen(1)) == (1, 0)


async def test_a_refusal_is_told_in_the_channels_words_and_another_code_may_pay(window, wallet):
    with pytest.raises(ChannelRefused) as refused:
        await window.scan(await code_of(wallet, user="wu"))
    assert scanning.words_of(refused.value) == "买家余额不足"
    async with window.tenant() as session:
        [failed] = await scanning.list_scans(session, window.cashier)
    assert failed.status == "failed"
    assert "买家余额不足" in failed.said
    assert (await window.scan(await code_of(wallet))).status == "succeeded"
    assert (len(await window.payments()), await window.paid_fen()) == (1, 95_000)


@pytest.mark.parametrize(("typed", "error"), [("134567890123456789", PayCodeNotOffered), ("ABC", NotAPayCode), ("", NotAPayCode), ("2812", NotAPayCode)])
async def test_other_codes_are_told_apart_kindly(window, typed, error):
    with pytest.raises(error) as refused:
        await window.scan(typed)
    assert "支付宝" in refused.value.message
    async with window.tenant() as session:
        assert await session.scalar(text("SELECT count(*) FROM core.payment_order")) == 0


async def test_without_a_channel_that_takes_codes_there_is_no_scanning(window, wallet):
    async with window.tenant() as session:
        await session.execute(update(channel_account).where(channel_account.c.channel == "alipay").values(status="suspended"))
    with pytest.raises(PayCodesNotOpened):
        await window.scan(await code_of(wallet))


async def test_no_answer_is_under_way_and_the_ladder_finds_the_money(window, wallet, monkeypatch):
    asked = Alipay.create

    async def lost(self, account, order):
        await asked(self, account, order)
        raise ChannelUnknown(reason="ReadTimeout")

    async def silent(self, account, order):
        raise ChannelUnknown(reason="ReadTimeout")

    with monkeypatch.context() as broken:
        broken.setattr(Alipay, "create", lost)
        broken.setattr(Alipay, "query", silent)
        found = await window.scan(await code_of(wallet))
    assert (found.status, found.under_way, await window.paid_fen()) == ("created", True, 0)
    async with window.tenant() as session:
        await session.execute(update(order).values(next_query_at=clock.now()))
    await ladder.query_due(window.platform, window.client.id)
    assert ((await window.check(found.number)).status, await window.paid_fen()) == ("succeeded", 95_000)


async def test_nobody_confirms_and_the_order_ends_at_the_channel_before_it_ends_here(window, wallet, seller):
    found = await window.scan(await code_of(wallet, asks=True))
    assert found.expires_at - found.created_at <= dt.timedelta(seconds=95), "a window waits a minute and a half, no quarter of an hour"
    async with window.tenant() as session:
        await session.execute(update(order).values(next_query_at=clock.now(), expires_at=clock.now()))
    await ladder.query_due(window.platform, window.client.id)
    assert (await window.check(found.number)).status == "closed"
    late = await wallet.post(f"/sandbox/api/alipay/orders/{seller['mchid']}/{found.number}/pay")
    assert late.status_code == 409, "the payer cannot pay any more"
    assert (await window.scan(await code_of(wallet))).status == "succeeded"


async def test_a_cancelled_scan_is_closed_and_a_paid_one_stays_paid(window, wallet, seller):
    waiting = await window.scan(await code_of(wallet, asks=True))
    ended = await scanning.cancel(window.platform, window.client, window.cashier, waiting.number)
    assert (ended.status, await window.paid_fen()) == ("closed", 0)
    paid = await window.scan(await code_of(wallet))
    assert (await scanning.cancel(window.platform, window.client, window.cashier, paid.number)).status == "succeeded"


async def test_a_code_on_its_way_to_alipay_is_cancelled_with_the_order(window, wallet, seller, monkeypatch):
    """The charge never arrived: it is revoked there, so that it takes no money when it does."""
    way = window.platform.channels["alipay"]
    cancelled = []
    before = Alipay.cancel
    monkeypatch.setattr(Alipay, "cancel", lambda self, account, order: cancelled.append(order.number) or before(self, account, order))
    async with window.tenant() as session:
        _, account = await accounts.collecting(session, window.platform.vault, "alipay")
    now = clock.now()
    ref = OrderRef(number=f"P{ids.token()[:12].replace('-', 'x').replace('_', 'x')}", amount_fen=1, scene="barcode", placed_at=now, expires_at=now)
    with pytest.raises(OrderNotAtChannel):
        await way.close(account, ref)
    assert cancelled == [ref.number]


async def test_cash_at_the_window_ends_what_a_scan_began(window, wallet, platform, shop):
    waiting = await window.scan(await code_of(wallet, asks=True))
    await desk.clear_way(platform, window.client, window.items[:1])
    async with window.tenant() as session:
        await service.take_cash(session, platform.vault, window.cashier, window.items[:1], 95_000, "cash-1")
    assert (await window.check(waiting.number)).status == "closed"
    assert (await window.paid_fen(), await window.sound()) == (95_000, True)


async def test_a_scan_is_its_cashiers_and_the_treasurers(window, wallet, shop, keeper):
    found = await window.scan(await code_of(wallet))
    other = person(shop.tenant_id, "收费员丙", "counter.shift.run")
    assert (await scanning.find(window.platform, window.client, keeper, found.number)).number == found.number
    with pytest.raises(ScanNotFound):
        await scanning.find(window.platform, window.client, other, found.number)


async def test_the_api_asks_for_a_key_and_answers_the_same_request_with_what_is_known_by_then(window, wallet, staff, seller):
    cashier = await staff(window.client, "counter.shift.run")
    await cashier.post("/api/v1/counter/shifts", json={"window": "二号窗口"}, headers={"idempotency-key": ids.token()})
    items = [{"bill_id": str(window.items[0].bill_id), "amount_fen": 95_000}]
    asked = {"items": items, "auth_code": await code_of(wallet, asks=True)}
    assert (await cashier.post(SCANS, json=asked)).json()["code"] == "IDEMPOTENCY_KEY_MISSING"
    once = {"idempotency-key": ids.token()}
    first = await cashier.post(SCANS, json=asked, headers=once)
    assert (first.status_code, first.json()["status"]) == (201, "pending")
    assert (await cashier.post(SCANS, json=asked | {"auth_code": "2812345678901234"}, headers=once)).status_code == 409
    await wallet.post(f"/sandbox/api/alipay/orders/{seller['mchid']}/{first.json()['number']}/pay")
    again = await cashier.post(SCANS, json=asked, headers=once)
    assert (again.status_code, again.json()["status"], again.json()["number"]) == (201, "succeeded", first.json()["number"])
    assert [scan["number"] for scan in (await cashier.get(SCANS)).json()] == [first.json()["number"]]
    assert (await cashier.get(f"{SCANS}/{first.json()['number']}")).json()["payment_id"]
    assert (await cashier.get(f"{SCANS}/P0")).status_code == 404
    assert asked["auth_code"] not in repr(scanning.ScanRead), "codes are kept nowhere"
    async with window.tenant() as session:
        kept = await session.scalar(text("SELECT string_agg(k::text, ' ') FROM core.counter_scan k"))
    assert asked["auth_code"] not in kept


async def test_the_page_takes_the_code_from_one_field_and_shows_how_it_ended(window, wallet, staff, platform, seller):
    cashier = await staff(window.client, "counter.shift.run", "payments.payment.read")
    await cashier.post(COUNTER + "/open", data={"window": "三号窗口"})
    async with window.tenant() as session:
        number = (await billing.find_bill(session, window.items[0].bill_id)).number
    bill = str(window.items[0].bill_id)
    assert "扫付款码" in (await cashier.get(f"{COUNTER}?q={number}")).text
    to_scan = await cashier.post(COUNTER + "/take", data={"q": number, "bill": bill, "kind": "cash", "to": "scan"})
    page = (await cashier.get(to_scan.headers["location"])).text
    assert re.search(r'name="auth_code"[^>]* autofocus', page)
    assert ("收 950.00 元" in page, "微信付款码暂时不能在窗口扫" in page) == (True, True)
    own = page.split('action="/console/counter/scan"', 1)[1]
    form = {name: re.search(rf'name="{name}" value="([^"]*)"', own).group(1) for name in ("q", "bill", "item", "amount")}
    refused = await cashier.post(COUNTER + "/scan", data=form | {"auth_code": await code_of(wallet, user="wu")})
    assert (refused.status_code, "买家余额不足" in refused.text, 'name="auth_code"' in refused.text) == (422, True, True)
    code = await code_of(wallet, asks=True)
    waiting = await cashier.post(COUNTER + "/scan", data=form | {"auth_code": code + "\n"})
    here = waiting.headers["location"]
    shown = (await cashier.get(here)).text
    assert ("请付款人在手机上确认" in shown, 'hx-trigger="every 2s"' in shown) == (True, True)
    assert "有一次扫码收款还没有结果" in (await cashier.get(COUNTER)).text
    await wallet.post(f"/sandbox/api/alipay/orders/{seller['mchid']}/{here.rpartition('/')[2]}/pay")
    shown = (await cashier.get(here)).text
    assert ("已收 950.00 元" in shown, "every 2s" in shown, "/console/payments/" in shown) == (True, False, True)
    again = await cashier.post(COUNTER + "/scan", data=form | {"auth_code": code})
    assert again.headers["location"] == here, "the same code read once more leads to the same payment"
    assert len(await window.payments()) == 1


async def test_routes_refuse_who_has_no_shift_or_no_right(window, wallet, staff):
    clerk, cashier = await staff(window.client, "billing.bill.read"), await staff(window.client, "counter.shift.run")
    items = [{"bill_id": str(window.items[0].bill_id), "amount_fen": 95_000}]
    asked = {"items": items, "auth_code": await code_of(wallet)}
    assert (await clerk.post(SCANS, json=asked)).status_code == 403
    assert (await clerk.get(SCANS)).status_code == 403
    refused = await cashier.post(SCANS, json=asked, headers={"idempotency-key": ids.token()})
    assert (refused.status_code, refused.json()["code"]) == (409, "NO_OPEN_SHIFT")
    assert (await cashier.get(COUNTER + "/scan")).status_code == 303
    assert (await window.payments()) == []
