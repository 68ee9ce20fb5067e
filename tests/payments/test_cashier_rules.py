"""One live order per bill, unknown is pending, and the channel has the last word: against the sandbox over its real wire."""

import asyncio
import contextlib
import datetime as dt
import os
import sys

import httpx
import msgspec
import pytest
from sqlalchemy import text

from core import clock, ids
from core.billing import service as billing
from core.payers.access import Payer
from core.payments import repository, service
from core.payments.errors import (
    AlreadyPaidMeanwhile,
    AmountOverLimit,
    AnotherPaymentUnderWay,
    ChannelNotOpened,
    EmptyCharge,
    KeyReused,
)
from core.payments.schemas import PayItem
from core.supervisor.guarded import free_port
from tests import families, trade


@pytest.fixture
async def cashier(connected, school, outside_world):
    await families.collect_at(connected, school, outside_world)
    return Cashier(connected, school, outside_world)


class Cashier:
    """A school's cashier with the sandbox behind it."""

    def __init__(self, platform, school, sandbox: str) -> None:
        self.platform, self.school, self.sandbox = platform, school, sandbox

    async def bill(self, child: int = 0, **given) -> object:
        return await families.bill(self.platform, self.school, self.school.children[child], **given)

    def payer(self) -> Payer:
        return Payer(session_id=ids.uuid7(), payer_id=None, csrf="", device=b"", openids={}, bill_ids=frozenset())

    async def start(self, bill, amount_fen=95_000, payer=None, key="", scene="h5", channel="wechatpay"):
        return await service.start_payment(
            self.platform, self.school.client, payer or self.payer(), [PayItem(bill, amount_fen)], channel=channel, scene=scene,
            ip="203.0.113.9", idempotency_key=key or ids.token(),
        )  # fmt: skip

    async def mchid(self) -> str:
        async with self.platform.database.tenant(self.school.id) as session:
            return (await repository.get_account(session, self.school.trade.account_id)).mchid

    async def fault(self, number: str, *kinds: str) -> None:
        async with httpx.AsyncClient(base_url=self.sandbox) as outside:
            faults = [{"kind": kind} for kind in kinds]
            answer = await outside.put(f"/sandbox/api/faults/orders/{await self.mchid()}/{number}", json={"faults": faults})
            assert answer.status_code == 200, answer.text

    async def pay(self, number: str) -> None:
        async with httpx.AsyncClient(base_url=self.sandbox) as outside:
            answer = await outside.post(f"/sandbox/api/wechatpay/orders/{await self.mchid()}/{number}/pay")
            assert answer.status_code == 200, answer.text

    async def expire(self, number: str) -> None:
        async with self.platform.database.tenant(self.school.id) as session:
            past = clock.now() - dt.timedelta(seconds=1)
            await session.execute(text("UPDATE core.payment_order SET expires_at = :past WHERE number = :n"), {"past": past, "n": number})

    async def read(self, bill):
        async with self.platform.database.tenant(self.school.id) as session:
            return await billing.find_bill(session, bill)

    async def order(self, number: str):
        async with self.platform.database.tenant(self.school.id) as session:
            return await service.find_order(session, number)

    async def live(self, bill) -> int:
        async with self.platform.database.tenant(self.school.id) as session:
            return len(await repository.list_live_orders(session, [bill]))


async def test_a_double_tap_is_one_order(cashier):
    bill, payer = await cashier.bill(), cashier.payer()
    first, second = await asyncio.gather(*(cashier.start(bill, payer=payer, key="tap") for _ in range(2)))
    assert first.number == second.number
    assert (await cashier.order(first.number)).status == "pending"
    assert await cashier.live(bill) == 1


async def test_the_same_key_for_other_content_is_refused(cashier):
    bill, payer = await cashier.bill(), cashier.payer()
    await cashier.start(bill, 1_000, payer=payer, key="k")
    with pytest.raises(KeyReused):
        await cashier.start(bill, 2_000, payer=payer, key="k")


async def test_going_back_and_paying_again_finds_the_same_order(cashier):
    bill, payer = await cashier.bill(), cashier.payer()
    first = await cashier.start(bill, payer=payer)
    again = await cashier.start(bill, payer=payer)
    assert again.number == first.number


async def test_of_two_guardians_only_one_can_still_pay(cashier):
    bill = await cashier.bill()
    mother = await cashier.start(bill)
    father = await cashier.start(bill)
    assert (await cashier.order(mother.number)).status == "closed"
    assert await cashier.live(bill) == 1
    async with httpx.AsyncClient(base_url=cashier.sandbox) as outside:
        refused = await outside.post(f"/sandbox/api/wechatpay/orders/{await cashier.mchid()}/{mother.number}/pay")
    assert refused.status_code >= 400, "what was closed at the channel cannot be paid there any more"
    assert father.status == "pending"


async def test_two_guardians_at_the_same_moment_leave_one_live_order(cashier):
    bill = await cashier.bill()
    results = await asyncio.gather(*(cashier.start(bill) for _ in range(4)), return_exceptions=True)
    assert all(isinstance(r, AnotherPaymentUnderWay) for r in results if isinstance(r, BaseException)), results
    assert await cashier.live(bill) == 1


async def test_paying_what_the_other_guardian_just_paid_says_so(cashier):
    bill = await cashier.bill()
    mother = await cashier.start(bill)
    await cashier.fault(mother.number, "notice_lose")
    await cashier.pay(mother.number)
    with pytest.raises(AlreadyPaidMeanwhile):
        await cashier.start(bill)
    assert (await cashier.read(bill)).status == "paid"


async def test_a_lost_notification_is_found_by_the_query(cashier):
    bill = await cashier.bill()
    order = await cashier.start(bill)
    await cashier.fault(order.number, "notice_lose")
    await cashier.pay(order.number)
    await service.advance(cashier.platform, cashier.school.client, order.number)
    assert (await cashier.order(order.number)).status == "succeeded"
    assert await trade.faults(cashier.platform, cashier.school.id) == {}


async def test_an_expired_order_is_closed_at_the_channel_before_it_is_closed_here(cashier):
    bill = await cashier.bill()
    order = await cashier.start(bill)
    await cashier.expire(order.number)
    await service.advance(cashier.platform, cashier.school.client, order.number)
    assert (await cashier.order(order.number)).status == "closed"
    async with httpx.AsyncClient(base_url=cashier.sandbox) as outside:
        seen = (await outside.get(f"/sandbox/api/wechatpay/orders/{await cashier.mchid()}/{order.number}")).json()
    assert "CLOSED" in str(seen)


async def test_an_order_paid_in_its_last_second_is_paid_not_closed(cashier):
    bill = await cashier.bill()
    order = await cashier.start(bill)
    await cashier.fault(order.number, "notice_lose")
    await cashier.pay(order.number)
    await cashier.expire(order.number)
    await service.advance(cashier.platform, cashier.school.client, order.number)
    assert (await cashier.order(order.number)).status == "succeeded"


async def test_money_that_came_after_the_close_and_was_told_by_nobody_is_found(cashier):
    bill = await cashier.bill()
    order = await cashier.start(bill)
    await cashier.fault(order.number, "pay_after_close", "notice_lose")
    await service.cancel_order(cashier.platform, cashier.school.client, order.number)
    async with httpx.AsyncClient(base_url=cashier.sandbox) as outside, asyncio.timeout(60):
        address = f"/sandbox/api/wechatpay/orders/{await cashier.mchid()}/{order.number}"
        while "SUCCESS" not in (await outside.get(address)).text:  # noqa: ASYNC110 - the sandbox's own clock
            await asyncio.sleep(0.02)
    await service.advance(cashier.platform, cashier.school.client, order.number)
    assert (await cashier.order(order.number)).status == "succeeded"
    assert await trade.faults(cashier.platform, cashier.school.id) == {}


async def test_a_closed_order_is_asked_for_a_few_times_more_and_then_left_alone(cashier):
    bill = await cashier.bill()
    order = await cashier.start(bill)
    await service.cancel_order(cashier.platform, cashier.school.client, order.number)

    async def next_query_after(passed: dt.timedelta) -> dt.timedelta | None:
        async with cashier.platform.database.tenant(cashier.school.id) as session:
            past = {"at": clock.now() - passed, "number": order.number}
            await session.execute(text("UPDATE core.payment_order SET decided_at = :at WHERE number = :number"), past)
        await service.advance(cashier.platform, cashier.school.client, order.number)
        async with cashier.platform.database.tenant(cashier.school.id) as session:
            row = await repository.find_order(session, order.number)
        return row.next_query_at and row.next_query_at - row.decided_at

    passed = [dt.timedelta(seconds=31), dt.timedelta(minutes=6), dt.timedelta(hours=2), dt.timedelta(days=2)]
    assert [await next_query_after(each) for each in passed] == [dt.timedelta(minutes=5), dt.timedelta(hours=1), dt.timedelta(days=1), None]
    assert (await cashier.order(order.number)).status == "closed"


async def test_a_channel_that_answers_500_leaves_the_order_to_the_queries(cashier):
    bill = await cashier.bill()
    async with httpx.AsyncClient(base_url=cashier.sandbox) as outside:
        await outside.put("/sandbox/api/faults/", json={"faults": [{"kind": "api_error"}]})
        try:
            order = await cashier.start(bill)
        finally:
            await outside.put("/sandbox/api/faults/", json={"faults": []})
    assert order.status == "created", "unknown is not failed"
    await cashier.expire(order.number)
    await service.advance(cashier.platform, cashier.school.client, order.number)
    assert (await cashier.order(order.number)).status == "closed"
    assert (await cashier.start(bill)).status == "pending", "the payer can try again"


async def test_what_cannot_be_charged_is_refused_before_anybody_is_called(cashier):
    bill = await cashier.bill()
    with pytest.raises(EmptyCharge):
        await cashier.start(bill, 0)
    with pytest.raises(EmptyCharge):
        await cashier.start(bill, -5)
    with pytest.raises(ChannelNotOpened):
        await cashier.start(bill, channel="alipay")
    limit = cashier.platform.channels["wechatpay"].limits["h5"]
    with pytest.raises(AmountOverLimit):
        await cashier.start(bill, limit + 1)
    assert await cashier.live(bill) == 0


async def test_cancelling_closes_at_the_channel_and_here(cashier):
    bill = await cashier.bill()
    order = await cashier.start(bill)
    assert (await service.cancel_order(cashier.platform, cashier.school.client, order.number)).status == "closed"
    assert await cashier.live(bill) == 0


async def test_a_server_killed_while_it_books_leaves_nothing_half_done_and_the_query_books_it_once(cashier, addresses):
    """kill -9 between "the channel says paid" and "the bill is written"."""
    bill, platform = await cashier.bill(), cashier.platform
    port = free_port()
    platform.settings = msgspec.structs.replace(platform.settings, public_url=f"http://127.0.0.1:{port}")
    web = await _web(platform.settings, addresses.app, port)
    try:
        order = await cashier.start(bill)
        async with platform.database.tenant(cashier.school.id) as holding:
            await holding.execute(text("SELECT id FROM core.bill WHERE id = :id FOR UPDATE"), {"id": bill})
            await cashier.pay(order.number)
            await _until_somebody_waits_for_a_row(platform, cashier.school.id)
            web.kill()
            await web.wait()
    finally:
        if web.returncode is None:
            web.kill()
            await web.wait()
    assert (await cashier.order(order.number)).status == "pending"
    assert (await cashier.read(bill)).paid_fen == 0
    await asyncio.gather(*(service.advance(platform, cashier.school.client, order.number) for _ in range(3)))
    assert (await cashier.order(order.number)).status == "succeeded"
    assert (await cashier.read(bill)).paid_fen == 95_000
    assert await trade.faults(platform, cashier.school.id) == {}


async def _web(settings, database_url: str, port: int) -> asyncio.subprocess.Process:
    """The application in one process of its own, which a test may kill."""
    code = (
        "import asyncio\nfrom core.commands.web import application\nfrom core.sandbox.serving import serving\n"
        f"async def main():\n    async with serving(application, {port}):\n        await asyncio.Event().wait()\n"
        "asyncio.run(main())"
    )
    env = os.environ | {
        "BANYAN_DATABASE_URL": database_url, "BANYAN_MASTER_KEYS": settings.master_keys, "BANYAN_DATA_DIR": str(settings.data_dir),
    }  # fmt: skip
    web = await asyncio.create_subprocess_exec(sys.executable, "-c", code, env=env)
    async with asyncio.timeout(60), httpx.AsyncClient() as asking:
        while True:
            with contextlib.suppress(httpx.TransportError):
                if (await asking.get(f"http://127.0.0.1:{port}/healthz")).status_code == 200:
                    return web
            await asyncio.sleep(0.05)


async def _until_somebody_waits_for_a_row(platform, tenant_id) -> None:
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    async with asyncio.timeout(60):
        while True:
            async with platform.database.tenant(tenant_id) as session:
                if await session.scalar(waiting):
                    return
            await asyncio.sleep(0.05)
