"""Differences of earlier days meet their other half in a later day's files: they heal, change their class, or open when they waited long enough."""

import datetime as dt
from collections.abc import Iterable, Mapping

import msgspec

from core.database import Row, Session
from core.reconciliation.matching import details_repository as details
from core.reconciliation.matching.classifying import Verdict, judge
from core.reconciliation.matching.day import BUSINESS, Day
from core.reconciliation.matching.finding import half_of_own, mirror
from core.reconciliation.matching.halves import SIDES, Half, Item

REPOSTED, REFUNDED, CLEARED = "reposted", "refund", "suspense"
REFUND_ROWS, RULED = "refund_rows", "rule"
_NAMED_FIRST = ("platform", "channel", BUSINESS)


class Carried(msgspec.Struct):
    """An earlier day's difference in this run: what its own day showed, what later days brought, and what this run makes of it."""

    row: Row
    item: Item
    met: dict[str, Half]
    """Halves that came after its own day, by side; those of this run carry its day."""
    refunds: dict[str, dict[str, object]]
    """Refunds of it that stand in files although the business never knew the payment: amount and day by refund number."""
    verdict: Verdict | None = None
    resolution: str | None = None
    rule: dict[str, object] | None = None
    """The pair by which a rule of this run settles it."""

    @property
    def refund_wanted_fen(self) -> int:
        """What is to go back to the payer before nothing is left to do."""
        return self.row.facts["extra_fen"] if self.row.klass == "DP1" else self.item.halves["channel"].amount_fen

    @property
    def healed(self) -> bool:
        """Whether nothing of it is left to do."""
        return self.verdict is None or self.resolution is not None or self.rule is not None

    def healed_by(self, day: Day) -> str | None:
        """Which side's rows arrived, in the samples' words: `channel_row`, `platform_and_his_rows`; or the refund's."""
        if self.rule is not None:
            return RULED
        if self.resolution in (REFUNDED, CLEARED):
            return REFUND_ROWS if self.resolution == REFUNDED else CLEARED
        sides = [day.name(side) for side in _NAMED_FIRST if side in self.met]
        return "_and_".join(sides) + ("_row" if len(sides) == 1 else "_rows") if sides else None


def carry(row: Row, on: dt.date) -> Carried:
    """Take up a difference as it stood before a day's run."""
    met = {side: half for side, half in _met(row).items() if half.run_on is None or half.run_on < on}
    refunds = {number: told for number, told in row.facts.get("refunds", {}).items() if told["run_on"] < on.isoformat()}
    item = Item(channel=row.channel, kind=row.kind, number=row.number, halves={**halves_of(row), **met}, platform_status=row.platform_status)
    return Carried(row, item, met, refunds)


def halves_of(row: Row) -> dict[str, Half]:
    """What the sides showed on the difference's own day."""
    halves: dict[str, Half] = {}
    for side in SIDES:
        amount_fen = getattr(row, f"{side}_fen")
        if amount_fen is not None:
            fee_fen = getattr(row, f"{side}_fee_fen") if side != BUSINESS else None
            halves[side] = Half(amount_fen=amount_fen, fee_fen=fee_fen, at=getattr(row, f"{side}_at"), bill_number=row.bill_number)
            halves[side].copies = row.facts.get("repeated", {}).get(side, 1)
    return halves


def _met(row: Row) -> dict[str, Half]:
    return {side: msgspec.convert(half, Half, strict=False) for side, half in row.facts.get("met", {}).items()}


def meet(day: Day, carried: Iterable[Carried], items: dict[tuple[str, str, str], Item]) -> None:
    """Give each carried difference the halves it lacks from the day's leftovers, which lose them; then judge it afresh."""
    for each in carried:
        today = items.get(each.item.key)
        if today is not None and each.row.klass != "DP1":
            for side in SIDES:
                if side in today.halves and side not in each.item.halves:
                    each.item.halves[side] = each.met[side] = msgspec.structs.replace(today.halves.pop(side), run_on=day.on)
            if not today.halves:
                del items[each.item.key]
        if each.row.klass in ("DP1", "FE2"):
            each.verdict = Verdict(each.row.klass, each.row.differs)
        else:
            each.verdict = judge(each.item)
        if each.verdict is None and each.row.klass == "LG2" and set(each.met) == {BUSINESS}:
            each.resolution = REPOSTED


async def fetch_own(session: Session, day: Day, carried: list[Carried], items: Mapping[tuple[str, str, str], Item]) -> None:
    """Our own payments and refunds that earlier days lacked and this day's leftovers lack too, found by number whenever they were booked;
    money that left suspense counts as posted."""
    today = {key for key, item in items.items() if "platform" in item.halves}
    wanted = [each for each in carried if each.item.key not in today and ("platform" not in each.item.halves or each.row.suspense_id is not None)]
    payments = [each.item.number for each in wanted if each.item.kind == "pay"]
    refunds = [each.item.number for each in wanted if each.item.kind == "refund"]
    if not day.own or not wanted:
        return
    until = max([window.until_at for window in day.windows], default=dt.datetime.max.replace(tzinfo=dt.UTC))
    found = {(row.channel, row.kind, row.number): row for row in await details.list_own_by_number(session, payments, refunds)}
    for each in wanted:
        row = found.get(each.item.key)
        if row is None or row.happened_at >= until:
            continue
        if "platform" not in each.item.halves:
            each.item.halves["platform"] = each.met["platform"] = msgspec.structs.replace(half_of_own(row), run_on=day.on)
        _look_at_suspense(day, each, row)


def _look_at_suspense(day: Day, each: Carried, row: Row) -> None:
    posted_fen = row.amount_fen - row.left_fen
    before = each.item.halves.get(BUSINESS)
    if each.row.klass == "DP1":
        each.resolution = CLEARED if not row.left_fen else None
    elif day.mirrored and posted_fen and (before is None or before.amount_fen < posted_fen):
        half = msgspec.structs.replace(mirror(each.item.halves["platform"], posted_fen), run_on=day.on)
        each.item.halves[BUSINESS] = each.met[BUSINESS] = half


def told_met(each: Carried) -> Mapping[str, object]:
    """The later halves as they are kept with the difference."""
    return {side: msgspec.to_builtins(half) for side, half in each.met.items()}
