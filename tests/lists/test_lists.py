"""Views and columns: kept for each person and list, there on the next page, shared when somebody says so."""

import base64

import msgspec
import pytest
from sqlalchemy import text

from core.imports import sheets
from core.web import lists
from tests import desk as desks

VIEWS = "/console/list-views"
FINANCE = ("billing.bill.read", "exports.make", "jobs.read")


@pytest.fixture
async def desk(platform, client):
    return await desks.opened(platform, client)


async def save(asking, title="逾期", query="status=overdue&sort=due_on&cursor=x", **given) -> None:
    answer = await asking.post(VIEWS, data={"page": "/console/bills", "title": title, "query": query, **given})
    assert answer.status_code == 303, answer.text


async def view_of(platform, desk, title: str):
    async with platform.database.tenant(desk.id) as session:
        return await session.one(text("SELECT * FROM core.saved_view WHERE title = :title"), {"title": title})


async def test_a_view_keeps_filters_and_order_and_stands_above_the_list(platform, desk, staff):
    asking = await staff(desk, *FINANCE)
    await save(asking)
    page = (await asking.get("/console/bills")).text
    assert 'href="/console/bills?status=overdue&amp;sort=due_on"' in page
    await save(asking, query="status=open")
    assert (await view_of(platform, desk, "逾期")).query == "status=open", "the same name is the same view"


async def test_the_default_view_is_what_the_menu_opens(platform, desk, staff):
    asking = await staff(desk, *FINANCE)
    await save(asking, query="status=open", default="1")
    assert '<a href="/console/bills?status=open" aria-current="page">' in (await asking.get("/console/bills")).text
    view = await view_of(platform, desk, "逾期")
    await asking.post(f"{VIEWS}/{view.id}/default", data={"wanted": ""})
    assert '<a href="/console/bills" aria-current="page">' in (await asking.get("/console/bills")).text


async def test_a_shared_view_is_seen_by_colleagues_but_removed_by_its_maker_only(platform, desk, staff):
    maker, colleague = await staff(desk, *FINANCE), await staff(desk, *FINANCE)
    await save(maker, title="我的")
    await save(maker, title="大家的", shared="1")
    page = (await colleague.get("/console/bills")).text
    assert "大家的" in page
    assert "我的</a>" not in page
    shared, own = await view_of(platform, desk, "大家的"), await view_of(platform, desk, "我的")
    for view in (shared, own):
        assert (await colleague.post(f"{VIEWS}/{view.id}/remove")).status_code == 404
    assert (await colleague.post(f"{VIEWS}/{own.id}/default", data={"wanted": "1"})).status_code == 404


async def test_a_removed_view_can_be_brought_back(platform, desk, staff):
    asking = await staff(desk, *FINANCE)
    await save(asking, query="status=open")
    gone = await asking.post(f"{VIEWS}/{(await view_of(platform, desk, '逾期')).id}/remove")
    told = msgspec.json.decode(base64.urlsafe_b64decode(gone.cookies["banyan_flash"].strip('"')))[0]
    assert told["undo"] == VIEWS
    assert "撤销" in (await asking.get("/console/bills")).text
    await asking.post(told["undo"], data=told["fields"])
    assert (await view_of(platform, desk, "逾期")).query == "status=open"


@pytest.mark.parametrize(
    ("given", "code"),
    [({"title": "  "}, "VIEW_UNNAMED"), ({"title": "长" * 41}, "VIEW_UNNAMED"), ({"page": "https://elsewhere.test"}, "PAGE_UNKNOWN")],
)
async def test_a_view_without_a_name_or_a_list_is_refused(desk, staff, given, code):
    asking = await staff(desk, *FINANCE)
    answer = await asking.post(VIEWS, data={"page": "/console/bills", "title": "x", "query": "", **given})
    assert (answer.status_code, code in answer.text) == (422, True)


async def test_a_list_holds_so_many_views_and_another_client_none_of_them(desk, client, staff):
    asking = await staff(desk, *FINANCE)
    for n in range(20):
        await save(asking, title=f"视图{n}")
    refused = await asking.post(VIEWS, data={"page": "/console/bills", "title": "还有一个", "query": ""})
    assert refused.status_code == 422
    stranger = await staff(await client(plugins=()), *FINANCE)
    assert "视图1" not in (await stranger.get("/console/bills")).text


async def test_a_column_that_is_left_out_is_gone_from_the_page_and_from_the_excel(platform, desk, staff, settle):
    asking = await staff(desk, *FINANCE)
    page = (await asking.get("/console/bills")).text
    assert page.count("k-money") > page.count("k-date") > 0
    titles = ["缴费人", "账单", "应收", "减免", "实收", "欠费", "到期日", "状态"]
    form = {"page": "/console/bills", "table": "bills", "query": "", "title": titles, "show": ["1", "2", "4", "5", "7"]}
    assert (await asking.post("/console/list-columns", data=form)).headers["location"] == "/console/bills"
    page = (await asking.get("/console/bills")).text
    assert "k-date" not in page
    assert "6/8" in page
    started = await asking.post("/console/exports/billing.bills", data={"_page": "/console/bills"})
    await settle(desk)
    job = (await asking.get(started.headers["location"].replace("/console", "/api/v1"))).json()
    head = sheets.read((await asking.get(job["result_url"])).content, "x.xlsx").rows[0]
    assert "减免" not in head
    assert "到期日" not in head
    assert {"姓名", "应收", "欠费"} <= set(head)
    await asking.post("/console/list-columns", data={**form, "all": "1"})
    assert "k-date" in (await asking.get("/console/bills")).text


def test_a_table_that_has_changed_shows_all_its_columns_again():
    choice = lists.ListChoice([], {"bills": {"of": 8, "out": {"3": "减免"}}})
    assert choice.hidden("bills", 8) == {3}
    assert choice.hidden("bills", 9) == frozenset()
    assert choice.hidden("orders", 8) == frozenset()


def test_cells_are_cut_only_where_each_column_has_one():
    row = "<td>a</td>\n<td class=\"k-money\">b<small>c</small></td>\n<td>d</td>"
    assert lists.without(row, frozenset({1}), 3) == "<td>a</td>\n<td>d</td>"
    assert lists.without("<td colspan=3>a</td>", frozenset({1}), 3) == "<td colspan=3>a</td>"
