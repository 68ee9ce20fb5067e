"""Adjustments and partners' shares: two people, a journal, and the next batch."""

import pytest
from sqlalchemy import text

from core import clock, ids
from core.errors import SelfApproval
from core.ledger import service as ledger
from core.ledger.errors import NotEnoughBalance
from core.ledger.schemas import Journal, credit, debit
from core.reconciliation.models import difference, remedy
from core.settlement import adjusting, partners
from core.settlement.adjusting import AdjustmentAsk
from core.settlement.errors import AdjustmentInvalid, MerchantNotFound, SplitInvalid
from core.settlement.partners import SplitAsk
from tests.settlement.conftest import DAY


async def adjusted(hall, fen: int, **given):
    ask = AdjustmentAsk(**{"merchant": "TUITION", "amount_fen": fen, "reason": "费率差额"} | given)
    async with hall.tenant() as session:
        return await adjusting.propose(session, ask, hall.maker)


async def test_an_adjustment_is_booked_and_settled_with_the_next_batch(hall, banked):
    await hall.pay(("TUITION", 95_000))
    adjustment_id = await adjusted(hall, -1_000)
    assert (await hall.calculate())["TUITION"].adjust_fen == 0, "nobody has agreed yet"
    with pytest.raises(SelfApproval):
        await hall.agree(adjustment_id, by=hall.maker)
    await hall.agree(adjustment_id)
    await hall.reconciled()
    batch = (await hall.calculate())["TUITION"]
    assert (batch.adjust_fen, batch.net_fen) == (-1_000, 93_430)
    assert await hall.faults() == {}
    again = (await hall.calculate())["TUITION"]
    assert again.adjust_fen == -1_000, "calculating anew takes it again, once"
    await hall.submit(batch.id)
    await hall.agree(batch.id)
    late = await adjusted(hall, 500, against="loss")
    await hall.agree(late)
    await hall.pay(("TUITION", 100))
    await hall.calculate()
    assert (await hall.batches())["TUITION"].adjust_fen == -1_000
    assert await hall.faults() == {}


async def test_an_adjustment_alone_makes_a_batch(hall):
    await hall.agree(await adjusted(hall, 700))
    batch = (await hall.calculate())["TUITION"]
    assert (batch.gross_fen, batch.adjust_fen, batch.net_fen) == (0, 700, 700)


async def test_what_a_merchant_does_not_have_is_not_taken(hall):
    adjustment_id = await adjusted(hall, -1_000)
    with pytest.raises(NotEnoughBalance):
        await hall.agree(adjustment_id)


@pytest.mark.parametrize(
    ("given", "error"),
    [({"amount_fen": 0}, AdjustmentInvalid), ({"reason": " "}, AdjustmentInvalid), ({"against": "bank"}, AdjustmentInvalid),
     ({"merchant": "NOBODY"}, MerchantNotFound), ({"amount_fen": 10**15}, AdjustmentInvalid)],
)  # fmt: skip
async def test_what_is_wrong_is_refused(hall, given, error):
    with pytest.raises(error):
        await adjusted(hall, given.pop("amount_fen", 100), **given)


async def test_a_remedy_that_moved_the_merchants_balance_becomes_an_adjustment_once(hall):
    await hall.pay(("TUITION", 95_000))
    difference_id, remedy_id = ids.uuid7(), ids.uuid7()
    found = {
        "id": difference_id, "code": "D1", "bill_on": hall.yesterday, "klass": "AM1", "channel": "wechatpay", "kind": "pay", "number": "P1",
        "amount_fen": 100, "differs": "amount_fen", "status": "resolved",
    }  # fmt: skip
    done = {
        "id": remedy_id, "difference_id": difference_id, "kind": "adjust", "amount_fen": 100, "reason": "以渠道为准", "status": "done",
        "made_by": "经办甲", "made_by_id": "maker", "checked_by": "复核乙",
    }  # fmt: skip
    merchant = hall.trade.merchants["TUITION"]
    postings = (debit("L.MER.TUITION", 100, merchant), credit("A.CH.wechatpay.1900000001", 100))
    async with hall.tenant() as session:
        journal = Journal(key="remedy:1", event="remedy.adjust", biz_type="remedy", biz_id=str(remedy_id), postings=postings, by="复核乙", memo="D1 P1")
        journal_id = await ledger.post(session, journal)
        await session.execute(difference.insert(), found)
        await session.execute(remedy.insert(), done | {"journal_id": journal_id})
    for _ in range(2):
        batch = (await hall.calculate())["TUITION"]
        assert (batch.adjust_fen, batch.net_fen) == (-100, 95_000 - 570 - 100)
    async with hall.tenant() as session:
        row = await session.one(text("SELECT * FROM core.settlement_adjustment"))
    assert (row.difference_id, row.made_by, row.checked_by, row.amount_fen) == (difference_id, "经办甲", "复核乙", -100)
    assert await hall.faults() == {}


async def share(hall, ppm: int = 100_000, **given) -> None:
    ask = SplitAsk(**{"merchant": "TUITION", "partner": "MEAL", "share_ppm": ppm, "from_on": clock.today()} | given)
    async with hall.tenant() as session:
        rule_id = await partners.propose(session, ask, hall.maker)
    await hall.agree(rule_id)
    async with hall.tenant() as session:
        await session.execute(text("UPDATE core.settlement_split SET from_on = :day"), {"day": clock.today() - 9 * DAY})


async def test_a_partners_share_leaves_the_merchants_batch_and_joins_the_partners(hall, banked):
    await share(hall, 333_333, item_code="TUITION")
    await hall.reconciled()
    payment = await hall.pay(("TUITION", 10_001), days_ago=1)
    await hall.refund(payment, 1, days_ago=1)
    batch = (await hall.calculate())["TUITION"]
    assert (batch.adjust_fen, batch.net_fen) == (-3_333, 10_000 - 60 - 3_333)
    await hall.submit(batch.id)
    await hall.agree(batch.id)
    assert await hall.faults() == {}
    partner = (await hall.calculate())["MEAL"]
    assert (partner.adjust_fen, partner.net_fen) == (3_333, 3_333)
    await hall.submit(partner.id)
    await hall.agree(partner.id)
    assert await hall.faults() == {}
    assert (await hall.calculate())["MEAL"].adjust_fen == 3_333


@pytest.mark.parametrize(
    "given",
    [{"partner": "TUITION"}, {"share_ppm": 0}, {"share_ppm": 1_000_001}, {"from_on": clock.today() - 2 * DAY}, {"until_on": clock.today() - DAY}],
)
async def test_a_wrong_share_is_refused(hall, given):
    ask = SplitAsk(**{"merchant": "TUITION", "partner": "MEAL", "share_ppm": 1, "from_on": clock.today()} | given)
    async with hall.tenant() as session:
        with pytest.raises(SplitInvalid):
            await partners.propose(session, ask, hall.maker)


async def test_more_than_everything_is_not_given_away(hall):
    await share(hall, 600_000)
    async with hall.tenant() as session:
        with pytest.raises(SplitInvalid, match="60%"):
            ask = SplitAsk(merchant="TUITION", partner="MEAL", share_ppm=500_000, from_on=clock.today(), item_code="TUITION")
            await partners.propose(session, ask, hall.maker)


async def test_a_partner_that_owes_a_share_back_and_has_nothing_does_not_stop_the_days_calculation(hall):
    await share(hall, 500_000)
    await hall.reconciled(hall.yesterday - DAY)
    await hall.pay(("TUITION", 100_000), days_ago=1)
    old = await hall.pay(("TUITION", 50_000), days_ago=3)
    await hall.calculate(hall.yesterday - 2 * DAY)
    await hall.refund(old, 50_000, days_ago=2)
    batch = (await hall.calculate(hall.yesterday - DAY))["TUITION"]
    assert (batch.net_fen, batch.adjust_fen, batch.status, batch.fee_journal_id) == (-50_000 + 300 + 25_000, 25_000, "carried", None)
    assert await hall.faults() == {}
