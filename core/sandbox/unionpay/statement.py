"""The settlement file: ZM records of 607 bytes, fixed width, GBK, in a zip, in zlib, in base64 (UnionPay sheet §9)."""

import base64
import datetime as dt
import io
import zipfile
import zlib

from core import clock
from core.sandbox.unionpay.trades import CONSUME, Trade

WIDTHS = (
    *(3, 11, 11, 6, 10, 19, 12, 4, 2, 21, 2, 32, 2, 6, 10, 13, 13, 4, 15, 2),
    *(2, 6, 2, 4, 32, 1, 21, 15, 1, 15, 32, 13, 13, 8, 32, 13, 13, 12, 2, 1, 131),
)
"""Bytes of the 41 fields; single spaces stand between them."""
RECORD_BYTES = sum(WIDTHS) + len(WIDTHS) - 1
TRADE_CODES = {"01": "S22", "04": "S30", "31": "S31"}
DIRECT = "00049993"


def record(trade: Trade, paid: Trade | None) -> bytes:
    """One trade as a line; `paid` is the payment that a refund or an undo gives back."""
    received = trade.txn_type == CONSUME
    net_fen = trade.amount_fen - trade.fee_fen
    settled = signed(net_fen, 12, "C" if received else "D")
    values = (
        TRADE_CODES[trade.txn_type],
        *(DIRECT, DIRECT, trade.trace_no, when(trade), "622848*********6690", f"{trade.amount_fen:012d}"),
        *("8211", "07" if trade.channel_type == "07" else "08", trade.query_id or "", "", trade.order_id, "01"),
        *((paid.trace_no, when(paid)) if paid else ("", "")),
        *(signed(trade.fee_fen, 12, "D" if received else "C"), settled, "0001", "", trade.txn_type, "", "000201", "01", "", "", "0"),
        *(trade.orig_query_id or "", trade.mchid, "0", "0" * 15, "", signed(0, 12), settled, "01080001", trade.req_reserved),
        *(signed(0, 12), signed(0, 12), signed(0, 11), "00", "0", trade.orig_order_id or ""),
    )
    line = b" ".join(padded(value, width) for value, width in zip(values, WIDTHS, strict=True))
    assert len(line) == RECORD_BYTES
    return line


def when(trade: Trade) -> str:
    """The trace time, without a year."""
    return f"{trade.traced_at.astimezone(clock.SHANGHAI):%m%d%H%M%S}" if trade.traced_at else ""


def signed(amount_fen: int, digits: int, letter: str = " ") -> str:
    """D: the merchant pays; C: the merchant receives; blank: nothing."""
    return f"{letter if amount_fen else ' '}{amount_fen:0{digits}d}"


def padded(text: str, width: int) -> bytes:
    """A text in GBK, cut to a number of bytes with no character split, filled with spaces."""
    cut = text.encode("gbk", errors="replace")[:width].decode("gbk", errors="ignore").encode("gbk")
    return cut.ljust(width)


def archive(mchid: str, day: dt.date, lines: list[bytes]) -> bytes:
    """The zip of a day; the same trades always give the same bytes."""
    entry = zipfile.ZipInfo(f"INN{day:%y%m%d}88ZM_{mchid}", (*(day + dt.timedelta(days=1)).timetuple()[:3], 6, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr(entry, b"".join(line + b"\r\n" for line in lines))
    return packed.getvalue()


def wrapped(content: bytes) -> str:
    """A file as an answer carries it."""
    return base64.b64encode(zlib.compress(content)).decode()


def day_of(settle_date: str, today: dt.date) -> dt.date | None:
    """The last day that had this MMDD; None when none ever does."""
    for year in (today.year, today.year - 1):
        try:
            day = dt.datetime.strptime(f"{year}{settle_date}", "%Y%m%d").date()
        except ValueError:
            continue
        if day <= today:
            return day
    return None
