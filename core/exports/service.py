"""A list leaves as Excel: made by a job, within the asker's reach, kept sealed for its maker alone, written to the audit trail."""

import asyncio
import datetime as dt
from collections.abc import Collection
from uuid import UUID

from core import clock
from core.database import Session
from core.exports import agreement, personal, workbook
from core.exports.errors import ExportTooLarge, ExportUnknown
from core.files import service as files
from core.hookspecs import Export
from core.identity import audit
from core.identity.actor import Actor
from core.jobs import service as jobs
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.i18n import gettext as _

KIND = "exports.make"
PERMISSION = "exports.make"
MAX_ROWS = 200_000
KEEP = dt.timedelta(days=7)


def exports(platform: Platform, client: ClientProfile, by: Actor | None = None) -> dict[str, Export]:
    """What a client can export, by code; with `by`, only what that person may."""
    offered = platform.plugins.collect_all("register_exports")
    found = {export.code: export for plugin, export in offered if plugin == "core" or client.has(plugin)}
    return {code: export for code, export in found.items() if by is None or (by.may(export.permission) and by.may(PERMISSION))}


def find_export(platform: Platform, client: ClientProfile, code: str) -> Export:
    """One export; not found where its plugin is off."""
    export = exports(platform, client).get(code)
    if export is None:
        raise ExportUnknown(code=code)
    return export


async def start_export(
    session: Session, platform: Platform, client: ClientProfile, code: str, filters: dict[str, str], *, by: Actor, left_out: Collection[str] = ()
) -> UUID:
    """Have a list exported as the page shows it, without the columns that bear the titles `left_out`; answers the job's id.

    What lies outside the asker's reach is not in it.
    """
    export = find_export(platform, client, code)
    return await start_job(session, export.title, params_of(export, filters, by, left_out), by=by)


def params_of(export: Export, filters: dict[str, str], by: Actor, left_out: Collection[str]) -> dict[str, object]:
    """What the job is told: the filters, the asker's reach, the places of the columns that are left out."""
    by.need(PERMISSION)
    reach = by.reach(export.permission)
    kept = {name: value for name, value in filters.items() if value and name not in ("cursor", "lang")}
    params: dict[str, object] = {"code": export.code, "filters": kept, "reach": None if reach is None else [str(org) for org in reach]}
    if places := [place for place, (title, _kind) in enumerate(export.columns) if {title, _(title)} & set(left_out)]:
        params["left_out"] = places
    return params


async def start_job(session: Session, title: str, params: dict[str, object], *, by: Actor, job_id: UUID | None = None) -> UUID:
    """Queue the job; the audit trail says what of, and whether names will be readable, why and who agreed."""
    clear = params.get("clear")
    name = f"明文导出 {title}" if clear else f"导出 {title}"
    job_id = await jobs.start(session, KIND, name, params, by=by, job_id=job_id)
    after = {"code": params["code"], "filters": params["filters"], **_told(clear)}
    await audit.record(session, by, "exports.export.start", "job", job_id, after=after, reason=clear["reason"] if clear else None)
    return job_id


def _told(clear: dict[str, str] | None) -> dict[str, object]:
    return {"masked": False, "checked_by": clear["checked_by"]} if clear else {"masked": True}


async def run(context, params: dict) -> dict[str, object]:
    """The job: gather the rows, write the workbook, keep it for its maker."""
    export, clear = find_export(context.platform, context.client, params["code"]), params.get("clear")
    reach = None if params["reach"] is None else [UUID(org) for org in params["reach"]]
    rows: list = []
    async with context.session() as session:
        if clear:
            await agreement.check(session, context.job_id, clear)
        async for row in export.rows(session, params["filters"], reach):
            rows.append(row if clear else personal.masked(export.columns, row))
            if len(rows) > MAX_ROWS:
                raise ExportTooLarge(limit=MAX_ROWS)
            if len(rows) % 500 == 0:
                await context.progress(len(rows), 0)
    columns, rows = _shown(export, rows, params.get("left_out", ()))
    content = await asyncio.to_thread(workbook.write, export.title, personal.as_text(columns), rows, _remarks(context, export, params, len(rows)))
    async with context.session() as session:
        name = f"{export.title}{'-明文' if clear else ''}-{clock.today():%Y%m%d}.xlsx"
        right = agreement.MAKE if clear else export.permission
        file_id = await files.store(session, context.platform.vault, name, content, workbook.MEDIA_TYPE, by=context.by, keep=KEEP, permission=right)
        await context.attach_file(session, file_id)
        after = {"code": export.code, "rows": len(rows), "filters": params["filters"], **_told(clear), "file": str(file_id)}
        reason = clear["reason"] if clear else None
        await audit.record(session, context.by, "exports.export.made", "job", context.job_id, after=after, reason=reason)
    return {"rows": len(rows), "masked": not clear, "counts": [["行", len(rows), None, "good"]]}


def _shown(export: Export, rows: list, left_out: Collection[int]) -> tuple[list, list]:
    """The columns that the page shows, and the rows cut to them; a workbook always keeps one."""
    kept = [place for place in range(len(export.columns)) if place not in left_out] or [0]
    if len(kept) == len(export.columns):
        return list(export.columns), rows
    return [export.columns[place] for place in kept], [[row[place] for place in kept] for row in rows]


def _remarks(context, export: Export, params: dict, count: int) -> list[str]:
    """What stands under the rows: who took this out, when, of what — so that a stray copy can be traced."""
    filters = "，".join(f"{name}={value}" for name, value in sorted(params["filters"].items())) or "全部"
    at, clear = clock.now().astimezone(clock.SHANGHAI), params.get("clear")
    kept = "含未脱敏的个人信息，仅限申请用途，不得转发" if clear else "个人信息已脱敏，请妥善保管"
    told = [
        f"{context.client.name} · {export.title} · 共 {count} 行 · 条件：{filters}",
        f"导出人：{context.by.name} · {at:%Y-%m-%d %H:%M:%S} · 编号 {context.job_id} · {kept}",
    ]
    return [*told, f"明文导出 · 申请原因：{clear['reason']} · 复核人：{clear['checked_by']}"] if clear else told
