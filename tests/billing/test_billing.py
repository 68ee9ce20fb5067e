"""Bills: issued once, ticked by their payer, filled in order, corrected by two people."""

import asyncio
import datetime as dt

import msgspec
import pytest

from core.approvals import service as approvals
from core.billing import corrections, credit, service
from core.billing.errors import AmountTooLarge, BillHasMoney, BillNotFound, LineNotOptional, MergeNotAllowed, PartialNotAllowed
from core.billing.issuing import issue
from core.billing.schemas import LineChange
from core.database.tables import new_tenant_id
from core.errors import IllegalTransition, SelfApproval, StaleForm
from core.identity.actor import Actor
from core.ledger import service as ledger
from core.payments.capture import decide
from tests import trade


def person(tenant_id, name: str) -> Actor:
    return Actor(kind="user", id=name, name=name, tenant_id=tenant_id, rights={"billing.bill.check": None, "billing.bill.adjust": None})


@pytest.fixture
async def school(platform):
    return await trade.found(platform, new_tenant_id())


@pytest.fixture
def maker(school):
    return person(school.tenant_id, "经办")


@pytest.fixture
def checker(school):
    return person(school.tenant_id, "复核")


async def pay(platform, school, items, amount_fen=None) -> None:
    number = await trade.order(platform, school, items)
    async with platform.database.tenant(school.tenant_id) as session:
        await decide(session, school.account, trade.success(number, amount_fen or sum(fen for _, fen in items)))


async def agree(platform, school, approval_id, checker) -> None:
    async with platform.database.tenant(school.tenant_id) as session:
        await approvals.approve(session, approvals.kinds_of(platform.plugins, frozenset()), approval_id, checker)


async def read(platform, school, bill_id):
    async with platform.database.tenant(school.tenant_id) as session:
        return await service.find_bill(session, bill_id)


async def test_issuing_twice_and_at_once_makes_each_bill_once(platform, school):
    async def publish():
        async with platform.database.tenant(school.tenant_id) as session:
            return await issue(session, [trade.draft(school, child) for child in school.children])

    results = await asyncio.gather(*(publish() for _ in range(4)))
    assert sorted(r.count for r in results) == [0, 0, 0, 2]
    assert [r.existing for r in results].count(2) == 3


async def test_a_bill_asks_for_its_mandatory_lines_until_an_option_is_ticked(platform, school, maker):
    bill_id, _ = await trade.bills(platform, school)
    bill = await read(platform, school, bill_id)
    assert (bill.amount_fen, bill.discount_fen, bill.open_fen) == (95_000, 5_000, 95_000)
    async with platform.database.tenant(school.tenant_id) as session:
        ticked = await service.choose_lines(session, bill_id, {2}, maker, bill.version)
    assert (ticked.amount_fen, [line.chosen for line in ticked.lines]) == (125_000, [True, True])
    async with platform.database.tenant(school.tenant_id) as session:
        with pytest.raises(StaleForm):
            await service.choose_lines(session, bill_id, set(), maker, bill.version)
        with pytest.raises(LineNotOptional):
            await service.choose_lines(session, bill_id, {1}, maker, ticked.version)


async def test_money_fills_mandatory_lines_first_and_credits_merchants_by_line(platform, school, maker):
    bill_id, _ = await trade.bills(platform, school)
    bill = await read(platform, school, bill_id)
    async with platform.database.tenant(school.tenant_id) as session:
        await service.choose_lines(session, bill_id, {2}, maker, bill.version)
    await pay(platform, school, [(bill_id, 100_000)])
    bill = await read(platform, school, bill_id)
    assert [line.paid_fen for line in bill.lines] == [95_000, 5_000]
    assert (bill.status, bill.open_fen) == ("partially_paid", 25_000)
    async with platform.database.tenant(school.tenant_id) as session:
        assert await ledger.balance(session, "L.MER.TUITION") == 95_000
        assert await ledger.balance(session, "L.MER.MEAL") == 5_000
    await pay(platform, school, [(bill_id, 25_000)])
    assert (await read(platform, school, bill_id)).status == "paid"
    assert await trade.faults(platform, school.tenant_id) == {}


async def test_what_a_bill_does_not_take_is_refused_in_words(platform, school):
    strict, _ = await trade.bills(platform, school, allow_partial=False, allow_merge=False)
    bill = await read(platform, school, strict)
    with pytest.raises(PartialNotAllowed, match=r"950\.00"):
        service.check_payable(bill, 100, merged=False)
    with pytest.raises(AmountTooLarge):
        service.check_payable(bill, 95_001, merged=False)
    with pytest.raises(MergeNotAllowed):
        service.check_payable(bill, 95_000, merged=True)


async def test_instalments_add_up_and_are_filled_in_order(platform, school):
    plan = ((dt.date(2020, 1, 1), "50"), (dt.date(2099, 1, 1), "30"), (dt.date(2099, 6, 1), "20"))
    bill_id, _ = await trade.bills(platform, school, instalments=plan)
    bill = await read(platform, school, bill_id)
    assert [(i.amount_fen, i.state) for i in bill.instalments] == [(47_500, "overdue"), (28_500, "planned"), (19_000, "planned")]
    await pay(platform, school, [(bill_id, 47_500)])
    bill = await read(platform, school, bill_id)
    assert [(i.paid_fen, i.state) for i in bill.instalments] == [(47_500, "paid"), (0, "due"), (0, "planned")]


async def test_another_tenants_bill_is_not_found(platform, school):
    bill_id, _ = await trade.bills(platform, school)
    async with platform.database.tenant(new_tenant_id()) as session:
        with pytest.raises(BillNotFound):
            await service.find_bill(session, bill_id)


async def test_a_void_needs_a_second_person_and_no_money(platform, school, maker, checker):
    first, second = await trade.bills(platform, school)
    async with platform.database.tenant(school.tenant_id) as session:
        asked = await corrections.propose_void(session, await service.find_bill(session, first), "开错了", maker)
    with pytest.raises(SelfApproval):
        await agree(platform, school, asked, maker)
    await agree(platform, school, asked, checker)
    assert (await read(platform, school, first)).status == "void"
    await pay(platform, school, [(second, 100)])
    async with platform.database.tenant(school.tenant_id) as session:
        with pytest.raises((BillHasMoney, IllegalTransition)):
            await corrections.propose_void(session, await service.find_bill(session, second), "开错了", maker)


async def test_money_that_comes_between_proposal_and_approval_stops_the_void(platform, school, maker, checker):
    bill_id, _ = await trade.bills(platform, school)
    async with platform.database.tenant(school.tenant_id) as session:
        asked = await corrections.propose_void(session, await service.find_bill(session, bill_id), "开错了", maker)
    await pay(platform, school, [(bill_id, 95_000)])
    with pytest.raises(IllegalTransition):
        await agree(platform, school, asked, checker)
    assert (await read(platform, school, bill_id)).status == "paid"


async def test_an_adjustment_below_what_was_paid_leaves_the_rest_as_the_familys_credit(platform, school, maker, checker):
    bill_id, sibling = await trade.bills(platform, school)
    await pay(platform, school, [(bill_id, 95_000)])
    async with platform.database.tenant(school.tenant_id) as session:
        bill = await service.find_bill(session, bill_id)
        asked = await corrections.propose_adjust(session, bill, [LineChange(1, 60_000)], "奖学金补发", maker)
    await agree(platform, school, asked, checker)
    bill = await read(platform, school, bill_id)
    assert (bill.amount_fen, bill.paid_fen, bill.status) == (60_000, 60_000, "paid")
    async with platform.database.tenant(school.tenant_id) as session:
        assert await credit.balance(session, school.children) == 35_000
        assert await ledger.balance(session, f"L.PREPAY.{school.children[0]}") == 35_000
        used = await credit.use(session, school.children, sibling, maker, "k1")
    assert used == 35_000
    assert (await read(platform, school, sibling)).open_fen == 60_000
    assert await trade.faults(platform, school.tenant_id) == {}


async def test_a_payment_moves_between_siblings_fen_by_fen(platform, school, maker, checker):
    wrong, right = await trade.bills(platform, school)
    await pay(platform, school, [(wrong, 50_000)])
    await pay(platform, school, [(wrong, 45_000)])
    async with platform.database.tenant(school.tenant_id) as session:
        source, target = await service.find_bill(session, wrong), await service.find_bill(session, right)
        asked = await corrections.propose_move(session, source, target, 60_000, "付错孩子", maker)
    await agree(platform, school, asked, checker)
    source, target = await read(platform, school, wrong), await read(platform, school, right)
    assert (source.paid_fen, source.status) == (35_000, "partially_paid")
    assert (target.paid_fen, target.status) == (60_000, "partially_paid")
    assert await trade.faults(platform, school.tenant_id) == {}


async def test_a_recall_voids_unpaid_bills_and_they_can_be_issued_again(platform, school):
    from core.billing import repository

    paid, unpaid = await trade.bills(platform, school, source="plan:9")
    await pay(platform, school, [(paid, 95_000)])
    async with platform.database.tenant(school.tenant_id) as session:
        assert await repository.recall(session, "plan:9") == [unpaid]
    async with platform.database.tenant(school.tenant_id) as session:
        again = await issue(session, [trade.draft(school, child, source="plan:9") for child in school.children])
    assert (again.count, again.existing) == (1, 1)


async def test_a_bill_with_a_payment_under_way_is_not_recalled(platform, school):
    from core.billing import repository

    first, second = await trade.bills(platform, school, source="plan:8")
    await trade.order(platform, school, [(first, 95_000)])
    async with platform.database.tenant(school.tenant_id) as session:
        assert await repository.recall(session, "plan:8") == [second]


async def test_pay_codes_carry_a_check_digit(platform, school):
    from stdnum import luhn

    bill = await read(platform, school, (await trade.bills(platform, school))[0])
    assert len(bill.pay_code) == 16 and luhn.is_valid(bill.pay_code)
    async with platform.database.tenant(school.tenant_id) as session:
        assert (await service.find_by_pay_code(session, bill.pay_code)).id == bill.id
    assert msgspec.json.encode(bill)
