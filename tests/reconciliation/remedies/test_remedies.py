"""Every remedy posts what it says, once, after two people; its reversal takes it back; too late is too late."""

import asyncio

import pytest
from sqlalchemy import text

from core.errors import SelfApproval, StaleForm
from core.reconciliation.remedies import following
from core.reconciliation.remedies import service as remedies
from core.reconciliation.remedies.refusals import (
    BadRemedy,
    DifferenceResolved,
    RemedyNotOffered,
    RemedyNotReversible,
    RemedyTooLarge,
    RemedyUnderWay,
)
from tests import trade

CHANNEL = f"A.CH.wechatpay.{trade.MCHID}"


async def test_a_long_without_an_order_is_booked_into_suspense(house):
    difference_id = await house.differ("LG1")
    remedy_id = await house.ask(difference_id, "book")
    assert (await house.difference(difference_id)).status == "handling"
    assert await house.stands(CHANNEL) == 0, "nothing moves before the second person"
    await house.agree(remedy_id)
    found = await house.difference(difference_id)
    assert (found.status, found.resolution) == ("resolved", "book")
    assert await house.journal((await house.remedy(remedy_id)).journal_id) == [(CHANNEL, 20_000), ("L.SUSP.LONG", -20_000)]
    async with house.tenant() as session:
        item = await session.one(text("SELECT * FROM core.suspense_item WHERE id = :id"), {"id": found.suspense_id})
    assert (item.reason, item.left_fen, item.payment_id) == ("unknown_order", 20_000, found.payment_id)
    assert await house.story(difference_id) == ["proposed", "done"]
    assert await house.faults() == {}


async def test_a_booked_long_is_undone_and_booked_again(house):
    difference_id = await house.differ("LG1")
    await house.undo(await house.done(difference_id, "book"))
    assert (await house.difference(difference_id)).status == "confirmed"
    assert (await house.stands(CHANNEL), await house.stands("L.SUSP.LONG")) == (0, 0)
    assert await house.faults() == {}
    again = await house.done(difference_id, "book")
    assert (await house.stands(CHANNEL), await house.stands("L.SUSP.LONG")) == (20_000, 20_000)
    await house.undo(again)
    assert await house.stands("L.SUSP.LONG") == 0
    assert await house.faults() == {}


async def test_an_order_of_ours_that_nobody_told_us_about_is_booked_on_its_bill(house):
    number = await trade.order(house.platform, house.trade, [(house.bills[0], 95_000)])
    difference_id = await house.differ("LG3", 95_000, number=number)
    remedy_id = await house.done(difference_id, "book")
    assert await house.journal((await house.remedy(remedy_id)).journal_id) == [(CHANNEL, 95_000), ("L.MER.TUITION", -95_000)]
    async with house.tenant() as session:
        assert await session.scalar(text("SELECT status FROM core.bill WHERE id = :id"), {"id": house.bills[0]}) == "paid"
    with pytest.raises(RemedyNotReversible, match="用退款退回"):
        await house.undo(remedy_id)
    assert await house.faults() == {}


async def test_a_line_that_disagrees_with_our_order_is_not_believed(house):
    number = await trade.order(house.platform, house.trade, [(house.bills[0], 95_000)])
    difference_id = await house.differ("LG3", 90_000, number=number)
    remedy_id = await house.ask(difference_id, "book")
    with pytest.raises(RemedyNotOffered, match="不一致"):
        await house.agree(remedy_id)
    assert (await house.difference(difference_id)).status == "handling"
    assert await house.stands(CHANNEL) == 0


async def test_a_long_goes_back_to_its_payer_under_the_differences_own_number(house):
    difference_id = await house.differ("LG1")
    remedy_id = await house.done(difference_id, "refund")
    assert (await house.remedy(remedy_id)).status == "running"
    await house.work()
    found = await house.difference(difference_id)
    assert (found.status, found.resolution) == ("resolved", "refund")
    assert list(house.channel.moved.items()) == [(f"RC{found.code}", 20_000)]
    assert (await house.stands(CHANNEL), await house.stands("L.SUSP.LONG")) == (0, 0)
    with pytest.raises(RemedyNotReversible, match="钱已退给付款人"):
        await house.undo(remedy_id)
    assert await house.faults() == {}


async def test_a_refund_whose_answer_was_lost_keeps_its_number(house):
    house.channel.script = ["taken"]
    difference_id = await house.differ("LG1")
    await house.done(difference_id, "refund")
    await house.work()
    await house.work()
    assert len(house.channel.moved) == 1
    async with house.tenant() as session:
        numbers = [row.number for row in await session.all(text("SELECT number FROM core.refund_item"))]
    assert numbers == list(house.channel.moved)


async def test_the_extra_payment_of_a_bill_goes_back_and_the_first_stays(house):
    await house.pay(house.bills[0], 95_000)
    second = await house.pay(house.bills[0], 95_000)
    told = [
        {"channel": "wechatpay", "merchant_order_no": "first", "amount_fen": 95_000, "in_his": True},
        {"channel": "wechatpay", "merchant_order_no": second, "channel_order_no": f"42{second}", "amount_fen": 95_000, "in_his": False},
    ]
    difference_id = await house.differ("DP1", 95_000, number=second, facts={"payments": told})
    await house.done(difference_id, "refund")
    await house.work()
    assert (await house.difference(difference_id)).status == "resolved"
    assert list(house.channel.moved.values()) == [95_000]
    async with house.tenant() as session:
        assert await session.scalar(text("SELECT status FROM core.bill WHERE id = :id"), {"id": house.bills[0]}) == "paid"
    assert await house.faults() == {}


async def test_never_more_goes_back_than_is_there(house):
    difference_id = await house.differ("LG1")
    with pytest.raises(RemedyTooLarge, match=r"最多可处理 200\.00 元"):
        await house.ask(difference_id, "refund", amount_fen=20_001)
    part = await house.done(difference_id, "refund", amount_fen=15_000)
    await house.work()
    found = await house.difference(difference_id)
    assert ((await house.remedy(part)).status, found.status) == ("done", "confirmed"), "the rest is still a difference"
    with pytest.raises(RemedyTooLarge, match=r"50\.00"):
        await house.ask(difference_id, "refund", amount_fen=5_001)
    assert await house.faults() == {}


async def test_without_a_collecting_account_a_person_transfers_it(house):
    difference_id = await house.differ("LG1", merchant_number="1999000311")
    await house.done(difference_id, "refund")
    await house.work()
    async with house.tenant() as session:
        assert await session.scalar(text("SELECT status FROM core.refund")) == "manual_transfer"
    assert (await house.difference(difference_id)).status == "handling"
    assert house.channel.moved == {}
    assert await house.faults() == {}


async def test_a_refund_row_in_the_channels_file_proves_what_was_refunded_there(house):
    difference_id = await house.differ("LG1", merchant_number="1999000311")
    remedy_id = await house.done(difference_id, "refund")
    await house.work()
    found = await house.difference(difference_id)
    await house.line(kind="refund", number="RC90101", order_number=found.number, channel_number="5030", amount_fen=20_000)
    async with house.tenant() as session:
        await following.after_run(session)
    assert (await house.difference(difference_id)).status == "resolved"
    assert (await house.remedy(remedy_id)).status == "done"
    async with house.tenant() as session:
        assert await session.scalar(text("SELECT reference FROM core.refund_item")) == "5030"
    assert await house.stands("A.CH.wechatpay.1999000311") == 0
    assert await house.faults() == {}


async def test_a_refund_made_in_the_channels_back_office_is_booked_on_evidence(house):
    difference_id = await house.differ("LG1")
    with pytest.raises(BadRemedy, match="渠道退款单号"):
        await house.ask(difference_id, "refund", target={"way": "outside"})
    await house.done(difference_id, "refund", target={"way": "outside", "reference": "50300896", "evidence": "后台截图"})
    assert (await house.difference(difference_id)).status == "resolved"
    assert house.channel.seen == {}, "nothing is sent"
    assert (await house.stands(CHANNEL), await house.stands("L.SUSP.LONG")) == (0, 0)
    assert await house.faults() == {}


async def test_a_long_becomes_a_bills_money_and_goes_back_to_suspense(house):
    difference_id = await house.differ("LG1")
    async with house.tenant() as session:
        number = await session.scalar(text("SELECT number FROM core.bill WHERE id = :id"), {"id": house.bills[0]})
    remedy_id = await house.done(difference_id, "credit", target={"bill_number": number})
    assert await house.journal((await house.remedy(remedy_id)).journal_id) == [("L.SUSP.LONG", 20_000), ("L.MER.TUITION", -20_000)]
    assert (await house.difference(difference_id)).resolution == "credit"
    assert await house.faults() == {}
    await house.undo(remedy_id)
    async with house.tenant() as session:
        bill = await session.one(text("SELECT status, paid_fen FROM core.bill WHERE id = :id"), {"id": house.bills[0]})
    assert (bill.status, bill.paid_fen, await house.stands("L.SUSP.LONG")) == ("issued", 0, 20_000)
    assert await house.faults() == {}


async def test_a_long_becomes_a_persons_credit(house):
    difference_id = await house.differ("LG1")
    with pytest.raises(BadRemedy, match="没有找到编号"):
        await house.ask(difference_id, "credit", target={"person_number": "S9999"})
    remedy_id = await house.done(difference_id, "credit", target={"person_number": "S0000"})
    child = house.trade.children[0]
    assert await house.stands(f"L.PREPAY.{child}") == 20_000
    await house.undo(remedy_id)
    assert (await house.stands(f"L.PREPAY.{child}"), await house.stands("L.SUSP.LONG")) == (0, 20_000)
    assert await house.faults() == {}


async def test_a_short_is_chased_and_booked_back_when_the_money_comes(house):
    difference_id = await house.differ("SH1", 7_500)
    remedy_id = await house.done(difference_id, "chase")
    found = await house.difference(difference_id)
    assert (found.status, found.due_at is not None) == ("confirmed", True), "it stays open until the money comes"
    assert await house.journal((await house.remedy(remedy_id)).journal_id) == [("A.SUSP.SHORT", 7_500), (CHANNEL, -7_500)]
    async with house.tenant() as session:
        await session.execute(text("UPDATE core.recon_difference SET status = 'auto_resolved' WHERE id = :id"), {"id": difference_id})
        await following.after_run(session)
        await following.after_run(session)
    remedy = await house.remedy(remedy_id)
    assert remedy.status == "reversed"
    assert await house.journal(remedy.reversal_id) == [("A.SUSP.SHORT", -7_500), (CHANNEL, 7_500)]
    assert await house.faults() == {}


async def test_a_chased_short_is_written_off_by_the_house_and_back(house):
    difference_id = await house.differ("SH1", 7_500)
    chase = await house.done(difference_id, "chase")
    with pytest.raises(RemedyTooLarge, match="核销上限"):
        await house.ask(difference_id, "write_off", settings={"reconciliation.write_off_limit_fen": 7_499})
    remedy_id = await house.done(difference_id, "write_off")
    assert await house.journal((await house.remedy(remedy_id)).journal_id) == [("E.DIFF", 7_500), ("A.SUSP.SHORT", -7_500)]
    assert (await house.difference(difference_id)).status == "resolved"
    with pytest.raises(RemedyNotReversible, match="先撤销核销"):
        await house.undo(chase)
    await house.undo(remedy_id)
    assert (await house.stands("E.DIFF"), await house.stands("A.SUSP.SHORT")) == (0, 7_500)
    await house.undo(chase)
    assert await house.stands("A.SUSP.SHORT") == 0
    assert await house.faults() == {}


async def test_a_short_of_a_bill_is_borne_by_its_merchant(house):
    number = await house.pay(house.bills[0], 95_000)
    async with house.tenant() as session:
        payment_id = await session.scalar(text("SELECT id FROM core.payment WHERE order_number = :number"), {"number": number})
    difference_id = await house.differ("SH3", 95_000, number=number, payment_id=payment_id)
    remedy_id = await house.done(difference_id, "write_off")
    assert await house.journal((await house.remedy(remedy_id)).journal_id) == [("L.MER.TUITION", 95_000), (CHANNEL, -95_000)]


async def test_a_fee_taken_too_much_is_adjusted_and_back(house):
    difference_id = await house.differ("FE1", 12, platform_fee_fen=60, channel_fee_fen=72, differs="fee_fen")
    remedy_id = await house.done(difference_id, "adjust")
    assert await house.journal((await house.remedy(remedy_id)).journal_id) == [("E.CHFEE", 12), (CHANNEL, -12)]
    await house.undo(remedy_id)
    assert await house.stands("E.CHFEE") == 0


async def test_an_amount_is_adjusted_to_what_the_channel_took(house):
    less = await house.differ("AM1", 100, platform_fen=10_000, channel_fen=9_900, business_fen=10_000, differs="amount_fen")
    remedy_id = await house.done(less, "adjust")
    assert await house.journal((await house.remedy(remedy_id)).journal_id) == [("A.SUSP.SHORT", 100), (CHANNEL, -100)], "two merchants: nobody's yet"
    only_business = await house.differ("AM1", 100, platform_fen=10_000, channel_fen=10_000, business_fen=9_900, differs="amount_fen")
    with pytest.raises(RemedyNotOffered, match="不需要动账"):
        await house.ask(only_business, "adjust")


async def test_two_people_decide_and_the_maker_is_not_the_checker(house):
    difference_id = await house.differ("LG1")
    remedy_id = await house.ask(difference_id, "book", by=house.checker)
    with pytest.raises(SelfApproval):
        await house.agree(remedy_id)
    await house.refuse(remedy_id, by=house.maker)
    assert ((await house.difference(difference_id)).status, (await house.remedy(remedy_id)).status) == ("rejected", "rejected")
    await house.done(difference_id, "book")
    assert (await house.difference(difference_id)).status == "resolved"


async def test_a_remedy_on_what_somebody_else_resolved_is_refused(house):
    difference_id = await house.differ("LG1")
    with pytest.raises(StaleForm):
        await house.ask(difference_id, "book", version=7)
    remedy_id = await house.ask(difference_id, "book")
    with pytest.raises(RemedyUnderWay):
        await house.ask(difference_id, "refund")
    async with house.tenant() as session:
        await session.execute(text("UPDATE core.recon_difference SET status = 'auto_resolved' WHERE id = :id"), {"id": difference_id})
    with pytest.raises(DifferenceResolved):
        await house.agree(remedy_id)
    with pytest.raises(DifferenceResolved):
        await house.ask(difference_id, "refund")
    assert await house.stands(CHANNEL) == 0
    async with house.tenant() as session:
        await following.after_run(session)
    assert (await house.remedy(remedy_id)).status == "withdrawn"


async def test_of_two_people_at_once_one_proposes_and_one_agrees(house):
    difference_id = await house.differ("LG1")
    asked = await asyncio.gather(house.ask(difference_id, "book"), house.ask(difference_id, "refund"), return_exceptions=True)
    [remedy_id] = [each for each in asked if not isinstance(each, Exception)]
    assert [type(each) for each in asked if isinstance(each, Exception)] == [RemedyUnderWay]
    agreed = await asyncio.gather(house.agree(remedy_id), house.agree(remedy_id), return_exceptions=True)
    assert sum(each is None for each in agreed) == 1, agreed
    async with house.tenant() as session:
        assert await session.scalar(text("SELECT count(*) FROM core.payment")) == 1
    assert await house.faults() == {}


async def test_only_what_makes_sense_for_a_class_is_taken(house):
    for klass, kind in (("LG1", "write_off"), ("SH1", "refund"), ("SH2", "chase"), ("FE1", "book"), ("DP1", "repost"), ("LG1", "requery")):
        with pytest.raises(RemedyNotOffered):
            await house.ask(await house.differ(klass), kind)


async def test_a_repost_waits_for_the_business_systems_word(house):
    from core.reconciliation.remedies import reposts

    difference_id = await house.differ("LG2", 8_500, bill_number="B1")
    remedy_id = await house.done(difference_id, "repost")
    async with house.tenant() as session:
        [asked] = (await reposts.list_open(session, house.maker, None, 50)).items
        assert (asked.id, asked.number, asked.amount_fen) == (remedy_id, (await house.difference(difference_id)).number, 8_500)
        await reposts.answer(session, remedy_id, house.maker, accepted=True, serial="HIS1", message="")
    assert ((await house.difference(difference_id)).status, (await house.remedy(remedy_id)).status) == ("resolved", "done")


async def test_a_refused_repost_may_be_refunded(house):
    from core.reconciliation.remedies import reposts

    difference_id = await house.differ("LG2", 8_500)
    remedy_id = await house.done(difference_id, "repost")
    async with house.tenant() as session:
        await reposts.answer(session, remedy_id, house.maker, accepted=False, serial="", message="患者已结算")
    assert ((await house.difference(difference_id)).status, (await house.remedy(remedy_id)).error) == ("confirmed", "患者已结算")
    await house.done(difference_id, "refund")
    await house.work()
    assert (await house.difference(difference_id)).status == "resolved"
    assert await house.faults() == {}


async def test_what_cannot_be_given_back_says_so_and_can_be_tried_again(house):
    house.channel.usual = "failed"
    difference_id = await house.differ("LG1")
    remedy_id = await house.done(difference_id, "refund")
    await house.work()
    await house.work()
    assert (await house.remedy(remedy_id)).status == "running", "a person transfers it now"
    async with house.tenant() as session:
        assert await session.scalar(text("SELECT status FROM core.refund")) == "manual_transfer"
    assert remedies.STAYS_OPEN == ("chase",)
