"""The Excel round trip: exported, decided, imported; every row is judged, good ones go to one approval, nothing half-applied."""

from io import BytesIO

import httpx
import pytest
import xlsxwriter
from sqlalchemy import text

from core.exports import workbook
from core.imports import sheets
from core.masking import mask_party
from core.reconciliation.differences import sheet, sheet_repository
from tests.reconciliation.remedies.test_faces import MAKE, SEE


@pytest.fixture
async def maker(house, staff) -> httpx.AsyncClient:
    return await staff(house.client, SEE, MAKE, "exports.make", "jobs.read", name="经办甲")


async def exported(house) -> list[list[object]]:
    """The rows of the export, as the page's button writes them."""
    async with house.tenant() as session:
        return [list(row) async for row in sheet.rows(session, {}, None)]


async def exported_all(house) -> list[list[object]]:
    """The same, with those that are over."""
    async with house.tenant() as session:
        return [list(row) async for row in sheet.rows(session, {"status": "all", "state": "all"}, None)]


def written(rows: list[list[object]]) -> bytes:
    return workbook.write("对账差异", sheet.EXPORTED, rows, ["导出人：经办甲"])


async def imported(house, maker, settle, content: bytes, *, whole: bool = False) -> tuple[str, dict]:
    """Upload, let it be judged, confirm; answers the import's id and what was said of it."""
    sent = await maker.post("/console/imports", data={"kind": "reconciliation.decisions"}, files={"file": ("决定.xlsx", content)})
    assert sent.status_code == 303, sent.text
    batch_id = sent.headers["location"].rsplit("/", 1)[-1]
    await settle(house.client)
    said = (await maker.get(f"/api/v1/imports/{batch_id}/verdicts")).json()
    return batch_id, said


def decide(row: list[object], decision: str, reason: str = "按表办理", where: str = "") -> list[object]:
    return [*row[:-3], decision, where, reason]


async def test_good_rows_go_to_one_approval(house, maker, settle):
    long, short, left = await house.differ("LG1"), await house.differ("SH1", 7_500), await house.differ("FE1", 12)
    rows = {row[0]: row for row in await exported(house)}
    codes = {each: (await house.difference(each)).code for each in (long, short, left)}
    assert "退款" in rows[codes[long]][-4]
    content = written([decide(rows[codes[long]], "退款"), decide(rows[codes[short]], "追款"), rows[codes[left]]])
    batch_id, said = await imported(house, maker, settle, content)
    assert said["totals"] == {"new": 0, "changed": 2, "unchanged": 2, "rejected": 0}, said
    assert (await house.difference(long)).status == "open", "nothing is written before it is confirmed"
    assert (await maker.post(f"/console/imports/{batch_id}/confirm", data={})).status_code == 303
    await settle(house.client)
    async with house.tenant() as session:
        batch = await session.one(text("SELECT * FROM core.recon_remedy_batch"))
        assert await session.scalar(text("SELECT count(*) FROM core.approval WHERE status = 'waiting'")) == 1
    assert (batch.kind, batch.count, batch.amount_fen) == ("mixed", 2, 27_500)
    await house.agree(batch.id)
    await house.work()
    assert ((await house.difference(long)).status, (await house.difference(short)).status) == ("resolved", "confirmed")
    assert (await house.difference(left)).status == "open"
    assert await house.faults() == {}


async def test_every_bad_row_says_why_and_the_good_ones_stay_good(house, maker, settle):
    good, stale, gone, wrong = [await house.differ("LG1", 1_000 + n) for n in range(4)]
    rows = {row[0]: row for row in await exported(house)}
    mine = [rows[(await house.difference(each)).code] for each in (good, stale, gone, wrong)]
    async with house.tenant() as session:
        await session.execute(text("UPDATE core.recon_difference SET version = 9 WHERE id = :id"), {"id": stale})
        await session.execute(text("UPDATE core.recon_difference SET status = 'auto_resolved' WHERE id = :id"), {"id": gone})
    unknown = ["D999", *mine[0][1:]]
    content = written(
        [
            decide(mine[0], "退款"), decide(mine[1], "退款"), decide(mine[2], "退款"), decide(mine[3], "核销"), decide(unknown, "退款"),
            decide(mine[3], "烧掉"), decide(mine[3], "退款", reason=""), decide(mine[0], "补单入账"),
        ]
    )  # fmt: skip
    batch_id, said = await imported(house, maker, settle, content)
    found = {row["row"]: row["code"] for row in said["rows"] if row["verdict"] == "reject"}
    assert found == {
        3: "stale", 4: "already_resolved", 5: "remedy_not_offered", 6: "unknown_difference", 7: "unknown_remedy", 8: "missing_reason", 9: "twice",
    }  # fmt: skip
    assert said["totals"]["changed"] == 1
    whole = await maker.post(f"/console/imports/{batch_id}/confirm", data={"whole": "1"})
    assert whole.status_code in (303, 409)
    await settle(house.client)
    async with house.tenant() as session:
        assert await session.scalar(text("SELECT count(*) FROM core.recon_remedy")) == 0, "all or nothing was asked for"
    await maker.post(f"/console/imports/{batch_id}/confirm", data={})
    await settle(house.client)
    async with house.tenant() as session:
        assert await session.scalar(text("SELECT count(*) FROM core.recon_remedy")) == 1


def with_formula(rows: list[list[object]]) -> bytes:
    """The file as somebody left it whose reason is computed."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet("对账差异")
        for place, (title, _kind) in enumerate(sheet.EXPORTED):
            page.write_string(0, place, title)
            for number, row in enumerate(rows, 1):
                page.write_string(number, place, str(row[place] or ""))
        for number, _row in enumerate(rows, 1):
            page.write_formula(number, len(sheet.EXPORTED) - 1, '=HYPERLINK("http://x")')
    return out.getvalue()


async def test_a_formula_in_a_decision_is_refused_and_in_an_export_neutralised(house, maker, settle):
    difference_id = await house.differ("LG1", number="=cmd()")
    [row] = await exported(house)
    told = sheets.read(written([row]), "差异.xlsx").rows
    assert told[1][told[0].index("商户订单号")] == "'=cmd()"
    _batch_id, said = await imported(house, maker, settle, with_formula([decide(row, "退款")]))
    assert [(row["row"], row["code"]) for row in said["rows"] if row["verdict"] == "reject"] == [(2, "formula_cell")]
    assert (await house.difference(difference_id)).status == "open"


async def test_the_export_of_the_page_is_what_the_import_reads(house, maker, settle):
    await house.differ("LG1")
    await house.differ("SH1", status="expected")
    started = await maker.post("/console/exports/reconciliation.differences", data={"status": "live"})
    assert started.status_code == 303
    await settle(house.client)
    async with house.tenant() as session:
        file_id = await session.scalar(text("SELECT file_id FROM core.job WHERE kind = 'exports.make'"))
    content = (await maker.get(f"/console/files/{file_id}")).content
    page = sheets.read(content, "对账差异.xlsx")
    assert page.rows[0][:2] == ["差异编号", "版本"]
    assert len([row for row in page.rows[1:] if str(row[0]).startswith("D260301")]) == 1
    _batch_id, said = await imported(house, maker, settle, content)
    assert said["totals"]["rejected"] == 0


async def test_a_batchs_result_file_has_a_row_for_each(house):
    from tests.reconciliation.remedies.test_batches import refund_all

    await house.differ("LG1")
    batch_id = await refund_all(house)
    await house.agree(batch_id)
    await house.work()
    async with house.tenant() as session:
        [row] = [row async for row in sheet.remedy_rows(session, {"batch": str(batch_id)}, None)]
        assert [row async for row in sheet.remedy_rows(session, {"batch": "x"}, None)] == []
    assert row[4:7] == (20_000, "已完成", f"RC{row[0]}")


async def test_the_list_has_the_columns_of_the_book_in_its_order():
    told = [title for title, _kind in sheet.EXPORTED]
    book = [
        "账单日", "类别", "渠道", "商户号", "业务金额", "平台金额", "渠道金额", "差额", "商户订单号", "渠道单号", "缴费人", "处理方式",
        "状态", "经办人", "复核人", "处理时间",
    ]  # fmt: skip
    assert told[2 : 2 + len(book)] == book


async def test_a_row_says_what_was_done_by_whom_and_about_whom(house):
    async with house.tenant() as session:
        bill = await session.one(text("SELECT b.number, p.name FROM core.bill b JOIN core.party p ON p.id = b.party_id ORDER BY b.number LIMIT 1"))
    done, fresh = await house.differ("LG1", bill_number=bill.number), await house.differ("SH1", 7_500)
    await house.ask(done, "credit", target={"bill_number": bill.number})
    named = [title for title, _kind in sheet.EXPORTED]
    codes = {(await house.difference(each)).code: each for each in (done, fresh)}
    rows = {codes[row[0]]: dict(zip(named, row, strict=True)) for row in await exported(house)}
    assert (rows[done]["处理方式"], rows[done]["经办人"], rows[done]["复核人"], rows[done]["处理时间"]) == ("转入账单或余额", house.maker.name, "", None)
    assert rows[done]["缴费人"] == mask_party(bill.name) != bill.name
    assert [rows[fresh][title] for title in ("缴费人", "处理方式", "经办人", "复核人", "处理时间")] == ["", "", "", "", None]


async def test_a_remedy_that_is_done_names_both_and_when_and_the_last_one_stands(house):
    difference_id = await house.differ("LG1")
    remedy_id = await house.ask(difference_id, "refund")
    await house.refuse(remedy_id)
    await house.done(difference_id, "refund")
    await house.work()
    [row] = await exported_all(house)
    told = dict(zip([title for title, _kind in sheet.EXPORTED], row, strict=True))
    assert (told["处理方式"], told["状态"], told["经办人"], told["复核人"]) == ("退款", "已解决", house.maker.name, house.checker.name)
    assert told["处理时间"] is not None


async def test_a_page_of_differences_costs_one_statement_more(house, monkeypatch):
    for n in range(4):
        await house.differ("LG1", 1_000 + n)
    asked, plain = [], sheet_repository.list_beside

    async def counted(session, difference_ids):
        asked.append(len(difference_ids))
        return await plain(session, difference_ids)

    monkeypatch.setattr(sheet_repository, "list_beside", counted)
    assert len(await exported(house)) == 4
    assert asked == [4]
