"""An unexplained bank entry is assigned by hand: two people say which arrivals it is, each part gets its journal, and only a reversal undoes it.

The entry leaves suspense (Dr L.SUSP.LONG, Cr A.CH; for money out Dr A.CH, Cr A.SUSP.SHORT), its difference ends, and the arrivals have the money.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from core import ids
from core.approvals import service as approvals
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from core.ledger import service as ledger
from core.ledger.schemas import SUSPENSE_LONG, SUSPENSE_SHORT, Journal, Posting, channel_account
from core.money import format_yuan
from core.reconciliation.runs.funds import resolve_funds_difference
from core.settlement import arrivals, arrivals_repository
from core.settlement import assigning_repository as repository
from core.settlement.arrivals_lists import MAKE, check_reach
from core.settlement.assigning_errors import ArrivalComplete, EntryNotAssigned, EntryNotFound, EntryNotOpen, PartsInvalid
from core.statements.sources.bank import CHANNEL
from core.web.filters import status_label
from core.web.i18n import gettext as _

KIND, UNDO = "settlement.assign", "settlement.unassign"
MOST_PARTS = 31
WAITS = ("open", "confirmed", "rejected")
"""States of its difference in which nobody has dealt with an entry yet."""


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So much of an entry belongs to one arrival; fen, with the entry's sign."""

    arrival_id: UUID
    amount_fen: int


class AssignmentAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an entry is, in parts that add up to it, and why one thinks so."""

    parts: list[Part]
    reason: str


async def propose(session: Session, entry_id: UUID, ask: AssignmentAsk, by: Actor) -> UUID:
    """Ask a second person; answers the approval's id."""
    check_reach(by, MAKE)
    entry = await _open(session, entry_id)
    wanted = await _wanted(session, entry, ask.parts)
    parts = [
        {"arrival_id": str(row.id), "amount_fen": fen, "name": name_of(row), "owed_fen": int(row.net_fen - row.arrived_fen)} for row, fen in wanted
    ]
    proposal = {"serial": entry.serial, "amount_fen": int(entry.amount_fen), "booked_on": entry.booked_on.isoformat(), "parts": parts}
    return await approvals.propose(
        session, by, kind=KIND, title=f"认领银行款项 {entry.serial}", subject_id=entry_id, proposal=proposal, reason=_reason(ask.reason),
        amount_fen=int(entry.amount_fen),
    )  # fmt: skip


async def approve(session: Session, entry_id: UUID, proposal: Mapping[str, object], by: Actor) -> None:
    """Another person agrees: the journals are posted, the arrivals have the money, the difference ends."""
    await arrivals_repository.lock(session)
    await repository.lock_entry(session, entry_id)
    entry = await _open(session, entry_id)
    asked = msgspec.convert([{"arrival_id": part["arrival_id"], "amount_fen": part["amount_fen"]} for part in proposal["parts"]], list[Part])
    assignment_id, parts = ids.uuid7(), []
    for row, fen in await _wanted(session, entry, asked):
        journal_id = await ledger.post(session, _journal(assignment_id, entry, row, fen, by))
        parts.append({"assignment_id": assignment_id, "arrival_id": row.id, "amount_fen": fen, "journal_id": journal_id})
    said = {"id": assignment_id, "entry_id": entry_id, "reason": proposal["reason"], "made_by": proposal["made_by"], "checked_by": by.name}
    await repository.add(session, said, parts)
    changed = {"status": "matched", "matched_by": "person", "assignment_id": assignment_id}
    await arrivals_repository.set_entry(session, entry_id, changed)
    names = "、".join(str(part["name"]) for part in proposal["parts"])
    remark = f"{proposal['made_by']} 认领、{by.name} 复核：{names}"[:200]
    await resolve_funds_difference(session, bill_on=entry.booked_on, channel=CHANNEL, number=entry.serial, remark=remark, by=by.name)
    await arrivals.settle(session, by)
    after = {"serial": entry.serial, "amount_fen": int(entry.amount_fen), "arrivals": names}
    await audit.record(session, by, "settlement.entry.assign", "bank_entry", entry_id, after=after, reason=str(proposal["reason"]))


async def propose_undoing(session: Session, entry_id: UUID, reason: str, by: Actor) -> UUID:
    """Ask a second person to take an assignment back; answers the approval's id."""
    check_reach(by, MAKE)
    entry = await repository.find_entry(session, entry_id)
    if entry is None:
        raise EntryNotFound()
    said = await repository.standing(session, entry_id)
    if said is None:
        raise EntryNotAssigned(serial=entry.serial)
    proposal = {"serial": entry.serial, "amount_fen": int(entry.amount_fen), "assignment_id": str(said.id), "made": said.made_by}
    return await approvals.propose(
        session, by, kind=UNDO, title=f"撤销认领 {entry.serial}", subject_id=entry_id, proposal=proposal, reason=_reason(reason),
        amount_fen=int(entry.amount_fen),
    )  # fmt: skip


async def approve_undoing(session: Session, entry_id: UUID, proposal: Mapping[str, object], by: Actor) -> None:
    """Another person agrees: each journal's exact reversal; the entry lies in suspense again and is an item again."""
    await arrivals_repository.lock(session)
    entry = await repository.lock_entry(session, entry_id)
    said = await repository.standing(session, entry_id)
    if said is None or str(said.id) != proposal["assignment_id"]:
        raise EntryNotAssigned(serial=entry.serial)
    await arrivals.undo_assignment(session, said.id, str(proposal["reason"]), by)
    changed = {"status": "suspense", "matched_by": "", "assignment_id": None}
    await arrivals_repository.set_entry(session, entry_id, changed)
    await arrivals.tell_unexplained(session, entry, by.name)
    await arrivals.settle(session, by)
    after = {"serial": entry.serial, "amount_fen": int(entry.amount_fen)}
    await audit.record(session, by, "settlement.entry.unassign", "bank_entry", entry_id, after=after, reason=str(proposal["reason"]))


def describe(proposal: Mapping[str, object]) -> list[tuple[str, str, str]]:
    """What the checker sees: by arrival what it still waits for and what it would get."""
    lines = [(_("流水 %(serial)s", serial=proposal["serial"]), "", format_yuan(int(str(proposal["amount_fen"]))))]
    for part in proposal.get("parts", ()):
        waits = _("还差 %(fen)s", fen=format_yuan(int(part["owed_fen"])))
        lines.append((str(part["name"]), waits, format_yuan(int(part["amount_fen"]))))
    return lines


def name_of(row: Row) -> str:
    """An arrival in words: channel, merchant number, bill day."""
    return f"{status_label(row.channel, 'channel')} {row.merchant_number} {row.bill_on:%Y-%m-%d}"


async def _open(session: Session, entry_id: UUID) -> Row:
    """An entry that still waits for somebody to say what it is; EntryNotOpen otherwise."""
    entry = await repository.find_entry(session, entry_id)
    if entry is None:
        raise EntryNotFound()
    if entry.status != "suspense":
        raise EntryNotOpen(serial=entry.serial, why=status_label(entry.status, "bank_entry"))
    if entry.difference_status not in WAITS:
        why = _("差异 %(code)s：%(state)s", code=entry.difference_code, state=status_label(entry.difference_status, "difference"))
        raise EntryNotOpen(serial=entry.serial, why=why)
    return entry


async def _wanted(session: Session, entry: Row, parts: Sequence[Part]) -> list[tuple[Row, int]]:
    """The arrivals that are meant, with their parts; PartsInvalid where the parts are not the entry."""
    total, fen = int(entry.amount_fen), {part.arrival_id: part.amount_fen for part in parts}
    if not parts or len(parts) > MOST_PARTS or len(fen) != len(parts):
        raise PartsInvalid(fault=_("请选择 1 到 %(most)s 笔不同的到账", most=MOST_PARTS))
    if any(part.amount_fen * total <= 0 for part in parts):
        raise PartsInvalid(fault=_("每笔认领金额都要大于零，方向与银行流水一致"))
    if sum(fen.values()) != total:
        said = {"parts": format_yuan(sum(fen.values())), "whole": format_yuan(total)}
        raise PartsInvalid(fault=_("认领金额合计 %(parts)s 元，应等于这笔流水的 %(whole)s 元", **said))
    found = await repository.list_arrivals(session, list(fen))
    if len(found) != len(fen):
        raise PartsInvalid(fault=_("选择的到账不存在，请刷新页面"))
    done = next((row for row in found if row.status == "arrived"), None)
    if done is not None:
        raise ArrivalComplete(arrival=name_of(done))
    return [(row, fen[row.id]) for row in found]


def _journal(assignment_id: UUID, entry: Row, row: Row, fen: int, by: Actor) -> Journal:
    suspense = SUSPENSE_LONG if fen > 0 else SUSPENSE_SHORT
    return Journal(
        key=f"assignment:{assignment_id}:{row.id}", event="funds.assigned", biz_type="arrival", biz_id=str(row.id),
        postings=(Posting(suspense, fen), Posting(channel_account(row.channel, row.merchant_number), -fen)), by=by.name,
        memo=f"{entry.serial} → {name_of(row)}"[:200], settle_on=row.bill_on,
    )  # fmt: skip


def _reason(typed: str) -> str:
    if not typed.strip() or len(typed) > 200:
        raise PartsInvalid(fault=_("请填写 1–200 字的认领依据"))
    return typed.strip()
