"""Correcting bills from the console: a reason, a fresh page, two people."""

import datetime as dt

import pytest

from tests import desk as desks
from tests import trade
from tests.desk import FULL

MAKER = ("billing.bill.read", "billing.bill.adjust", "payments.payment.read")
CHECKER = ("billing.bill.read", "billing.bill.check")


@pytest.fixture
async def desk(platform, client):
    return await desks.opened(platform, client)


@pytest.fixture
async def maker(desk, staff):
    return await staff(desk, *MAKER, name="经办")


@pytest.fixture
async def checker(desk, staff):
    return await staff(desk, *CHECKER, name="复核")


async def waiting(checker) -> dict:
    """The one proposal that waits."""
    items = (await checker.get("/api/v1/approvals")).json()["items"]
    assert len(items) == 1
    return items[0]


async def agree(checker) -> None:
    proposal = await waiting(checker)
    answer = await checker.post(f"/console/approvals/{proposal['id']}/approve", data={"remark": "属实"})
    assert answer.status_code == 303, answer.text


async def bill(asking, desk, number: str) -> dict:
    return (await asking.get(f"/api/v1/bills/{desk.bills[number]}")).json()["bill"]


async def test_a_wrong_bill_is_voided_once_a_second_person_agrees(desk, maker, checker, platform):
    path = f"/console/bills/{desk.bills['S1']}"
    answer = await maker.post(path + "/void", data={"version": 1, "reason": "录错年级"})
    assert answer.status_code == 303
    assert "等待复核" in (await maker.get(path)).text
    page = (await checker.get(f"/console/approvals/{(await waiting(checker))['id']}")).text
    assert "录错年级" in page
    assert "已作废" in page
    await agree(checker)
    assert (await bill(checker, desk, "S1"))["status"] == "void"
    assert f'hx-get="/console/history/bill/{desk.bills["S1"]}"' in (await maker.get(path)).text
    told = (await maker.get(f"/console/history/bill/{desk.bills['S1']}", headers={"HX-Request": "true"})).text
    for event in ("申请作废", "作废账单", "同意作废"):
        assert event in told
    assert await trade.faults(platform, desk.id) == {}


async def test_the_same_proposal_is_not_taken_twice(desk, maker):
    path = f"/console/bills/{desk.bills['S1']}/void"
    await maker.post(path, data={"version": 1, "reason": "录错"})
    again = await maker.post(path, data={"version": 1, "reason": "录错"})
    assert again.status_code == 409
    assert "请勿重复提交" in again.text


async def test_a_form_drawn_from_an_older_bill_is_stale(desk, maker):
    await maker.post(f"/api/v1/bills/{desk.bills['S1']}/choose", json={"version": 1, "line_nos": [2]})
    for action, more in (("void", {}), ("write-off", {}), ("use-credit", {"idempotency_key": "k" * 12})):
        answer = await maker.post(f"/console/bills/{desk.bills['S1']}/{action}", data={"version": 1, "reason": "旧页面"} | more)
        assert answer.status_code == 409
        assert "刷新" in answer.text
        assert "<main" in answer.text  # a page for people, not JSON


async def test_a_form_without_reason_or_version_is_refused_kindly(desk, maker):
    path = f"/console/bills/{desk.bills['S1']}"
    assert (await maker.post(path + "/void", data={"version": 1, "reason": "  "})).status_code == 422
    assert (await maker.post(path + "/void", data={"reason": "缺版本"})).status_code == 422
    assert (await maker.post(path + "/adjust", data={"reason": "缺版本"})).status_code == 422
    assert (await maker.post(path + "/adjust", data={"version": "9" * 30, "reason": "x"})).status_code == 422


async def test_without_the_forms_own_token_nothing_is_changed(desk, maker):
    answer = await maker.post(
        f"/console/bills/{desk.bills['S1']}/void", data={"version": 1, "reason": "伪造"}, headers={"x-csrf-token": "forged"}
    )
    assert answer.status_code == 403


async def test_an_adjustment_makes_a_new_version_and_gives_the_rest_to_the_family(desk, maker, checker, platform):
    await desks.pay(platform, desk, "S1")
    version = await desks.version_of(platform, desk, "S1")
    path = f"/console/bills/{desk.bills['S1']}"
    assert "学费" in (await maker.get(path + "/adjust")).text or "TUITION" in (await maker.get(path + "/adjust")).text
    answer = await maker.post(path + "/adjust", data={"version": version, "net_1": "800.00", "reason": "补录贫困减免"})
    assert answer.status_code == 303
    changes = (await checker.get(f"/api/v1/approvals/{(await waiting(checker))['id']}")).json()["changes"]
    assert ["TUITION", "950.00", "800.00"] in [[c["what"], c["before"], c["after"]] for c in changes]
    await agree(checker)
    found = (await checker.get(f"/api/v1/bills/{desk.bills['S1']}")).json()
    assert found["bill"]["amount_fen"] == 80_000
    assert found["bill"]["status"] == "paid"
    assert found["credit_fen"] == 15_000
    assert [v["reason"] for v in found["versions"]] == ["补录贫困减免"]
    sister = f"/console/bills/{desk.bills['S2']}"
    assert "有余额 150.00 元" in (await maker.get(sister)).text
    used = await maker.post(sister + "/use-credit", data={"version": 1, "idempotency_key": "press-once-please"})
    assert used.status_code == 303
    assert (await bill(checker, desk, "S2"))["paid_fen"] == 15_000
    twice = await maker.post(sister + "/use-credit", data={"version": 1, "idempotency_key": "press-once-please"})
    assert twice.status_code == 409
    assert await trade.faults(platform, desk.id) == {}


@pytest.mark.parametrize("typed", ["-1", "1000.01", "12.345", "1e3", "NaN", "Infinity", "99999999999999999999", "abc", "１２＋"])
async def test_amounts_that_cannot_be_are_refused_beside_their_field(desk, maker, typed):
    answer = await maker.post(f"/console/bills/{desk.bills['S1']}/adjust", data={"version": 1, "net_1": typed, "reason": "调整"})
    assert answer.status_code in (422, 303)
    if answer.status_code == 303:
        assert typed == "1e3"  # 1000 yuan, written the long way
    else:
        assert "e-net_1" in answer.text
        assert "调整" in answer.text  # what was typed is still there


async def test_money_moves_to_a_sibling_by_a_journal_and_the_books_still_balance(desk, maker, checker, platform):
    await desks.pay(platform, desk, "S1")
    version = await desks.version_of(platform, desk, "S1")
    path = f"/console/bills/{desk.bills['S1']}"
    form = (await maker.get(path + "/move")).text
    sister = await bill(maker, desk, "S2")
    assert sister["number"] in form
    answer = await maker.post(
        path + "/move", data={"version": version, "target": sister["number"], "amount": "950.00", "reason": "记错孩子"}
    )
    assert answer.status_code == 303, answer.text
    changes = (await checker.get(f"/api/v1/approvals/{(await waiting(checker))['id']}")).json()["changes"]
    assert any(sister["number"] in change["what"] for change in changes)
    await agree(checker)
    assert (await bill(checker, desk, "S1"))["status"] == "issued"
    assert (await bill(checker, desk, "S2"))["status"] == "paid"
    assert "转出 950.00 元" in (await maker.get(f"/console/history/bill/{desk.bills['S1']}")).text
    assert await trade.faults(platform, desk.id) == {}


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"number": "B000", "amount": "1"}, "number"),
        ({"amount": "1"}, "number"),
        ({"target": "S4", "amount": "950.01"}, "amount"),
        ({"target": "S4", "amount": "0"}, "amount"),
        ({"target": "S4", "amount": "-5"}, "amount"),
        ({"target": "S1", "amount": "5"}, "amount"),
        ({"target": "S4", "amount": "5", "reason": " "}, "reason"),
    ],
)
async def test_a_move_that_cannot_be_is_refused_beside_its_field(desk, maker, platform, form, field):
    await desks.pay(platform, desk, "S1")
    version = await desks.version_of(platform, desk, "S1")
    if form.get("target") in desk.bills:
        form = form | {"target": (await bill(maker, desk, form["target"]))["number"]}
    answer = await maker.post(f"/console/bills/{desk.bills['S1']}/move", data={"version": version, "reason": "试试"} | form)
    assert answer.status_code == 422
    assert f'id="e-{field}"' in answer.text


async def test_money_is_not_moved_to_a_bill_beyond_ones_reach(desk, staff, platform):
    await desks.pay(platform, desk, "S1")
    whole, east = await staff(desk, *MAKER), await staff(desk, *MAKER, org_id=desk.units["东区"])
    version = await desks.version_of(platform, desk, "S1")
    far = (await bill(whole, desk, "S4"))["number"]
    answer = await east.post(
        f"/console/bills/{desk.bills['S1']}/move", data={"version": version, "number": far, "amount": "1", "reason": "越界"}
    )
    assert answer.status_code == 422
    assert 'id="e-number"' in answer.text


async def test_only_what_is_overdue_is_written_off(platform, client, staff):
    desk = await desks.opened(platform, client, due_on=dt.date(2020, 1, 1))
    maker, checker = await staff(desk, *MAKER), await staff(desk, *CHECKER)
    await desks.pay(platform, desk, "S4", 5_000)
    version = await desks.version_of(platform, desk, "S4")
    assert (
        await maker.post(f"/console/bills/{desk.bills['S4']}/write-off", data={"version": version, "reason": "已转学"})
    ).status_code == 303
    await agree(checker)
    found = await bill(checker, desk, "S4")
    assert (found["status"], found["open_fen"], found["paid_fen"]) == ("written_off", 0, 5_000)
    totals = (await maker.get("/api/v1/bills")).json()["totals"]
    assert totals["given_up_fen"] == FULL - 5_000
    assert totals["gross_fen"] - totals["discount_fen"] == totals["paid_fen"] + totals["open_fen"] + totals["given_up_fen"]


async def test_optional_lines_are_ticked_for_a_payer_who_asks(desk, maker):
    answer = await maker.post(f"/console/bills/{desk.bills['S1']}/choose", data={"version": 1, "line": ["2"]})
    assert answer.status_code == 303
    assert (await bill(maker, desk, "S1"))["amount_fen"] == 125_000
    refused = await maker.post(f"/console/bills/{desk.bills['S1']}/choose", data={"version": 2, "line": ["1"]})
    assert refused.status_code == 422
