"""The shared school samples against a real database: every verdict, every count and every fen, through the importers and the plan."""

import asyncio
import re

import msgspec
import pytest

from core.billing import service as billing
from plugins.education.plans import repository as plan_repository
from plugins.education.plans import service as plans
from plugins.education.plans.answer import answer
from plugins.education.roster import repository as roster_repository
from plugins.education.standards import pricing
from plugins.education.terms import service as terms
from tests.education import schools
from tests.samples import education_json

EXPECTED = education_json("expected-bills.json")


@pytest.fixture(scope="module")
async def school(platform, bank, open_client):
    """One school for the module, with its tree: the tests below load it in the order a school does."""
    made = await schools.found(platform, await open_client(platform, bank, kind="school_group", settings=schools.SETTINGS))
    tree = await schools.load(platform, made, "org", "org-tree.json")
    assert (tree.new, tree.changed, tree.rejected) == (257, 0, 0)
    return made


@pytest.fixture(scope="module")
async def dirty_before(platform, school):
    return await schools.check(platform, school, "roster", "roster-dirty.xlsx")


@pytest.fixture(scope="module")
async def loaded(platform, school, dirty_before):
    """The school with its 8,000 students."""
    assert counts(await schools.load(platform, school, "roster", "roster-8000.xlsx")) == (8000, 0, 0, 0)
    return school


@pytest.fixture(scope="module")
async def priced(platform, loaded):
    """The same with approved standards and a published plan; answers school, plan, trial run and what eight presses issued."""
    assert counts(await schools.load(platform, loaded, "standards", "fee-standards.xlsx")) == (41, 0, 0, 0)
    await schools.approve_standards(platform, loaded)
    plan_id = await schools.approved_plan(platform, loaded, instalments=schools.in_parts("50", "30", "20"))
    async with platform.database.tenant(loaded.tenant_id) as session:
        trial = await plans.try_out(session, await plans.find(session, plan_id), approved_only=True)
    pressed = await asyncio.gather(*(schools.publish(platform, loaded, plan_id) for _ in range(3)))
    return loaded, plan_id, trial, pressed


def counts(totals) -> tuple[int, int, int, int]:
    return totals.new, totals.changed, totals.unchanged, totals.rejected


async def test_the_tree_again_changes_nothing(platform, school):
    again = await schools.load(platform, school, "org", "org-tree.json")
    assert counts(again) == (0, 0, 257, 0)


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_the_dirty_roster_gets_every_expected_verdict(platform, loaded, dirty_before, moment):
    check = dirty_before if moment == "before" else await schools.check(platform, loaded, "roster", "roster-dirty.xlsx")
    expected = education_json("roster-dirty.expected.json")
    wanted = {(m["row"], m["column"], m["verdict"], m["kind"], m.get("normalised")) for m in expected["rows"]}
    told = {(m["row"], m["column"], m["verdict"], m["code"], m.get("normalised")) for m in msgspec.to_builtins(list(check.rows))}
    assert wanted - told == set()
    assert {mark[2:4] for mark in told - wanted} <= {("accept", "passport_has_no_check_digit")}
    totals = expected["totals"]
    assert counts(check.totals) == (totals["rows_accepted"], 0, 0, totals["rows_rejected"])


@pytest.mark.parametrize(
    ("name", "rows"),
    [("roster-8000.xlsx", 8000), ("roster-8000-columns-shuffled.xlsx", 8000), ("roster-200.csv", 200), ("roster-200.xls", 200)],
)
async def test_the_same_students_again_change_nothing(platform, loaded, name, rows):
    assert counts((await schools.check(platform, loaded, "roster", name)).totals) == (0, 0, rows, 0)


@pytest.mark.parametrize("name", ["roster-200.csv", "roster-200.xls"])
async def test_200_rows_into_an_empty_school_are_200_new_students(platform, client, name):
    small = await schools.found(platform, await client(kind="school_group"))
    await schools.load(platform, small, "org", "org-tree.json")
    assert counts(await schools.load(platform, small, "roster", name)) == (200, 0, 0, 0)
    assert counts(await schools.load(platform, small, "roster", name)) == (0, 0, 200, 0)


async def test_personal_data_lies_sealed_in_the_database(platform, loaded):
    async with platform.database.tenant(loaded.tenant_id) as session:
        row = next(row for row in await roster_repository.list_all(session) if row.student_no == "0126100132")
        keys = await platform.vault.keys(session)
    assert re.fullmatch(r"1\d{10}", keys.open(row.guardian1_phone_sealed))
    assert keys.open(row.guardian1_phone_sealed).encode() not in row.guardian1_phone_sealed
    assert keys.open(row.id_sealed).encode() not in row.id_sealed


async def test_the_trial_run_prices_the_sixty_students_to_the_fen(priced):
    _, _, trial, _ = priced
    bills = {bill.student_no: bill for bill in trial.bills}
    for expected in EXPECTED["bills"]:
        wanted = {key: value for key, value in expected.items() if key != "shows"}
        told = msgspec.to_builtins(bills[expected["student_no"]])
        assert told == wanted


async def test_the_trial_run_comes_to_the_grand_totals(priced):
    _, _, trial, _ = priced
    totals = pricing.totals(trial)
    grand = EXPECTED["grand_total"]
    assert (totals.students, totals.lines) == (grand["students_billed"], grand["lines"])
    assert (totals.amount_fen, totals.discount_fen, totals.net_fen) == (grand["amount_fen"], grand["discount_fen"], grand["net_fen"])
    per_item = {code: [i["lines"], i["amount_fen"], i["discount_fen"], i["net_fen"]] for code, i in EXPECTED["totals_per_item"].items()}
    assert totals.by_item == per_item
    assert len(trial.bills) - totals.students == grand["students_not_billed"]


async def test_the_answer_for_programs_has_the_names_and_sums_of_the_expected_file(priced):
    _, _, trial, _ = priced
    told = msgspec.json.decode(msgspec.json.Encoder(decimal_format="number").encode(answer(trial)))
    for part in ("term", "unit", "totals_per_item", "totals_per_campus"):
        assert told[part] == EXPECTED[part]
    assert {key: told["grand_total"][key] for key in EXPECTED["grand_total"]} == EXPECTED["grand_total"]
    by_number = {bill["student_no"]: bill for bill in told["bills"]}
    for bill in EXPECTED["bills"]:
        assert by_number[bill["student_no"]] == {key: value for key, value in bill.items() if key != "shows"}


async def test_publishing_at_once_makes_each_bill_once(platform, priced):
    school, plan_id, trial, pressed = priced
    assert sorted(issued.count for issued in pressed) == [0, 0, 7976]
    again = await schools.publish(platform, school, plan_id)
    assert (again.count, again.existing) == (0, 7976)
    async with platform.database.tenant(school.tenant_id) as session:
        made = await plan_repository.progress(session, plans.source_of(plan_id))
    assert (made.bills, made.amount_fen) == (7976, pricing.totals(trial).mandatory_fen)


async def test_a_sample_students_bill_says_why_every_line_costs_what_it_costs(platform, priced):
    school, _, trial, _ = priced
    expected = next(bill for bill in EXPECTED["bills"] if bill["student_no"] == "0126100211")
    async with platform.database.tenant(school.tenant_id) as session:
        (bill,) = await billing.bills_of(session, [trial.ids["0126100211"]])
    assert (bill.amount_fen, bill.period, bill.status) == (expected["mandatory_total_fen"], "2026-2027-1", "issued")
    assert [(line.item_code, line.net_fen) for line in bill.lines] == [(line["item_code"], line["net_fen"]) for line in expected["lines"]]
    told = dict(bill.lines[0].explanation)
    assert told["收费标准"] == "18,000.00 元"
    assert told["应缴"] == "8,100.00 元"
    assert {line.item_code: line.merchant_id for line in bill.lines}["MEAL"] == school.merchants["SERVICE"]
    assert [i.amount_fen for i in bill.instalments] == [405_000, 243_000, 162_000]


async def test_the_changes_file_finds_what_changed_and_writes_it_once(platform, priced):
    school = priced[0]
    expected = education_json("roster-changes.expected.json")
    wanted = (expected["new"], expected["changed"], expected["unchanged"], 0)
    assert counts(await schools.load(platform, school, "roster", "roster-changes.xlsx")) == wanted
    assert counts((await schools.check(platform, school, "roster", "roster-changes.xlsx")).totals) == (0, 0, 8010, 0)
    async with platform.database.tenant(school.tenant_id) as session:
        keys = await platform.vault.keys(session)
        rows = {row.student_no: row for row in await roster_repository.list_all(session)}
        trial = await pricing.trial(session, await terms.find(session, schools.TERM))
    assert {new["student_no"] for new in expected["new_students"]} <= set(rows)
    read = {"是否寄宿*": lambda row: row.boarding, "学生状态*": lambda row: row.status}
    read["家长1手机号*"] = lambda row: keys.open(row.guardian1_phone_sealed)
    bills = {bill.student_no: bill for bill in trial.bills}
    for change in expected["changes"]:
        number, column = change["student_no"], change["column"]
        assert (bills[number].class_name if column == "班级*" else read[column](rows[number])) == change["new"]
    left = [c["student_no"] for c in expected["changes"] if c["new"] == "转学"]
    assert all(bills[number].lines == [] for number in left)
