"""Rules find what the number alone does not; they are tried out first, applied in order, and what they matched says which rule it was."""

import datetime as dt

import pytest

from core.clock import SHANGHAI
from core.identity.actor import Actor
from core.reconciliation.errors import RuleInvalid
from core.reconciliation.matching import found_repository as repository
from core.reconciliation.rules import service as rules
from core.reconciliation.rules.schemas import Parameters, RuleMade
from tests.reconciliation.conftest import DAY, NEXT
from tests.reconciliation.loading import row

FINANCE = "财务"


def finance(hospital) -> Actor:
    return Actor(kind="user", id=FINANCE, name=FINANCE, tenant_id=hospital.id)


async def add(hospital, kind: str, title: str = "规则", **told: object):
    async with hospital.platform.database.tenant(hospital.id) as session:
        return await rules.add(session, RuleMade(title=title, kind=kind, parameters=Parameters(**told)), finance(hospital))


async def tried(hospital, kind: str, **told: object) -> list:
    async with hospital.platform.database.tenant(hospital.id) as session:
        return await rules.dry_run(session, RuleMade(title="试算", kind=kind, parameters=Parameters(**told)), DAY)


async def ruled(hospital, day: dt.date = DAY) -> list[dict]:
    async with hospital.platform.database.tenant(hospital.id) as session:
        return (await repository.find_run(session, day)).ruled


def paid(number: str, fen: int, clock: str = "10:00:00", **given: object) -> dict:
    at = dt.datetime.combine(DAY, dt.time.fromisoformat(clock), SHANGHAI)
    return row("wechatpay", "pay", number, fen, happened_at=at, **given)


async def test_a_tolerance_lets_small_amount_differences_agree(hospital):
    made = await hospital()
    await made.files(DAY, {"A": 10_000, "B": 10_000}, {"A": 10_000, "B": 10_000}, {"A": 10_001, "B": 10_500})
    await made.run()
    [pair] = await tried(made, "tolerance", fen=1)
    assert (pair.left, pair.why) == (("A",), "金额相差 0.01 元，在容差之内")
    await add(made, "tolerance", title="一分钱", fen=1)
    await made.run()
    found = await made.differences()
    assert (found["A"].status, found["A"].healed_by, found["A"].facts["rule"]["rule"]) == ("auto_resolved", "rule", "一分钱")
    assert found["B"].status == "open"


async def test_a_fee_tolerance_in_millionths(hospital):
    made = await hospital()
    ours = [paid("A", 100_000, fee_fen=600), paid("B", 100_000, fee_fen=600)]
    theirs = [paid("A", 100_000, fee_fen=650), paid("B", 100_000, fee_fen=651)]
    await add(made, "tolerance", what="fee", ppm=500)
    await made.files(DAY, ours, ours, theirs)
    await made.run()
    assert await made.kinds() == {"B": ("FE1", "open")}


async def test_a_composite_key_pairs_equal_amounts_near_in_time_with_the_same_last_digits(hospital):
    made = await hospital()
    ours = [paid("OURS0001", 5_000), paid("OURS0002", 5_000, "10:03:00")]
    theirs = [paid("WX990001", 5_000, "10:02:50"), paid("WX990003", 5_000, "10:03:01")]
    await made.files(DAY, ours, ours, theirs)
    await made.run()
    loose = await tried(made, "composite", minutes=5)
    assert {(pair.left, pair.right) for pair in loose} == {(("OURS0001",), ("WX990001",)), (("OURS0002",), ("WX990003",))} or len(loose) == 1
    [pair] = await tried(made, "composite", minutes=5, digits=4)
    assert (pair.left, pair.right) == (("OURS0001",), ("WX990001",))
    assert pair.why == "金额同为 50.00 元，时间相差 170 秒，末 4 位相同"
    assert await tried(made, "composite", minutes=2, digits=4) == []
    await add(made, "composite", minutes=5, digits=4)
    await made.run()
    assert await made.kinds() == {
        "OURS0001": ("SH1", "auto_resolved"), "WX990001": ("LG1", "auto_resolved"),
        "OURS0002": ("SH1", "expected"), "WX990003": ("LG1", "expected"),
    }  # fmt: skip


async def test_several_channel_payments_of_one_bill_meet_one_row_of_the_business(hospital):
    made = await hospital()
    business = [paid("HIS1", 300, bill_number="B1")]
    parts = [paid("P1", 100, bill_number="B1"), paid("P2", 200, bill_number="B1"), paid("P3", 50, bill_number="B2")]
    await made.files(DAY, business, parts, parts)
    await add(made, "one_to_many", by="bill_number")
    await made.run()
    assert await made.kinds() == {"P3": ("LG2", "expected")}
    [pair] = await ruled(made)
    assert (pair["left"], pair["right"]) == (["HIS1"], ["P1", "P2"])
    assert pair["why"] == "同一关联号 B1 下，一方 1 笔与另一方 2 笔合计相等：3.00 元"


async def test_several_rows_of_ours_meet_one_of_the_channel(hospital):
    made = await hospital()
    ours = [paid("ORDER7-1", 100), paid("ORDER7-2", 200)]
    await made.files(DAY, ours, ours, [paid("ORDER7", 300)])
    await add(made, "many_to_one", by="number_prefix", prefix=6)
    result = await made.run()
    assert result.status == "balanced" and await made.kinds() == {}


async def test_sums_that_do_not_agree_are_not_paired(hospital):
    made = await hospital()
    ours = [paid("ORDER7-1", 100), paid("ORDER7-2", 199)]
    await made.files(DAY, ours, ours, [paid("ORDER7", 300)])
    await add(made, "many_to_one", by="number_prefix", prefix=6)
    await made.run()
    assert {klass for klass, _ in (await made.kinds()).values()} == {"SH1", "LG1"}


async def test_a_date_lag_keeps_a_channels_items_waiting_longer(hospital):
    made = await hospital()
    await add(made, "date_lag", channels=("wechatpay",), days=2)
    await made.files(DAY, {"A": 100}, {"A": 100}, {})
    third = NEXT + dt.timedelta(days=1)
    for day in (NEXT, third):
        await made.files(day, {}, {}, {})
    for day in (DAY, NEXT):
        await made.run(day)
        assert (await made.kinds(day))["A"][1] == "expected"
    await made.run(third)
    assert (await made.kinds(third))["A"][1] == "open"


async def test_a_carried_difference_is_settled_by_a_rule_and_shows_again_without_it(hospital):
    made = await hospital()
    await made.files(DAY, {"A-1": 100}, {"A-1": 100}, {})
    await made.files(NEXT, {}, {}, [paid("A-2", 100)])
    await made.run()
    rule_id = await add(made, "composite", minutes=1440, left_field="order_number", right_field="order_number")
    lines = [paid("A-1", 100)]
    await made.files(DAY, lines, lines, [])
    await made.run()
    assert (await made.kinds(DAY))["A-1"] == ("SH1", "expected")
    await made.run(NEXT)
    assert await made.kinds(NEXT) == {"A-1": ("SH1", "auto_resolved")}
    async with made.platform.database.tenant(made.id) as session:
        await rules.set_active(session, rule_id, False, finance(made))
    await made.run(NEXT)
    assert await made.kinds(NEXT) == {"A-1": ("SH1", "open"), "A-2": ("LG1", "expected")}


async def test_rules_apply_in_the_order_finance_gave_them(hospital):
    made = await hospital()
    first, second = [await add(made, "tolerance", title=title, fen=fen) for title, fen in (("宽", 500), ("严", 1))]
    await made.files(DAY, {"A": 100}, {"A": 100}, {"A": 101})
    await made.run()
    assert [pair["rule"] for pair in await ruled(made)] == ["宽"]
    async with made.platform.database.tenant(made.id) as session:
        await rules.move(session, second, -1, finance(made))
        assert [rule.id for rule in await rules.listed(session)] == [second, first]
    await made.run()
    assert [pair["rule"] for pair in await ruled(made)] == ["严"]


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("tolerance", {}), ("tolerance", {"fen": 100_001}), ("tolerance", {"fen": 1, "what": "number"}), ("date_lag", {"days": 8}),
        ("composite", {"minutes": 0}), ("composite", {"left_field": "amount_fen; DROP"}), ("one_to_many", {"by": "class"}),
        ("one_to_many", {"by": "number_prefix"}), ("guess", {}),
    ],
)  # fmt: skip
async def test_a_rule_that_cannot_be_meant_is_refused(hospital, kind, told):
    made = await hospital()
    with pytest.raises(RuleInvalid):
        await add(made, kind, **told)
