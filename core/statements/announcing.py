"""What a channel says before it hands over a file: a hash to hold it against, that there was nothing, or that it is not ready yet.

WeChat Pay v3 §9.1, Alipay §8: the answer is a small JSON, and people file it beside the statement or under its name.
"""

from pathlib import Path

import msgspec

from core.statements.protocol import FileRefused

LARGEST = 64 << 10
NOTHING = ("NO_STATEMENT_EXIST", "NO_BILL_DATA")
LATER = ("STATEMENT_CREATING", "FREQUENCY_LIMITED", "SYSTEM_ERROR", "SYSTEM_RATE_LIMIT", "USER_RATE_LIMIT")


class Announcement(msgspec.Struct, frozen=True):
    """The first step's answer: an error's `code`, or the hash of the file to come."""

    code: str = ""
    message: str = ""
    hash_type: str = ""
    hash_value: str = ""
    download_url: str = ""


def parsed(content: bytes) -> Announcement | None:
    """The announcement in a JSON; None for anything else."""
    if not content.lstrip().startswith(b"{"):
        return None
    try:
        found = msgspec.json.decode(content, type=Announcement)
    except msgspec.MsgspecError:
        return None
    return found if found.code or found.hash_value else None


def says_nothing_happened(found: Announcement) -> bool:
    """Whether the channel says that the day had no trades; refuses every answer that leaves us without a statement."""
    if found.code in NOTHING:
        return True
    if found.code in LATER:
        raise FileRefused("not_ready", "渠道还在生成这天的账单，请稍后再取；这不表示当天没有交易", value=found.code)
    if found.hash_value:
        raise FileRefused("not_a_statement", "这是下载账单前的通知，不是账单本身，请交它所指的文件", value=found.download_url[:80])
    raise FileRefused("not_a_statement", f"渠道没有给出账单：{found.code} {found.message}", value=found.code)


def announced_sha1(path: Path) -> str | None:
    """The SHA-1 that an announcement in a file promises, or None."""
    try:
        found = parsed(path.read_bytes()) if path.stat().st_size <= LARGEST else None
    except OSError:
        return None
    return found.hash_value.lower() if found and found.hash_type.upper() == "SHA1" and found.hash_value else None
