"""UnionPay's record file `INN…ZM_…` (UnionPay §9): 41 fields of fixed width, 607 bytes a record, cut on bytes; in its zip or bare.

The file's name says the settlement day, which ends at 23:00. D before an amount: the merchant pays, C: it receives. A file of disputes
(`ZME_`) beside it is noted, not loaded: nobody has published what its fields mean.
"""

import datetime as dt
import re
from collections.abc import Iterator
from itertools import accumulate
from operator import itemgetter
from struct import Struct
from typing import BinaryIO

from core.clock import SHANGHAI
from core.statements.protocol import CHUNK_ROWS, Expected, FileRefused, Line, Notes, StatementSource
from core.statements.sources.faults import fault
from core.statements.unpacking import Archive, head_of, is_zip, name_of
from core.web.i18n import N_

WIDTHS = (3, 11, 11, 6, 10, 19, 12, 4, 2, 21, 2, 32, 2, 6, 10, 13, 13, 4, 15, 2, 2, 6, 2, 4, 32, 1, 21, 15, 1, 15, 32, 13, 13, 8, 32, 13, 13, 12,
          2, 1, 131)  # fmt: skip
STARTS = tuple(accumulate((width + 1 for width in WIDTHS), initial=0))[:-1]
RECORD = sum(WIDTHS) + len(WIDTHS) - 1
FIELD = {number: slice(start, start + width) for number, (start, width) in enumerate(zip(STARTS, WIDTHS, strict=True), 1)}
_BETWEEN = itemgetter(*(start - 1 for start in STARTS[1:]))
_SPACES = (32,) * (len(WIDTHS) - 1)
_NEEDED = (4, 5, 7, 10, 12, 16, 17, 20, 27, 28, 35)
_USED = Struct("x".join(f"{width}{'s' if number in _NEEDED else 'x'}" for number, width in enumerate(WIDTHS, 1)))
_NUMBER_AT_END = re.compile(rb"[A-Za-z0-9][A-Za-z0-9_-]{5,}$")
NAMES = {5: "交易传输时间", 7: "交易金额", 10: "查询流水号", 12: "商户订单号", 16: "商户手续费", 17: "结算金额", 20: "交易类型", 28: "商户代码"}
KINDS = {b"01": "pay", b"04": "refund", b"31": "refund"}
"""Field 20: consume, refund, undo of a consume."""
ZM = re.compile(r"INN([0-9]{6})[0-9]{2}ZM_([0-9]+)$")
ZME = re.compile(r"INN[0-9]{8}ZME_")
ENCODING = "gb18030"
CUT_MINUTES = 23 * 60
Fault = tuple[str, object, str]


def read(content: BinaryIO, expected: Expected, notes: Notes) -> Iterator[list[Line]]:
    """The lines of a day; refuses another merchant's records and another day's file. A record of another length is left out."""
    chunk: list[Line] = []
    row_no = good = 0
    ends: set[bytes] = set()
    for name, records in _files(content, expected, notes):
        day = _day(name, expected, notes)
        for line_no, record, end in records:
            if not record.strip():
                continue
            row_no += 1
            ends.add(end)
            found = _line(row_no, line_no, record, day, expected, notes)
            if len(found) == 3:
                column, value, code = found
                if column == "(record)" and not end:
                    raise FileRefused("truncated_text", f"文件在第 {line_no} 行中间结束，没有传完整，请重新下载", row=row_no, line=line_no)
                notes.fault(fault(row_no, line_no, _text(record[FIELD[12]]), column, value, code))
                continue
            good += 1
            chunk.append(found)
            if len(chunk) >= CHUNK_ROWS:
                yield chunk
                chunk = []
    if b"\n" in ends:
        notes.repaired("line_ends")
    if not row_no:
        raise FileRefused("zero_bytes", "记录文件是空的；没有交易的一天，银联不给出文件")
    notes.lines = row_no
    notes.check_days(good)
    if chunk:
        yield chunk


def _files(content: BinaryIO, expected: Expected, notes: Notes) -> Iterator[tuple[str, Iterator[tuple[int, bytes, bytes]]]]:
    """The record files of a zip with their names, or the bare file with its own."""
    if not is_zip(content):
        head = head_of(content, RECORD)
        if head[:1] in (b"<", b"{") or b"\x00" in head:
            raise FileRefused("not_a_statement", "文件不是银联的记录文件，请确认选对了文件和来源")
        yield expected.file_name.rpartition("/")[2].removesuffix(".gz").removesuffix(".txt"), _records(content)
        return
    archive = Archive(content)
    names = {name_of(entry): entry for entry in archive.entries}
    if disputes := [name for name in names if ZME.match(name)]:
        notes.facts["disputes"] = disputes
    found = [name for name in sorted(names) if ZM.match(name)]
    if not found:
        raise FileRefused("not_a_statement", "压缩包里没有 INN…ZM_… 记录文件，请确认选对了文件和来源")
    for name in found:
        yield name, _records(archive.open(names[name]))


def _records(content: BinaryIO) -> Iterator[tuple[int, bytes, bytes]]:
    """Line number, record and line end of each record."""
    line_no = 0
    while line := content.readline(1 << 16):
        line_no += 1
        if line.endswith(b"\r\n"):
            yield line_no, line[:-2], b"\r\n"
        elif line.endswith(b"\n"):
            yield line_no, line[:-1], b"\n"
        else:
            yield line_no, line, b""


def _day(name: str, expected: Expected, notes: Notes) -> dt.date:
    """The settlement day that the file's name says; a file under another name is taken for the day it was handed in as."""
    found = ZM.match(name)
    if found is None:
        notes.facts["day_from"] = "delivery"
        return expected.day
    try:
        day = dt.datetime.strptime(found[1], "%y%m%d").date()
    except ValueError:
        day = None
    if day != expected.day:
        raise FileRefused("other_date", f"文件 {name} 是 {day or found[1]} 清算日的，不是 {expected.day} 的", column="文件名", value=name)
    notes.merchant = notes.merchant or found[2]
    return day


def _line(row_no: int, line_no: int, record: bytes, day: dt.date, expected: Expected, notes: Notes) -> Line | Fault:
    """The record as a line, or the first field that is wrong, what stands there, and how."""
    if len(record) != RECORD:
        return "(record)", f"{len(record)} bytes", "bad_record_length"
    if _BETWEEN(record) != _SPACES:
        return "(record)", f"{len(record)} bytes", "bad_record"
    card, at_text, amount, query, ours, fee, net, type_, original, merchant, bill = map(bytes.strip, _USED.unpack(record))
    _check_merchant(_text(merchant), row_no, line_no, expected, notes)
    kind = KINDS.get(type_)
    if kind is None:
        return _wrong(record, 20, "unknown_kind")
    if not ours:
        return _wrong(record, 12, "missing_key")
    if not amount.isdigit():
        return _wrong(record, 7, "bad_amount")
    fee_fen, net_fen = _signed(fee, paid=b"D"), _signed(net, paid=b"C")
    if fee_fen is None or net_fen is None:
        return _wrong(record, 16 if fee_fen is None else 17, "bad_amount")
    at = _instant(at_text, day)
    if at is None:
        return _wrong(record, 5, "bad_time")
    refunded = (None, None) if kind == "pay" else (_text(record[FIELD[41]][:32]) or None, _text(original) or None)
    return (
        row_no, line_no, "unionpay", kind, True, _text(ours), refunded[0], _text(query), refunded[1], int(amount), fee_fen, net_fen, at, day,
        "success", _bill(bill), _text(card) or None,
    )  # fmt: skip


def _wrong(record: bytes, number: int, code: str) -> Fault:
    return NAMES[number], _text(record[FIELD[number]]), code


def _check_merchant(merchant: str, row_no: int, line_no: int, expected: Expected, notes: Notes) -> None:
    own = expected.merchants or {notes.merchant or merchant}
    if merchant not in own or merchant != (notes.merchant or merchant):
        said = f"第 {row_no} 条记录是商户 {merchant} 的，本客户的商户号是 {'、'.join(sorted(own))}，请核对后重新选择文件"
        raise FileRefused("other_merchant", said, row=row_no, line=line_no, column=NAMES[28], value=merchant)
    notes.merchant = merchant


def _signed(field: bytes, paid: bytes) -> int | None:
    """An amount behind a letter: `paid` makes it positive, the other of D and C negative; blank letter and zeros is nothing."""
    letter, digits = field[:1], field[1:]
    if not field.strip(b"0"):
        return 0
    if letter not in (b"C", b"D") or not digits.isdigit():
        return None
    return int(digits) if letter == paid else -int(digits)


def _instant(field: bytes, day: dt.date) -> dt.datetime | None:
    """MMDDhhmmss in Shanghai; the year is the settlement day's, or the one before in the first days of January."""
    if len(field) != 10 or not field.isdigit():
        return None
    month, date, *clock = (int(field[place : place + 2]) for place in range(0, 10, 2))
    try:
        year = day.year if dt.date(day.year, month, date) <= day + dt.timedelta(days=1) else day.year - 1
        return dt.datetime(year, month, date, *clock, tzinfo=SHANGHAI).astimezone(dt.UTC)
    except ValueError:
        return None


def _text(field: bytes) -> str:
    if field.isascii():
        return field.decode().strip().replace("\x00", "")
    return field.decode(ENCODING, "replace").strip().replace("\x00", "")


def _bill(field: bytes) -> str | None:
    """Our bill's number in what the merchant may write itself: the Latin part behind any Chinese text."""
    found = _NUMBER_AT_END.search(field) if field else None
    return found[0].decode() if found else None


def lines(content: BinaryIO) -> Iterator[str]:
    """The records as a person reads them."""
    for _, records in _files(content, Expected(day=dt.date.min), Notes()):
        yield from (_readable(record) for _, record, _ in records)


def _readable(record: bytes) -> str:
    return record.decode(ENCODING, "replace").rstrip()


SOURCE = StatementSource(
    code="unionpay", title=N_("银联对账文件"), side="channel", channel="unionpay", read=read, suffixes=(".zip", ""), container=True,
    lines=lines, cut_minutes=CUT_MINUTES, totals=False,
)  # fmt: skip
