"""From what somebody pasted to what it may be: spaces, dashes and case are forgiven, every spelling is looked up at once."""

import re
from collections.abc import Sequence
from uuid import UUID

import msgspec

from core.database import Session
from core.trace import finding_repository as repository
from core.trace.errors import NumberMissing

LONGEST = 160
CHANNELS = ("wechatpay", "alipay", "unionpay", "stripe", "counter")
_RECEIPT = re.compile(r"R\d{12}")
_LINE = re.compile(r"([0-9a-f-]{36})/(\d{1,9})")
_INT32 = 2**31 - 1


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """Something that has the number; `follow` leads to its money."""

    kind: str
    id: str
    name: str
    follow: str
    amount_fen: int

    @property
    def key(self) -> str:
        """Its name in an address, to choose it among several."""
        return f"{self.kind}:{self.id}"


async def find(session: Session, typed: str, channels: Sequence[str] = CHANNELS) -> list[Hit]:
    """What has this number, each thing once, in the order in which people think of it; NumberMissing for an empty one."""
    given = clean(typed)
    if not given:
        raise NumberMissing()
    rows = await _rows(session, given, channels)
    found = [Hit(kind=row.kind, id=row.id, name=row.name or "", follow=row.follow or "", amount_fen=row.amount_fen or 0) for row in rows]
    return list({hit.key: hit for hit in found}.values())


async def _rows(session: Session, given: str, channels: Sequence[str]) -> Sequence[object]:
    if line := _LINE.fullmatch(given.lower()):
        statement_id, row_no = _uuid(line[1]), int(line[2])
        return await repository.find_line(session, statement_id, row_no) if statement_id and row_no <= _INT32 else []
    if found := _uuid(given):
        return await repository.find_id(session, found)
    upper = given.upper()
    receipt = (int(upper[1:5]), int(upper[5:])) if _RECEIPT.fullmatch(upper) else (0, 0)
    return await repository.find(session, upper, spellings(given), channels, receipt)


def clean(typed: str) -> str:
    """A number as it was meant: no spaces, no quotes or back-ticks of a spreadsheet, no zero bytes."""
    return re.sub(r"[\s\0`'\"\u200b\ufeff]", "", typed)[:LONGEST]


def spellings(given: str) -> list[str]:
    """How a number may be kept: as it was typed, in capitals, small; without dashes if it is read aloud in groups."""
    found = [given, given.upper(), given.lower()]
    if re.fullmatch(r"[\d-]+", given):
        found.append(given.replace("-", ""))
    return list(dict.fromkeys(found))


def _uuid(value: str) -> UUID | None:
    try:
        return UUID(value) if len(value) == 36 and value.count("-") == 4 else None
    except ValueError:
        return None
