"""UnionPay's settlement file: where it is fetched, when it should be there, and what is checked of its wrapping (UnionPay sheet §9.1)."""

import base64
import binascii
import datetime as dt
import io
import zipfile
import zlib

from core.clock import SHANGHAI
from core.payments.channels.errors import StatementBroken
from core.payments.channels.protocol import ChannelAccount, StatementFile
from core.payments.channels.unionpay.wire import Report

READY = dt.time(10, 0)
"""By this time of the next morning a day's file is there; the exact time is not published (§9.1)."""


def address(account: ChannelAccount) -> str:
    """Where files are fetched: `file_url` of the account, UnionPay's sister host of the gateway, or a folder of any other host."""
    base = account.base_url.rstrip("/")
    sister = base.replace("://gateway.", "://filedownload.", 1)
    return account.credentials.get("file_url") or (f"{sister}/" if sister != base else f"{base}/filedownload")


def ready_at(day: dt.date) -> dt.datetime:
    """The instant from which a missing file means that there were no trades."""
    return dt.datetime.combine(day + dt.timedelta(days=1), READY, SHANGHAI)


def opened(report: Report, mchid: str, day: dt.date) -> StatementFile:
    """The zip out of its two wrappings, base64 and zlib, if it is this merchant's and this day's. Raises StatementBroken.

    The day was asked for without a year, so the file's own name must say which one came.
    """
    if not report.file_name.startswith(f"{mchid}_{day:%Y%m%d}"):
        raise StatementBroken(reason=f"文件名 {report.file_name or '（空）'}")
    try:
        content = zlib.decompress(base64.b64decode(report.file_content, validate=True))
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            damaged = archive.testzip()
    except (binascii.Error, ValueError, zlib.error, zipfile.BadZipFile) as error:
        raise StatementBroken(reason="压缩包无法打开") from error
    if damaged:
        raise StatementBroken(reason=damaged)
    return StatementFile(name=report.file_name, content=content)
