"""The members' file: judged row by row, then written; the same service serves the page, the API and `banyan import club.members`."""

import datetime as dt
from uuid import UUID, uuid5

import msgspec

from core.imports import cells, sheets
from core.imports.lines import Line
from core.imports.schemas import ImportCheck, ImportContext, Totals
from core.imports.tables import Column, Table
from core.imports.verdicts import Verdict
from core.payers.schemas import PartyRow
from core.payers.service import upsert_parties
from tests.plugins.specimen import repository

NUMBER, NAME, PHONE, DUE, JOINED = COLUMNS = (
    Column("number", "会员号*"),
    Column("name", "姓名*"),
    Column("phone", "手机号*"),
    Column("due", "年费*"),
    Column("joined", "入会日期*"),
)


class Member(msgspec.Struct, frozen=True):
    """A row in standard form; the phone is in clear only here, in memory."""

    number: str
    name: str
    phone: str
    due_fen: int
    joined_on: dt.date


async def check(context: ImportContext, content: bytes, filename: str) -> ImportCheck:
    """Judge every row; changes nothing."""
    async with context.session() as session:
        keys = await context.platform.vault.keys(session)
        known = {
            row.number: Member(row.number, row.name, keys.open(row.phone_sealed), row.due_fen, row.joined_on)
            for row in await repository.list_members(session)
        }
    verdicts, good, rejected = judge(sheets.read(content, filename))
    new = [found for found in good if found.number not in known]
    changed = [found for found in good if found.number in known and known[found.number] != found]
    totals = Totals(len(new), len(changed), len(good) - len(new) - len(changed), rejected)
    return ImportCheck(rows=verdicts, totals=totals, payload=[*new, *changed])


def judge(sheet: sheets.Sheet) -> tuple[list[Verdict], list[Member], int]:
    """What is remarkable, the good rows, and how many are refused."""
    table = Table(sheet, COLUMNS)
    verdicts: list[Verdict] = []
    good: list[Member] = []
    rejected = 0
    for number, row in table.rows():
        if isinstance(row, Verdict):
            verdicts.append(row)
            continue
        line = Line(number, row, table)
        fields = (
            line.take(NUMBER, cells.text),
            line.take(NAME, cells.name),
            line.take(PHONE, cells.phone),
            line.take(DUE, cells.money),
            line.take(JOINED, cells.day, sheet.epoch_1904),
        )
        verdicts += line.verdicts
        rejected += line.rejected
        if not line.rejected:
            good.append(Member(*fields))
    return verdicts, good, rejected


async def apply(context: ImportContext, check: ImportCheck) -> None:
    """Write the good rows, a batch a transaction; applied twice it changes nothing."""
    members: list[Member] = check.payload
    for start in range(0, len(members), context.batch_rows):
        batch = members[start : start + context.batch_rows]
        async with context.session() as session:
            keys = await context.platform.vault.keys(session)
            ids = [uuid5(session.tenant_id, f"club:{found.number}") for found in batch]
            await upsert_parties(session, [_party(found, id) for found, id in zip(batch, ids, strict=True)])
            await repository.upsert(session, [_row(found, id, keys) for found, id in zip(batch, ids, strict=True)])
        await context.progress(start + len(batch), len(members))


def _party(found: Member, id: UUID) -> PartyRow:
    return PartyRow(id=id, plugin="club", number=found.number, name=found.name, name_pinyin="")


def _row(found: Member, id: UUID, keys) -> dict[str, object]:
    return {
        "id": id,
        "number": found.number,
        "name": found.name,
        "phone_sealed": keys.seal(found.phone),
        "phone_tail_index": keys.index("phone_tail", found.phone[-4:]),
        "due_fen": found.due_fen,
        "joined_on": found.joined_on,
    }
