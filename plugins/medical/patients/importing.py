"""Patients from a file: judged, set against who is there, the good rows written. A blank cell leaves what is known."""

import asyncio

from core.database import Session
from core.exports import workbook
from core.identity.vault import TenantKeys
from core.imports import sheets
from core.imports.schemas import ImportCheck, ImportContext, Totals
from plugins.medical.patients import keeping, repository, service, verdicts
from plugins.medical.patients.columns import COLUMNS


async def check(context: ImportContext, content: bytes, filename: str) -> ImportCheck:
    """Judge a patient file; changes nothing."""
    lines, ignored = await asyncio.to_thread(lambda: verdicts.read(sheets.read(content, filename)))
    async with context.session() as session:
        keys = await context.platform.vault.keys(session)
        rows = await repository.list_by_numbers(session, [fields["patient_no"] for _, fields in lines if fields["patient_no"]])
        held = await _held(session, keys, [fields for _, fields in lines])
        cards = {(row.kind, bytes(row.number_index)) for row in await repository.list_cards_of(session, [row.id for row in rows])}
    judged = verdicts.judge(lines, ignored, held)
    known = {row.patient_no: service.draft_of(row, keys) for row in rows}
    new, changed = [], []
    for draft in judged.patients:
        before = known.get(draft.patient_no)
        if before is None:
            new.append(draft)
        elif service.differences(draft, before) or any(service.card_index(keys, *card) not in cards for card in draft.cards):
            changed.append(draft)
    same = len(judged.patients) - len(new) - len(changed)
    return ImportCheck(rows=judged.verdicts, totals=Totals(len(new), len(changed), same, judged.rejected), payload=[*new, *changed])


async def _held(session: Session, keys: TenantKeys, found: list[dict]) -> verdicts.Held:
    """Who in the hospital has the cards and ids of the file."""
    cards = {service.card_index(keys, kind, card): (kind, card) for fields in found for _, kind, card in fields["cards"]}
    holders = await service.holders(session, cards)
    ids = {keys.index("id_no", fields["id_no"]): fields["id_no"] for fields in found if fields["id_no"]}
    owners = await repository.list_by_ids(session, list(ids))
    return verdicts.Held(
        {cards[key]: row.patient_no for key, row in holders.items() if key in cards}, {ids[bytes(row.id_index)]: row.patient_no for row in owners}
    )


async def apply(context: ImportContext, check: ImportCheck) -> None:
    """Write the good rows, at most a thousand a transaction."""
    total = len(check.payload)
    for start in range(0, total, context.batch_rows):
        batch = check.payload[start : start + context.batch_rows]
        async with context.session() as session:
            await keeping.keep_many(session, await context.platform.vault.keys(session), batch, context.by)
        await context.progress(start + len(batch), total)


def template() -> bytes:
    """The empty file with its headers."""
    return workbook.write("患者", [(column.title, "text") for column in COLUMNS], [])
