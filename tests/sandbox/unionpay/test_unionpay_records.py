"""Records of the settlement file, written byte by byte as the sheet's table says."""

import base64
import datetime as dt
import io
import zipfile
import zlib

import pytest

from core.sandbox.unionpay import statement
from core.sandbox.unionpay.rules import fee_of
from core.sandbox.unionpay.trades import Trade, settlement_day

AT = dt.datetime(2026, 11, 21, 16, 31, 5, tzinfo=dt.UTC)


def trade(**wanted) -> Trade:
    fields = {
        "mchid": "777290058167151",
        "order_id": "P26112200000000001",
        "txn_time": "20261122003005",
        "txn_type": "01",
        "way": "front",
        "channel_type": "08",
        "amount_fen": 123450,
        "fee_fen": 617,
        "back_url": "http://127.0.0.1:9",
        "code": "00",
        "query_id": "782611220031050674028",
        "trace_no": "067402",
        "traced_at": AT,
        "settle_on": dt.date(2026, 11, 22),
    }
    return Trade(**fields | wanted)


def test_a_payment_stands_at_its_places():
    record = statement.record(trade(), None)
    assert len(record) == 607
    assert record[:3] == b"S22"
    assert record[28:34] == b"067402"
    assert record[35:45] == b"1122003105"
    assert record[66:78] == b"000000123450"
    assert record[87:108] == b"782611220031050674028"
    assert record[112:144] == b"P26112200000000001".ljust(32)
    assert record[166:179] == b"D000000000617"
    assert record[180:193] == b"C000000122833"
    assert record[-131:] == b" " * 131


def test_a_refund_names_its_payment_in_three_places():
    back = trade(txn_type="04", order_id="R1", orig_query_id="782611220031050674028", orig_order_id="P26112200000000001", fee_fen=0)
    record = statement.record(back, trade())
    assert record[:3] == b"S30"
    assert b"782611220031050674028" in record[250:]
    assert record[-131:].startswith(b"P26112200000000001 ")
    assert record[166:179] == b" 000000000000"
    assert record[180:193] == b"D000000123450"


@pytest.mark.parametrize("text", ["学费账单二〇二六学年秋季学期", "A学费账单二〇二六学年秋季学期学费", "x" * 40, "", "€♥学费"])
def test_text_is_cut_on_bytes_and_never_within_a_character(text):
    record = statement.record(trade(req_reserved=text), None)
    assert len(record) == 607
    assert record.decode("gbk")
    assert record[-132:-131] == b" "


@pytest.mark.parametrize(("amount_fen", "fee_fen"), [(1, 0), (99, 0), (100, 1), (299, 1), (300, 2), (123450, 617), (400_000, 2000), (9_999_999, 2000)])
def test_the_fee_is_half_a_percent_at_most_twenty_yuan(amount_fen, fee_fen):
    assert fee_of(amount_fen) == fee_fen


@pytest.mark.parametrize(("hour", "minute", "day"), [(14, 59, 22), (15, 0, 23), (16, 30, 23)])
def test_a_settlement_day_ends_at_eleven_in_the_evening(hour, minute, day):
    assert settlement_day(dt.datetime(2026, 11, 22, hour, minute, tzinfo=dt.UTC)) == dt.date(2026, 11, day)


@pytest.mark.parametrize(
    ("settle_date", "today", "day"),
    [
        ("1121", dt.date(2026, 11, 22), dt.date(2026, 11, 21)),
        ("1123", dt.date(2026, 11, 22), dt.date(2025, 11, 23)),
        ("1231", dt.date(2027, 1, 1), dt.date(2026, 12, 31)),
        ("0229", dt.date(2028, 3, 1), dt.date(2028, 2, 29)),
        ("0229", dt.date(2026, 3, 1), None),
        ("1340", dt.date(2026, 3, 1), None),
    ],
)
def test_a_date_without_a_year_is_the_last_one_there_was(settle_date, today, day):
    assert statement.day_of(settle_date, today) == day


def test_the_archive_is_a_zip_in_zlib_in_base64():
    lines = [statement.record(trade(order_id=f"P{at:016d}"), None) for at in range(3)]
    archive = statement.archive("777290058167151", dt.date(2026, 11, 21), lines)
    assert archive == statement.archive("777290058167151", dt.date(2026, 11, 21), lines)
    assert zlib.decompress(base64.b64decode(statement.wrapped(archive))) == archive
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        assert packed.namelist() == ["INN26112188ZM_777290058167151"]
        assert packed.read(packed.namelist()[0]) == b"".join(line + b"\r\n" for line in lines)
