"""Shifts: opened, counted, submitted, accepted by somebody else; what a drawer held too much or too little is in the books."""

import datetime as dt

import pytest

from core import clock
from core.counter import service, shifts
from core.counter.errors import NoOpenShift, ShiftAlreadyOpen, SlipAlreadyEntered, TenderedTooLittle, VarianceReasonMissing
from core.counter.schemas import NOTES_FEN
from core.errors import IllegalTransition, InvalidRequest, SelfApproval
from core.ledger import service as ledger
from core.payments.errors import EmptyCharge
from core.payments.schemas import PayItem
from tests import trade
from tests.counter.conftest import MCHID


def counted(**notes: int) -> dict[int, int]:
    return dict.fromkeys(NOTES_FEN, 0) | {int(name[1:]): number for name, number in notes.items()}


async def balance(platform, tenant_id, code: str) -> int:
    async with platform.database.tenant(tenant_id) as session:
        return await ledger.balance(session, code)


async def in_session(platform, shop, work):
    async with platform.database.tenant(shop.tenant_id) as session:
        return await work(session)


@pytest.fixture
async def opened(platform, shop, cashier):
    """The cashier's shift with 200.00 of change, and a bill of 950.00."""
    bill, other = await trade.bills(platform, shop)
    shift_id = await in_session(platform, shop, lambda s: shifts.open_shift(s, cashier, "一号窗口", 20_000))
    return shift_id, bill, other


async def test_cash_pays_a_bill_gives_change_and_stands_in_the_shift(platform, shop, cashier, opened):
    shift_id, bill, _ = opened
    items = [PayItem(bill, 95_000)]
    given = await in_session(platform, shop, lambda s: service.take_cash(s, platform.vault, cashier, items, 100_000, "k1"))
    assert (given.amount_fen, given.change_fen) == (95_000, 5_000)
    shown = await in_session(platform, shop, lambda s: shifts.find(s, shift_id, cashier))
    assert (shown.cash_in_fen, shown.expected_fen, shown.by_kind) == (95_000, 115_000, {"cash": (1, 95_000)})
    assert await balance(platform, shop.tenant_id, f"A.CH.counter.{MCHID}") == 95_000
    assert await trade.faults(platform, shop.tenant_id) == {}


async def test_too_little_cash_and_no_shift_are_refused_and_book_nothing(platform, shop, cashier, keeper, opened):
    _, bill, _ = opened
    items = [PayItem(bill, 95_000)]
    with pytest.raises(TenderedTooLittle):
        await in_session(platform, shop, lambda s: service.take_cash(s, platform.vault, cashier, items, 94_999, "k1"))
    with pytest.raises(NoOpenShift):
        await in_session(platform, shop, lambda s: service.take_cash(s, platform.vault, keeper, items, 95_000, "k2"))
    assert await balance(platform, shop.tenant_id, f"A.CH.counter.{MCHID}") == 0


async def test_a_pos_slip_is_booked_once(platform, shop, cashier, opened):
    _, bill, other = opened

    async def take(bill_id, key):
        items = [PayItem(bill_id, 95_000)]
        return await in_session(
            platform, shop, lambda s: service.take_pos(s, platform.vault, cashier, items, "T001", "REF123456", "6222", key)
        )

    await take(bill, "k1")
    with pytest.raises(SlipAlreadyEntered):
        await take(other, "k2")
    assert await balance(platform, shop.tenant_id, f"A.CH.counter.{MCHID}") == 95_000


async def test_one_shift_at_a_time(platform, shop, cashier, opened):
    with pytest.raises(ShiftAlreadyOpen) as refused:
        await in_session(platform, shop, lambda s: shifts.open_shift(s, cashier, "二号窗口", 0))
    assert "一号窗口" in refused.value.message


async def test_a_shift_that_agrees_is_accepted_by_somebody_else(platform, shop, cashier, keeper, opened):
    shift_id, bill, _ = opened
    items = [PayItem(bill, 95_000)]
    await in_session(platform, shop, lambda s: service.take_cash(s, platform.vault, cashier, items, 95_000, "k1"))
    await in_session(platform, shop, lambda s: shifts.begin_count(s, cashier))
    with pytest.raises(NoOpenShift):
        await in_session(platform, shop, lambda s: shifts.working(s, cashier))
    await in_session(platform, shop, lambda s: shifts.submit(s, cashier, counted(n10000=11, n5000=1)))
    with pytest.raises(SelfApproval):
        await in_session(platform, shop, lambda s: shifts.accept(s, shift_id, cashier, MCHID, 20_000, "JK1"))
    await in_session(platform, shop, lambda s: shifts.accept(s, shift_id, keeper, MCHID, 20_000, "JK1"))
    shown = await in_session(platform, shop, lambda s: shifts.find(s, shift_id, keeper))
    assert (shown.status, shown.variance_fen, shown.kept_fen, shown.accepted_by) == ("accepted", 0, 20_000, "出纳乙")
    with pytest.raises(IllegalTransition):
        await in_session(platform, shop, lambda s: shifts.accept(s, shift_id, keeper, MCHID, 20_000, "JK1"))


@pytest.mark.parametrize(("notes", "variance_fen", "account"), [
    ({"n10000": 11, "n2000": 2, "n500": 1}, -500, "A.SUSP.SHORT"),
    ({"n10000": 11, "n5000": 1, "n1000": 1}, 1_000, "L.SUSP.CASH"),
])  # fmt: skip
async def test_a_difference_needs_a_reason_and_is_posted_when_accepted(
    platform, shop, cashier, keeper, opened, notes, variance_fen, account
):
    shift_id, bill, _ = opened
    items = [PayItem(bill, 95_000)]
    await in_session(platform, shop, lambda s: service.take_cash(s, platform.vault, cashier, items, 95_000, "k1"))
    await in_session(platform, shop, lambda s: shifts.begin_count(s, cashier))
    with pytest.raises(VarianceReasonMissing):
        await in_session(platform, shop, lambda s: shifts.submit(s, cashier, counted(**notes)))
    await in_session(platform, shop, lambda s: shifts.submit(s, cashier, counted(**notes), "找零有误"))
    shown = await in_session(platform, shop, lambda s: shifts.find(s, shift_id, keeper))
    assert (shown.status, shown.variance_fen) == ("variance_review", variance_fen)
    await in_session(platform, shop, lambda s: shifts.accept(s, shift_id, keeper, MCHID, 0, "JK2"))
    assert await balance(platform, shop.tenant_id, account) == abs(variance_fen)
    assert await balance(platform, shop.tenant_id, f"A.CH.counter.{MCHID}") == 95_000 + variance_fen
    assert await trade.faults(platform, shop.tenant_id) == {}


async def test_a_count_is_sent_back_and_done_again(platform, shop, cashier, keeper, opened):
    shift_id, _, _ = opened
    await in_session(platform, shop, lambda s: shifts.begin_count(s, cashier))
    await in_session(platform, shop, lambda s: shifts.submit(s, cashier, counted(n10000=1), "漏点一张"))
    await in_session(platform, shop, lambda s: shifts.send_back(s, shift_id, keeper, "请复点"))
    await in_session(platform, shop, lambda s: shifts.submit(s, cashier, counted(n10000=2)))
    shown = await in_session(platform, shop, lambda s: shifts.find(s, shift_id, keeper))
    assert (shown.status, shown.variance_fen) == ("submitted", 0)


async def test_a_cheque_pays_only_when_it_clears(platform, shop, cashier, keeper, opened):
    _, bill, _ = opened
    cheque_id = await in_session(
        platform, shop, lambda s: service.take_cheque(s, cashier, [PayItem(bill, 95_000)], "00012345", "榕城银行", "某公司")
    )
    assert await balance(platform, shop.tenant_id, f"A.CH.counter.{MCHID}") == 0
    with pytest.raises(SlipAlreadyEntered):
        await in_session(
            platform, shop, lambda s: service.take_cheque(s, cashier, [PayItem(bill, 95_000)], "00012345", "榕城银行", "某公司")
        )
    shift_id = (await in_session(platform, shop, lambda s: shifts.current(s, cashier))).id

    async def journal():
        return [(row.kind, row.amount_fen) for row in await in_session(platform, shop, lambda s: shifts.entries(s, shift_id))]

    assert await journal() == [("cheque_received", 95_000)], "what was taken in a shift stands in its journal"
    await in_session(platform, shop, lambda s: service.clear_cheque(s, platform.vault, cheque_id, keeper))
    assert await journal() == [("cheque_cleared", 95_000)]
    assert await balance(platform, shop.tenant_id, f"A.CH.counter.{MCHID}") == 95_000
    with pytest.raises(IllegalTransition):
        await in_session(platform, shop, lambda s: service.bounce_cheque(s, cheque_id, keeper, "退票"))


async def test_a_shift_that_is_still_open_cannot_be_taken_over(platform, shop, keeper, opened):
    with pytest.raises(IllegalTransition):
        await in_session(platform, shop, lambda s: shifts.accept(s, opened[0], keeper, MCHID, 0, "JK1"))


async def test_one_bill_twice_in_a_charge_is_refused_so_that_nothing_is_overpaid(platform, shop, cashier, opened):
    _, bill, _ = opened
    items = [PayItem(bill, 60_000), PayItem(bill, 60_000)]
    with pytest.raises(EmptyCharge):
        await in_session(platform, shop, lambda s: service.take_cash(s, platform.vault, cashier, items, 120_000, "k1"))
    with pytest.raises(InvalidRequest):
        await in_session(platform, shop, lambda s: service.take_cash(s, platform.vault, cashier, items[:1], 10**40, "k2"))
    assert await balance(platform, shop.tenant_id, f"A.CH.counter.{MCHID}") == 0


async def test_a_shift_that_was_not_handed_in_is_not_sent_back_by_somebody_else(platform, shop, cashier, keeper, opened):
    with pytest.raises(IllegalTransition):
        await in_session(platform, shop, lambda s: shifts.send_back(s, opened[0], keeper, "快点"))
    assert (await in_session(platform, shop, lambda s: shifts.find(s, opened[0], keeper))).status == "open"
    await in_session(platform, shop, lambda s: shifts.begin_count(s, cashier))
    with pytest.raises(IllegalTransition):
        await in_session(platform, shop, lambda s: shifts.send_back(s, opened[0], keeper, "快点"))


async def test_whoever_counts_does_not_see_what_should_be_there(platform, shop, cashier, keeper, opened):
    shift_id, bill, _ = opened
    items = [PayItem(bill, 95_000)]
    await in_session(platform, shop, lambda s: service.take_cash(s, platform.vault, cashier, items, 95_000, "k1"))
    await in_session(platform, shop, lambda s: shifts.begin_count(s, cashier))
    for again in (False, True):
        told = [
            await in_session(platform, shop, lambda s: shifts.current(s, cashier)),
            await in_session(platform, shop, lambda s: shifts.find(s, shift_id, cashier)),
            (await in_session(platform, shop, lambda s: shifts.list_shifts(s, cashier, "", None)))[0][0],
        ]
        hidden = [(t.expected_fen, t.cash_in_fen, t.cash_out_fen, t.by_kind, t.variance_fen) for t in told]
        assert hidden == [(None,) * 5] * 3, again
        seen = await in_session(platform, shop, lambda s: shifts.find(s, shift_id, keeper))
        assert (seen.expected_fen, seen.cash_in_fen) == (115_000, 95_000)
        await in_session(platform, shop, lambda s: shifts.submit(s, cashier, counted(n10000=1), "漏点"))
        assert (await in_session(platform, shop, lambda s: shifts.find(s, shift_id, cashier))).expected_fen == 115_000
        if not again:
            await in_session(platform, shop, lambda s: shifts.send_back(s, shift_id, keeper, "请复点"))


async def test_a_bounced_cheque_is_presented_again_and_pays_once(platform, shop, cashier, keeper, opened):
    _, bill, other = opened

    async def take(bill_id):
        items = [PayItem(bill_id, 95_000)]
        return await in_session(platform, shop, lambda s: service.take_cheque(s, cashier, items, "00012345", "榕城银行", "某公司"))

    first = await take(bill)
    await in_session(platform, shop, lambda s: service.bounce_cheque(s, first, keeper, "存款不足"))
    second = await take(bill)
    with pytest.raises(SlipAlreadyEntered):
        await take(other)
    await in_session(platform, shop, lambda s: service.clear_cheque(s, platform.vault, second, keeper))
    with pytest.raises(SlipAlreadyEntered):
        await take(other)
    assert await balance(platform, shop.tenant_id, f"A.CH.counter.{MCHID}") == 95_000
    assert await trade.faults(platform, shop.tenant_id) == {}


async def test_a_terminals_numbers_begin_again_the_next_day(platform, shop, cashier, opened, monkeypatch):
    _, bill, other = opened

    async def take(bill_id, key):
        items = [PayItem(bill_id, 95_000)]
        return await in_session(platform, shop, lambda s: service.take_pos(s, platform.vault, cashier, items, "T001", "000001", "6222", key))

    await take(bill, "k1")
    with pytest.raises(SlipAlreadyEntered):
        await take(other, "k2")
    tomorrow = clock.today() + dt.timedelta(days=1)
    monkeypatch.setattr(clock, "today", lambda: tomorrow)
    await take(other, "k3")
    assert await balance(platform, shop.tenant_id, f"A.CH.counter.{MCHID}") == 190_000
    assert await trade.faults(platform, shop.tenant_id) == {}
