"""A day is closed by a second person once nothing is open, and opened again only by such a one, with a reason."""

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping

from core import clock
from core.database import Row, Session
from core.errors import InvalidRequest
from core.identity import audit
from core.identity.actor import Actor
from core.reconciliation.errors import DayNotCloseable, RunNotFound
from core.reconciliation.matching import found_repository as repository
from core.reconciliation.runs import closing_repository
from core.reconciliation.states import RUN
from core.web.i18n import gettext as _

IN_SUSPENSE = "reconciliation.close_with_suspense"
"""A client's setting: differences whose money lies in suspense do not keep a day open."""


_guards: list[Callable[[Session, dt.date], Awaitable[None]]] = []


def register_guard(check: Callable[[Session, dt.date], Awaitable[None]]) -> None:
    """Add a check that raises when a day may not be run, closed or opened any more (its month is signed)."""
    if check not in _guards:
        _guards.append(check)


async def check_free(session: Session, day: dt.date) -> None:
    """Ask every registered guard."""
    for check in _guards:
        await check(session, day)


async def is_closed(session: Session, day: dt.date) -> bool:
    """Whether a day is closed: no file of it may change any more."""
    row = await repository.find_run(session, day)
    return row is not None and row.status == "closed"


async def obstacles(session: Session, run: Row, settings: Mapping[str, object]) -> list[str]:
    """What keeps a day from being closed, in words; empty when nothing does."""
    found = []
    if run.status not in ("balanced", "diff_open") or run.missing:
        found.append(_("对账文件还不齐，或还没有对完账"))
    if await is_stale(session, run):
        found.append(_("对账之后文件有更新，请重新对账"))
    counted = await closing_repository.count_in_the_way(session, run.bill_on, suspense_too=settings.get(IN_SUSPENSE) is not True)
    if counted.open:
        found.append(_("还有 %(n)s 条差异没有处理完", n=counted.open))
    if counted.rejected:
        found.append(_("有 %(n)s 行数据被拒收，请更正后重新上传", n=counted.rejected))
    if counted.earlier is not None:
        found.append(_("%(day)s 还没有关账，请先关前面的日子", day=counted.earlier.isoformat()))
    return found


async def is_stale(session: Session, run: Row) -> bool:
    """Whether the day's files are others than those that were compared."""
    if run.stale:
        return True
    return bool(run.runs) and set(run.statements) != await closing_repository.list_matched(session, run.bill_on, run.statements)


async def close(session: Session, day: dt.date, by: Actor, settings: Mapping[str, object]) -> None:
    """Close a day; DayNotCloseable says why not, SelfApproval when the same person ran it."""
    run = await _held(session, day)
    if run.status == "closed":
        raise DayNotCloseable(day=day.isoformat(), why=_("已经关账"))
    by.check_other(run.made_by_id)
    in_the_way = await obstacles(session, run, settings)
    if in_the_way:
        raise DayNotCloseable(day=day.isoformat(), why="；".join(in_the_way))
    values = {"status": RUN.check(run.status, "closed"), "closed_at": clock.now(), "closed_by": by.name}
    await repository.change_run(session, run.id, **values)
    await audit.record(session, by, "recon.run.close", "recon_run", run.id, before={"status": run.status}, after={"day": day.isoformat()})


async def reopen(session: Session, day: dt.date, by: Actor, reason: str) -> None:
    """Open a closed day again, the latest first; its files may be replaced and it may be run again."""
    run = await _held(session, day)
    if run.status != "closed":
        raise DayNotCloseable("{day} 没有关账，不用重新打开", day=day.isoformat())
    if not reason.strip():
        raise InvalidRequest("请填写重新打开的原因")
    later = await closing_repository.find_later_closed(session, day)
    if later is not None:
        raise DayNotCloseable("后面的 {later} 已经关账，请先重新打开那一天", later=later.isoformat())
    counted = await closing_repository.count_in_the_way(session, day, suspense_too=True)
    status = RUN.check("closed", "diff_open" if counted.open else "balanced")
    await repository.change_run(session, run.id, status=status, closed_at=None, closed_by=None)
    after = {"day": day.isoformat(), "status": status}
    await audit.record(session, by, "recon.run.reopen", "recon_run", run.id, before={"status": "closed"}, after=after, reason=reason.strip())


async def _held(session: Session, day: dt.date) -> Row:
    await check_free(session, day)
    run = await repository.lock_run(session, day)
    if run is None:
        raise RunNotFound()
    return run
