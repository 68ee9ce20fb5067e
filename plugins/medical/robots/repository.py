"""Every query about robots, what they may, and what they did."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from core.database import Row, Session
from plugins.medical.robots.models import artefact, authorisation, log, robot, store, task

REACHED = """(CAST(:reach AS uuid[]) IS NULL OR EXISTS (
        SELECT FROM medical.robot_store w WHERE w.robot_id = r.id AND w.store_id = ANY(CAST(:reach AS uuid[]))))"""
_ROBOTS = text(f"""
    SELECT r.id, r.name, r.platform, r.way, r.address, r.login, r.login_sealed, r.sender, r.hour, r.status, r.made_by, r.next_on, r.created_at,
           (SELECT count(*) FROM medical.robot_store s WHERE s.robot_id = r.id) AS stores,
           (SELECT max(a.valid_to) FROM medical.robot_authorisation a WHERE a.robot_id = r.id AND a.status = 'active') AS authorised_to,
           l.id AS run_id, l.bill_on AS run_on, l.status AS run_status
    FROM medical.robot r LEFT JOIN LATERAL (
        SELECT t.id, t.bill_on, t.status FROM medical.robot_task t WHERE t.robot_id = r.id ORDER BY t.bill_on DESC LIMIT 1
    ) l ON true
    WHERE {REACHED} AND (:typed = '' OR r.name ILIKE '%' || :typed || '%') AND (:platform = '' OR r.platform = :platform)
      AND (CAST(:only AS uuid) IS NULL OR r.id = :only) AND (CAST(:after AS uuid) IS NULL OR r.id > :after)
    ORDER BY r.id LIMIT :limit
""")
_STORES = text("""
    SELECT s.platform_store, s.store_id, u.name, u.code FROM medical.robot_store s JOIN core.org_unit u ON u.id = s.store_id
    WHERE s.robot_id = :robot_id ORDER BY s.platform_store
""")
_BY_CODES = text("SELECT id, code, name FROM core.org_unit WHERE kind = 'store' AND code = ANY(CAST(:codes AS text[]))")
_ALL_STORES = text("SELECT id, code, name FROM core.org_unit WHERE kind = 'store' ORDER BY code")
_AUTHORISATIONS = text(f"""
    SELECT a.*, r.name AS robot, r.platform FROM medical.robot_authorisation a JOIN medical.robot r ON r.id = a.robot_id
    WHERE {REACHED} AND (CAST(:robot_id AS uuid) IS NULL OR a.robot_id = :robot_id) AND (CAST(:only AS uuid) IS NULL OR a.id = :only)
      AND (:status = '' OR a.status = :status) AND (CAST(:before AS uuid) IS NULL OR a.id < :before)
    ORDER BY a.id DESC LIMIT :limit
""")
_UNSIGNED = text(f"""
    SELECT count(*) FROM medical.robot_authorisation a JOIN medical.robot r ON r.id = a.robot_id
    WHERE a.status = 'draft' AND a.valid_to >= :today AND {REACHED}
""")
_RUNS = f"""
    FROM medical.robot_task t JOIN medical.robot r ON r.id = t.robot_id
    WHERE {REACHED} AND (CAST(:robot_id AS uuid) IS NULL OR t.robot_id = :robot_id) AND (:platform = '' OR r.platform = :platform)
      AND (:status = '' OR t.status = :status) AND (CAST(:bill_on AS date) IS NULL OR t.bill_on = :bill_on)
      AND (CAST(:since AS date) IS NULL OR t.bill_on >= :since) AND (CAST(:until AS date) IS NULL OR t.bill_on <= :until)
      AND (:typed = '' OR r.name ILIKE '%' || :typed || '%')
      AND (CAST(:waiting AS text[]) IS NULL OR t.status = ANY(CAST(:waiting AS text[])))
"""
_COLUMNS = """t.id, t.robot_id, r.name AS robot, r.platform, r.way, t.bill_on, t.status, t.tries, t.error, t.told, t.lines, t.settle_fen, t.next_at,
    t.finished_at, t.job_id"""
_RUN_PAGE = text(f"""
    SELECT {_COLUMNS} {_RUNS} AND (CAST(:after_on AS date) IS NULL OR (t.bill_on, t.id) < (:after_on, :after_id))
    ORDER BY t.bill_on DESC, t.id DESC LIMIT :limit
""")
_RUN_SUM = text(f"""
    SELECT count(*) AS runs, count(*) FILTER (WHERE t.status IN ('uploaded', 'reconciled', 'different')) AS good,
           count(*) FILTER (WHERE t.status = 'dead') AS dead, count(*) FILTER (WHERE t.status = ANY(CAST(:for_people AS text[]))) AS waiting {_RUNS}
""")
_RUN = text(f"SELECT {_COLUMNS} FROM medical.robot_task t JOIN medical.robot r ON r.id = t.robot_id WHERE t.id = :id AND {REACHED}")
_DUE = text("""
    SELECT t.* FROM medical.robot_task t JOIN medical.robot r ON r.id = t.robot_id
    WHERE t.next_at <= :now AND r.status = 'on'
      AND NOT EXISTS (SELECT FROM medical.robot_task o WHERE o.robot_id = t.robot_id AND o.id <> t.id AND (o.status = 'running' OR o.job_id IS NOT NULL))
    ORDER BY t.next_at, t.id LIMIT :limit FOR UPDATE OF t SKIP LOCKED
""")
_LOST = text("""
    SELECT t.id, t.status FROM medical.robot_task t LEFT JOIN core.job j ON j.id = t.job_id
    WHERE t.job_id IS NOT NULL AND (j.id IS NULL OR j.status NOT IN ('queued', 'running')) ORDER BY t.id FOR UPDATE OF t SKIP LOCKED
""")
_HOLDS = text("SELECT id FROM core.job WHERE id = :job_id AND lease_id = :lease_id AND status = 'running' FOR SHARE")
_NEXT = text("""
    SELECT min(t.next_at) FROM medical.robot_task t JOIN medical.robot r ON r.id = t.robot_id WHERE t.next_at IS NOT NULL AND r.status = 'on'
""")
_TURN = text("""
    UPDATE medical.robot_authorisation SET status = :to, ended_at = CASE WHEN :ends THEN now() ELSE ended_at END
    WHERE status = ANY(CAST(:states AS text[])) AND CASE WHEN :ends THEN valid_to < :today ELSE valid_from <= :today AND valid_to >= :today END
    RETURNING id
""")
_WAITING = text(f"""
    SELECT count(*) FROM medical.robot_task t JOIN medical.robot r ON r.id = t.robot_id WHERE t.status = ANY(CAST(:states AS text[])) AND {REACHED}
""")


async def list_robots(session: Session, reach: Sequence[UUID] | None, typed: str, platform: str, after: UUID | None, limit: int, only: UUID | None = None):
    """Robots that serve a store within reach."""
    asked = {"reach": reach, "typed": typed, "platform": platform, "after": after, "limit": limit, "only": only}
    return await session.all(_ROBOTS, asked)


async def lock_robot(session: Session, robot_id: UUID) -> Row | None:
    """A robot, held."""
    return await session.one_or_none(select(robot).where(robot.c.id == robot_id).with_for_update())


async def list_stores(session: Session, robot_id: UUID) -> Sequence[Row]:
    """The stores a robot fetches for."""
    return await session.all(_STORES, {"robot_id": robot_id})


async def stores_by_code(session: Session, codes: Sequence[str]) -> dict[str, UUID]:
    """Stores of some codes."""
    return {row.code: row.id for row in await session.all(_BY_CODES, {"codes": list(codes)})}


async def list_all_stores(session: Session) -> Sequence[Row]:
    """Every store."""
    return await session.all(_ALL_STORES)


async def write_robot(session: Session, row: Mapping[str, object], stores: Sequence[Mapping[str, object]]) -> None:
    """Write a robot, new or changed, with its stores."""
    values = {name: value for name, value in row.items() if name != "id"}
    await session.execute(upsert(robot).values(**row).on_conflict_do_update(index_elements=["tenant_id", "id"], set_=values))
    await session.execute(delete(store).where(store.c.robot_id == row["id"]))
    await session.execute(insert(store), [dict(each) for each in stores])


async def change_robot(session: Session, robot_id: UUID, **values: object) -> None:
    """Write columns of a robot."""
    await session.execute(update(robot).where(robot.c.id == robot_id).values(**values))


async def name_taken(session: Session, name: str, but: UUID) -> bool:
    """Whether another robot has this name."""
    return await session.scalar(select(robot.c.id).where(robot.c.name == name, robot.c.id != but)) is not None


async def list_scheduled(session: Session, today: dt.date) -> Sequence[Row]:
    """Robots that are on and have a day to fetch, held."""
    return await session.all(select(robot).where(robot.c.status == "on", robot.c.next_on <= today).order_by(robot.c.id).with_for_update(skip_locked=True))


async def next_on(session: Session) -> Sequence[Row]:
    """When each robot that is on runs next."""
    return await session.all(select(robot.c.next_on, robot.c.hour).where(robot.c.status == "on"))


async def add_authorisation(session: Session, row: Mapping[str, object]) -> None:
    """Write a draft."""
    await session.execute(insert(authorisation), dict(row))


async def list_authorisations(
    session: Session, reach: Sequence[UUID] | None, *, robot_id: UUID | None = None, only: UUID | None = None, status: str = "", before: UUID | None = None,
    limit: int = 50,
) -> Sequence[Row]:
    """Authorisations, the newest first."""
    asked = {"reach": reach, "robot_id": robot_id, "only": only, "status": status, "before": before, "limit": limit}
    return await session.all(_AUTHORISATIONS, asked)


async def lock_authorisation(session: Session, authorisation_id: UUID) -> Row | None:
    """One, held."""
    return await session.one_or_none(select(authorisation).where(authorisation.c.id == authorisation_id).with_for_update())


async def count_unsigned(session: Session, reach: Sequence[UUID] | None, today: dt.date) -> int:
    """Drafts that can still be signed."""
    return await session.scalar(_UNSIGNED, {"reach": reach, "today": today})


async def list_active(session: Session, robot_id: UUID) -> Sequence[Row]:
    """A robot's active authorisations, held so that none is revoked before this transaction ends."""
    held = select(authorisation).where(authorisation.c.robot_id == robot_id, authorisation.c.status == "active")
    return await session.all(held.order_by(authorisation.c.valid_to.desc()).with_for_update(read=True))


async def change_authorisation(session: Session, authorisation_id: UUID, **values: object) -> None:
    """Write columns of one."""
    await session.execute(update(authorisation).where(authorisation.c.id == authorisation_id).values(**values))


async def turn_authorisations(session: Session, to: str, states: Sequence[str], today: dt.date, *, ends: bool) -> list[UUID]:
    """Those whose day has come begin, or end."""
    return [row.id for row in await session.all(_TURN, {"to": to, "states": list(states), "today": today, "ends": ends})]


async def add_task(session: Session, row: Mapping[str, object]) -> bool:
    """Write a robot's day; False when it is there already."""
    return bool((await session.execute(upsert(task).values(**row).on_conflict_do_nothing())).rowcount)


async def find_day(session: Session, robot_id: UUID, day: dt.date) -> Row | None:
    """A robot's day, held."""
    return await session.one_or_none(select(task).where(task.c.robot_id == robot_id, task.c.bill_on == day).with_for_update())


async def lock_task(session: Session, task_id: UUID) -> Row | None:
    """A run, held."""
    return await session.one_or_none(select(task).where(task.c.id == task_id).with_for_update())


async def change_task(session: Session, task_id: UUID, **values: object) -> None:
    """Write columns of a run."""
    await session.execute(update(task).where(task.c.id == task_id).values(**values))


async def list_due(session: Session, now: dt.datetime, limit: int) -> Sequence[Row]:
    """Runs whose time has come and whose robot is not busy, held."""
    return await session.all(_DUE, {"now": now, "limit": limit})


async def list_lost(session: Session) -> Sequence[Row]:
    """Runs whose job ended without a word, held."""
    return await session.all(_LOST)


async def holds(session: Session, job_id: UUID, lease_id: UUID) -> bool:
    """Whether a job's lease is still this worker's; it cannot be lost before this transaction ends."""
    return await session.scalar(_HOLDS, {"job_id": job_id, "lease_id": lease_id}) is not None


async def next_due(session: Session) -> dt.datetime | None:
    """When the next run is due."""
    return await session.scalar(_NEXT)


async def find_run(session: Session, task_id: UUID, reach: Sequence[UUID] | None) -> Row | None:
    """A run within reach."""
    return await session.one_or_none(_RUN, {"id": task_id, "reach": reach})


async def list_runs(session: Session, asked: Mapping[str, object], after: tuple[dt.date, UUID] | None, limit: int) -> Sequence[Row]:
    """Runs, the latest day first."""
    place = {"after_on": after[0] if after else None, "after_id": after[1] if after else None}
    return await session.all(_RUN_PAGE, {**asked, **place, "limit": limit})


async def sum_runs(session: Session, asked: Mapping[str, object], for_people: Sequence[str]) -> Row:
    """How many runs there are, how many brought their file, how many are in a state that a person ends."""
    return await session.one(_RUN_SUM, {**asked, "for_people": list(for_people)})


async def count_runs(session: Session, states: Sequence[str], reach: Sequence[UUID] | None) -> int:
    """Runs in some states within reach."""
    return await session.scalar(_WAITING, {"states": list(states), "reach": reach})


async def add_log(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Write lines of a run's log."""
    if rows:
        await session.execute(insert(log), [dict(row) for row in rows])


async def list_log(session: Session, task_id: UUID) -> Sequence[Row]:
    """A run's log."""
    return await session.all(select(log).where(log.c.task_id == task_id).order_by(log.c.at, log.c.id))


async def add_artefacts(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Keep files of a run; the same file again is kept once, as the latest."""
    if rows:
        again = upsert(artefact).on_conflict_do_update(index_elements=["tenant_id", "task_id", "kind", "sha256"], set_={"created_at": func.now()})
        await session.execute(again, [dict(row) for row in rows])


async def list_artefacts(session: Session, task_id: UUID) -> Sequence[Row]:
    """What is kept of a run, without the contents."""
    kept = select(artefact.c.id, artefact.c.kind, artefact.c.file_name, artefact.c.sha256, artefact.c.size, artefact.c.created_at)
    return await session.all(kept.where(artefact.c.task_id == task_id).order_by(artefact.c.created_at, artefact.c.id))


async def find_artefact(session: Session, task_id: UUID, artefact_id: UUID) -> Row | None:
    """One file with its content."""
    return await session.one_or_none(select(artefact).where(artefact.c.task_id == task_id, artefact.c.id == artefact_id))


async def list_current_files(session: Session, task_id: UUID) -> set[str]:
    """The hashes of the files that a run's orders come from: those that were taken in last."""
    mine = (artefact.c.task_id == task_id) & (artefact.c.kind == "statement")
    last = select(func.max(artefact.c.created_at)).where(mine).scalar_subquery()
    return {row.sha256 for row in await session.all(select(artefact.c.sha256).where(mine, artefact.c.created_at == last))}


async def list_same_files(session: Session, hashes: Sequence[str]) -> Sequence[Row]:
    """Which runs took in files of these hashes."""
    return await session.all(select(artefact.c.task_id, artefact.c.sha256).where(artefact.c.kind == "statement", artefact.c.sha256.in_(list(hashes))))
