"""Three platforms' files, read without a database: what each states, and every way in which a file is not what it was."""

import datetime as dt
import io
import tracemalloc
import zipfile

import pytest
import xlsxwriter

from plugins.medical.robots import files, layouts
from plugins.medical.robots.endings import FormatChanged, NoOrders, Refused
from plugins.medical.robots.files import Brought
from plugins.medical.sandbox.shops import files as written
from plugins.medical.sandbox.shops.orders import Shop, make_day

DAY = dt.date(2026, 3, 1)
STORES = {"MT-1": 1, "MT-2": 2}
PLATFORMS = ("meituan", "eleme", "pdd")


def day_of(platform: str, count: int = 30):
    return make_day(Shop("s1", platform, "店", "", ""), DAY, count, list(STORES), 1)


def read(platform: str, content: bytes, name: str = "", day: dt.date = DAY):
    return files.read(platform, Brought(name or f"bill.{written.SUFFIX[platform]}", content), day, STORES)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_order_comes_through_to_the_fen(platform):
    orders = day_of(platform)
    lines = read(platform, written.write(platform, DAY, orders))
    told = [(line.order_no, line.platform_store, line.item_fen, line.promotion_fen, line.subsidy_fen, line.delivery_fen, line.service_fen,
             line.refund_fen, line.settle_fen) for line in lines]  # fmt: skip
    assert told == [(order.order_no, order.store, order.item_fen, order.promotion_fen, order.subsidy_fen, order.delivery_fen, order.service_fen,
                     order.refund_fen, order.settle_fen) for order in orders]  # fmt: skip
    assert all(layouts.settle_of({name: getattr(line, name) for name in line.__struct_fields__}) == line.settle_fen for line in lines)
    assert lines[0].ordered_at.utcoffset() == dt.timedelta(hours=8)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_column_that_is_gone_is_named(platform):
    with pytest.raises(FormatChanged) as told:
        read(platform, written.write(platform, DAY, day_of(platform), changed=True))
    assert told.value.code == "columns_missing" and told.value.facts["column"] == layouts.LAYOUTS[platform].columns["settle"]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_formula_is_refused(platform):
    with pytest.raises(Refused) as told:
        read(platform, written.write(platform, DAY, day_of(platform), formula=True))
    assert told.value.code == "formula"


@pytest.mark.parametrize("platform", PLATFORMS)
def test_another_days_file_is_named_with_its_row_and_value(platform):
    with pytest.raises(FormatChanged) as told:
        read(platform, written.write(platform, DAY + dt.timedelta(days=1), day_of(platform)))
    assert told.value.code == "other_day" and told.value.facts["row"] in (2, 4)


def test_a_row_that_does_not_add_up_by_one_fen_is_named():
    orders = day_of("meituan", 3)
    text = written.write("meituan", DAY, orders).decode("gbk").splitlines()
    cells = text[2].split(",")
    text[2] = ",".join([*cells[:-1], f"{(orders[1].settle_fen + 1) / 100:.2f}"])
    with pytest.raises(FormatChanged) as told:
        read("meituan", "\r\n".join(text).encode("gbk"))
    assert (told.value.code, told.value.facts["row"], told.value.facts["column"]) == ("does_not_add_up", 3, "结算金额")


def test_the_sum_below_must_be_that_of_the_rows():
    content = written.write("pdd", DAY, day_of("pdd", 3)).decode("utf-8-sig").splitlines()
    content[-1] = "汇总,,,1.23"
    with pytest.raises(FormatChanged, match="total_differs"):
        read("pdd", "\n".join(content).encode("utf-8-sig"))


def test_a_store_that_is_not_ours_is_refused():
    with pytest.raises(Refused, match="store_unknown"):
        files.read("meituan", Brought("x.csv", written.write("meituan", DAY, day_of("meituan"))), DAY, {"MT-1": 1})


def test_an_order_twice_is_named():
    lines = written.write("meituan", DAY, day_of("meituan", 2)).decode("gbk").splitlines()
    with pytest.raises(FormatChanged, match="order_twice"):
        read("meituan", "\n".join([*lines, lines[1]]).encode("gbk"))


def test_a_header_without_orders_is_no_data():
    with pytest.raises(NoOrders):
        read("meituan", written.write("meituan", DAY, []))


@pytest.mark.parametrize("page", [b"<!DOCTYPE html><html>", b"\xef\xbb\xbf  <HTML>", b"<?xml version='1.0'?><a/>"])
def test_a_page_in_place_of_a_file_is_told_apart(page):
    with pytest.raises(FormatChanged, match="page_instead_of_file"):
        read("meituan", page)


def test_what_may_not_be_opened_is_refused_by_its_bytes_whatever_its_name():
    book = written.write("eleme", DAY, day_of("eleme", 2))
    out = io.BytesIO(book)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/VBAProject.bin", b"x")
    for content, name, code in (
        (out.getvalue(), "bill.xlsx", "macro"), (book, "bill.XLSM", "macro"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "bill.csv", "old_excel"),
        (b"0" * (files.MOST_BYTES + 1), "bill.csv", "too_large"),
    ):  # fmt: skip
        with pytest.raises(Refused) as told:
            read("eleme", content, name)
        assert told.value.code == code


def test_a_macro_is_found_by_what_the_workbook_says_of_its_parts():
    for said in ("application/vnd.ms-office.vbaProject", "application/vnd.ms-excel.sheet.macroEnabled.main+xml"):
        for encoding in ("utf-8", "utf-16"):
            out = io.BytesIO()
            with zipfile.ZipFile(io.BytesIO(written.write("eleme", DAY, day_of("eleme", 2)))) as true, zipfile.ZipFile(out, "w") as archive:
                for entry in true.infolist():
                    content = true.read(entry)
                    if entry.filename == "[Content_Types].xml":
                        content = content.decode().replace("</Types>", f'<Override PartName="/xl/notes.dat" ContentType="{said}"/></Types>').encode(encoding)
                    archive.writestr(entry.filename, content)
            with pytest.raises(Refused, match="macro"):
                read("eleme", out.getvalue())


def test_bombs_of_every_kind_are_not_unpacked():
    parts, sheet, kinds = io.BytesIO(), io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(parts, "w") as archive:
        for place in range(files.MOST_PARTS + 1):
            archive.writestr(f"{place}", b"")
    for out, name in ((sheet, "xl/workbook.xml"), (kinds, "[Content_Types].xml")):
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(name, "w", force_zip64=True) as part:
            for _ in range(300):
                part.write(b" " * 1024 * 1024)
    for out in (parts, sheet, kinds):
        tracemalloc.start()
        with pytest.raises(Refused, match="bomb"):
            read("eleme", out.getvalue())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 30 * 1024 * 1024


def test_a_text_file_where_a_workbook_is_known_is_another_kind():
    with pytest.raises(FormatChanged):
        read("eleme", written.write("meituan", DAY, day_of("meituan")))
    with pytest.raises(FormatChanged, match="other_kind_of_file"):
        read("meituan", written.write("eleme", DAY, day_of("eleme")))


def test_a_cost_with_another_sign_is_a_changed_format():
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, list(layouts.LAYOUTS["eleme"].columns.values()))
    sheet.write_row(1, 0, ["MT-1", "2026-03-01", "X1", "已完成", "", "", 10, 1, 0, 0, 0, 0, 9])
    book.close()
    with pytest.raises(FormatChanged, match="sign_changed"):
        read("eleme", out.getvalue())


def test_a_name_that_cannot_be_shown_loses_what_cannot():
    assert Brought("账单\0\udcff\n\u202e.csv", b"").name == "账单.csv" and len(Brought("x" * 500, b"").name) == 120
