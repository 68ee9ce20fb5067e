"""The gate of a settlement: a day's money is paid out once the day is reconciled as far as the client asks (§2.7)."""

import datetime as dt
from uuid import UUID

import msgspec

from core.database import Session
from core.reconciliation.states import OPEN as OPEN_DIFFERENCES
from core.settlement import repository
from core.web.filters import status_label
from core.web.i18n import N_, gettext, listed


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a day lets money through, and why not; kept with the batch as it was found.

    `reason` is the sentence with places for its figures, as it is kept; `why` the same in the language of who looks.
    """

    open: bool
    why: str = ""
    reason: str = ""
    rule: str
    run_id: UUID | None = None
    run_status: str = ""
    open_differences: int = 0
    in_suspense: int = 0
    guessed_calendar: bool = False
    without_rate: list[str] = []


async def look(session: Session, day: dt.date, rule: str) -> Gate:
    """The gate of a day as it stands now."""
    run = await repository.find_run(session, day, OPEN_DIFFERENCES)
    if run is None:
        return _said(Gate(open=False, reason=N_("当日还没有对账"), rule=rule))
    reason = _reason("stale" if run.stale else run.status, run.open_count - run.suspense_count, rule)
    told = {"run_id": run.id, "run_status": run.status, "open_differences": run.open_count, "in_suspense": run.suspense_count}
    return _said(Gate(open=not reason, reason=reason, rule=rule, **told))


def _reason(status: str, left: int, rule: str) -> str:
    """Why money may not pass yet; empty when it may."""
    if status == "closed":
        return ""
    if status == "stale":
        return N_("对账之后又有新的对账文件或处理，请重新对账")
    if rule == "closed":
        return N_("当日对账还没有关账")
    if status == "balanced":
        return ""
    if status != "diff_open":
        return N_("当日对账还没有完成")
    if rule == "balanced":
        return N_("当日还有 %(open)s 条差异未处理")
    return N_("当日还有 %(left)s 条差异既未处理也未挂账") if left else ""


def _said(gate: Gate) -> Gate:
    """The same with its sentence in the language of who looks."""
    if not gate.reason:
        return gate
    facts = {
        "open": gate.open_differences, "left": gate.open_differences - gate.in_suspense,
        "channels": listed(status_label(channel, "channel") for channel in gate.without_rate),
    }  # fmt: skip
    return msgspec.structs.replace(gate, why=gettext(gate.reason, **facts) if "%(" in gate.reason else gettext(gate.reason))


async def as_it_stands(session: Session, day: dt.date, known: Gate) -> Gate:
    """The gate of a batch now, by the rule it was calculated under."""
    return with_rates(await look(session, day, known.rule), known.without_rate, known.guessed_calendar)


def with_rates(gate: Gate, without_rate: list[str], guessed: bool) -> Gate:
    """The same gate for one batch: closed too while a channel of it has no rate, for settling without a rate would be guessing."""
    gate = msgspec.structs.replace(gate, without_rate=without_rate, guessed_calendar=guessed)
    if without_rate and gate.open:
        gate = _said(msgspec.structs.replace(gate, open=False, reason=N_("没有约定费率：%(channels)s")))
    return gate


def read(stored: dict[str, object]) -> Gate:
    """A gate as it was kept with a batch."""
    kept = {"open": False, "reason": "" if stored.get("why") else N_("还没有计算"), "rule": "suspense"} | stored
    return _said(msgspec.convert(kept, Gate))


def stored(gate: Gate) -> dict[str, object]:
    """A gate as it is kept with a batch."""
    return msgspec.to_builtins(gate)
