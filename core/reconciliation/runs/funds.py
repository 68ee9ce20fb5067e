"""Differences of the bank account (FE2): what a channel owed and what arrived, and entries of the account that nothing explains.

Settlement finds them and calls here; the rest of their life is that of every difference.
"""

import datetime as dt
from uuid import UUID

from core import clock, ids
from core.database import Session
from core.reconciliation.differences import assignments
from core.reconciliation.errors import FundsDifferenceUnknown
from core.reconciliation.matching import found_repository as repository
from core.reconciliation.matching.recording import SETTLED, Record
from core.reconciliation.runs import funds_repository
from core.reconciliation.severity import due_at, severity
from core.reconciliation.states import DIFFERENCE

BANK = "bank"
ARRIVAL, ENTRY = "arrival", "funds"


async def record_funds_difference(
    session: Session, *, bill_on: dt.date, channel: str, merchant_number: str, expected_fen: int, arrived_fen: int, due_on: dt.date,
    facts: dict[str, object], number: str = "", by: str = "系统", kind: str = "",
) -> UUID:
    """Write down (or bring up to date) that a channel's money came short, too much or not at all; answers the difference's id.

    An unexplained entry of the account has channel `bank`, the bank's serial as `number` and nothing expected; a payout that the bank does
    not show has the kind `payout` and its own number. Fen.
    """
    kind = kind or (ENTRY if channel == BANK else ARRIVAL)
    number = number or f"{channel}.{merchant_number}.{bill_on:%Y%m%d}"
    at, amount_fen = clock.now(), abs(expected_fen - arrived_fen)
    told = {"expected_fen": expected_fen, "arrived_fen": arrived_fen, "due_on": due_on.isoformat(), **facts}
    told.setdefault("direction", "long" if arrived_fen > expected_fen else "short")
    before, record = await funds_repository.lock(session, bill_on, channel, kind, number), Record(by, at, [])
    values = {"amount_fen": amount_fen, "channel_fen": expected_fen, "facts": told, "severity": severity(amount_fen, 0)}
    if before is None:
        made = ids.uuid7()
        row = {
            "id": made, "code": f"F{bill_on:%y%m%d}-{ids.digits(8)}", "bill_on": bill_on, "klass": "FE2", "channel": channel, "kind": kind,
            "merchant_number": merchant_number, "number": number, "differs": "amount_fen", "missing_in": [] if arrived_fen else ["funds"],
            "status": "open", "due_at": due_at(at, values["severity"]), **values,
        }  # fmt: skip
        record.tell(made, "found", **{"class": "FE2", "status": "open", "amount_fen": amount_fen})
        await repository.add_differences(session, [row])
        await repository.add_events(session, record.events)
        await assignments.assign_new(session, bill_on)
        return made
    gone = before.status == "auto_resolved"
    if gone or (before.amount_fen, before.channel_fen, before.facts.get("arrived_fen")) != (amount_fen, expected_fen, arrived_fen):
        record.tell(before.id, "reopened" if gone else "changed", amount_fen=[before.amount_fen, amount_fen])
        if gone:
            values |= {"status": DIFFERENCE.check(before.status, "open"), "resolved_at": None, "settle_on": None}
        await repository.change_difference(session, before.id, **values)
        await repository.add_events(session, record.events)
    return before.id


async def resolve_funds_difference(
    session: Session, *, bill_on: dt.date, channel: str, number: str, remark: str, kind: str = "", by: str = "系统"
) -> None:
    """The money came, or somebody said what it was: the difference is settled by itself; one that is settled stays so."""
    kind = kind or (ENTRY if channel == BANK else ARRIVAL)
    before = await funds_repository.lock(session, bill_on, channel, kind, number)
    if before is None:
        raise FundsDifferenceUnknown(number=number)
    if before.status in SETTLED:
        return
    record = Record(by, clock.now(), [])
    record.tell(before.id, "healed", remark, **{"from": before.status, "to": "auto_resolved"})
    values = {"status": DIFFERENCE.check(before.status, "auto_resolved"), "resolved_at": record.at, "settle_on": clock.today()}
    await repository.change_difference(session, before.id, **values)
    await repository.add_events(session, record.events)
