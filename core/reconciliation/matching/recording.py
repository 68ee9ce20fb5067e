"""What a run found is written down: new differences, changed ones, those that healed, each step with a line of history.

A second run of the same files writes nothing: differences keep their ids, and what people did with them stays.
"""

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec

from core import clock, ids
from core.database import Row, Session
from core.reconciliation.matching import found_repository as repository
from core.reconciliation.matching import fresh as freshly
from core.reconciliation.matching.carrying import REFUNDED, RULED, Carried, told_met
from core.reconciliation.matching.day import Day
from core.reconciliation.matching.fresh import Fresh
from core.reconciliation.severity import due_at, severity
from core.reconciliation.states import DIFFERENCE

RERUN = "rerun"
SETTLED = ("auto_resolved", "resolved")
UNTOUCHED = ("expected", "open")
"""States that no person gave."""


class Record(msgspec.Struct):
    """Lines of history of one run, in the order they happened."""

    by: str
    at: dt.datetime
    events: list[dict[str, object]] = []

    def tell(self, difference_id: object, what: str, remark: str = "", **facts: object) -> None:
        """Add a line."""
        at = self.at + dt.timedelta(microseconds=len(self.events))
        line = {"id": ids.uuid7(), "difference_id": difference_id, "what": what, "by_name": self.by, "remark": remark, "facts": facts, "at": at}
        self.events.append(line)


async def record_day(session: Session, day: Day, found: Sequence[Fresh], by: str, ruled: Mapping[str, dict[str, object]]) -> None:
    """Bring a day's own differences to what its files show now; `ruled` are the pairs that rules made of it, by number."""
    known = {(row.channel, row.kind, row.number): row for row in await repository.list_day(session, day.on)}
    record, added = Record(by, clock.now(), []), []
    for each in found:
        row = freshly.as_row(day, each)
        before = known.pop(each.item.key, None)
        if before is None:
            added.append(_new(each, row, record))
        else:
            await _again(session, before, each, row, record)
    for before in known.values():
        await _vanish(session, day, before, record, ruled.get(before.number))
    prefix = f"D{day.on:%y%m%d}-"
    last = await repository.last_code(session, prefix) if added else 0
    for number, row in enumerate(added, last + 1):
        row["code"] = f"{prefix}{number:06d}"
    await repository.add_differences(session, added)
    await repository.add_events(session, record.events)


def _new(each: Fresh, row: dict[str, object], record: Record) -> dict[str, object]:
    grave = severity(each.amount_fen, 0)
    row |= {"id": ids.uuid7(), "status": each.status, "severity": grave, "due_at": due_at(record.at, grave)}
    if each.resolution is not None:
        row |= {"resolution": each.resolution, "resolved_at": record.at, "settle_on": row["bill_on"], "healed_by": "refund_rows"}
    record.tell(row["id"], "found", **{"class": each.verdict.klass, "status": each.status, "amount_fen": each.amount_fen})
    return row


async def _again(session: Session, before: Row, each: Fresh, row: dict[str, object], record: Record) -> None:
    """A difference that was known: untouched where it shows the same, otherwise brought up to date; a person's state stays."""
    gone = before.status == "auto_resolved" and before.healed_by in (RERUN, RULED)
    if freshly.same(row, before) and not gone:
        return
    later = {name: value for name, value in before.facts.items() if name in ("met", "refunds")}
    values = row | {"facts": {**row["facts"], **later}, "severity": severity(each.amount_fen, _age(before, record.at))}
    if gone:
        values |= {"status": DIFFERENCE.check(before.status, each.status), "healed_by": None, "settle_on": None, "resolved_at": None, "resolution": None}
    elif before.status in UNTOUCHED and before.status != each.status and each.verdict.klass != before.klass:
        values["status"] = DIFFERENCE.check(before.status, each.status)
    record.tell(before.id, "reopened" if gone else "changed", **_changes(before, values))
    await repository.change_difference(session, before.id, **values)


async def _vanish(session: Session, day: Day, before: Row, record: Record, rule: dict[str, object] | None) -> None:
    """The files do not show it any more, or a rule pairs it now: it is settled by itself, unless it is settled already."""
    if before.status in SETTLED:
        return
    by = RULED if rule else RERUN
    record.tell(before.id, "healed", rule["why"] if rule else "", **{"from": before.status, "to": "auto_resolved", "by": by})
    values = {"status": DIFFERENCE.check(before.status, "auto_resolved"), "healed_by": by, "settle_on": day.on, "resolved_at": record.at}
    if rule:
        values["facts"] = before.facts | {"rule": rule}
    await repository.change_difference(session, before.id, **values)


async def record_carried(session: Session, day: Day, carried: Sequence[Carried], by: str) -> None:
    """Write what became of earlier days' differences: healed, of another class, open because they waited long enough."""
    record = Record(by, clock.now(), [])
    for each in carried:
        values = _healed(day, each, record) if each.healed else _open(day, each, record)
        if values is not None:
            await repository.change_difference(session, each.row.id, **values)
    await repository.add_events(session, record.events)


def _facts(each: Carried) -> dict[str, object]:
    facts = {name: value for name, value in each.row.facts.items() if name not in ("met", "refunds", "rule")}
    facts |= {name: value for name, value in (("met", told_met(each)), ("refunds", each.refunds), ("rule", each.rule)) if value}
    return facts


def _healed(day: Day, each: Carried, record: Record) -> dict[str, object] | None:
    """Values of a difference that healed; None where that is known, or a person's remedy is about to settle it."""
    row, facts = each.row, _facts(each)
    status = "resolved" if each.resolution is not None else "auto_resolved"
    if each.resolution == REFUNDED and row.status == "handling":
        return {"facts": facts} if facts != row.facts else None
    by = each.healed_by(day)
    values = {"status": status, "resolution": each.resolution, "settle_on": day.on, "healed_by": by, "facts": facts}
    if all(getattr(row, name) == value for name, value in values.items()):
        return None
    if row.status != status or row.settle_on != day.on:
        record.tell(row.id, "healed", each.rule["why"] if each.rule else "", **{"from": row.status, "to": status, "by": by, "settle_on": day.on.isoformat()})
    return values | {"status": row.status if row.status == status else _step(row.status, status), "resolved_at": record.at}


def _open(day: Day, each: Carried, record: Record) -> dict[str, object] | None:
    """Values of a difference that did not heal; None where nothing about it changed."""
    row, verdict, facts = each.row, each.verdict, _facts(each)
    if row.status in SETTLED and row.settle_on > day.on:
        return None
    values: dict[str, object] = {}
    if row.status in SETTLED:
        values = {"status": _step(row.status, "open"), "healed_by": None, "settle_on": None, "resolved_at": None, "resolution": None}
        record.tell(row.id, "reopened", **{"from": row.status, "to": "open"})
    elif row.status == "expected" and ((day.on - row.bill_on).days >= day.waits(row.channel) or verdict.differs != "presence"):
        grave = severity(row.amount_fen, _age(row, record.at))
        values = {"status": DIFFERENCE.check("expected", "open"), "severity": grave, "due_at": due_at(record.at, grave)}
        record.tell(row.id, "opened", **{"from": "expected", "to": "open"})
    if verdict.klass != row.klass:
        facts.setdefault("first_class", row.klass)
        record.tell(row.id, "changed", **{"from": row.klass, "to": verdict.klass})
    if facts.get("first_class") == verdict.klass:
        del facts["first_class"]
    missing = [day.name(side) for side in verdict.missing] if row.klass != "DP1" else row.missing_in
    told = {"klass": verdict.klass, "differs": verdict.differs, "missing_in": missing, "facts": facts}
    values |= {name: value for name, value in told.items() if getattr(row, name) != value}
    return values or None


def _step(source: str, target: str) -> str:
    return target if source == target else DIFFERENCE.check(source, target)


def _age(row: Row, at: dt.datetime) -> float:
    return (at - row.created_at).total_seconds() / 3600


def _changes(before: Row, values: Mapping[str, object]) -> dict[str, object]:
    """Which fields are new, with both values."""
    names = ("klass", "status", "business_fen", "platform_fen", "channel_fen", "platform_fee_fen", "channel_fee_fen")
    return {name: [getattr(before, name), values[name]] for name in names if name in values and values[name] != getattr(before, name)}
