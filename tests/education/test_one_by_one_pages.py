"""Fee items, discounts and instalment templates through the console's forms."""

import re

import pytest

from core.billing import items as fee_items
from plugins.education.standards import repository

STANDARDS = "/console/education/standards"
TEMPLATES = "/console/education/instalment-templates"
ITEM = {"code": "TRIP", "name": "研学", "category": "服务性收费", "period": "once", "discountable": "1", "refundable_policy": "by_days"}
DISCOUNT = {"code": "AID9", "name": "助学", "kind": "fixed", "amount": "500", "condition": "凭申请", "item_codes": "TUITION", "stackable": "1"}


@pytest.fixture
async def maker(staff, school):
    rights = ("billing.item.manage", "billing.item.read", "education.standard.make", "education.standard.read")
    return await staff(school.client, *rights, "education.plan.make", "education.plan.read")


@pytest.fixture
async def reader(staff, school):
    return await staff(school.client, "billing.item.read", "education.standard.read", "education.plan.read")


async def items_of(platform, school) -> dict:
    async with platform.database.tenant(school.tenant_id) as session:
        return {row.code: row for row in await fee_items.list_items(session, "education")}


async def test_a_fee_item_is_added_changed_taken_out_of_use_and_brought_back(platform, school, maker):
    assert (await maker.post(f"{STANDARDS}/items", data=ITEM)).status_code == 303
    made = (await items_of(platform, school))["TRIP"]
    assert (made.name, made.mandatory, made.discountable, made.refundable_policy) == ("研学", False, True, "by_days")
    shown = (await maker.get(f"{STANDARDS}/items/{made.id}")).text
    assert 'value="研学"' in shown
    changed = ITEM | {"name": "研学旅行", "mandatory": "1", "version": str(made.version)}
    assert (await maker.post(f"{STANDARDS}/items/{made.id}", data=changed)).status_code == 303
    assert (await maker.post(f"{STANDARDS}/items/{made.id}", data=changed | {"name": "别的"})).status_code == 409, "a stale form"
    now = (await items_of(platform, school))["TRIP"]
    assert (now.name, now.mandatory) == ("研学旅行", True)
    off = await maker.post(f"{STANDARDS}/items/{made.id}/active", data={"version": now.version, "active": "0"})
    assert off.status_code == 303
    assert "TRIP" not in await items_of(platform, school)
    assert "已停用" in (await maker.get(f"{STANDARDS}/items")).text
    await maker.post(f"{STANDARDS}/items/{made.id}/active", data={"version": now.version + 1, "active": "1"})
    assert "TRIP" in await items_of(platform, school)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"code": "有空格 x"}, "code"), ({"name": "=1+1"}, "name"), ({"name": ""}, "name"), ({"category": "罚款"}, "category"),
     ({"period": "century"}, "period"), ({"refundable_policy": "maybe"}, "refundable_policy"), ({"merchant_id": "x"}, "merchant_id"),
     ({"code": "TUITION"}, "code")],
)  # fmt: skip
async def test_a_wrong_item_is_refused_beside_its_field(platform, school, maker, wrong, field):
    before = await items_of(platform, school)
    answer = await maker.post(f"{STANDARDS}/items", data=ITEM | wrong)
    assert answer.status_code == 422 if wrong != {"code": "TUITION"} else answer.status_code in (409, 422)
    assert f'id="e-{field}"' in answer.text
    assert (await items_of(platform, school)).keys() == before.keys()


async def test_a_discount_is_added_and_changed_as_a_draft(platform, school, maker):
    assert (await maker.post(f"{STANDARDS}/discounts", data=DISCOUNT)).status_code == 303
    async with platform.database.tenant(school.tenant_id) as session:
        row = await repository.find_discount(session, "AID9")
    assert (row.status, row.amount_fen, row.item_codes, row.stackable, row.compound) == ("draft", 50_000, ["TUITION"], True, False)
    shown = (await maker.get(f"{STANDARDS}/discounts/{row.id}")).text
    assert re.search(r"<textarea[^>]*name=\"condition\"[^>]*>\s*凭申请</textarea>", shown)
    changed = DISCOUNT | {"kind": "percent", "percent": "12.5", "compound": "1"}
    assert (await maker.post(f"{STANDARDS}/discounts/{row.id}", data=changed)).status_code == 303
    async with platform.database.tenant(school.tenant_id) as session:
        row = await repository.find_discount(session, "AID9")
    assert (row.kind, str(row.percent.normalize()), row.amount_fen, row.compound) == ("percent", "12.5", None, True)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"kind": "gift"}, "kind"), ({"amount": "1.234"}, "amount_fen"), ({"condition": "成绩优秀"}, "condition"), ({"priority": "0"}, "priority"),
     ({"kind": "percent", "percent": "101"}, "percent"), ({"code": "a b"}, "code"), ({"item_codes": "NOPE"}, "item_codes")],
)  # fmt: skip
async def test_a_wrong_discount_is_refused_beside_its_field(maker, wrong, field):
    answer = await maker.post(f"{STANDARDS}/discounts", data=DISCOUNT | wrong)
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text


async def test_an_instalment_template_is_added_changed_and_taken_out_of_use(maker):
    made = await maker.post(TEMPLATES, data={"code": "T532", "name": "三期", "percents": "50%，30 20"})
    assert made.status_code == 303, made.text
    page = (await maker.get(TEMPLATES)).text
    assert "50% · 30% · 20%" in page
    template = re.search(TEMPLATES + r"/([0-9a-f-]{36})", page)[1]
    changed = {"name": "两期", "percents": "60、40", "version": "1"}
    assert (await maker.post(f"{TEMPLATES}/{template}", data=changed)).status_code == 303
    assert (await maker.post(f"{TEMPLATES}/{template}", data=changed | {"percents": "50、50"})).status_code == 409, "a stale form"
    assert (await maker.post(f"{TEMPLATES}/{template}", data={"version": "2", "active": "0"})).status_code == 303
    assert "已停用" in (await maker.get(TEMPLATES)).text


@pytest.mark.parametrize(
    ("wrong", "field"), [({"percents": "50、40"}, "percents"), ({"percents": "百"}, "percents"), ({"name": ""}, "name"), ({"code": "-"}, "code")]
)
async def test_a_wrong_template_is_refused_beside_its_field(maker, wrong, field):
    answer = await maker.post(TEMPLATES, data={"code": "T1", "name": "两期", "percents": "50、50"} | wrong)
    assert answer.status_code == 422
    assert f'id="e-{field}"' in answer.text


async def test_who_only_reads_is_offered_no_form(reader):
    for page in (f"{STANDARDS}/items", f"{STANDARDS}/discounts", TEMPLATES):
        shown = await reader.get(page)
        assert shown.status_code == 200
        assert page + "/new" not in shown.text
        assert (await reader.get(page + "/new")).status_code == 403
        assert (await reader.post(page, data=ITEM)).status_code == 403
