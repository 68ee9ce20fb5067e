"""Alipay's daily statement of business (业务明细): its address is asked for, then fetched within thirty seconds (Alipay §8)."""

import asyncio
import datetime as dt
import io
import zipfile
import zlib
from urllib.parse import urlsplit

from core.payments.channels.alipay import wire
from core.payments.channels.alipay.transport import Transport
from core.payments.channels.errors import ChannelRefused, ChannelUnknown, StatementBroken, StatementNotReady
from core.payments.channels.protocol import ChannelAccount, StatementFile

METHOD = "alipay.data.dataservice.bill.downloadurl.query"


async def fetch(transport: Transport, account: ChannelAccount, day: dt.date) -> StatementFile | None:
    """The zip of a day as Alipay made it; None on a day without business. There is no hash: the zip's own sums are checked."""
    try:
        raw = await transport.call(account, METHOD, {"bill_type": "trade", "bill_date": day.isoformat()})
        url = wire.read_bill_address(raw).bill_download_url
    except ChannelRefused as refusal:
        code = refusal.facts.get("channel_code")
        if code in wire.NO_BILL_CODES:
            return None
        if code in wire.BILL_LATER_CODES:
            raise StatementNotReady(**refusal.facts, day=day.isoformat()) from refusal
        raise
    except ValueError as error:
        raise ChannelUnknown(reason="answer") from error
    if urlsplit(url).scheme not in ("https", urlsplit(account.base_url).scheme):
        raise ChannelUnknown(reason="address")
    content = await transport.download(url)
    if not await asyncio.to_thread(_whole, content):
        raise StatementBroken(reason="zip")
    return StatementFile(name=f"{account.mchid}_{day:%Y%m%d}.zip", content=content)


def _whole(content: bytes) -> bool:
    """Whether it is a zip in which every file has the sum it should have."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.testzip() is None
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError):
        return False
