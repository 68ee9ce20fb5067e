"""Who sent money to the clearing account, as the bank's own file says; it is kept sealed there and nowhere else."""

import csv
from collections.abc import Sequence
from uuid import UUID

import msgspec

from core.database import Row, Session
from core.identity.vault import Vault
from core.masking import mask_card, mask_name
from core.statements import originals
from core.statements.sources.bank import SOURCE

HEADER_LINE = 3
PERSON = 4
"""A name of so few characters is a person's and is masked; channels and companies have longer ones."""


class Payer(msgspec.Struct, frozen=True, kw_only=True):
    """The other side of a bank entry: a person's name and every account number masked."""

    name: str = ""
    account: str = ""
    summary: str = ""


async def payers(session: Session, vault: Vault, entries: Sequence[Row]) -> dict[UUID, Payer]:
    """The other side of some entries (each with its `line_no` in the file), by entry; unknown where the file does not say."""
    heads: dict[UUID, list[str]] = {}
    found: dict[UUID, Payer] = {}
    for entry in entries:
        if entry.line_no is None:
            continue
        if entry.statement_id not in heads:
            heads[entry.statement_id] = await _line(session, vault, entry.statement_id, HEADER_LINE)
        told = dict(zip(heads[entry.statement_id], await _line(session, vault, entry.statement_id, entry.line_no), strict=False))
        name, account = told.get("对方户名", ""), told.get("对方账号", "")
        found[entry.id] = Payer(name=mask_name(name) if len(name) <= PERSON else name, account=mask_card(account), summary=told.get("摘要", ""))
    return found


async def _line(session: Session, vault: Vault, statement_id: UUID, line_no: int) -> list[str]:
    try:
        text = await originals.raw_line(session, vault, SOURCE, statement_id, line_no)
    except originals.LineGone:
        return []
    return [value.strip() for value in next(csv.reader([text]), [])]
