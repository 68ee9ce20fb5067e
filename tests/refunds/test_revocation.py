"""UnionPay's two ways back, against the sandbox: a whole payment of the running day is undone (消费撤销), everything else refunded (退货)."""

import datetime as dt
import io

import httpx
import msgspec
import pytest
from sqlalchemy import insert, text, update

from core import clock, ids
from core.payers.access import Payer
from core.payments import service as payments
from core.payments.accounts import service as accounts
from core.payments.channels.unionpay import UnionPay
from core.payments.models import channel_account, payment
from core.payments.schemas import PayItem
from core.refunds.models import item as refund_item
from core.statements.protocol import Expected, Notes
from core.statements.sources import unionpay as source
from tests import families, trade
from tests.refunds.test_over_the_wire import Wire

API = "/sandbox/api/unionpay"
NOON = dt.datetime.combine(dt.date(2026, 11, 20), dt.time(12), clock.SHANGHAI).astimezone(dt.UTC)


class CardWire(Wire):
    """The same school, collecting at UnionPay."""

    async def pay(self):
        """A bill of 950.00 is paid by card; answers the bill and the order's number."""
        bill_id = await families.bill(self.platform, self.school, self.school.children[0])
        payer = Payer(session_id=ids.uuid7(), payer_id=None, csrf="", device=b"d", openids={}, bill_ids=frozenset())
        order = await payments.start_payment(
            self.platform, self.school.client, payer, [PayItem(bill_id, 95_000)], channel="unionpay", scene="h5", ip="192.0.2.1",
            idempotency_key=ids.token(),
        )  # fmt: skip
        await self.outside.post(order.prepared.value, data=order.prepared.params)
        assert (await self.outside.post(f"{API}/orders/{self.mchid}/{order.number}/pay")).status_code == 200
        assert (await payments.check_order(self.platform, self.school.client, order.number)).status == "succeeded"
        return bill_id, order.number

    async def at_channel(self, number: str) -> list[dict]:
        return (await self.outside.get(f"{API}/orders/{self.mchid}/{number}")).json()["refunds"]

    async def older(self, number: str, *, days: int) -> None:
        """The payment is of an earlier day, with us and there."""
        await self.outside.post(f"{API}/orders/{self.mchid}/{number}/age", json={"days": days})
        async with self.tenant() as session:
            await session.execute(update(payment).values(paid_at=payment.c.paid_at - dt.timedelta(days=days)))


@pytest.fixture(scope="module")
async def seller(outside_world):
    async with httpx.AsyncClient(base_url=outside_world, trust_env=False, timeout=60) as outside:
        return (await outside.post(f"{API}/merchants", json={"name": "学校"})).json()


@pytest.fixture
def day_runs(monkeypatch):
    """Whatever the hour: UnionPay's day does not end during a test."""
    monkeypatch.setattr(UnionPay, "may_revoke", lambda self, paid_at, at: clock.business_day(paid_at) == clock.business_day(at))


@pytest.fixture
async def wire(connected, school, outside_world, seller, day_runs):
    async with connected.database.tenant(school.id) as session:
        keys = await connected.vault.keys(session)
        row = {
            "id": ids.uuid7(), "channel": "unionpay", "mchid": seller["mchid"], "appid": seller["appid"], "base_url": seller["base_url"],
            "credentials_sealed": keys.seal(msgspec.json.encode(seller["credentials"])),
        }  # fmt: skip
        await session.execute(insert(channel_account), row)
    async with httpx.AsyncClient(base_url=outside_world, trust_env=False) as outside:
        yield CardWire(connected, school, seller["mchid"], outside)
        await outside.put("/sandbox/api/faults/", json={"faults": []})


async def test_a_whole_payment_of_the_day_is_undone_and_the_file_has_its_line(wire):
    bill_id, number = await wire.pay()
    refund = await wire.until(await wire.approved(bill_id, 95_000), "success")
    [item], [theirs] = refund.items, await wire.at_channel(number)
    assert (item.route, theirs["txnType"], theirs["orderId"]) == ("revoke", "31", item.number)
    assert await trade.faults(wire.platform, wire.school.id) == {}
    for one in (number, item.number):
        aged = (await wire.outside.post(f"{API}/orders/{wire.mchid}/{one}/age", json={"days": 2})).json()  # its file is there at any hour
    day = dt.date.fromisoformat(next(iter(aged.values())))
    async with wire.tenant() as session:
        _, account = await accounts.collecting(session, wire.platform.vault, "unionpay")
    file = await wire.platform.channels["unionpay"].fetch_statement(account, day)
    lines = {line[5]: line for chunk in source.read(io.BytesIO(file.content), Expected(day=day, file_name=file.name), Notes()) for line in chunk}
    undone = lines[item.number]
    assert (undone[3], undone[6], undone[9]) == ("refund", number, 95_000)
    assert lines[number][10] + undone[10] == 0, "the fee comes back with the payment"


async def test_a_part_is_refunded_and_so_is_the_rest(wire):
    bill_id, number = await wire.pay()
    first = await wire.until(await wire.approved(bill_id, 30_000), "success")
    rest = await wire.until(await wire.approved(bill_id, 65_000), "success")
    assert [item.route for refund in (first, rest) for item in refund.items] == ["refund", "refund"]
    assert [one["txnType"] for one in await wire.at_channel(number)] == ["04", "04"]


async def test_a_payment_of_yesterday_is_refunded(wire):
    bill_id, number = await wire.pay()
    await wire.older(number, days=1)
    refund = await wire.until(await wire.approved(bill_id, 95_000), "success")
    assert ([item.route for item in refund.items], (await wire.at_channel(number))[0]["txnType"]) == (["refund"], "04")


async def test_a_refused_undo_ends_its_number_and_the_money_goes_back_under_the_next(wire):
    """Our clock says that the day still runs, UnionPay's day is over."""
    bill_id, number = await wire.pay()
    await wire.outside.post(f"{API}/orders/{wire.mchid}/{number}/age", json={"days": 1})
    refund = await wire.until(await wire.approved(bill_id, 95_000), "success")
    assert [(item.route, item.state, item.attempt) for item in refund.items] == [("revoke", "closed", 1), ("refund", "success", 2)]
    assert "清算日" in refund.items[0].error
    assert [(one["txnType"], one["orderId"]) for one in await wire.at_channel(number)] == [("04", refund.items[1].number)]
    assert (refund.refunded_fen, await trade.faults(wire.platform, wire.school.id)) == (95_000, {})


async def test_an_answer_that_got_lost_is_asked_for_and_the_number_keeps_its_way(wire):
    bill_id, number = await wire.pay()
    await wire.misbehave(number, "api_tamper")
    refund_id = await wire.approved(bill_id, 95_000)
    [item] = (await wire.beat(refund_id)).items
    assert (item.route, item.state) == ("revoke", "processing")
    await wire.misbehave(number)
    refund = await wire.until(refund_id, "success")
    assert [(one["txnType"], one["orderId"]) for one in await wire.at_channel(number)] == [("31", item.number)]
    assert [each.number for each in refund.items] == [item.number]


async def test_a_number_that_never_arrived_goes_the_same_way_though_the_day_has_ended(wire, monkeypatch):
    bill_id, number = await wire.pay()
    await wire.misbehave(number, "api_error")
    refund_id = await wire.approved(bill_id, 95_000)
    assert (await wire.beat(refund_id)).items[0].route == "revoke"
    monkeypatch.setattr(UnionPay, "may_revoke", lambda self, paid_at, at: False)
    await wire.misbehave(number)
    refund = await wire.until(refund_id, "success")
    assert [(item.route, item.attempt) for item in refund.items] == [("revoke", 1)]
    async with wire.tenant() as session:
        assert await session.scalar(text("SELECT count(*) FROM core.refund_item WHERE route = 'revoke'")) == 1


@pytest.mark.parametrize(("paid", "at", "may"), [
    (NOON, NOON + dt.timedelta(hours=10), True), (NOON, NOON + dt.timedelta(hours=10, minutes=49), True),
    (NOON, NOON + dt.timedelta(hours=10, minutes=51), False), (NOON, NOON + dt.timedelta(hours=12), False),
    (NOON + dt.timedelta(hours=11, minutes=30), NOON + dt.timedelta(hours=14), True), (NOON, NOON - dt.timedelta(hours=1), False),
])  # fmt: skip
def test_unionpays_day_ends_at_eleven_in_the_evening(paid, at, may):
    assert UnionPay(None).may_revoke(paid, at) is may


async def test_the_page_and_the_api_say_which_way_it_went(wire, staff):
    bill_id, _number = await wire.pay()
    refund_id = await wire.approved(bill_id, 95_000)
    await wire.until(refund_id, "success")
    clerk = await staff(wire.school, "refunds.refund.read", "refunds.refund.make")
    assert "消费撤销（当日全额）" in (await clerk.get(f"/console/refunds/{refund_id}")).text
    assert (await clerk.get(f"/api/v1/refunds/{refund_id}")).json()["items"][0]["route"] == "revoke"
    async with wire.tenant() as session:
        assert (await session.scalar(refund_item.select().with_only_columns(refund_item.c.route))) == "revoke"
