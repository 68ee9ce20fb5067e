"""What every door asks of a file before it is judged: that there is one, that its source is known, that its day can be meant."""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any, BinaryIO

import msgspec
from litestar.datastructures import UploadFile

from core import clock
from core.errors import InvalidRequest
from core.identity.actor import Actor
from core.imports.errors import FileEmpty, FileExpected, FileMissing, FileTooLarge
from core.imports.limits import MEGABYTE
from core.platform import Platform
from core.statements import posted, receiving, registry, uploads
from core.statements.schemas import Delivered, Verdict
from core.statements.unpacking import size_of
from core.statements.uploads import Uploading

MOST_BODY = 1024 * MEGABYTE
"""What the web server lets through at the most; the setting `statement_max_mb` says what is taken."""
EARLIEST = dt.date(2010, 1, 1)
_NUMBER = re.compile(r"[A-Za-z0-9_.@-]{1,64}", re.ASCII)
_SHA1 = re.compile(r"[0-9a-fA-F]{40}", re.ASCII)


class BadDay(InvalidRequest):
    code = "BAD_BILL_DATE"
    message = "账单日期应是 2026-03-01 这样的日期，不能晚于今天"


class BadMerchant(InvalidRequest):
    code = "BAD_MERCHANT_NUMBER"
    message = "商户号只能有字母、数字和 _ . @ -，最多 64 个字符"


class BadHash(InvalidRequest):
    code = "BAD_SHA1"
    message = "SHA1 应是 40 位十六进制数"


def read_day(text: str) -> dt.date:
    """The day a form names. Raises BadDay."""
    try:
        return check_day(dt.date.fromisoformat(text.strip()))
    except ValueError:
        raise BadDay() from None


def check_day(day: dt.date) -> dt.date:
    """A day that a statement can be of. Raises BadDay."""
    if not EARLIEST <= day <= clock.today():
        raise BadDay()
    return day


def plain_name(name: str) -> str:
    """A file's own name, without the folders some browsers send along and without what no name should hold."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(character for character in last if character.isprintable())[:200]


async def take_upload(platform: Platform, by: Actor, told: Delivered, file: object, origin: str) -> Verdict | Uploading:
    """Judge an uploaded file, streamed from where the web server put it down; a large one is kept and judged by a worker.

    Raises InvalidRequest before anything of it is kept.
    """
    if not isinstance(file, UploadFile) or not file.filename:
        raise FileMissing()
    check_day(told.day)
    if told.merchant and not _NUMBER.fullmatch(told.merchant):
        raise BadMerchant()
    if told.sha1 and not _SHA1.fullmatch(told.sha1):
        raise BadHash()
    source = await registry.find_source(platform, by.tenant_id, told.source)
    name = plain_name(file.filename)
    if not name.lower().endswith((*source.suffixes, ".json")):
        raise FileExpected(name=name[:60], suffixes=" ".join(source.suffixes))
    content: BinaryIO = file.file
    size, limit = size_of(content), platform.settings.statement_max_mb
    if not size:
        raise FileEmpty()
    if size > limit * MEGABYTE:
        raise FileTooLarge(size_mb=-(-size // MEGABYTE), limit_mb=limit)
    if uploads.is_large(content, name):
        return await uploads.take(platform, by, source, told, name, content, origin)
    return await receiving.receive(
        platform, by.tenant_id, source=source.code, day=told.day, file_name=name, path_or_stream=content, by=by, origin=origin,
        sha1=told.sha1.lower() if told.sha1 else None, merchant=told.merchant,
    )  # fmt: skip


async def take_empty(platform: Platform, by: Actor, told: Delivered) -> Verdict:
    """A person's word that a day had no trades; a file that comes later takes its place."""
    check_day(told.day)
    if told.merchant and not _NUMBER.fullmatch(told.merchant):
        raise BadMerchant()
    source = await registry.find_source(platform, by.tenant_id, told.source)
    return await receiving.receive_empty(platform, by.tenant_id, source=source.code, day=told.day, by=by, origin="upload", merchant=told.merchant)


async def take_lines(platform: Platform, by: Actor, day: dt.date, merchant: str, lines: Sequence[dict[str, Any]], origin: str) -> Verdict:
    """Judge rows that a program posted, as the file they come to: one JSON object a line."""
    check_day(day)
    if merchant and not _NUMBER.fullmatch(merchant):
        raise BadMerchant()
    written = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
    if not written:
        written = b"\n"
    return await receiving.receive(
        platform, by.tenant_id, source=posted.CODE, day=day, file_name=f"lines-{day}.jsonl", path_or_stream=written, by=by, origin=origin,
        merchant=merchant,
    )  # fmt: skip
