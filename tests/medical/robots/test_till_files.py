"""A file of till orders: every bad row with its column and reason, the good rows written and compared, the same file again nothing."""

import datetime as dt
import io

import pytest
import xlsxwriter

from core import clock
from core.errors import PlatformError
from core.imports.schemas import ImportContext
from plugins.medical.robots import days, till_files, tills
from tests.medical.robots.chain import FINANCE, READ, brought, day_of, robot, store_day
from tests.medical.robots.pharmacy import DAY, NUMBERS

HEAD = "平台*,门店编码*,账单日期*,平台订单号*,结算金额*"
TOMORROW = clock.today() + dt.timedelta(days=1)


def csv_of(*rows: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *rows]).encode("utf-8-sig")


def context_of(chain, by=None) -> ImportContext:
    return ImportContext(platform=chain.platform, client=chain.hospital.client, by=by or chain.signer)


async def judged(chain, content: bytes, name: str = "tills.csv", by=None):
    return await till_files.check(context_of(chain, by), content, name)


async def test_every_bad_row_is_named_with_column_and_reason_and_nothing_is_written(chain):
    check = await judged(
        chain,
        csv_of(
            f"美团,S001,{DAY},A1,12.34", f"淘宝,S001,{DAY},A2,1", f"饿了么,S999,{DAY},A3,1", f"拼多多,S002,{TOMORROW},A4,1", "美团,S001,13/45,A5,1",
            f"美团,S001,{DAY},A6,一元", f"美团,S001,{DAY},,1", f"美团,S001,{DAY},A1,1", f"美团,S001,{DAY},A7,=1+1", f"美团,,{DAY},A8,1", f"美团,S001,{DAY},A9,",
            f"美团,NK,{DAY},A10,1", f"美团,S001,{DAY},A11,1.234",
        ),
    )  # fmt: skip
    bad = {(row.row, row.column.rstrip("*")) for row in check.rows if row.verdict == "reject"}
    assert bad == {
        (3, "平台"), (4, "门店编码"), (5, "账单日期"), (6, "账单日期"), (7, "结算金额"), (8, "平台订单号"), (9, "平台订单号"), (10, "结算金额"),
        (11, "门店编码"), (12, "结算金额"), (13, "门店编码"), (14, "结算金额"),
    }, bad  # fmt: skip
    assert all(row.message for row in check.rows)
    assert (check.totals.new, check.totals.rejected) == (1, 12)
    assert await chain.count("till_order") == 0


async def test_a_store_beyond_the_importers_reach_is_refused_by_its_row(chain):
    by = chain.hospital.person("一家店", tills.IMPORT, reach=frozenset({chain.hospital.units["S002"]}))
    check = await judged(chain, csv_of(f"美团,S001,{DAY},A1,1", f"美团,S002,{DAY},A2,1"), by=by)
    [row] = [row for row in check.rows if row.verdict == "reject"]
    assert (row.row, row.code) == (2, "beyond_your_scope")
    await till_files.apply(context_of(chain, by), check)
    assert await chain.count("till_order") == 1


async def test_the_same_file_again_changes_nothing_and_a_corrected_one_only_what_it_corrects(chain):
    orders = day_of()
    await brought(chain, await robot(chain), orders)
    rows = [f"美团,{NUMBERS[o.store]},{DAY:%Y/%m/%d},{o.order_no},{o.settle_fen / 100:.2f}" for o in orders]
    first = await judged(chain, csv_of(*rows))
    assert first.totals.new == 6
    await till_files.apply(context_of(chain), first)
    again = await judged(chain, csv_of(*rows))
    assert (again.totals.new, again.totals.changed, again.totals.unchanged) == (0, 0, 6)
    corrected = await judged(chain, csv_of(rows[0].rsplit(",", 1)[0] + ",0.01", *rows[1:]))
    assert (corrected.totals.changed, corrected.totals.unchanged) == (1, 5)
    await till_files.apply(context_of(chain), corrected)
    async with chain.tenant() as session:
        day = await days.find(session, await store_day(chain), None)
    assert (day.status, day.differences, day.till_orders) == ("different", 1, 3)


async def test_a_workbook_with_typed_cells_is_read_too(chain):
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEAD.split(","))
    sheet.write_row(1, 0, ["meituan", "S001"])
    sheet.write_datetime(1, 2, dt.datetime.combine(DAY, dt.time()), book.add_format({"num_format": "yyyy-mm-dd"}))
    sheet.write_string(1, 3, "0012345678901234567890")
    sheet.write_number(1, 4, 12.3)
    book.close()
    check = await judged(chain, out.getvalue(), "tills.xlsx")
    assert [(order.order_no, order.settle_fen, order.bill_on) for order in check.payload] == [("0012345678901234567890", 1_230, DAY)], check.rows


@pytest.mark.parametrize("content", [b"", b"\0\1", csv_of(f"美团,S001,{DAY},A1,1", head="平台,门店"), "平台".encode("gbk") * 40])
async def test_what_is_no_such_file_is_refused(chain, content):
    with pytest.raises(PlatformError):
        await judged(chain, content)


async def upload(who, content: bytes, settle, hospital):
    """A file through the door and its worker; answers the import as it stands."""
    sent = await who.post("/api/v1/imports", data={"kind": "medical.till_orders"}, files={"file": ("tills.csv", content)})
    assert sent.status_code in (200, 201, 202), sent.text
    await settle(hospital)
    return sent.json()["id"]


async def test_a_pharmacys_finance_imports_for_its_own_stores_through_the_page(chain, staff, settle):
    """The worker knows the importer without a session: the reach is that of the roles at this moment."""
    finance = await staff(chain.hospital, *FINANCE, org_id=chain.hospital.units["CH"], name="姚药房")
    assert "门店订单" in (await finance.get("/console/imports/new?kind=medical.till_orders")).text
    content = csv_of(f"美团,S001,{DAY},A1,12.34", f"美团,S002,{DAY},A2,5", f"美团,S9,{DAY},A3,1")
    batch = await upload(finance, content, settle, chain.hospital)
    page = (await finance.get(f"/console/imports/{batch}")).text
    assert "没有这个门店编码" in page and "导入 2 行" in page
    assert (await finance.post(f"/api/v1/imports/{batch}/confirm", json={})).status_code in (200, 202)
    await settle(chain.hospital)
    assert await chain.count("till_order") == 2 and await chain.count("store_day") == 2
    one = await staff(chain.hospital, *FINANCE, org_id=chain.hospital.units["S002"], name="一家店")
    page = (await one.get(f"/console/imports/{await upload(one, content, settle, chain.hospital)}")).text
    assert "不在您的管辖范围内" in page and await chain.count("till_order") == 2


async def test_without_the_right_there_is_no_such_import(chain, staff):
    reader = await staff(chain.hospital, *READ, "imports.make", name="只读")
    refused = await reader.post("/api/v1/imports", data={"kind": "medical.till_orders"}, files={"file": ("tills.csv", csv_of())})
    assert refused.status_code in (403, 404), refused.text
