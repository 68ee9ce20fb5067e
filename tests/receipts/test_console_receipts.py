"""Receipts at the desk: found by whoever may, taken back by two, printed with a trace; the issuers of tickets set without showing a key."""

import pypdfium2
import pytest
from sqlalchemy import text

from core.receipts import issuing as ladder
from tests import desk as desks
from tests.receipts import shop as shops

MAKER = ("receipts.receipt.read", "receipts.receipt.red_flush", "exports.make")
CHECKER = ("receipts.receipt.read", "receipts.receipt.check")
KEY = {"idempotency-key": "5b1c9a52-once"}
ISSUER = {"base_url": "https://tickets.example", "app_id": "app1", "name": "云溪学校", "secret": "s3cret-key", "items": ["TUITION"]}


@pytest.fixture
async def desk(platform, client, settle):
    made = await desks.opened(platform, client)
    await desks.pay(platform, made, "S1")
    await desks.pay(platform, made, "S4")
    await settle(made)
    return made


@pytest.fixture
async def maker(desk, staff):
    return await staff(desk, *MAKER, name="经办")


@pytest.fixture
async def checker(desk, staff):
    return await staff(desk, *CHECKER, name="复核")


async def of(platform, desk, number: str) -> list:
    """The receipts of somebody's bill."""
    return [row for row in await shops.rows(platform, desk) if row.bill_id == desk.bills[number]]


async def agree(checker) -> None:
    (proposal,) = (await checker.get("/api/v1/approvals")).json()["items"]
    answer = await checker.post(f"/console/approvals/{proposal['id']}/approve", data={"remark": "属实"})
    assert answer.status_code == 303, answer.text


async def test_the_list_shows_receipts_masked_with_their_sum(desk, maker):
    page = (await maker.get("/console/receipts")).text
    assert "符合条件的共 2 张，合计 1,900.00 元" in page
    assert "王**" in page
    assert "王小明" not in page


@pytest.mark.parametrize(("query", "found"), [
    ("q=S1", 1), ("q=王小明", 1), ("q=nobody", 0), ("status=issued", 2), ("status=red_flushed", 0), ("status=refused", 0),
    ("kind=red", 0), ("kind=blue", 2), ("ticket=fiscal", 0), ("start=2099-01-01", 0), ("until=2020-01-01", 0),
])  # fmt: skip
async def test_the_list_is_narrowed(desk, maker, query, found):
    page = (await maker.get(f"/console/receipts?{query}")).text
    assert f"符合条件的共 {found} 张" in page


async def test_the_api_lists_by_bill_payment_number_and_day_page_by_page(desk, maker, platform):
    (row,) = await of(platform, desk, "S1")
    for query in (f"bill={desk.bills['S1']}", f"payment={row.payment_id}", f"q={row.number}", f"q={row.number.lower()}"):
        (item,) = (await maker.get(f"/api/v1/receipts?{query}")).json()["items"]
        assert (item["number"], item["amount_fen"], item["party_name"]) == (row.number, 95_000, "王**")
    first = (await maker.get("/api/v1/receipts?limit=1")).json()
    second = (await maker.get(f"/api/v1/receipts?limit=1&cursor={first['next_cursor']}")).json()
    assert {first["items"][0]["id"], second["items"][0]["id"]} == {str(r.id) for r in await shops.rows(platform, desk)}
    assert (second["next_cursor"], first["receipts"], first["amount_fen"]) == (None, 2, 190_000)
    assert (await maker.get("/api/v1/receipts?created_from=2099-01-01T00:00:00%2B08:00")).json()["items"] == []
    assert (await maker.get("/api/v1/receipts?cursor=rubbish")).status_code == 422


async def test_only_ones_own_units_receipts_are_found(desk, platform, staff):
    east = await staff(desk, *MAKER, org_id=desk.units["东区"])
    (mine,), (other,) = await of(platform, desk, "S1"), await of(platform, desk, "S4")
    assert "符合条件的共 1 张" in (await east.get("/console/receipts")).text
    assert (await east.get(f"/console/receipts/{mine.id}")).status_code == 200
    for path in ("", "/pdf"):
        assert (await east.get(f"/console/receipts/{other.id}{path}")).status_code == 404
        assert (await east.get(f"/api/v1/receipts/{other.id}{path}")).status_code == 404
    assert (await east.post(f"/console/receipts/{other.id}/red-flush", data={"reason": "x"})).status_code == 404


async def test_another_clients_receipts_do_not_exist(desk, platform, client, staff):
    other = await desks.opened(platform, client)
    stranger = await staff(other, *MAKER, "receipts.issuer.manage")
    (row,) = await of(platform, desk, "S1")
    for path in ("", "/pdf"):
        assert (await stranger.get(f"/api/v1/receipts/{row.id}{path}")).status_code == 404
    body = {"reason": "x", "reissue": True}
    assert (await stranger.post(f"/api/v1/receipts/{row.id}/red-flush", json=body, headers=KEY)).status_code == 404
    assert (await stranger.post(f"/console/receipts/{row.id}/retry")).status_code == 404
    assert (await stranger.get("/api/v1/receipts")).json()["items"] == []


@pytest.mark.parametrize(("method", "path"), [
    ("GET", "/console/receipts"), ("GET", "/console/receipts/{id}"), ("GET", "/console/receipts/{id}/pdf"),
    ("POST", "/console/receipts/{id}/red-flush"), ("POST", "/console/receipts/{id}/retry"), ("GET", "/api/v1/receipts"),
    ("GET", "/api/v1/receipts/{id}"), ("GET", "/api/v1/receipts/{id}/pdf"), ("POST", "/api/v1/receipts/{id}/red-flush"),
    ("GET", "/console/receipt-issuers"), ("GET", "/console/receipt-issuers/fiscal"), ("POST", "/console/receipt-issuers/fiscal"),
    ("GET", "/api/v1/receipt-issuers"), ("PUT", "/api/v1/receipt-issuers/fiscal"),
])  # fmt: skip
async def test_without_the_right_nothing_opens(desk, platform, staff, method, path):
    nobody = await staff(desk, "billing.bill.read")
    (row,) = await of(platform, desk, "S1")
    answer = await nobody.request(method, path.format(id=row.id), json={} if method == "PUT" else None)
    assert answer.status_code == 403


async def test_the_pdf_is_for_handing_over_and_leaves_a_trace(desk, maker, platform):
    (row,) = await of(platform, desk, "S1")
    for path in (f"/console/receipts/{row.id}/pdf", f"/api/v1/receipts/{row.id}/pdf"):
        answer = await maker.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
        assert row.number in answer.headers["content-disposition"]
        words = pypdfium2.PdfDocument(answer.content)[0].get_textpage().get_text_range()
        assert "王小明" in words
    async with platform.database.tenant(desk.id) as session:
        traces = await session.scalar(text("SELECT count(*) FROM core.audit_log WHERE action = 'receipts.receipt.print'"))
    assert traces == 2


async def test_a_receipt_is_taken_back_once_a_second_person_agrees(desk, maker, checker, platform, settle):
    (row,) = await of(platform, desk, "S1")
    here = f"/console/receipts/{row.id}"
    assert (await maker.post(here + "/red-flush", data={"reason": "姓名有误", "reissue": "1"})).status_code == 303
    assert "红冲申请正在等待复核" in (await maker.get(here)).text
    (proposal,) = (await checker.get("/api/v1/approvals")).json()["items"]
    told = (await checker.get(f"/console/approvals/{proposal['id']}")).text
    for part in ("姓名有误", row.number, "-950.00", "红冲后按当前姓名重新开具"):
        assert part in told
    assert [r.status for r in await of(platform, desk, "S1")] == ["issued"]
    await agree(checker)
    await settle(desk)
    old, red, new = await of(platform, desk, "S1")
    assert (old.status, red.amount_fen, new.amount_fen, new.status) == ("red_flushed", -95_000, 95_000, "issued")
    page = (await maker.get(here)).text
    for part in ("已红冲", red.number, new.number):
        assert part in page
    assert "提交红冲申请" not in page


async def test_nobody_agrees_to_their_own_red_flush(desk, staff, platform):
    both = await staff(desk, *MAKER, *CHECKER)
    (row,) = await of(platform, desk, "S1")
    answer = await both.post(f"/api/v1/receipts/{row.id}/red-flush", json={"reason": "错", "reissue": False}, headers=KEY)
    assert answer.status_code == 201, answer.text
    approval = answer.json()["approval_id"]
    again = await both.post(f"/api/v1/receipts/{row.id}/red-flush", json={"reason": "错", "reissue": False}, headers=KEY)
    assert again.json() == answer.json()
    decided = await both.post(f"/api/v1/approvals/{approval}/approve", json={"remark": ""}, headers={"idempotency-key": "another-key"})
    assert (decided.status_code, decided.json()["code"]) == (409, "SELF_APPROVAL")
    assert [r.status for r in await of(platform, desk, "S1")] == ["issued"]


async def test_without_reissue_nothing_stands_any_more_and_twice_is_refused(desk, maker, checker, platform, settle):
    (row,) = await of(platform, desk, "S1")
    path, body = f"/api/v1/receipts/{row.id}/red-flush", {"reason": "重复开具", "reissue": False}
    assert (await maker.post(path, json=body, headers=KEY)).status_code == 201
    await agree(checker)
    await settle(desk)
    assert [r.amount_fen for r in await of(platform, desk, "S1")] == [95_000, -95_000]
    again = await maker.post(path, json=body, headers={"idempotency-key": "yet-another"})
    assert (again.status_code, again.json()["code"]) == (409, "RECEIPT_NOT_STANDING")
    story = (await maker.get(f"/api/v1/receipts/{row.id}")).json()
    assert [other["kind"] for other in story["others"]] == ["red"]
    assert story["receipt"]["content"]["payer"] == "王**"


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "x", "more": 1}, {"reason": 5}, {"reason": "x" * 201}])
async def test_a_request_that_is_not_one_is_refused(desk, maker, platform, body):
    (row,) = await of(platform, desk, "S1")
    answer = await maker.post(f"/api/v1/receipts/{row.id}/red-flush", json=body, headers=KEY)
    assert answer.status_code in (400, 422)
    assert (await maker.post(f"/console/receipts/{row.id}/red-flush", data={"reason": "  "})).status_code == 303
    assert (await maker.get("/api/v1/approvals?tab=mine")).json()["items"] == []


async def test_the_list_leaves_as_excel(desk, maker, settle):
    started = await maker.post("/api/v1/exports", json={"code": "receipts.receipts", "filters": {"q": "S1"}})
    assert started.status_code == 202, started.text
    await settle(desk)
    job = (await maker.get(f"/api/v1/jobs/{started.json()['job_id']}")).json()
    assert job["result"]["rows"] == 1


async def test_an_issuer_is_set_and_its_key_never_shown(desk, staff, platform):
    admin = await staff(desk, "receipts.issuer.manage")
    answer = await admin.put("/api/v1/receipt-issuers/fiscal", json=ISSUER)
    assert answer.status_code == 200, answer.text
    kept = await admin.put("/api/v1/receipt-issuers/fiscal", json=ISSUER | {"secret": "", "active": False})
    assert (kept.json()["status"], kept.json()["version"]) == ("suspended", 2)
    pages = [(await admin.get(path)).text for path in ("/api/v1/receipt-issuers", "/console/receipt-issuers", "/console/receipt-issuers/fiscal")]
    assert all("tickets.example" in page and "s3cret" not in page for page in pages)
    async with platform.database.tenant(desk.id) as session:
        row = await session.one(text("SELECT * FROM core.receipt_issuer"))
        keys = await platform.vault.keys(session)
        told = await session.all(text("SELECT after::text AS after FROM core.audit_log WHERE action = 'receipts.issuer.save'"))
    assert keys.open(row.credentials_sealed) == "s3cret-key"
    assert len(told) == 2
    assert not any("s3cret" in trace.after for trace in told)


@pytest.mark.parametrize(("ticket", "changed", "status", "code"), [
    ("receipt", {}, 404, "ISSUER_UNKNOWN"),
    ("fiscal", {"base_url": "http://10.0.0.1/"}, 422, "INVALID_REQUEST"),
    ("fiscal", {"base_url": "file:///etc/passwd"}, 422, "INVALID_REQUEST"),
    ("fiscal", {"secret": ""}, 409, "ISSUER_INCOMPLETE"),
    ("einvoice", {"tax_rates": {"MEAL": "six"}}, 422, "INVALID_REQUEST"),
    ("einvoice", {"tax_rates": {"MEAL": "-6"}}, 422, "INVALID_REQUEST"),
    ("fiscal", {"app_id": " "}, 422, "INVALID_REQUEST"),
])  # fmt: skip
async def test_an_issuer_that_cannot_be_is_refused(desk, staff, ticket, changed, status, code):
    admin = await staff(desk, "receipts.issuer.manage")
    answer = await admin.put(f"/api/v1/receipt-issuers/{ticket}", json=ISSUER | changed)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_the_form_sets_an_issuer_and_says_what_is_missing(desk, staff):
    admin = await staff(desk, "receipts.issuer.manage")
    page = "/console/receipt-issuers/einvoice"
    assert "用这种票据的项目" in (await admin.get(page)).text
    typed = {name: ISSUER[name] for name in ("base_url", "app_id", "name")} | {"active": "1", "items": "MEAL", "rate_MEAL": "6"}
    missing = await admin.post(page, data=typed)
    assert missing.status_code == 422
    assert "请先填写开票平台的接口密钥" in missing.text
    assert (await admin.post(page, data=typed | {"secret": "k" * 20})).status_code == 303
    (issuer,) = (await admin.get("/api/v1/receipt-issuers")).json()
    assert (issuer["ticket"], issuer["items"], issuer["tax_rates"]) == ("einvoice", ["MEAL"], {"MEAL": "6"})
    assert (await admin.get("/console/receipt-issuers/x")).status_code == 404


async def test_a_refused_ticket_is_work_and_is_sent_again(desk, staff, platform, settle):
    admin = await staff(desk, "receipts.issuer.manage", "receipts.receipt.read")
    (row,) = await of(platform, desk, "S1")
    refused = {"id": row.id, "why": "收费项目未备案"}
    async with platform.database.tenant(desk.id) as session:
        await session.execute(
            text("UPDATE core.receipt SET ticket = 'fiscal', status = 'issuing', issued_at = NULL, last_error = :why WHERE id = :id"), refused
        )
    page = (await admin.get(f"/console/receipts/{row.id}")).text
    assert "收费项目未备案" in page
    assert "符合条件的共 1 张" in (await admin.get("/console/receipts?status=refused")).text
    assert "开票被拒" in (await admin.get("/console")).text
    assert (await admin.post(f"/console/receipts/{row.id}/retry")).status_code == 303
    await settle(desk)
    (row,) = await of(platform, desk, "S1")
    assert row.last_error == ladder.NOT_OPENED
    assert row.next_query_at is not None


async def test_a_refused_ticket_is_sent_again_by_a_program(desk, staff, platform):
    admin, reader = await staff(desk, "receipts.issuer.manage", "receipts.receipt.read"), await staff(desk, "receipts.receipt.read")
    (row,) = await of(platform, desk, "S1")
    async with platform.database.tenant(desk.id) as session:
        await session.execute(
            text("UPDATE core.receipt SET ticket = 'fiscal', status = 'issuing', issued_at = NULL, last_error = 'x', next_query_at = NULL WHERE id = :id"),
            {"id": row.id},
        )
    assert (await reader.post(f"/api/v1/receipts/{row.id}/retry")).status_code == 403
    answer = await admin.post(f"/api/v1/receipts/{row.id}/retry")
    assert answer.status_code == 200, answer.text
    (row,) = await of(platform, desk, "S1")
    assert row.next_query_at is not None


async def test_a_bill_with_several_receipts_shows_its_money_once(desk, maker, checker, platform, settle, staff):
    (row,) = await of(platform, desk, "S1")
    await maker.post(f"/api/v1/receipts/{row.id}/red-flush", json={"reason": "姓名有误", "reissue": True}, headers=KEY)
    await agree(checker)
    await settle(desk)
    new = (await of(platform, desk, "S1"))[-1]
    reader = await staff(desk, "billing.bill.read", "reports.collection.read")
    movements = (await reader.get(f"/api/v1/bills/{desk.bills['S1']}")).json()["movements"]
    assert [(m["amount_fen"], m["receipt_number"]) for m in movements] == [(95_000, new.number)]
    page = (await reader.get("/console/reports/details?q=S1")).text
    assert page.count(new.number) == 1
    assert row.number not in page
