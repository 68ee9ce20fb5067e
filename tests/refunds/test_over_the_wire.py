"""Refunds over WeChat Pay's real protocol, played by the sandbox, and its notifications at our door."""

import asyncio
import time
from uuid import UUID

import httpx
import msgspec
import pytest
from sqlalchemy import text, update

from core import clock, ids
from core.approvals import service as approvals
from core.bench import notifications
from core.bench.chaos import by_hand
from core.identity.actor import Actor
from core.payers.access import Payer
from core.payments import service as payments
from core.payments.channels.wechatpay import WechatPay, crypto
from core.payments.models import channel_account
from core.payments.schemas import PayItem
from core.refunds import sending, service, transfers
from core.refunds.errors import TransferNotPossible
from core.refunds.schemas import RefundAsk
from tests import families, trade


class Wire(msgspec.Struct):
    """A school that collects at the sandbox, and the sandbox's own desk."""

    platform: object
    school: families.School
    mchid: str
    outside: httpx.AsyncClient

    def tenant(self):
        return self.platform.database.tenant(self.school.id)

    async def pay(self) -> tuple[UUID, str]:
        """A bill is paid in the wallet; answers the bill and the order's number."""
        bill_id = await families.bill(self.platform, self.school, self.school.children[0])
        payer = Payer(session_id=ids.uuid7(), payer_id=None, csrf="", device=b"d", openids={}, bill_ids=frozenset())
        order = await payments.start_payment(
            self.platform, self.school.client, payer, [PayItem(bill_id, 95_000)], channel="wechatpay", scene="native", ip="192.0.2.1",
            idempotency_key=ids.token(),
        )  # fmt: skip
        answer = await self.outside.post(f"/sandbox/api/wechatpay/orders/{self.mchid}/{order.number}/pay")
        assert answer.status_code == 200, answer.text
        assert (await payments.check_order(self.platform, self.school.client, order.number)).status == "succeeded"
        return bill_id, order.number

    async def misbehave(self, number: str, *kinds: str) -> None:
        faults = [{"kind": kind, "seconds": 10_000_000.0} for kind in kinds]
        answer = await self.outside.put(f"/sandbox/api/faults/orders/{self.mchid}/{number}", json={"faults": faults})
        assert answer.status_code == 200, answer.text

    async def approved(self, bill_id: UUID, fen: int) -> UUID:
        maker = Actor(kind="user", id="m", name="经办", tenant_id=self.school.id)
        checker = Actor(kind="user", id="c", name="复核", tenant_id=self.school.id, rights={service.CHECK: None})
        kinds = approvals.kinds_of(self.platform.plugins, frozenset())
        async with self.tenant() as session:
            made = await service.request(session, {}, RefundAsk(bill_id=bill_id, amount_fen=fen, reason="退学"), maker)
        async with self.tenant() as session:
            found = await session.one(text("SELECT id FROM core.approval WHERE status = 'waiting'"))
            await approvals.approve(session, kinds, found.id, checker)
        return made.id

    async def beat(self, refund_id: UUID) -> service.RefundRead:
        """What is due is done as if the waiting times were over; answers the refund."""
        async with self.tenant() as session:
            await session.execute(text("UPDATE core.refund_item SET next_at = now() WHERE next_at IS NOT NULL"))
        await sending.send_due(self.platform, self.school.id)
        async with self.tenant() as session:
            return await service.find(session, refund_id)

    async def until(self, refund_id: UUID, *statuses: str) -> service.RefundRead:
        async with asyncio.timeout(60):
            while (refund := await self.beat(refund_id)).status not in statuses:
                pass
        return refund

    async def at_channel(self, number: str) -> list[dict]:
        """The refunds of an order as the sandbox has them."""
        return (await self.outside.get(f"/sandbox/api/wechatpay/orders/{self.mchid}/{number}")).json()["refunds"]


@pytest.fixture
async def wire(connected, school, outside_world):
    mchid = await families.collect_at(connected, school, outside_world)
    async with httpx.AsyncClient(base_url=outside_world, trust_env=False) as outside:
        yield Wire(connected, school, mchid, outside)
        await outside.put("/sandbox/api/faults/", json={"faults": []})


async def test_a_refund_goes_out_and_arrives(wire):
    bill_id, number = await wire.pay()
    refund = await wire.until(await wire.approved(bill_id, 30_000), "success")
    [item] = refund.items
    assert item.reference.startswith("50")
    [theirs] = await wire.at_channel(number)
    assert (theirs["out_refund_no"], theirs["amount_fen"] if "amount_fen" in theirs else theirs["amount"]["refund"]) == (item.number, 30_000)
    assert await trade.faults(wire.platform, wire.school.id) == {}


async def test_a_refund_the_channel_fails_is_sent_again_under_its_number(wire):
    bill_id, number = await wire.pay()
    await wire.misbehave(number, "refund_fail")
    refund_id = await wire.approved(bill_id, 30_000)
    async with asyncio.timeout(60):
        while (refund := await wire.beat(refund_id)).items[0].tries < 1:
            pass
    assert refund.status == "processing"
    await wire.misbehave(number)
    refund = await wire.until(refund_id, "success")
    assert [item.number for item in refund.items] == [theirs["out_refund_no"] for theirs in await wire.at_channel(number)]


async def test_what_lies_at_the_channel_is_sent_to_another_card_by_the_drills_two_people(wire):
    """An abnormal refund that the machine has given up: not transferred from the bank as well, and in the end on the payer's other card."""
    bill_id, number = await wire.pay()
    await wire.misbehave(number, "refund_fail")
    refund_id = await wire.approved(bill_id, 30_000)
    async with wire.tenant() as session:
        await session.execute(text("UPDATE core.refund_item SET tries = 2"))  # the first two times were long ago
    refund = await wire.until(refund_id, "manual_transfer")
    await wire.misbehave(number)
    with pytest.raises(TransferNotPossible, match="渠道"):
        await transfers.ask_channel_first(wire.platform, wire.school.client, refund.items[0].id)
    async with asyncio.timeout(60):
        while await by_hand.look_after(wire.platform, wire.school.client):
            pass
    async with wire.tenant() as session:
        refund = await service.find(session, refund_id)
    assert (refund.status, refund.refunded_fen, len(refund.items)) == ("success", 30_000, 1)
    [theirs] = await wire.at_channel(number)
    assert (theirs["out_refund_no"], theirs["status"]) == (refund.items[0].number, "SUCCESS")
    assert await by_hand.look_after(wire.platform, wire.school.client) == 0, "nothing is left to do, and nothing is done twice"
    assert len(await wire.at_channel(number)) == 1
    assert await trade.faults(wire.platform, wire.school.id) == {}


async def test_a_merchant_number_without_money_lets_the_refund_wait(wire):
    bill_id, number = await wire.pay()
    await wire.misbehave(number, "refund_short")
    refund_id = await wire.approved(bill_id, 30_000)
    assert (await wire.beat(refund_id)).status == "waiting_funds"
    await wire.misbehave(number)
    assert (await wire.until(refund_id, "success")).refunded_fen == 30_000


async def test_a_tampered_answer_is_not_believed_and_the_query_decides(wire):
    bill_id, number = await wire.pay()
    await wire.misbehave(number, "api_tamper")
    refund_id = await wire.approved(bill_id, 30_000)
    assert (await wire.beat(refund_id)).status == "processing"
    await wire.misbehave(number)
    refund = await wire.until(refund_id, "success")
    assert len(await wire.at_channel(number)) == len(refund.items) == 1


async def test_a_number_closed_at_the_channel_is_followed_by_another(wire):
    bill_id, number = await wire.pay()
    await wire.misbehave(number, "refund_slow")
    refund_id = await wire.approved(bill_id, 30_000)
    [item] = (await wire.beat(refund_id)).items
    answer = await wire.outside.post(f"/sandbox/api/wechatpay/refunds/{wire.mchid}/{item.number}/close")
    assert answer.status_code == 200, answer.text
    await wire.misbehave(number)
    assert [item.state for item in (await wire.beat(refund_id)).items] == ["closed", "held"]
    async with wire.tenant() as session:  # the channel wants a minute between two refunds of one payment
        await session.execute(text("UPDATE core.refund_item SET sent_at = sent_at - interval '61 seconds'"))
    refund = await wire.until(refund_id, "success")
    assert [item.state for item in refund.items] == ["closed", "success"]
    assert await trade.faults(wire.platform, wire.school.id) == {}


def signed(client_code: str, account_id: UUID, number: str, order: str, fen: int, status: str = "SUCCESS") -> tuple[str, dict, bytes]:
    """A refund notification as WeChat Pay signs it."""
    told = {
        "mchid": trade.MCHID, "out_trade_no": order, "transaction_id": "42" + ids.digits(26), "out_refund_no": number, "refund_id": "50" + ids.digits(26),
        "refund_status": status, "success_time": clock.now().isoformat(), "user_received_account": "招商银行信用卡0403",
        "amount": {"total": 95_000, "refund": fen, "payer_total": 95_000, "payer_refund": fen},
    }  # fmt: skip
    nonce = ids.digits(12)
    sealed = crypto.seal(notifications.APIV3_KEY, nonce, "refund", msgspec.json.encode(told))
    resource = {"original_type": "refund", "algorithm": "AEAD_AES_256_GCM", "ciphertext": sealed, "associated_data": "refund", "nonce": nonce}
    notice = {
        "id": "EV-" + ids.digits(20), "create_time": clock.now().isoformat(), "resource_type": "encrypt-resource", "event_type": f"REFUND.{status}",
        "summary": "退款", "resource": resource,
    }  # fmt: skip
    body, stamp = msgspec.json.encode(notice), str(int(time.time()))
    signature = crypto.sign(notifications._platform_key, f"{stamp}\n{nonce}\n".encode() + body + b"\n")
    headers = {
        "wechatpay-timestamp": stamp, "wechatpay-nonce": nonce, "wechatpay-serial": notifications.KEY_ID, "wechatpay-signature": signature,
        "content-type": "application/json",
    }  # fmt: skip
    return f"/notify/wechatpay/{client_code}/{account_id}", headers, body


@pytest.fixture
async def keyed(office):
    """The office's account knows the key that signs the notices below."""
    async with office.tenant() as session:
        keys = await office.platform.vault.keys(session)
        sealed = keys.seal(msgspec.json.encode(notifications.credentials()))
        await session.execute(update(channel_account).values(credentials_sealed=sealed))
    return office


@pytest.fixture
def real(platform, channel):
    """The scripted channel sends, WeChat Pay's own code reads the notices."""
    wechat = WechatPay(platform.http)
    channel.read_notice, channel.answer = wechat.read_notice, wechat.answer


async def test_a_refund_notification_settles_and_its_replay_changes_nothing(keyed, real, web):
    await keyed.pay(keyed.bills[0], 95_000)
    refund = await keyed.approved(bill_id=keyed.bills[0], amount_fen=10_000)
    await keyed.beat()
    [item] = (await keyed.read(refund.id)).items
    path, headers, body = signed(keyed.client.code, keyed.trade.account_id, item.number, item.order_number, 10_000)
    answers = await asyncio.gather(*(web.post(path, content=body, headers=headers) for _ in range(3)))
    assert {answer.status_code for answer in answers} == {200}
    assert (await keyed.read(refund.id)).status == "success"
    async with keyed.tenant() as session:
        kept = await session.all(text("SELECT outcome FROM core.channel_notice ORDER BY outcome"))
        told = await session.scalar(text("SELECT count(*) FROM core.outbox_event WHERE kind = 'payment_refunded'"))
    assert ([row.outcome for row in kept], told) == (["duplicate", "duplicate", "refunded"], 1)
    assert await keyed.faults() == {}


async def test_a_refund_nobody_here_made_is_acknowledged_and_laid_before_finance(keyed, real, web):
    await keyed.pay(keyed.bills[0], 95_000)
    path, headers, body = signed(keyed.client.code, keyed.trade.account_id, "BACKOFFICE0000001", "P26112200000000000000", 500)
    assert (await web.post(path, content=body, headers=headers)).status_code == 200
    async with keyed.tenant() as session:
        item = await session.one(text("SELECT reason, amount_fen FROM core.suspense_item"))
    assert tuple(item) == ("foreign_refund", 500)


async def test_a_notification_over_another_amount_is_not_acknowledged(keyed, real, web):
    await keyed.pay(keyed.bills[0], 95_000)
    refund = await keyed.approved(bill_id=keyed.bills[0], amount_fen=10_000)
    await keyed.beat()
    [item] = (await keyed.read(refund.id)).items
    path, headers, body = signed(keyed.client.code, keyed.trade.account_id, item.number, item.order_number, 9_999)
    assert (await web.post(path, content=body, headers=headers)).status_code == 500
    assert (await keyed.read(refund.id)).status == "processing"
