"""Days are run, run again, closed and opened: the same files always give the same differences, and a closed day is left alone."""

import datetime as dt

import pytest
from sqlalchemy import text

from core.errors import SelfApproval
from core.identity.actor import Actor, system
from core.reconciliation.errors import DayClosed, DayNotCloseable, DayNotOver, TooManyDifferences
from core.reconciliation.matching import found_repository as repository
from core.reconciliation.matching import service as matching
from core.reconciliation.runs import closing
from core.reconciliation.runs import service as runs
from tests.reconciliation.conftest import DAY, NEXT
from tests.reconciliation.loading import load, row


def person(hospital, name: str = "复核员") -> Actor:
    return Actor(kind="user", id=name, name=name, tenant_id=hospital.id)


async def history(hospital, number: str) -> list[str]:
    """What happened to a difference."""
    async with hospital.platform.database.tenant(hospital.id) as session:
        found = await session.all(
            text("SELECT e.what FROM core.recon_event e JOIN core.recon_difference d ON d.id = e.difference_id WHERE d.number = :n ORDER BY e.at, e.id"),
            {"n": number},
        )
    return [each.what for each in found]


async def test_a_second_run_of_the_same_files_changes_nothing(hospital):
    made = await hospital()
    await made.samples("mixed", DAY, ("wechatpay", "alipay", "unionpay", "stripe"))
    await made.run()
    before = await made.differences()
    again = await made.run()
    after = await made.differences()
    assert again.new == len(before) == 26
    assert {number: each.id for number, each in after.items()} == {number: each.id for number, each in before.items()}
    assert [each.version for each in after.values()] == [1] * 26
    assert await history(made, next(iter(before))) == ["found"]


async def test_running_a_day_again_runs_the_days_after_it(hospital):
    made = await hospital()
    for day in (DAY, NEXT):
        await made.samples("small", day)
        await made.run(day)
    before = await made.differences(NEXT)
    result = await made.run(DAY)
    after = await made.differences(NEXT)
    assert result.later == [NEXT]
    assert {n: (d.id, d.status, d.version) for n, d in after.items()} == {n: (d.id, d.status, d.version) for n, d in before.items()}


async def test_what_healed_opens_again_when_its_other_half_is_taken_back(hospital):
    made = await hospital()
    await made.files(DAY, {"A": 100, "B": 200}, {"A": 100, "B": 200}, {"A": 100})
    await made.files(NEXT, {}, {}, {"B": 200})
    await made.run(DAY)
    await made.run(NEXT)
    assert await made.kinds(NEXT) == {"B": ("SH1", "auto_resolved")}
    await made.files(NEXT, {}, {}, {})
    await made.run(NEXT)
    assert await made.kinds(NEXT) == {"B": ("SH1", "open")}
    assert await history(made, "B") == ["found", "healed", "reopened"]


async def test_a_corrected_file_settles_what_it_corrects(hospital):
    made = await hospital()
    await made.files(DAY, {"A": 100}, {"A": 100}, {"A": 130})
    await made.run()
    assert await made.kinds() == {"A": ("AM1", "open")}
    await made.files(DAY, {"A": 100}, {"A": 100}, {"A": 100})
    result = await made.run()
    assert result.status == "balanced" and await made.kinds() == {}
    assert await history(made, "A") == ["found", "healed"]


async def test_one_sided_items_wait_as_many_days_as_the_client_says(hospital):
    made = await hospital(settings={"reconciliation.wait_days": 2})
    await made.files(DAY, {"A": 100}, {"A": 100}, {})
    third = NEXT + dt.timedelta(days=1)
    for day in (NEXT, third):
        await made.files(day, {}, {}, {})
    seen = []
    for day in (DAY, NEXT, third):
        await made.run(day)
        seen.append((await made.kinds(day))["A"][1])
    assert seen == ["expected", "expected", "open"]


async def test_a_late_half_with_another_amount_is_an_amount_difference(hospital):
    made = await hospital()
    await made.files(DAY, {"A": 100}, {"A": 100}, {})
    await made.files(NEXT, {}, {}, {"A": 90})
    await made.run(DAY)
    await made.run(NEXT)
    found = (await made.differences(NEXT))["A"]
    assert (found.klass, found.status, found.facts["met"]["channel"]["amount_fen"]) == ("AM1", "open", 90)
    await made.run(DAY)
    assert (await made.kinds(NEXT))["A"] == ("AM1", "open")
    assert await history(made, "A") == ["found", "opened", "changed"]


async def test_a_number_that_stands_twice_in_a_file_is_summed_and_differs(hospital):
    made = await hospital()
    twice = [row("wechatpay", "pay", "A", 100), row("wechatpay", "pay", "A", 100), row("wechatpay", "pay", "B", 50)]
    await made.files(DAY, {"A": 100, "B": 50}, {"A": 100, "B": 50}, twice)
    await made.run()
    found = await made.differences()
    assert list(found) == ["A"]
    assert (found["A"].klass, found["A"].channel_fen, found["A"].facts["repeated"]) == ("AM1", 200, {"channel": 2})


async def test_repeats_on_two_sides_that_hide_each_other_in_the_sums_are_found(hospital):
    made = await hospital()
    ours = [row("wechatpay", "pay", "A", 100), row("wechatpay", "pay", "B", 100), row("wechatpay", "pay", "B", 100)]
    theirs = [row("wechatpay", "pay", "A", 100), row("wechatpay", "pay", "A", 100), row("wechatpay", "pay", "B", 100)]
    await made.files(DAY, {"A": 100, "B": 100}, ours, theirs)
    await made.run()
    assert await made.kinds() == {"A": ("AM1", "open"), "B": ("AM1", "open")}


async def test_a_number_that_stands_equally_often_on_all_sides_agrees(hospital):
    made = await hospital()
    twice = [row("wechatpay", "pay", "A", 100), row("wechatpay", "pay", "A", 100)]
    await made.files(DAY, twice, twice, twice)
    await made.run()
    assert await made.kinds() == {}
    async with made.platform.database.tenant(made.id) as session:
        run = await repository.find_run(session, DAY)
    assert (run.status, run.matched["total"]["rows"]) == ("balanced", 2)


async def test_the_same_money_in_another_number_of_rows_differs_by_their_count(hospital):
    made = await hospital()
    halves = [row("wechatpay", "pay", "A", 60), row("wechatpay", "pay", "A", 40)]
    await made.files(DAY, {"A": 100}, {"A": 100}, halves)
    await made.run()
    found = (await made.differences())["A"]
    assert (found.klass, found.differs, found.channel_fen, found.facts["repeated"]) == ("AM1", "payment_count", 100, {"channel": 2})


async def test_a_refund_number_that_equals_an_order_number_is_another_thing(hospital):
    made = await hospital()
    both = [row("wechatpay", "pay", "A", 100), row("wechatpay", "refund", "A", 30, order_number="A")]
    await made.files(DAY, both, both, both)
    result = await made.run()
    assert result.status == "balanced"
    await made.files(DAY, both, both, both[:1])
    await made.run()
    assert await made.kinds() == {"A": ("RF2", "expected")}


@pytest.mark.parametrize(
    ("sides", "pay", "refund"),
    [
        ("c", "LG1", "RF1"), ("pc", "LG2", "LG2"), ("bc", "LG3", "LG3"),
        ("bp", "SH1", "RF2"), ("b", "SH2", "SH2"), ("p", "SH3", "SH3"),
    ],
)  # fmt: skip
async def test_every_combination_of_sides_has_its_class(hospital, sides, pay, refund):
    made = await hospital()
    both = [row("wechatpay", "pay", "A", 100), row("wechatpay", "refund", "R", 30, order_number="Z")]
    await made.files(DAY, *(both if side in sides else [] for side in "bpc"))
    await made.run()
    assert await made.kinds() == {"A": (pay, "expected"), "R": (refund, "expected")}


async def test_a_missing_file_is_named_and_its_money_is_not_judged(hospital):
    made = await hospital()
    await made.files(DAY, {"A": 100}, {"A": 100}, {"A": 100})
    async with made.platform.database.tenant(made.id) as session:
        await session.execute(text("INSERT INTO core.statement_merchant (id, channel, number, made_by) VALUES (gen_random_uuid(), 'alipay', '2088', 'x')"))
    alipay = [row("wechatpay", "pay", "A", 100), row("alipay", "pay", "Z", 700)]
    await made.files(DAY, alipay, alipay, {"A": 100})
    result = await made.run()
    assert result.status == "file_missing" and await made.kinds() == {}
    assert [(gap["channel"], gap["merchant_number"]) for gap in result.missing] == [("alipay", "2088")]
    with pytest.raises(DayNotCloseable):
        async with made.platform.database.tenant(made.id) as session:
            await closing.close(session, DAY, person(made), {})


async def test_a_day_is_closed_by_a_second_person_once_nothing_is_open(hospital):
    made = await hospital()
    await made.files(DAY, {"A": 100}, {"A": 100}, {"A": 130})
    maker = person(made, "对账员")
    await runs.run(made.platform, made.id, DAY, by=maker)
    async with made.platform.database.tenant(made.id) as session:
        with pytest.raises(SelfApproval):
            await closing.close(session, DAY, maker, {})
        with pytest.raises(DayNotCloseable, match="1 条差异"):
            await closing.close(session, DAY, person(made), {})
    await made.files(DAY, {"A": 100}, {"A": 100}, {"A": 100})
    async with made.platform.database.tenant(made.id) as session:
        with pytest.raises(DayNotCloseable, match="重新对账"):
            await closing.close(session, DAY, person(made), {})
    await runs.run(made.platform, made.id, DAY, by=maker)
    async with made.platform.database.tenant(made.id) as session:
        await closing.close(session, DAY, person(made), {})
        assert await closing.is_closed(session, DAY)
    with pytest.raises(DayClosed):
        await made.run()
    async with made.platform.database.tenant(made.id) as session:
        await closing.reopen(session, DAY, person(made), "渠道更正了对账单")
        assert (await repository.find_run(session, DAY)).status == "balanced"


async def test_refused_rows_and_earlier_days_keep_a_day_open(hospital):
    made = await hospital()
    for day in (DAY, NEXT):
        await made.files(day, {"A": 100}, {"A": 100}, {"A": 100})
        await made.run(day)
    async with made.platform.database.tenant(made.id) as session:
        with pytest.raises(DayNotCloseable, match="2026-03-01"):
            await closing.close(session, NEXT, person(made), {})
        await session.execute(text("UPDATE core.statement SET rejected_rows = 2 WHERE bill_on = :d"), {"d": DAY})
        with pytest.raises(DayNotCloseable, match="被拒收"):
            await closing.close(session, DAY, person(made), {})


async def test_a_day_that_is_not_over_cannot_be_run(hospital):
    made = await hospital()
    with pytest.raises(DayNotOver):
        await runs.run(made.platform, made.id, dt.date(2099, 1, 1), by=system(made.id))


async def test_without_the_platforms_file_nothing_is_judged_and_sums_are_still_shown(hospital):
    made = await hospital()
    await made.files(DAY, {"A": 100}, {"A": 100}, {"A": 100})
    async with made.platform.database.tenant(made.id) as session:
        for source, side, lines in (("his", "business", 70), ("wechatpay-trade", "channel", 90)):
            rows = [row("wechatpay", "pay", "B", lines)]
            await load(session, source, side, NEXT.isoformat(), rows, "wechatpay" if side == "channel" else "")
    result = await made.run(NEXT)
    assert (result.status, [gap["source"] for gap in result.missing]) == ("file_missing", ["platform"])
    assert await made.kinds(NEXT) == {}
    async with made.platform.database.tenant(made.id) as session:
        sides = (await repository.find_run(session, NEXT)).totals["sides"]
    assert (sides["business"]["total"]["pay_amount_fen"], sides["channel"]["total"]["pay_amount_fen"]) == (70, 90)


async def test_too_many_differences_say_that_a_file_is_wrong_and_write_nothing(hospital, monkeypatch):
    made = await hospital()
    monkeypatch.setattr(matching, "MOST_DIFFERENCES", 1)
    await made.files(DAY, {"A": 1, "B": 2}, {"A": 1, "B": 2}, {})
    with pytest.raises(TooManyDifferences, match="文件传错"):
        await made.run()
    async with made.platform.database.tenant(made.id) as session:
        run = await repository.find_run(session, DAY)
    assert (run.status, run.runs) == ("ready", 0)


async def test_a_day_is_no_longer_even_once_the_next_day_opened_what_waited(hospital):
    made = await hospital()
    await made.files(DAY, {"A": 100}, {"A": 100}, {"A": 100, "LONG": 700})
    await made.files(NEXT, {"B": 100}, {"B": 100}, {"B": 100})

    async def status() -> str:
        async with made.platform.database.tenant(made.id) as session:
            return (await repository.find_run(session, DAY)).status

    await made.run(NEXT)
    await made.run(DAY)
    assert (await made.kinds())["LONG"] == ("LG1", "open")
    assert await status() == "diff_open", "run out of order"
    await made.run(DAY)
    assert await status() == "diff_open"


async def test_one_bill_paid_in_two_parts_against_one_posting_of_their_sum_is_no_duplicate(hospital):
    made = await hospital()
    parts = [row("wechatpay", "pay", number, fen, bill_number="B1") for number, fen in (("P1", 300), ("P2", 700))]
    await made.files(DAY, {"P1": 1_000}, parts, {"P1": 300, "P2": 700})
    await made.run()
    assert {number: klass for number, (klass, _) in (await made.kinds()).items()} == {"P1": "AM1", "P2": "LG2"}
    twice = [row("wechatpay", "pay", number, 500, bill_number="B2") for number in ("Q1", "Q2")]
    await made.files(NEXT, {"Q1": 500}, twice, {"Q1": 500, "Q2": 500})
    await made.run(NEXT)
    assert (await made.kinds(NEXT))["Q2"] == ("DP1", "open")
