"""Letters and posters: Chinese that can be read back, the right amounts, codes that open, within reach only."""

import datetime as dt
import io
import re
import zipfile

import pypdfium2
import pytest
from sqlalchemy import text

from core import clock
from core.printing import rendering, service
from core.printing.letters import OwedBill, letter_of
from core.printing.posters import Poster
from tests import desk as desks

MAKE = ("printing.sheet.make", "billing.bill.read", "jobs.read")
TODAY = dt.date(2026, 9, 1)


def text_of(made: bytes) -> list[str]:
    """What a reader finds on each page, spaces taken out."""
    return [re.sub(r"\s", "", page.get_textpage().get_text_range()) for page in pypdfium2.PdfDocument(made)]


def owed(**given: object) -> OwedBill:
    usual = {
        "name": "欧阳小明", "number": "20260001", "place": "小学部 / 三年级 / 2班", "bill_number": "B20260901000017", "title": "2026秋季学费",
        "period": "2026-2027-1", "due_on": dt.date(2026, 9, 10), "pay_code": "6200000000000017", "lines": (("学费", 580_000), ("校车费", 120_000)),
        "amount_fen": 700_000, "paid_fen": 100_000,
    }  # fmt: skip
    return OwedBill(**{**usual, **given})


async def drawn(*bills: OwedBill) -> bytes:
    pages = [letter_of(bill, "榕华教育集团", "http://p.cn/h5/demo", "0591-12345678", TODAY) for bill in bills]
    return await rendering.letters_pdf(pages, clock.now())


async def test_a_letter_says_who_owes_what_in_words_and_how_to_pay():
    (page,) = text_of(await drawn(owed()))
    for part in (
        "榕华教育集团", "缴费通知单", "欧阳小明及家人", "小学部/三年级/2班", "2026秋季学费", "学费", "5,800.00", "1,200.00", "7,000.00", "已缴",
        "1,000.00", "¥6,000.00", "陆仟元整", "6200000000000017", "http://p.cn/h5/demo/code", "0591-12345678", "请于2026-09-10前缴清",
    ):  # fmt: skip
        assert part in page, part


async def test_an_overdue_letter_says_so_and_a_rare_name_is_written():
    (page,) = text_of(await drawn(owed(due_on=dt.date(2026, 8, 20), name="李𬭎😀")))
    assert "催缴通知单" in page
    assert "已于2026-08-20到期" in page
    assert "李𬭎〓" in page


async def test_a_long_bill_goes_on_over_the_page_and_is_whole():
    lines = tuple((f"项目{n}", 100) for n in range(60))
    pages = text_of(await drawn(owed(lines=lines, amount_fen=6000, paid_fen=0), owed()))
    assert len(pages) == 4
    assert all(f"项目{n}" in "".join(pages) for n in range(60))
    assert ["待缴合计" in page for page in pages] == [False, False, True, True]


async def test_the_qr_of_a_letter_opens_the_page_of_its_pay_code(platform, client, web):
    desk = await desks.opened(platform, client)
    async with platform.database.tenant(desk.id) as session:
        code = await session.scalar(text("SELECT pay_code FROM core.bill WHERE id = :id"), {"id": desk.bills["S1"]})
    url = letter_of(owed(pay_code=code), "x", f"/h5/{desk.client.code}", "", TODAY).url
    page = await web.get(url)
    assert page.status_code == 200
    assert code in page.text


async def test_posters_are_a_page_each_with_place_steps_and_address():
    usual = {"client": "榕华教育集团", "url": "http://p.cn/h5/demo", "phone": "0591-1", "colour": "#a03020", "bank": "榕城银行"}
    pages = text_of(await rendering.posters_pdf([Poster(place=place, **usual) for place in ("三年级2班", "")], clock.now()))
    assert len(pages) == 2
    assert "三年级2班" in pages[0]
    for part in ("榕华教育集团", "扫码缴费", "http://p.cn/h5/demo", "0591-1", "由榕城银行提供收款服务", "二维码"):
        assert part in pages[1], part


@pytest.fixture
async def desk(platform, client):
    return await desks.opened(platform, client)


async def file_of(platform, asking, desk, job_id: str) -> bytes:
    job = (await asking.get(f"/api/v1/jobs/{job_id}")).json()
    assert job["status"] == "done", job
    async with platform.database.tenant(desk.id) as session:
        file_id = await session.scalar(text("SELECT file_id FROM core.job WHERE id = :id"), {"id": job_id})
    return (await asking.get(f"/console/files/{file_id}")).content


async def test_letters_of_a_unit_are_made_by_a_job_within_reach(platform, desk, staff, settle):
    east = await staff(desk, *MAKE, org_id=desk.units["东区"])
    started = await east.post("/api/v1/letters", json={})
    assert started.status_code == 202, started.text
    await settle(desk)
    pages = text_of(await file_of(platform, east, desk, started.json()["job_id"]))
    assert len(pages) == 3
    assert "李四" not in "".join(pages)
    assert "王小明" in "".join(pages)
    assert (await east.post("/api/v1/letters", json={"org_id": str(desk.units["西区"])})).status_code == 404
    assert (await east.post("/api/v1/letters", json={"source": "plan:none"})).json()["code"] == "NOTHING_TO_PRINT"
    assert (await east.get(f"/console/bills/{desk.bills['S4']}/letter")).status_code == 409
    one = await east.get(f"/console/bills/{desk.bills['S1']}/letter")
    assert one.headers["content-type"] == "application/pdf"
    assert "王小明" in text_of(one.content)[0]
    assert (await east.get(f"/api/v1/bills/{desk.bills['S1']}/letter")).status_code == 200
    stranger = await staff(desk, "billing.bill.read")
    assert (await stranger.post("/api/v1/letters", json={})).status_code == 403
    assert (await stranger.get(f"/console/bills/{desk.bills['S1']}/letter")).status_code == 403


async def test_many_letters_leave_as_a_zip_with_a_file_for_each_unit(platform, desk, staff, settle, monkeypatch):
    monkeypatch.setattr(service, "ONE_FILE", 2)
    head = await staff(desk, *MAKE)
    started = (await head.post("/api/v1/letters", json={"unbound": True})).json()
    await settle(desk)
    archive = zipfile.ZipFile(io.BytesIO(await file_of(platform, head, desk, started["job_id"])))
    assert sorted(archive.namelist()) == ["东区-东一班.pdf", "东区-东二班.pdf", "西区-西一班.pdf"]
    assert len(text_of(archive.read("东区-东一班.pdf"))) == 2


async def test_posters_of_every_unit_of_a_kind_are_made_from_the_page(platform, desk, staff, settle):
    head = await staff(desk, *MAKE)
    page = await head.get("/console/printing", params={"org": str(desk.units["东区"])})
    assert page.status_code == 200
    sent = await head.post("/console/printing/posters", data={"org": str(desk.units["东区"]), "each": "room"})
    job_id = sent.headers["location"].rpartition("/")[2]
    await settle(desk)
    pages = text_of(await file_of(platform, head, desk, job_id))
    assert [("东一班" in page, "东二班" in page) for page in pages] == [(True, False), (False, True)]
    letters_sent = await head.post("/console/printing/letters", data={"which": "all"})
    assert letters_sent.headers["location"].startswith("/console/jobs/")
    assert "打印通知单" in (await head.get(f"/console/bills/{desk.bills['S1']}")).text
