"""The reader of a field map, on plain bytes: what is taken, what is refused row by row, what is refused whole."""

import datetime as dt
import io
import json
import tracemalloc
from pathlib import Path

import pytest

from core.statements import field_maps, guessing, layouts
from core.statements.layouts import Layout
from core.statements.mapping import read_mapped, source_for
from core.statements.protocol import COLUMNS, Expected, FileRefused, Notes
from tests.samples import SAMPLES as SHARED

SAMPLES = SHARED / "statements"
DAY = dt.date(2026, 3, 1)
SHOP = Layout(
    number="订单号", kind="类型", kind_pay=("收款",), kind_refund=("退款",), kind_other=("充值",), amount="金额", fee="手续费", time="时间",
    channel="支付方式", channel_values={"微信": "wechatpay", "支付宝": "alipay"}, status="状态", status_counts=("成功",), serial="流水号",
)  # fmt: skip
HEAD = "订单号,类型,金额,手续费,时间,支付方式,状态,流水号\n"


def row(number="A1", kind="收款", amount="12.34", fee="0.07", time="2026-03-01 08:00:00", channel="微信", status="成功", serial="S1") -> str:
    return f"{number},{kind},{amount},{fee},{time},{channel},{status},{serial}\n"


def read(text: str | bytes, layout: Layout = SHOP, channel: str = "", merchants: frozenset[str] = frozenset()):
    content = text if isinstance(text, bytes) else text.encode()
    notes = Notes()
    chunks = read_mapped(io.BytesIO(content), Expected(day=DAY, merchants=merchants), notes, layout, channel)
    return [dict(zip(COLUMNS, line, strict=True)) for chunk in chunks for line in chunk], notes


def test_a_mapped_row_becomes_a_normalised_line():
    [line], notes = read(HEAD + row())
    assert (line["channel"], line["kind"], line["number"], line["amount_fen"], line["fee_fen"]) == ("wechatpay", "pay", "A1", 1234, 7)
    assert (line["net_fen"], line["counts"], line["serial"], line["line_no"]) == (1227, True, "S1", 2)
    assert line["happened_at"] == dt.datetime(2026, 3, 1, 0, 0, tzinfo=dt.UTC)
    assert (notes.lines, notes.faults) == (1, [])


@pytest.mark.parametrize(
    ("given", "column", "code"),
    [
        ({"amount": "12.345"}, "金额", "amount_precision"),
        ({"amount": "1e3"}, "金额", "bad_amount"),
        ({"amount": "1_000"}, "金额", "bad_amount"),
        ({"amount": "١٢"}, "金额", "bad_amount"),
        ({"amount": "NaN"}, "金额", "bad_amount"),
        ({"amount": ""}, "金额", "bad_amount"),
        ({"amount": "0.00"}, "金额", "zero_amount"),
        ({"amount": "-5.00"}, "金额", "negative_payment"),
        ({"amount": "99999999999999"}, "金额", "amount_too_large"),
        ({"fee": "0.123"}, "手续费", "amount_precision"),
        ({"number": ""}, "订单号", "missing_key"),
        ({"number": "X" * 65}, "订单号", "too_long_key"),
        ({"number": "2.6E+17"}, "订单号", "number_lost_digits"),
        ({"number": "中文号"}, "订单号", "bad_key"),
        ({"time": "2026-03-02 00:00:00"}, "时间", "other_date"),
        ({"time": "2026-02-30 00:00:00"}, "时间", "bad_time"),
        ({"time": "01/03/2026"}, "时间", "bad_time"),
        ({"kind": "别的"}, "类型", "unknown_kind"),
        ({"channel": ""}, "支付方式", "unknown_channel"),
        ({"serial": "x" * 201}, "流水号", "bad_text"),
    ],
)
def test_a_bad_cell_leaves_out_its_row_alone(given, column, code):
    lines, notes = read(HEAD + row() + row(**given) + row(number="A3"))
    assert [line["number"] for line in lines] == ["A1", "A3"]
    [fault] = notes.faults
    assert (fault.row, fault.line, fault.column, fault.code) == (2, 3, column, code)


def test_what_does_not_count_is_kept_and_may_lack_a_number():
    lines, notes = read(HEAD + row() + row(number="", channel="现金", amount="0.00") + row(number="C", status="失败") + row(number="D", kind="充值"))
    assert [(line["channel"], line["kind"], line["counts"]) for line in lines] == [
        ("wechatpay", "pay", True), ("现金", "pay", False), ("wechatpay", "pay", False), ("wechatpay", "adjustment", False),
    ]  # fmt: skip
    assert notes.ignored_lines == 3


def test_a_refunds_number_may_stand_in_a_column_of_its_own():
    layout = Layout(number="单号", refund_number="退款单号", kind="类型", kind_pay=("收",), kind_refund=("退",), amount="金额(分)", amount_unit="fen")
    lines, _ = read("单号,退款单号,类型,金额(分)\nO1,,收,1050\nO1,R1,退,50\n", layout, "alipay")
    assert [(line["number"], line["order_number"], line["amount_fen"]) for line in lines] == [("O1", "O1", 1050), ("R1", "O1", 50)]


def test_signs_give_the_direction_where_there_is_no_kind():
    layout = Layout(number="no", amount="amt", amount_sign="minus_refund", fee="fee", fee_sign="minus")
    lines, _ = read("no,amt,fee\nA,10.00,-0.06\nB,-4.00,0.02\n", layout, "unionpay")
    assert [(line["kind"], line["amount_fen"], line["fee_fen"]) for line in lines] == [("pay", 1000, 6), ("refund", 400, -2)]


def test_fixed_width_is_cut_on_bytes_and_a_cut_character_is_a_fault():
    layout = Layout(format="fixed", encoding="gb18030", header_row=0, first_row=1, number="1-8", amount="9-18", amount_unit="fen", time="19-32",
                    time_format="%Y%m%d%H%M%S", bill_number="33-40", kind="41-44", kind_pay=("缴费",), kind_refund=("退费",))  # fmt: skip
    good = "ORDER0010000001050" + "20260301081530" + "B1      " + "缴费"
    bad = "ORDER0020000001050" + "20260301081530" + "B1     " + "缴费 "
    lines, notes = read((good + "\r\n" + bad + "\r\n" + good.replace("001", "003", 1) + "\r\n").encode("gb18030"), layout, "unionpay")
    assert [(line["number"], line["amount_fen"], line["bill_number"]) for line in lines] == [("ORDER001", 1050, "B1"), ("ORDER003", 1050, "B1")]
    assert [fault.code for fault in notes.faults] == ["wrong_encoding"]


def test_a_date_and_a_time_of_day_may_stand_apart():
    layout = Layout(number="#1", amount="#2", amount_sign="minus_refund", time="#3", clock="#4", time_format="%Y%m%d %H%M%S", header_row=0, first_row=1)
    [line], _ = read("A,1,20260301,235959\n", layout, "alipay")
    assert line["happened_at"] == dt.datetime(2026, 3, 1, 15, 59, 59, tzinfo=dt.UTC)


def test_remarks_blank_lines_and_the_foot_are_no_data():
    layout = Layout(number="n", amount="a", amount_sign="minus_refund", header_row=2, first_row=3, footer_rows=2, comment="#")
    lines, notes = read("report\nn,a\n# said\nA,1\n\n,,\nB,2\nmade by\nbye\n", layout, "alipay")
    assert [(line["number"], line["line_no"]) for line in lines] == [("A", 4), ("B", 7)]
    assert notes.lines == 2


@pytest.mark.parametrize(("total", "told"), [("12.34", None), ("12.33", "summary_mismatch"), ("x", "summary_mismatch")])
def test_a_total_row_must_agree_with_the_rows(total, told):
    layout = Layout(number="n", amount="a", amount_sign="minus_refund", total_mark="合计")
    text = f"n,a\nA,15.34\nB,-3.00\n合计,{total}\n"
    if told is None:
        assert len(read(text, layout, "alipay")[0]) == 2
        return
    with pytest.raises(FileRefused) as refused:
        read(text, layout, "alipay")
    assert (refused.value.code, refused.value.line) == (told, 4)


def test_a_file_cut_off_before_its_total_is_refused():
    layout = Layout(number="n", amount="a", amount_sign="minus_refund", total_mark="合计")
    with pytest.raises(FileRefused) as refused:
        read("n,a\nA,15.34\n", layout, "alipay")
    assert refused.value.code == "truncated_text"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "zero_bytes"),
        (b"<html><body>error</body></html>", "not_a_statement"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 80, "not_a_statement"),
        (HEAD.encode() + b"\xff\xfe" * 20, "wrong_encoding"),
        (("订单号,类型\n" + row()).encode(), "missing_column"),
        (HEAD.encode() + b"A" * (2 << 20), "not_a_statement"),
        ((HEAD + 'A1,"收款\n').encode(), "truncated_text"),
        ((HEAD.replace("流水号", "别的") + row()).encode(), "missing_column"),
        ((HEAD.replace("订单号", "订单号,订单号") + row()).encode(), "duplicate_column"),
        ((HEAD + "".join(row(time="2026-02-27 08:00:00", number=f"N{n}") for n in range(30))).encode(), "other_date"),
        ((HEAD + "".join(row(amount="abc", number=f"N{n}") for n in range(300))).encode(), "bad_amount"),
    ],
)
def test_what_is_another_file_altogether_is_refused_whole(content, code):
    with pytest.raises(FileRefused) as refused:
        read(content)
    assert refused.value.code == code


def test_another_merchants_rows_are_refused():
    layout = Layout(number="n", amount="a", amount_sign="minus_refund", merchant="m")
    with pytest.raises(FileRefused) as refused:
        read("n,a,m\nA,1,M1\nB,2,M2\n", layout, "alipay", frozenset({"M1"}))
    assert (refused.value.code, refused.value.value) == ("other_merchant", "M2")
    lines, notes = read("n,a,m\nA,1,M1\n", layout, "alipay", frozenset({"M1"}))
    assert (len(lines), notes.merchant) == (1, "M1")


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_the_guess_reads_the_hospitals_own_file_to_the_fen(suffix):
    content = (SAMPLES / "small" / f"his-2026-03-01.{suffix}").read_bytes()
    totals = json.loads((SAMPLES / "small" / "m3.expected.json").read_text(encoding="utf-8"))["totals_yuan"]["his"]
    layout = guessing.guess(content, f"his.{suffix}")
    assert layouts.problems(layout, "") == {}
    lines, notes = read(content, layout)
    assert (len(lines), notes.faults) == (totals["rows"], [])
    assert sum(line["amount_fen"] for line in lines if line["counts"]) == int(totals["amount"].replace(".", ""))


def test_the_guess_never_stumbles():
    for content in (b"", b"\x00" * 50, b"\xff\xfe\x00", b"PK\x03\x04junk", "一二三".encode("gb18030"), b"a" * 100_000):
        assert isinstance(guessing.guess(content, "x"), Layout)


def test_a_long_file_is_read_without_growing_memory(tmp_path: Path):
    path = tmp_path / "long.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write(HEAD)
        for number in range(30_000):
            file.write(row(number=f"N{number:09d}"))
    source = source_for("long", "长", "business", "", SHOP, 3)
    notes = Notes()
    tracemalloc.start()
    with path.open("rb") as content:
        count = sum(len(chunk) for chunk in source.read(content, Expected(day=DAY), notes))
        assert not content.closed
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (count, notes.facts["map_version"]) == (30_000, 3)
    assert peak < 24 << 20


def test_the_preview_shows_faults_beside_good_lines():
    found = field_maps.preview((HEAD + row() + row(amount="1.234", number="<b>x</b>")).encode(), SHOP, "")
    assert [line.normalised is not None for line in found.rows] == [True, False]
    assert (found.rows[1].column, found.rows[1].value, found.rows[1].code) == ("金额", "1.234", "amount_precision")
    assert field_maps.preview(b"a,b\n1,2\n", SHOP, "").refused
