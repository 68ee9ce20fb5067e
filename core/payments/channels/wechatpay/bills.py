"""A day's trade bill: ask for its address, download it, and believe it only when its hash is right (WeChat Pay v3 §9)."""

import datetime as dt
import gzip
import hashlib
import zlib

import msgspec

from core.payments.channels.errors import ChannelRefused, ChannelUnknown, StatementBroken, StatementNotReady
from core.payments.channels.protocol import ChannelAccount, StatementFile
from core.payments.channels.wechatpay import modes, wire
from core.payments.channels.wechatpay.transport import Transport

EXPIRED_CODES = frozenset({"NO_AUTH", "NOAUTH"})


class Bill(msgspec.Struct, frozen=True):
    """Where the bill lies, for half a minute or a few, and what it must hash to before it was packed."""

    hash_type: str
    hash_value: str
    download_url: str


read_bill = msgspec.json.Decoder(Bill).decode


async def fetch(transport: Transport, account: ChannelAccount, day: dt.date) -> StatementFile | None:
    """The trade bill of a day with payments and refunds, unpacked; None for a day without business.

    Raises StatementNotReady, StatementBroken, ChannelUnknown, ChannelRefused.
    """
    for attempt in (1, 2):
        bill = await _address(transport, account, day)
        if bill is None:
            return None
        try:
            packed = await transport.download(account, bill.download_url)
        except ChannelRefused as refusal:
            if attempt == 2 or refusal.facts.get("channel_code") not in EXPIRED_CODES:
                raise
            continue  # the address has lapsed meanwhile; a new one is given at once
        return StatementFile(name=f"wechatpay-{account.mchid}-{day:%Y%m%d}.csv", content=unpacked(packed, bill))
    raise ChannelUnknown(reason="download")


def unpacked(packed: bytes, bill: Bill) -> bytes:
    """The bill as WeChat Pay wrote it. Raises StatementBroken when it does not unpack or is not what was hashed."""
    if bill.hash_type != "SHA1":
        raise StatementBroken(reason=f"hash_type={bill.hash_type}")
    if not packed:
        raise StatementBroken(reason="gzip")  # nothing unpacks to nothing without complaint
    try:
        content = gzip.decompress(packed)
    except (OSError, EOFError, zlib.error) as error:
        raise StatementBroken(reason="gzip") from error
    if hashlib.sha1(content).hexdigest() != bill.hash_value.lower():
        raise StatementBroken(reason="SHA1")
    return content


async def _address(transport: Transport, account: ChannelAccount, day: dt.date) -> Bill | None:
    asked = {"bill_date": day.isoformat(), "bill_type": "ALL", "tar_type": "GZIP", **modes.sub_ids(account)}
    try:
        answer = await transport.call(account, "GET", modes.with_query("/v3/bill/tradebill", asked))
        return read_bill(answer)
    except ChannelRefused as refusal:
        code = refusal.facts.get("channel_code")
        if code in wire.NO_STATEMENT_CODES:
            return None
        if code in wire.STATEMENT_LATER_CODES:
            raise StatementNotReady(day=day.isoformat(), **refusal.facts) from refusal
        raise
    except ValueError as error:
        raise ChannelUnknown(reason="answer") from error
