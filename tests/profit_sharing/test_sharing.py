"""Profit sharing over WeChat Pay's real protocol, played by the sandbox: receivers, shares, returns, releases, and the books."""

import asyncio
import datetime as dt
import io
from decimal import Decimal

import pytest
from sqlalchemy import insert, text, update

from core import clock, ids
from core.approvals import service as approvals
from core.errors import PlatformError
from core.hookspecs import StatementReceived
from core.payments.channels.errors import ChannelUnknown
from core.payments.channels.wechatpay.sharing import ProfitSharing, ShareState, SplitState
from core.payments.models import payment
from core.profit_sharing import hooks, receivers, sending, service
from core.profit_sharing.errors import (
    PaymentNotForSharing,
    ReceiverInvalid,
    ReceiverKnown,
    ReturnTooLarge,
    ShareFirst,
    SharingNotOpened,
    SplitInvalid,
    SplitTooLarge,
    SplitUnderWay,
)
from core.profit_sharing.models import receiver
from core.profit_sharing.schemas import ReceiverAsk, ShareAsk
from core.refunds import service as refunds
from core.refunds.schemas import RefundAsk
from core.statements.models import line as statement_line
from core.statements.protocol import Expected, Notes
from core.statements.sources import wechatpay_fundflow as fundflow
from tests.profit_sharing.conftest import PAID

PERSON = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"


async def test_shares_by_amount_and_percent_arrive_and_the_books_follow(sharing):
    paid, canteen, driver = await sharing.paid(), await sharing.receiver(), await sharing.receiver(PERSON, "", "PERSONAL_OPENID")
    before = await sharing.balances()
    made = await sharing.split(paid, ShareAsk(receiver_id=canteen, amount_fen=10_000), ShareAsk(receiver_id=driver, percent=Decimal("5")))
    assert (made.state, [(s.amount_fen, s.state) for s in made.shares]) == ("finished", [(10_000, "succeeded"), (4_750, "succeeded")])
    assert made.reference.startswith("3008")
    assert await sharing.balances() == {name: fen - 14_750 for name, fen in before.items()}
    found = await sharing.story(paid)
    assert (found.payment.stage, found.payment.shared_fen, found.payment.free_fen) == ("shared", 14_750, 28_500 - 14_750)
    async with sharing.tenant() as session:
        moved = await session.all(text("SELECT amount_fen FROM core.settlement_adjustment ORDER BY amount_fen"))
    assert [row.amount_fen for row in moved] == [-10_000, -4_750], "the merchant's next settlement follows"
    assert await sharing.sound()


async def test_a_receiver_is_added_by_two_people_with_its_name_sealed_and_removed_the_same_way(sharing):
    receiver_id = await sharing.receiver("1600000001", "榕城餐饮有限公司")
    async with sharing.tenant() as session:
        row = await session.one(receiver.select())
        shown, _ = await receivers.list_page(session, "", "1600000001", None)
        kept = await session.scalar(text("SELECT string_agg(a::text, ' ') FROM core.approval a"))
    assert (row.status, shown[0].checked_by) == ("active", "复核乙")
    assert row.name_masked == "榕城餐饮有限公司" and row.name_masked in kept, "an organisation is no person: who checks it reads its name"
    assert "餐饮".encode() not in row.name_sealed
    async with sharing.tenant() as session:
        await receivers.propose_removal(session, receiver_id, "合作结束", sharing.maker)
    with pytest.raises(PlatformError):
        await sharing.agree(receiver_id, sharing.maker)
    await sharing.agree(receiver_id)
    await sharing.beat()
    async with sharing.tenant() as session:
        assert (await receivers.find(session, receiver_id)).status == "removed"
    again = await sharing.receiver("1600000001", "榕城餐饮有限公司")
    with pytest.raises(ReceiverKnown):
        await sharing.receiver("1600000001", "榕城餐饮有限公司")
    paid = await sharing.paid()
    with pytest.raises(SplitInvalid):
        await sharing.ask(paid, ShareAsk(receiver_id=receiver_id, amount_fen=1))
    await sharing.ask(paid, ShareAsk(receiver_id=again, amount_fen=1))


async def test_a_receiver_whom_the_channel_does_not_know_by_that_name_is_told_as_refused(sharing):
    other = (await sharing.outside.post("/sandbox/api/wechatpay/merchants", json={"name": "真名公司"})).json()["mchid"]
    receiver_id = await sharing.receiver(other, "假名公司")
    async with sharing.tenant() as session:
        found = await receivers.find(session, receiver_id)
    assert (found.status, "不匹配" in found.error) == ("failed", True)


@pytest.mark.parametrize("given", [{"kind": "BANK"}, {"account": "甲乙"}, {"account": ""}, {"name": ""}, {"relation": "X"}])
async def test_what_is_no_receiver_is_refused(sharing, given):
    ask = {"account_id": sharing.account_id, "kind": "MERCHANT_ID", "account": "1600000009", "name": "公司"} | given
    async with sharing.tenant() as session:
        with pytest.raises(ReceiverInvalid):
            await receivers.propose(session, sharing.platform.vault, ReceiverAsk(**ask), sharing.maker)


async def test_the_cap_is_the_merchants_largest_ratio_of_each_payment(sharing):
    paid, canteen = await sharing.paid(), await sharing.receiver()
    with pytest.raises(SplitTooLarge) as refused:
        await sharing.ask(paid, ShareAsk(receiver_id=canteen, amount_fen=28_501))
    assert ("285.00" in refused.value.message, "30%" in refused.value.message) == (True, True)
    assert (await sharing.split(paid, ShareAsk(receiver_id=canteen, amount_fen=28_500))).state == "finished"
    with pytest.raises(SplitTooLarge):
        await sharing.ask(paid, ShareAsk(receiver_id=canteen, amount_fen=1))
    more = await sharing.paid()
    await sharing.ask(more, ShareAsk(receiver_id=canteen, amount_fen=38_000), settings={"sharing_max_percent": 40})


@pytest.mark.parametrize("shares", [[], [{}], [{"amount_fen": -1}], [{"amount_fen": 1, "percent": Decimal(1)}], [{"amount_fen": 1}, {"amount_fen": 1}]])
async def test_shares_that_make_no_sense_are_refused(sharing, shares):
    paid, canteen = await sharing.paid(), await sharing.receiver()
    with pytest.raises(SplitInvalid):
        await sharing.ask(paid, *(ShareAsk(receiver_id=canteen, **share) for share in shares))


async def test_a_payment_waits_a_minute_and_not_longer_than_thirty_days_and_is_shared_once_at_a_time(sharing):
    canteen = await sharing.receiver()
    fresh, old, paid = await sharing.paid(minutes_ago=0), await sharing.paid(minutes_ago=31 * 1440), await sharing.paid()
    for unfit in (fresh, old):
        with pytest.raises(PaymentNotForSharing):
            await sharing.ask(unfit, ShareAsk(receiver_id=canteen, amount_fen=1))
    await sharing.ask(paid, ShareAsk(receiver_id=canteen, amount_fen=1))
    with pytest.raises(SplitUnderWay):
        await sharing.ask(paid, ShareAsk(receiver_id=canteen, amount_fen=2))


async def test_two_who_ask_at_once_make_one_split(sharing):
    paid, canteen = await sharing.paid(), await sharing.receiver()
    asked = (sharing.ask(paid, ShareAsk(receiver_id=canteen, amount_fen=20_000)) for _ in range(5))
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["SplitUnderWay"] * 4 + ["UUID"]


async def test_nobody_agrees_to_their_own_split_and_a_refused_one_moves_nothing(sharing):
    paid, canteen, before = await sharing.paid(), await sharing.receiver(), await sharing.balances()
    split_id = await sharing.ask(paid, ShareAsk(receiver_id=canteen, amount_fen=100))
    with pytest.raises(PlatformError):
        await sharing.agree(split_id, sharing.maker)
    kinds = approvals.kinds_of(sharing.platform.plugins, sharing.school.client.plugins)
    async with sharing.tenant() as session:
        found = await session.one(text("SELECT id FROM core.approval WHERE subject_id = :id"), {"id": split_id})
        await approvals.reject(session, kinds, found.id, sharing.checker, "金额不对")
    assert ((await sharing.read(split_id)).state, await sharing.balances()) == ("refused", before)
    assert (await sharing.split(paid, ShareAsk(receiver_id=canteen, amount_fen=100))).state == "finished"


async def test_an_answer_that_got_lost_is_asked_for_under_the_same_number(sharing, monkeypatch):
    paid, canteen = await sharing.paid(), await sharing.receiver()
    sent, real = [], ProfitSharing.split

    async def lost(self, account, asked):
        sent.append(asked.number)
        await real(self, account, asked)
        raise ChannelUnknown(reason="ReadTimeout")

    monkeypatch.setattr(ProfitSharing, "split", lost)
    made = await sharing.split(paid, ShareAsk(receiver_id=canteen, amount_fen=9_000))
    assert (made.state, sent) == ("finished", [made.number]), "sent once, then asked about"
    assert await sharing.sound()


async def test_a_split_that_never_arrived_is_sent_again_under_its_number(sharing, monkeypatch):
    paid, canteen = await sharing.paid(), await sharing.receiver()
    sent, real = [], ProfitSharing.split

    async def first_lost(self, account, asked):
        sent.append(asked.number)
        if len(sent) == 1:
            raise ChannelUnknown(reason="ConnectError")
        return await real(self, account, asked)

    monkeypatch.setattr(ProfitSharing, "split", first_lost)
    made = await sharing.split(paid, ShareAsk(receiver_id=canteen, amount_fen=9_000))
    assert (made.state, sent) == ("finished", [made.number] * 2)
    assert (await sharing.story(paid)).payment.shared_fen == 9_000


async def test_a_refused_split_is_booked_back_exactly(sharing):
    canteen, before = await sharing.receiver(), None
    paid = await sharing.paid()
    before = await sharing.balances()
    async with sharing.tenant() as session:
        await session.execute(update(payment).where(payment.c.id == paid).values(channel_txn_id="4200000000000000000000000000"))
    made = await sharing.split(paid, ShareAsk(receiver_id=canteen, amount_fen=9_000))
    assert (made.state, made.shares[0].state, "不存在" in made.error) == ("failed", "closed", True)
    assert await sharing.balances() == before
    async with sharing.tenant() as session:
        assert await session.scalar(text("SELECT sum(amount_fen) FROM core.settlement_adjustment")) == 0
    assert (await sharing.story(paid)).payment.free_fen == 28_500


async def test_a_share_the_channel_closes_is_booked_back_and_the_others_stand(sharing):
    paid, one, two = await sharing.paid(), await sharing.receiver(), await sharing.receiver()
    before = await sharing.balances()
    split_id = await sharing.ask(paid, ShareAsk(receiver_id=one, amount_fen=3_000), ShareAsk(receiver_id=two, amount_fen=2_000))
    await sharing.agree(split_id)
    async with sharing.tenant() as session:
        rows = await receivers.list_active(session, sharing.mchid)
        accounts = {row.id: row.account for row in rows}
        words = tuple(
            ShareState(kind="MERCHANT_ID", account=accounts[who], amount_fen=fen, state=state, reason=why)
            for who, fen, state, why in ((one, 3_000, "succeeded", ""), (two, 2_000, "closed", "接收方账户异常"))
        )
        made = await service.find(session, split_id)
        await sending.settle(session, split_id, SplitState(state="finished", number=made.number, reference="3008X", shares=words))
        await sending.settle(session, split_id, SplitState(state="finished", number=made.number, reference="3008X", shares=words))
    made = await sharing.read(split_id)
    assert [(s.state, s.reason) for s in made.shares] == [("succeeded", None), ("closed", "接收方账户异常")]
    assert await sharing.balances() == {name: fen - 3_000 for name, fen in before.items()}
    assert await sharing.sound()


async def test_a_share_is_taken_back_in_parts_and_then_the_payment_can_be_refunded(sharing):
    paid, canteen = await sharing.paid(), await sharing.receiver()
    before = await sharing.balances()
    made = await sharing.split(paid, ShareAsk(receiver_id=canteen, amount_fen=20_000))
    async with sharing.tenant() as session:
        bill_id = await session.scalar(text("SELECT bill_id FROM core.allocation WHERE payment_id = :id"), {"id": paid})
    ask = RefundAsk(bill_id=bill_id, amount_fen=PAID, reason="退学")
    with pytest.raises(ShareFirst) as refused:
        async with sharing.tenant() as session:
            await refunds.request(session, {}, ask, sharing.maker)
    assert ("200.00" in refused.value.message, "750.00" in refused.value.message) == (True, True)
    with pytest.raises(ReturnTooLarge):
        await sharing.give_back(made.id, 1, 20_001)
    made = await sharing.give_back(made.id, 1, 5_000)
    assert ([r.state for r in made.returns], made.shares[0].returned_fen) == (["succeeded"], 5_000)
    made = await sharing.give_back(made.id, 1, 15_000)
    assert (made.shares[0].returned_fen, await sharing.balances()) == (20_000, before)
    async with sharing.tenant() as session:
        assert (await refunds.request(session, {}, ask, sharing.maker)).amount_fen == PAID
    assert await sharing.sound()


async def test_a_part_that_was_not_shared_is_refunded_without_asking(sharing):
    paid, canteen = await sharing.paid(), await sharing.receiver()
    await sharing.split(paid, ShareAsk(receiver_id=canteen, amount_fen=20_000))
    async with sharing.tenant() as session:
        bill_id = await session.scalar(text("SELECT bill_id FROM core.allocation WHERE payment_id = :id"), {"id": paid})
        assert (await refunds.request(session, {}, RefundAsk(bill_id=bill_id, amount_fen=75_000, reason="退学"), sharing.maker)).status == "requested"


async def test_what_was_given_to_a_person_cannot_be_taken_back(sharing):
    paid, driver = await sharing.paid(), await sharing.receiver(PERSON, "", "PERSONAL_OPENID")
    made = await sharing.split(paid, ShareAsk(receiver_id=driver, amount_fen=100))
    with pytest.raises(SplitInvalid):
        await sharing.give_back(made.id, 1, 100)


async def test_the_rest_is_released_and_then_nothing_more_is_shared(sharing):
    paid, canteen = await sharing.paid(), await sharing.receiver()
    before = await sharing.balances()
    made = await sharing.release(paid)
    assert (made.kind, made.state, await sharing.balances()) == ("release", "finished", before)
    found = await sharing.story(paid)
    assert (found.payment.stage, found.payment.free_fen) == ("released", 0)
    with pytest.raises(PaymentNotForSharing):
        await sharing.ask(paid, ShareAsk(receiver_id=canteen, amount_fen=1))
    together = await sharing.split(await sharing.paid(), ShareAsk(receiver_id=canteen, amount_fen=1), release=True)
    assert (together.release, (await sharing.story(together.payment_id)).payment.stage) == (True, "released")


async def test_without_the_credential_nothing_is_frozen_or_shared(sharing):
    async with sharing.tenant() as session:
        ask = ReceiverAsk(account_id=sharing.school.id, kind="MERCHANT_ID", account="1", name="公司")
        with pytest.raises(SharingNotOpened):
            await receivers.propose(session, sharing.platform.vault, ask, sharing.maker)
        await session.execute(text("UPDATE core.payment SET mchid = mchid"))
        rows, _ = await service.list_payments(session, sharing.platform.vault, {}, "", "", None)
    assert rows == []


async def test_the_fund_flow_proves_what_left_and_what_came_back(sharing):
    """A line of kind `split` is known by the channel's number; what it says stands beside what we booked."""
    paid, canteen = await sharing.paid(), await sharing.receiver()
    made = await sharing.split(paid, ShareAsk(receiver_id=canteen, amount_fen=10_000))
    made = await sharing.give_back(made.id, 1, 4_000)
    async with sharing.tenant() as session:
        reference = await session.scalar(text("SELECT reference FROM core.sharing_return"))
    day = clock.today() - dt.timedelta(days=1)
    head = "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号"
    lines = [
        f"`{day} 10:00:00,`{made.reference},`{sharing.mchid}2026000001,`分账,`分账,`支出,`100.00,`900.00,`system,`餐费,`{made.number}",
        f"`{day} 11:00:00,`{reference},`{sharing.mchid}2026000002,`分账回退,`分账回退,`收入,`40.00,`940.00,`system,`退款,`{made.returns[0].number}",
    ]
    tail = ["资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额", "`2,`1,`40.00,`1,`100.00"]
    content = io.BytesIO("\r\n".join([head, *lines, *tail, ""]).encode())
    found = [line for chunk in fundflow.read(content, Expected(day=day), Notes()) for line in chunk]
    assert [(line[3], line[11]) for line in found] == [("split", -10_000), ("split", 4_000)]
    statement_id = ids.uuid7()
    rows = [
        {"statement_id": statement_id, "row_no": line[0], "line_no": line[1], "channel": line[2], "kind": line[3], "counts": line[4], "number": line[5],
         "channel_number": line[7], "amount_fen": line[9], "net_fen": line[11], "status": line[14]}
        for line in found
    ]  # fmt: skip
    async with sharing.tenant() as session:
        await session.execute(insert(statement_line), rows)
        told = StatementReceived(statement_id=statement_id, source="wechatpay-fundflow", side="funds", bill_on=day)
        await hooks.statement_received(session, told)
    made = await sharing.read(made.id)
    assert (made.proved_fen, made.proved_on, made.returns[0].proved_fen) == (10_000, day, 4_000)
