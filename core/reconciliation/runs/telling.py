"""A run in the words of the samples' answers: what `banyan reconcile --json` and the API say."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from core import clock
from core.database import Row, Session
from core.reconciliation.errors import RunNotFound
from core.reconciliation.matching import found_repository as repository
from core.reconciliation.states import OPEN

NAMES = {
    "AM1": "金额不符",
    "LG1": "渠道长款(无单)",
    "LG2": "业务掉单",
    "LG3": "平台漏单",
    "SH1": "短款",
    "SH2": "业务单边",
    "SH3": "平台单边",
    "DP1": "重复支付",
    "RF1": "渠道已退、业务未退",
    "RF2": "业务已退、渠道未退",
    "FE1": "手续费差异",
    "FE2": "资金差异",
}
SETTLED = ("auto_resolved", "resolved")


async def tell(session: Session, client: str, on: dt.date) -> dict[str, object]:
    """Everything a day's run came to; RunNotFound before the first one."""
    run = await repository.find_run(session, on)
    if run is None or not run.runs:
        raise RunNotFound()
    rows = await repository.list_of_run(session, on)
    own = [row for row in rows if row.bill_on == on]
    business, day = run.totals["sides"]["business"], on.isoformat()
    sides = run.totals["sides"]
    name = sides.get("business_name", "his")
    return {
        "bill_date": day,
        "client": client,
        "status": run.status,
        "missing": run.missing,
        "sources": {day: {name: business, "platform": sides["platform"], "channels": sides["channel"]}},
        "matched": {day: run.matched},
        "difference_count": len(own),
        "by_class": by_class(own),
        "next_day": {part: run.totals["next_day"][part] for part in ("heal", "still_open", "new_differences")},
        "ruled": run.ruled,
        "open_count": sum(row.status in OPEN for row in rows),
        "differences": [difference(row, on) for row in rows],
    }


def by_class(rows: Sequence[Row]) -> dict[str, object]:
    """A day's differences by class, in the order of the classes."""
    found: dict[str, dict[str, object]] = {}
    for name in NAMES:
        mine = [row for row in rows if row.klass == name]
        if mine:
            channels: dict[str, int] = defaultdict(int)
            for row in mine:
                channels[row.channel] += 1
            healed = sum(row.status in SETTLED and row.healed_by is not None and row.healed_by.endswith(("_row", "_rows")) for row in mine)
            found[name] = {"count": len(mine), "heals_next_day": healed, "by_channel": dict(channels)}
    return found


def difference(row: Row, run_on: dt.date | None = None) -> dict[str, object]:
    """One difference, shaped like the samples'; the business side is called by its source."""
    name = row.facts.get("business", "his")
    told: dict[str, object] = {
        "id": row.code,
        "class": row.klass,
        "name": NAMES[row.klass],
        "bill_date": row.bill_on.isoformat(),
        "channel": row.channel,
        "trade_type": {"pay": "PAY", "refund": "REFUND"}.get(row.kind, row.kind.upper()),
        "merchant_order_no": row.order_number,
    }
    if row.kind == "refund":
        told["merchant_refund_no"] = row.number
    told["channel_order_no"] = row.channel_number if row.kind == "pay" else row.channel_order_number
    if row.kind == "refund":
        told["channel_refund_no"] = row.channel_number
    told |= {"bill_no": row.bill_number, "his_serial": row.serial, "amounts_fen": _amounts(row, name), "differs": row.differs}
    told |= _payments(row, name) if row.klass == "DP1" else _halves(row, name)
    if row.platform_status is not None:
        told["platform_row_status"] = row.platform_status
    for fact in ("repeated", "met", "rule"):
        if fact in row.facts:
            told[fact] = row.facts[fact]
    if run_on is None or row.bill_on < run_on or row.status in SETTLED:
        told["next_day"] = _next_day(row)
    told |= {"state": row.status, "resolution": row.resolution, "severity": row.severity, "owner": row.owner_name}
    return told | {"due_at": _time(row.due_at)}


def _amounts(row: Row, name: str) -> dict[str, int | None]:
    return {name: row.business_fen, "platform": row.platform_fen, "channel": row.channel_fen}


def _halves(row: Row, name: str) -> dict[str, object]:
    times = ((name, row.business_at), ("platform", row.platform_at), ("channel", row.channel_at))
    return {
        "fees_fen": {"platform": row.platform_fee_fen, "channel": row.channel_fee_fen},
        "missing_in": list(row.missing_in),
        "times": {side: _time(at) for side, at in times if at is not None},
        "near_cut": row.near_cut,
    }


def _payments(row: Row, name: str) -> dict[str, object]:
    counts = {name if side == "business" else side: count for side, count in row.facts["counts"].items()}
    told = {"counts": counts} | {fact: row.facts[fact] for fact in ("extra_fen", "cross_channel", "payments")}
    return told | ({"seen_channel_by_channel_as": "LG2"} if row.facts["cross_channel"] else {})


def _next_day(row: Row) -> dict[str, object]:
    """What became of it: healed by which rows, settled on which day, and the numbers that came with them."""
    if row.status not in SETTLED or row.healed_by is None or row.settle_on is None:
        return {"heals": False}
    told: dict[str, object] = {"heals": True, "by": row.healed_by, "settle_date": row.settle_on.isoformat()}
    met = row.facts.get("met", {})
    if "channel" in met:
        number, order = met["channel"].get("channel_number"), met["channel"].get("channel_order_number")
        told["channel_order_no"] = number if row.kind == "pay" else order
        if row.kind == "refund":
            told["channel_refund_no"] = number
    if "business" in met:
        told["his_serial"] = met["business"].get("serial")
    return told


def _time(at: dt.datetime | None) -> str | None:
    return at.astimezone(clock.SHANGHAI).isoformat() if at is not None else None
