"""Money that arrives: booked once, on what it was meant for, and never dropped."""

import asyncio

import msgspec
import pytest
from sqlalchemy import text

from core.approvals import service as approvals
from core.billing import credit, service
from core.database.tables import new_tenant_id
from core.identity.actor import Actor
from core.ledger import service as ledger
from core.payments import repository
from core.payments.capture import decide
from core.payments.service import settle
from core.payments.suspense import service as suspense
from tests import trade


@pytest.fixture
async def school(platform):
    return await trade.found(platform, new_tenant_id(), children=3)


async def word(platform, school, state):
    return await settle(platform, school.tenant_id, school.account, state)


async def stands(platform, school, account: str) -> int:
    async with platform.database.tenant(school.tenant_id) as session:
        return await ledger.balance(session, account)


async def open_items(platform, school):
    async with platform.database.tenant(school.tenant_id) as session:
        return await repository.list_suspense(session, "open", None, 50)


async def status_of(platform, school, number) -> str:
    async with platform.database.tenant(school.tenant_id) as session:
        return (await repository.find_order(session, number)).status


async def test_a_family_basket_is_one_charge_over_several_bills(platform, school):
    bills = await trade.bills(platform, school)
    number = await trade.order(platform, school, [(bill, 95_000) for bill in bills])
    assert (await word(platform, school, trade.success(number, 285_000))).outcome == "booked"
    async with platform.database.tenant(school.tenant_id) as session:
        assert {(await service.find_bill(session, bill)).status for bill in bills} == {"paid"}
    assert await stands(platform, school, f"A.CH.wechatpay.{trade.MCHID}") == 285_000
    assert await trade.faults(platform, school.tenant_id) == {}


async def test_the_same_success_ten_times_at_once_is_booked_once(platform, school):
    bill, *_ = await trade.bills(platform, school)
    number = await trade.order(platform, school, [(bill, 95_000)])
    outcomes = await asyncio.gather(*(word(platform, school, trade.success(number, 95_000)) for _ in range(10)))
    assert sorted(o.outcome for o in outcomes) == ["booked"] + ["duplicate"] * 9
    assert await stands(platform, school, "L.MER.TUITION") == 95_000


async def test_a_late_success_on_a_closed_order_pays_the_bill_that_still_owes(platform, school):
    bill, *_ = await trade.bills(platform, school)
    number = await trade.order(platform, school, [(bill, 95_000)])
    assert (await word(platform, school, trade.success(number, 0, state="closed"))).outcome == "closed"
    assert (await word(platform, school, trade.success(number, 95_000))).outcome == "booked"
    assert await status_of(platform, school, number) == "succeeded"


async def test_a_late_success_for_a_bill_paid_meanwhile_lands_in_suspense(platform, school):
    bill, *_ = await trade.bills(platform, school)
    late = await trade.order(platform, school, [(bill, 95_000)])
    await word(platform, school, trade.success(late, 0, state="closed"))
    number = await trade.order(platform, school, [(bill, 95_000)])
    await word(platform, school, trade.success(number, 95_000))
    assert (await word(platform, school, trade.success(late, 95_000))).outcome == "suspense"
    (item,) = await open_items(platform, school)
    assert (item.reason, item.left_fen) == ("late_success", 95_000)
    assert await stands(platform, school, "L.SUSP.LONG") == 95_000
    assert await trade.faults(platform, school.tenant_id) == {}


async def test_two_transactions_on_one_order_keep_both_amounts(platform, school):
    bill, *_ = await trade.bills(platform, school)
    number = await trade.order(platform, school, [(bill, 95_000)])
    await word(platform, school, trade.success(number, 95_000, txn="first"))
    assert (await word(platform, school, trade.success(number, 95_000, txn="second"))).outcome == "suspense"
    assert (await word(platform, school, trade.success(number, 95_000, txn="second"))).outcome == "duplicate"
    (item,) = await open_items(platform, school)
    assert item.reason == "double_payment"
    assert await trade.faults(platform, school.tenant_id) == {}


async def test_money_for_no_order_of_ours_is_kept_in_suspense_once(platform, school):
    state = trade.success("P2612345678901234", 12_345)
    outcomes = await asyncio.gather(*(word(platform, school, state) for _ in range(4)))
    assert sorted(o.outcome for o in outcomes) == ["duplicate", "duplicate", "duplicate", "suspense"]
    (item,) = await open_items(platform, school)
    assert (item.reason, item.amount_fen) == ("unknown_order", 12_345)
    assert await trade.faults(platform, school.tenant_id) == {}


@pytest.mark.parametrize(
    ("change", "field"),
    [({"amount_fen": 94_999}, "amount_fen"), ({"mchid": "1900009999"}, "mchid"), ({"appid": "wxother"}, "appid"), ({"currency": "USD"}, "currency")],
)
async def test_a_genuine_word_about_another_amount_or_merchant_is_believed_in_nothing(platform, school, change, field):
    bill, *_ = await trade.bills(platform, school)
    number = await trade.order(platform, school, [(bill, 95_000)])
    state = trade.success(number, change.pop("amount_fen", 95_000), **change)
    for _ in range(2):
        assert (await word(platform, school, state)).outcome == "mismatch"
    (item,) = await open_items(platform, school)
    assert item.reason == "mismatch" and set(item.facts["differs"][field]) == {"ours", "theirs"}
    assert await status_of(platform, school, number) == "pending"
    assert await stands(platform, school, "L.MER.TUITION") == 0


async def test_unknown_and_pending_decide_nothing(platform, school):
    bill, *_ = await trade.bills(platform, school)
    number = await trade.order(platform, school, [(bill, 95_000)])
    for state in ("pending", "unknown"):
        assert (await word(platform, school, trade.success(number, 95_000, state=state))).outcome == "pending"
    assert await status_of(platform, school, number) == "pending"


async def test_a_crash_between_the_words_of_the_channel_and_the_commit_leaves_nothing_half_done(platform, school):
    bill, *_ = await trade.bills(platform, school)
    number = await trade.order(platform, school, [(bill, 95_000)])
    with pytest.raises(KeyboardInterrupt):
        async with platform.database.tenant(school.tenant_id) as session:
            await decide(session, school.account, trade.success(number, 95_000))
            raise KeyboardInterrupt
    assert await status_of(platform, school, number) == "pending"
    assert await stands(platform, school, "L.MER.TUITION") == 0
    assert (await word(platform, school, trade.success(number, 95_000))).outcome == "booked"


async def test_money_for_an_optional_line_unticked_meanwhile_is_not_lost(platform, school):
    bill, *_ = await trade.bills(platform, school)
    by = Actor(kind="payer", id="p", name="家长", tenant_id=school.tenant_id)
    async with platform.database.tenant(school.tenant_id) as session:
        ticked = await service.choose_lines(session, bill, {2}, by, 1)
    number = await trade.order(platform, school, [(bill, ticked.open_fen)])
    async with platform.database.tenant(school.tenant_id) as session:
        await service.choose_lines(session, bill, set(), by, ticked.version)
    assert (await word(platform, school, trade.success(number, 125_000))).outcome == "suspense"
    (item,) = await open_items(platform, school)
    assert item.left_fen == 30_000
    assert await trade.faults(platform, school.tenant_id) == {}


async def test_suspense_is_resolved_by_two_people_onto_a_bill_and_as_credit(platform, school):
    first, *_ = await trade.bills(platform, school)
    await word(platform, school, trade.success("P2612345678901235", 100_000))
    (item,) = await open_items(platform, school)
    rights = {"billing.bill.check": None}
    maker, checker = (Actor(kind="user", id=n, name=n, tenant_id=school.tenant_id, rights=rights) for n in ("甲", "乙"))
    kinds = approvals.kinds_of(platform.plugins, frozenset())
    for target in ({"bill_id": first, "amount_fen": 95_000}, {"party_id": school.children[1], "amount_fen": 5_000}):
        async with platform.database.tenant(school.tenant_id) as session:
            asked = await suspense.propose(session, item.id, reason="家长来电确认", by=maker, **target)
        async with platform.database.tenant(school.tenant_id) as session:
            await approvals.approve(session, kinds, asked, checker)
    assert await open_items(platform, school) == []
    assert await stands(platform, school, "L.SUSP.LONG") == 0
    async with platform.database.tenant(school.tenant_id) as session:
        assert (await service.find_bill(session, first)).status == "paid"
        assert await credit.balance(session, [school.children[1]]) == 5_000
    assert await trade.faults(platform, school.tenant_id) == {}


async def test_a_charge_and_a_correction_at_once_do_not_deadlock(platform, school):
    bills = await trade.bills(platform, school)
    one = await trade.order(platform, school, [(bill, 95_000) for bill in bills])
    two = await trade.order(platform, school, [(bill, 95_000) for bill in reversed(bills)])
    outcomes = await asyncio.gather(*(word(platform, school, trade.success(n, 285_000)) for n in (one, two)))
    assert sorted(o.outcome for o in outcomes) == ["booked", "suspense"]
    assert await trade.faults(platform, school.tenant_id) == {}


async def test_capturing_waits_for_no_lock_that_all_payments_share(platform, school):
    """Another payment of the client stands open and uncommitted; this one must not wait for it (hot account)."""
    first, second, third = await trade.bills(platform, school)
    await word(platform, school, trade.success(await trade.order(platform, school, [(third, 95_000)]), 95_000))
    one, two = await trade.order(platform, school, [(first, 95_000)]), await trade.order(platform, school, [(second, 95_000)])
    async with platform.database.tenant(school.tenant_id) as session:
        await decide(session, school.account, trade.success(one, 95_000))
        async with platform.database.tenant(school.tenant_id) as other:
            await other.simple("SET LOCAL lock_timeout = '300ms'")
            assert (await decide(other, school.account, trade.success(two, 95_000))).outcome == "booked"


async def test_every_payment_writes_its_event_with_the_money(platform, school):
    bill, *_ = await trade.bills(platform, school)
    number = await trade.order(platform, school, [(bill, 95_000)])
    await word(platform, school, trade.success(number, 95_000))
    async with platform.database.tenant(school.tenant_id) as session:
        kinds = [row.kind for row in await session.all(text("SELECT kind FROM core.outbox_event ORDER BY id"))]
    assert kinds == ["bills_issued", "payment_settled"]


async def test_two_partial_charges_at_once_never_fill_a_line_twice(platform, school):
    bill, *_ = await trade.bills(platform, school)
    numbers = [await trade.order(platform, school, [(bill, 50_000)]) for _ in range(4)]
    outcomes = await asyncio.gather(*(word(platform, school, trade.success(n, 50_000)) for n in numbers))
    assert sorted(o.outcome for o in outcomes) == ["booked", "suspense", "suspense", "suspense"]
    async with platform.database.tenant(school.tenant_id) as session:
        assert (await service.find_bill(session, bill)).paid_fen == 95_000
    assert sum(item.left_fen for item in await open_items(platform, school)) == 105_000
    assert await trade.faults(platform, school.tenant_id) == {}


@pytest.mark.parametrize("state", ["succeeded", "closed"])
async def test_another_merchant_number_of_the_same_client_decides_nothing_about_an_order(platform, school, state):
    """Its word is genuine, and about an order that was placed with somebody else."""
    bill, *_ = await trade.bills(platform, school)
    number = await trade.order(platform, school, [(bill, 95_000)])
    other = msgspec.structs.replace(school.account, mchid="1900000099", appid="wx0000000000000099")
    told = trade.success(number, 95_000, state=state, mchid=other.mchid, appid=other.appid)
    assert (await settle(platform, school.tenant_id, other, told)).outcome == "mismatch"
    assert await status_of(platform, school, number) == "pending"
    assert await stands(platform, school, "L.MER.TUITION") == 0
    assert (await word(platform, school, trade.success(number, 95_000))).outcome == "booked"
