"""The HIS statement: cash is what is compared, numbers stay text, and what Excel does to a cell is noticed."""

import datetime as dt
import io

import pytest
import xlsxwriter

from core.plugin_manager import PluginManager
from core.statements.protocol import Expected, FileRefused, Notes
from plugins.medical import plugin
from plugins.medical.his import statement as his

DAY = dt.date(2026, 3, 1)
ROW = {
    "业务日期": "2026-03-01", "HIS流水号": "HIS2603010000001", "患者编号": "P10001314", "姓名(掩码)": "孔*艳", "业务类型": "门诊", "收费员": "HLW",
    "窗口": "互联网医院", "支付方式": "微信", "商户订单号": "00260301E12", "交易金额": "486.40", "医保统筹": "291.84", "个人账户": "120.00",
    "现金支付": "74.56", "交易时间": "2026-03-01 08:10:11", "原HIS流水号": "",
}  # fmt: skip


def text(*rows: dict, names=his.LAYOUT, ends="\r\n") -> bytes:
    """A CSV of these changes to the usual row."""
    lines = [",".join(names), *(",".join((ROW | row).get(name, "") for name in names) for row in rows)]
    return "".join(line + ends for line in lines).encode("utf-8-sig")


def workbook(*rows: dict) -> bytes:
    """The same as a workbook with typed cells: dates, times and amounts are Excel's, texts are texts, functions write themselves."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("HIS对账单")
    day, moment = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    sheet.write_row(0, 0, his.LAYOUT)
    for line, changes in enumerate(rows, 1):
        for column, name in enumerate(his.LAYOUT):
            value = (ROW | changes)[name]
            if callable(value):
                value(sheet, line, column)
            elif name == "业务日期":
                sheet.write_datetime(line, column, dt.datetime.fromisoformat(value), day)
            elif name == "交易时间":
                sheet.write_datetime(line, column, dt.datetime.fromisoformat(value), moment)
            elif name in ("交易金额", "医保统筹", "个人账户", "现金支付"):
                sheet.write_number(line, column, int(value.replace(".", "")) / 100)
            else:
                sheet.write_string(line, column, value)
    book.close()
    return out.getvalue()


def read(content: bytes) -> tuple[list, Notes]:
    notes = Notes()
    lines = [line for chunk in his.read(io.BytesIO(content), Expected(day=DAY), notes) for line in chunk]
    return lines, notes


@pytest.mark.parametrize("make", [text, workbook])
def test_the_cash_part_is_the_amount_and_the_number_stays_as_it_is(make):
    lines, notes = read(make({}))
    assert [(line[2], line[3], line[4], line[5], line[9], line[16]) for line in lines] == [("wechatpay", "pay", True, "00260301E12", 7456, "HIS2603010000001")]
    assert lines[0][12] == dt.datetime(2026, 3, 1, 0, 10, 11, tzinfo=dt.UTC)
    assert (notes.repairs, notes.faults) == ([], [])


@pytest.mark.parametrize("make", [text, workbook])
def test_a_refund_goes_by_its_own_number(make):
    refund = {"业务类型": "退费", "商户订单号": "TF1", "交易金额": "-486.40", "现金支付": "-74.56", "原HIS流水号": "HIS2602160013161"}
    lines, _ = read(make(refund))
    assert [(line[3], line[5], line[9]) for line in lines] == [("refund", "TF1", 7456)]


@pytest.mark.parametrize(("way", "channel"), [("支付宝", "alipay"), ("银联", "unionpay"), ("境外卡", "stripe")])
def test_every_way_of_paying_names_its_channel(way, channel):
    assert [(line[2], line[4]) for line in read(text({"支付方式": way}))[0]] == [(channel, True)]


@pytest.mark.parametrize("way", ["现金", "银行卡POS", "医保"])
def test_what_passes_no_channel_is_kept_and_ignored(way):
    lines, notes = read(text({"支付方式": way, "商户订单号": ""}, {}))
    assert ([line[4] for line in lines], notes.ignored_lines, notes.lines) == ([False, True], 1, 2)


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"支付方式": "比特币"}, "支付方式", "unknown_channel"),
        ({"商户订单号": ""}, "商户订单号", "missing_key"),
        ({"商户订单号": "X" * 65}, "商户订单号", "too_long_key"),
        ({"现金支付": "74.565"}, "现金支付", "amount_precision"),
        ({"现金支付": "74,56"}, "(row)", "field_count"),
        ({"现金支付": "-74.56"}, "现金支付", "negative_payment"),
        ({"业务类型": "退费"}, "现金支付", "negative_refund"),
        ({"业务日期": "2026-03-02"}, "业务日期", "other_date"),
        ({"交易时间": "08:10"}, "交易时间", "bad_time"),
    ],
)
def test_a_row_that_is_wrong_is_left_out_and_the_others_come_in(changes, column, code):
    lines, notes = read(text({}, changes, {}))
    assert [(fault.row, fault.line, fault.column, fault.code) for fault in notes.faults] == [(2, 3, column, code)]
    assert [line[0] for line in lines] == [1, 3]


def test_a_number_that_excel_took_for_one_is_left_out():
    eaten = {"商户订单号": lambda sheet, line, column: sheet.write_number(line, column, 20260301081010000)}
    lines, notes = read(workbook(eaten, {}))
    assert [(fault.row, fault.column, fault.code) for fault in notes.faults] == [(1, "商户订单号", "number_not_text")]
    assert len(lines) == 1


def test_a_formula_is_left_out():
    computed = {"现金支付": lambda sheet, line, column: sheet.write_formula(line, column, "=70+4.56", None, 74.56)}
    lines, notes = read(workbook(computed, {}))
    assert [(fault.row, fault.column, fault.code) for fault in notes.faults] == [(1, "现金支付", "formula")]
    assert len(lines) == 1


def test_a_fraction_that_binary_cannot_hold_is_exact():
    lines, _ = read(workbook({"现金支付": "0.30"}, {"现金支付": "1.10"}, {"现金支付": "4.35"}))
    assert [line[9] for line in lines] == [30, 110, 435]


def test_midnight_is_a_time():
    assert len(read(workbook({"交易时间": "2026-03-01 00:00:00"}))[0]) == 1


def test_a_column_that_is_needed_must_be_there():
    with pytest.raises(FileRefused) as raised:
        read(text({}, names=[name for name in his.LAYOUT if name != "现金支付"]))
    assert (raised.value.code, raised.value.column) == ("missing_column", "现金支付")


def test_other_line_ends_are_noted():
    assert read(text({}, ends="\n"))[1].repairs == ["line_ends"]


def test_the_plugin_says_who_it_is():
    manager = PluginManager({"medical": plugin.plugin})
    assert manager.info["medical"].client_kinds == ("hospital",)
    assert [source.code for _, source in manager.collect_all("register_statement_sources")] == ["his"]
