"""A paid order reaches HIS once, whatever HIS does; what it does not take goes back only after HIS has said that it does not have it."""

import datetime as dt
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from core import clock
from core.notices import inbox
from plugins.medical.his import notices, posting, service
from plugins.medical.his.errors import PostingSettled
from tests import trade
from tests.conftest import log_in


async def test_a_paid_order_is_posted_and_gets_its_serial(house):
    made = await house.posted()
    (booking,) = await house.booked(made.number)
    assert (made.status, made.his_serial, made.post_at, made.posted_at is not None) == ("posted", booking["serial"], None, True)
    told = booking["payload"]
    assert (told["amount_fen"], told["fund_fen"], told["patient_no"], told["trades"][0]["channel"]) == (7_456, 29_184, "P0001", "wechatpay")
    assert "张小明" not in str(told)


async def test_without_a_link_nothing_is_called_and_what_was_paid_meanwhile_is_posted_afterwards(house):
    async with house.tenant() as session:
        await service.close_link(session, house.hospital.maker, "维护")
    made = await house.paid()
    async with house.tenant() as session:
        await session.execute(text("UPDATE medical.med_order SET post_at = NULL"))
    await house.hurry()
    assert ((await house.read(made.number)).status, await house.rows("SELECT 1 FROM medical.his_call")) == ("paid", [])
    await house.link()
    await house.beat()
    assert (await house.read(made.number)).status == "posted"


@pytest.mark.parametrize("fault", ["payment_timeout", "payment_late"])
async def test_an_answer_that_was_lost_is_asked_about_before_anything_else(house, fault):
    made = await house.paid()
    await house.err(made.number, fault, seconds=1.5)
    await house.beat()
    waiting = await house.read(made.number)
    assert (waiting.status, waiting.post_error) == ("paid", "ReadTimeout")
    await house.hurry()
    assert (await house.read(made.number)).status == "posted"
    assert len(await house.booked(made.number)) == 1
    calls = await house.rows("SELECT kind, answer FROM medical.his_call ORDER BY id")
    assert [tuple(call) for call in calls] == [("payment", "silent"), ("payment.query", "posted")]


@pytest.mark.parametrize("fault", ["payment_error", "payment_lost", "payment_refuse", "payment_tamper"])
async def test_three_failures_make_a_case_for_people(house, fault):
    made = await house.paid()
    await house.err(made.number, fault, seconds=1.0)
    await house.beat()
    await house.hurry()
    if fault == "payment_tamper":  # it was booked; only the answer was forged
        assert (await house.read(made.number)).status == "posted"
        return
    assert (await house.read(made.number)).status == "paid"
    await house.hurry()
    failed = await house.read(made.number)
    assert (failed.status, failed.post_tries, len(await house.booked(made.number))) == ("post_failed", 3, 0)
    assert (failed.post_at - failed.post_failed_at).total_seconds() == 30 * 60


async def test_finance_hears_of_it_in_the_bell_once_and_of_many_together(house, monkeypatch):
    finance, _ = await log_in(house.platform, house.id, "med.finance_maker", name="对账岗")
    await log_in(house.platform, house.id, "med.cashier", name="窗口")
    monkeypatch.setattr(notices, "FEW", 2)
    orders = [await house.paid(insured=False) for _ in range(5)]
    lost, others = orders[0], orders[1:]
    await house.err(lost.number, "payment_refuse")
    await house.hurry(4)
    told = {event.code: event for event in notices.EVENTS}
    async with house.tenant() as session:
        [entry], _ = await inbox.of_staff(session, told, finance, None)
    row = await house.read(lost.number)
    assert (row.status, entry.title, entry.href) == ("post_failed", "HIS 没有上账", f"/console/medical/post-failures/{lost.number}")
    assert f"订单 {lost.number}（74.56 元）" in entry.text and f"{row.post_at.astimezone(clock.SHANGHAI):%H:%M} 起自动退回" in entry.text
    for each in others:  # HIS is down altogether
        async with house.tenant() as session:
            asked = "UPDATE medical.med_order SET status = 'paid', post_tries = 2, post_at = now(), posted_at = NULL WHERE number = :number"
            await session.execute(text(asked), {"number": each.number})
        await house.err(each.number, "query_error")
    await house.beat()
    states = await house.rows("SELECT count(*) AS n FROM medical.med_order WHERE status = 'post_failed'")
    entries = await house.rows("SELECT user_id, facts FROM core.notice WHERE event = 'medical_post_failed' ORDER BY id")
    assert (states[0].n, {str(each.user_id) for each in entries}) == (5, {finance.id}), "only who may post again is told"
    assert [each.facts["path"].rpartition("/")[2] for each in entries] == [lost.number, "post-failures"], "then one for all of ten minutes"
    assert entries[1].facts["orders"] == "5"


@pytest.mark.parametrize(("minutes", "until"), [(30, "23:50"), (24 * 60, "03-02 23:20"), (60, "03-02 00:20")])
def test_the_bell_says_the_day_where_the_money_goes_back_on_another(minutes, until):
    failed_at = dt.datetime(2026, 3, 1, 23, 20, tzinfo=clock.SHANGHAI).astimezone(dt.UTC)
    row = SimpleNamespace(number="M1", cash_fen=7_456, post_failed_at=failed_at)
    assert notices.facts_of(row, dt.timedelta(minutes=minutes), 1)["until"] == until


async def test_what_his_does_not_have_goes_back_by_itself_after_the_minutes(house):
    made = await house.paid(insured=False)
    await house.err(made.number, "payment_refuse")
    await house.hurry(3)
    assert (await house.read(made.number)).status == "post_failed"
    await house.long_ago(made.number)
    await house.beat()
    await house.hurry(3)
    gone = await house.read(made.number)
    assert (gone.status, gone.refunded_fen, gone.post_at) == ("refunded", made.cash_fen, None)
    (booking,) = await house.booked(made.number)
    assert booking["state"] == "cancelled", "a message that comes late cannot post it any more"
    (refund,) = await house.rows("SELECT reason, status, requested_by, approved_by FROM core.refund")
    assert tuple(refund) == ("HIS 上账失败，自动退回", "success", "系统", "上账失败自动退款")
    (returned,) = await house.rows("SELECT status, told_at IS NOT NULL FROM medical.med_return")
    assert tuple(returned) == ("done", True)
    assert await trade.faults(house.platform, house.id) == {}


async def test_what_goes_back_by_itself_waits_for_the_insurer_too(house):
    made = await house.paid()
    (known,) = await house.rows("SELECT setl_id FROM medical.insurance_settlement")
    await house.err(made.number, "payment_refuse")
    await house.err(known.setl_id, "reversal_error", "query_error")
    await house.hurry(3)
    await house.long_ago(made.number)
    await house.hurry(3)
    assert ((await house.read(made.number)).status, house.channel.moved) == ("post_failed", {})
    await house.err(known.setl_id)
    await house.hurry(5)
    assert (await house.read(made.number)).status == "refunded"
    (settled,) = await house.rows("SELECT status FROM medical.insurance_settlement")
    assert settled.status == "reversed"


async def test_what_his_had_all_along_is_posted_and_not_given_back(house):
    made = await house.paid(insured=False)
    await house.err(made.number, "payment_timeout", "query_error", seconds=1.5)
    await house.hurry(3)
    failed = await house.read(made.number)
    assert (failed.status, len(await house.booked(made.number))) == ("post_failed", 1)
    await house.err(made.number)
    await house.long_ago(made.number)
    await house.beat()
    assert (await house.read(made.number)).status == "posted"
    assert await house.rows("SELECT 1 FROM core.refund") == []


@pytest.mark.parametrize("fault", ["query_error", "query_tamper", "cancel_error", "cancel_tamper"])
async def test_while_his_cannot_be_asked_nothing_moves(house, fault):
    made = await house.paid(insured=False)
    await house.err(made.number, "payment_refuse")
    await house.hurry(3)
    await house.err(made.number, fault)
    await house.long_ago(made.number)
    await house.beat()
    stands = await house.read(made.number)
    assert (stands.status, await house.rows("SELECT 1 FROM core.refund"), stands.post_at > stands.paid_at) == ("post_failed", [], True)
    await house.err(made.number)
    await house.hurry(3)
    assert (await house.read(made.number)).status == "refunded"


@pytest.mark.parametrize("fault", ["cancel_timeout", "cancel_late", "cancel_twice", "refund_timeout", "refund_twice"])
async def test_money_goes_back_once_however_his_answers(house, fault):
    """HIS cancelled or booked the refund, and said so late, twice or not at all."""
    made = await house.paid(insured=False)
    await house.err(made.number, "payment_refuse")
    await house.hurry(3)
    await house.err(made.number, fault, seconds=1.5)
    for _ in range(3):
        await house.long_ago(made.number)
        await house.beat()
        await house.hurry()
    gone = await house.read(made.number)
    assert (gone.status, gone.refunded_fen) == ("refunded", made.cash_fen)
    refunds = await house.rows("SELECT status, amount_fen FROM core.refund")
    assert [tuple(each) for each in refunds] == [("success", made.cash_fen)]
    assert await trade.faults(house.platform, house.id) == {}


async def test_a_his_that_books_twice_is_flagged_and_not_believed(house):
    made = await house.paid()
    await house.err(made.number, "payment_twice")
    await house.beat()
    posted = await house.read(made.number)
    serials = [each["serial"] for each in reversed(await house.booked(made.number))]
    assert (posted.status, posted.his_serial, len(serials)) == ("posted", serials[0], 2)
    (said,) = await house.rows("SELECT kind, ours, theirs, status FROM medical.his_disagreement")
    assert tuple(said) == ("twice", serials[0], ", ".join(serials), "open")


async def test_another_amount_is_kept_and_our_books_stay(house):
    made = await house.paid()
    await house.err(made.number, "payment_amount")
    await house.beat()
    posted = await house.read(made.number)
    assert (posted.status, posted.cash_fen, posted.total_fen) == ("posted", 7_456, 48_640)
    (said,) = await house.rows("SELECT kind, ours, theirs FROM medical.his_disagreement")
    assert tuple(said) == ("amount", "7456", "7556")


async def test_killed_between_his_yes_and_our_write_it_is_posted_once(house, monkeypatch):
    made = await house.paid()

    async def dies(*_: object) -> None:
        raise SystemError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(posting, "decide", dies)
        await house.beat()
    assert ((await house.read(made.number)).status, len(await house.booked(made.number))) == ("paid", 1)
    await house.hurry()
    assert ((await house.read(made.number)).status, len(await house.booked(made.number))) == ("posted", 1)


async def test_people_post_once_more(house):
    made = await house.paid()
    await house.err(made.number, "payment_error")
    await house.hurry(3)
    await house.err(made.number)
    await posting.again(house.platform, house.id, made.id, house.hospital.maker, "信息科已修复")
    await house.hurry()
    assert (await house.read(made.number)).status == "posted"
    with pytest.raises(PostingSettled):
        await posting.again(house.platform, house.id, made.id, house.hospital.maker, "再来一次")


async def test_his_is_told_nothing_personal_and_the_calls_neither(house):
    await house.posted()
    calls = await house.rows("SELECT * FROM medical.his_call")
    told = str(calls)
    assert calls and not any(word in told for word in ("张小明", "350102199001011238", "13800000001", house.secret))
