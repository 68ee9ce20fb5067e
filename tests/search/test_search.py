"""The search box: people and papers by whatever somebody has in hand, never beyond the asker's reach."""

import pytest
from sqlalchemy import text

from core.jobs import pulse
from core.payers import naming
from core.payers import service as payers
from core.search import marks, sources
from tests import desk as desks
from tests.education import schools

MONEY = ("billing.bill.read", "payments.order.read", "payments.payment.read", "receipts.receipt.read", "refunds.refund.read")
PHONE = "13812345678"


@pytest.fixture
async def desk(platform, client):
    made = await desks.opened(platform, client)
    await naming.spell(platform, made.id)
    async with platform.database.tenant(made.id) as session:
        keys = await platform.vault.keys(session)
        await payers.set_phones(session, {made.people["S1"]: marks.marks(keys, (PHONE, None))})
    return made


async def found(asking, typed: str) -> dict[str, list[str]]:
    """What the API finds: the titles, by group."""
    answer = await asking.get("/api/v1/search", params={"q": typed, "limit": 20})
    assert answer.status_code == 200, answer.text
    return {group["code"]: [item["title"] for item in group["items"]] for group in answer.json()["groups"]}


@pytest.mark.parametrize(
    "typed",
    ["王小明", "王小", "小明", "wangxiaoming", "Wang Xiaoming", "wxm", "S1", PHONE, "5678"],
)
async def test_a_person_is_found_by_name_pinyin_number_and_phone(desk, staff, typed):
    asking = await staff(desk, *MONEY)
    people = (await found(asking, typed))["billing.people"]
    assert "王**" in people
    assert len(people) == (2 if typed == "王小" else 1)


async def test_a_compound_surname_hides_no_given_name(platform, desk, staff):
    async with platform.database.tenant(desk.id) as session:
        await session.execute(text("UPDATE core.party SET name = '欧阳思远' WHERE id = :id"), {"id": desk.people["S4"]})
    asking = await staff(desk, *MONEY)
    assert (await found(asking, "思远"))["billing.people"] == ["欧***"]


async def test_papers_are_found_by_their_numbers(platform, desk, staff, settle):
    order = await desks.pay(platform, desk, "S1", txn="4200001234202611220000000001")
    await settle(desk)
    async with platform.database.tenant(desk.id) as session:
        bill = await session.one(text("SELECT number, pay_code FROM core.bill WHERE id = :id"), {"id": desk.bills["S1"]})
        receipt = await session.scalar(text("SELECT number FROM core.receipt"))
    asking = await staff(desk, *MONEY)
    assert (await found(asking, bill.number))["billing.bills"] == [bill.number]
    assert (await found(asking, bill.number[:-2]))["billing.bills"] == [bill.number]
    assert (await found(asking, bill.pay_code))["billing.bills"] == [bill.number]
    assert (await found(asking, order.lower()))["payments.orders"] == [order]
    assert (await found(asking, order))["payments.payments"] == ["4200001234202611220000000001"]
    assert (await found(asking, "4200001234202611220000000001"))["payments.payments"] == ["4200001234202611220000000001"]
    assert (await found(asking, receipt))["receipts.receipts"] == [receipt]


async def test_nobody_finds_more_than_the_lists_of_their_rights(desk, staff):
    assert await found(await staff(desk, "jobs.read"), "王小明") == {}
    assert set(await found(await staff(desk, "billing.bill.read"), "王小明")) == {"billing.people"}


async def test_a_class_teacher_finds_only_the_own_class(desk, staff):
    teacher = await staff(desk, "billing.status.read", org_id=desk.units["东二班"])
    assert await found(teacher, "王小明") == {}
    assert await found(teacher, "5678") == {}
    mine = await found(teacher, "zl")
    assert mine == {"billing.people": ["赵<b>六"]}, "names stand in clear on the teacher's own page of states"


async def test_a_finance_of_one_site_finds_no_paper_of_the_other(platform, desk, staff):
    order = await desks.pay(platform, desk, "S1")
    async with platform.database.tenant(desk.id) as session:
        number = await session.scalar(text("SELECT number FROM core.bill WHERE id = :id"), {"id": desk.bills["S1"]})
    west = await staff(desk, *MONEY, org_id=desk.units["西区"])
    assert await found(west, order) == {}
    assert await found(west, number) == {}
    east = await staff(desk, *MONEY, org_id=desk.units["东区"])
    assert (await found(east, order))["payments.orders"] == [order]


async def test_another_client_finds_nothing(desk, client, staff):
    stranger = await staff(await client(plugins=()), *MONEY)
    assert await found(stranger, "王小明") == {}


async def test_somebody_who_is_not_logged_in_finds_nothing(web):
    assert (await web.get("/api/v1/search", params={"q": "王小明"})).status_code == 401


async def test_one_letter_is_too_short_but_one_chinese_letter_is_not(desk, staff):
    asking = await staff(desk, *MONEY)
    refused = await asking.get("/api/v1/search", params={"q": "w"})
    assert (refused.status_code, refused.json()["code"]) == (422, "SEARCH_TOO_SHORT")
    assert (await found(asking, "赵"))["billing.people"] == ["赵****"]


async def test_the_page_says_what_can_be_searched_and_masks_what_it_found(desk, staff):
    asking = await staff(desk, *MONEY)
    empty = await asking.get("/console/search")
    assert "可以这样搜索" in empty.text
    assert "账单：账单号、缴费码" in empty.text
    nothing = await asking.get("/console/search", params={"q": "没有这个人"})
    assert "没有找到“没有这个人”" in nothing.text
    page = await asking.get("/console/search", params={"q": "王小明"})
    assert "王**" in page.text
    assert "王小明</strong>" not in page.text
    assert f"/console/bills?party={desk.people['S1']}" in page.text


async def test_the_box_gets_only_what_was_found(desk, staff):
    asking = await staff(desk, *MONEY)
    answer = await asking.get("/console/search", params={"q": "账单"}, headers={"HX-Request": "true"})
    assert "<html" not in answer.text
    assert 'href="/console/bills"' in answer.text, "the pages of the menu are found by their names"


async def test_a_student_stands_in_the_plugins_group_only(platform, client, staff):
    made = await schools.found(platform, await client(kind="school_group", settings=schools.SETTINGS))
    await schools.load(platform, made, "org", "org-tree.json")
    await schools.load(platform, made, "roster", "roster-200.csv")
    student = next(iter((await schools.students(platform, made)).values()))
    async with platform.database.tenant(made.tenant_id) as session:
        phone = (await platform.vault.keys(session)).open(student.guardian1_phone_sealed)
    asking = await staff(made.client, "education.student.read", "billing.bill.read")
    for typed in (student.student_no, student.name, phone):
        groups = await found(asking, typed)
        assert set(groups) == {"education.students"}, typed
    assert student.name[0] + "*" * (len(student.name) - 1) in groups["education.students"]
    keeper = await staff(made.client, "education.student.read", "education.student.manage")
    assert student.name in (await found(keeper, phone[-4:]))["education.students"]


async def test_the_bank_finds_clients_and_branches(bank, staff, client):
    profile = await client(plugins=())
    asking = await staff(bank, "tenancy.client.read")
    assert profile.name in (await found(asking, profile.code))["tenancy.clients"]
    assert "榕城银行总行" in (await found(asking, "总行"))["tenancy.branches"]
    page = await asking.get("/bank/search", params={"q": profile.code})
    assert profile.name in page.text
    assert (await asking.get("/console/search", params={"q": profile.code})).status_code == 404


async def test_every_way_to_a_person_may_go_through_an_index(platform, desk):
    """Row-level security lets only leak-proof conditions reach an index; LIKE is none, so names are looked up as ranges."""
    used = "('text', '>='), ('text', '<'), ('text', '='), ('bytea', '='), ('uuid', '=')"
    leaky = text(f"""
        SELECT o.oprname, count(*) OVER () FROM pg_operator o JOIN pg_proc p ON p.oid = o.oprcode
        WHERE o.oprleft = o.oprright AND (o.oprleft::regtype::text, o.oprname::text) IN ({used}) AND NOT p.proleakproof
    """)
    async with platform.database.tenant(desk.id) as session:
        assert await session.all(leaky) == []
    assert sources.up_to("王小") > "王小明"
    assert sources.up_to("王小") < "王少"


async def test_people_of_before_are_made_findable_at_night(platform, client, staff):
    """Databases that were there before the search box: names without pinyin, guardians' phones without marks; filled once, then left alone."""
    made = await schools.found(platform, await client(kind="school_group", settings=schools.SETTINGS))
    await schools.load(platform, made, "org", "org-tree.json")
    await schools.load(platform, made, "roster", "roster-200.csv")
    async with platform.database.tenant(made.tenant_id) as session:
        await session.execute(text("UPDATE core.party SET name_spelling = NULL"))
        await session.execute(text("DELETE FROM core.party_phone"))
    steps = {step.code: step for step in await pulse.steps_for(platform, made.tenant_id, "register_nightly")}
    for _ in range(2):
        await steps["payers.spell"].run(platform, made.tenant_id)
        await steps["education.phones"].run(platform, made.tenant_id)
    async with platform.database.tenant(made.tenant_id) as session:
        assert await session.scalar(text("SELECT count(*) FROM core.party WHERE name_spelling IS NULL")) == 0
        assert await session.scalar(text("SELECT count(DISTINCT party_id) FROM core.party_phone")) == 200
    student = next(iter((await schools.students(platform, made)).values()))
    asking = await staff(made.client, "education.student.read", "education.student.manage")
    assert student.name in (await found(asking, naming.spelling(student.name)))["education.students"]
