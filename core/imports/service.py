"""A file comes in: judged row by row, shown, confirmed, and its good rows written (domain book §2.9)."""

from uuid import UUID

import msgspec

from core import clock, ids
from core.database import Row, Session
from core.errors import PlatformError
from core.files import service as files
from core.hookspecs import Importer
from core.identity import audit
from core.identity.actor import Actor
from core.imports import repository
from core.imports.errors import FileEmpty, FileExpected, FileRefused, ImportHasRejected, ImportKindUnknown, ImportNotFound, NothingToImport
from core.imports.models import IMPORT
from core.imports.rejected import rejected_workbook
from core.imports.schemas import ImportAnswer, ImportCheck, ImportContext, Totals
from core.jobs import service as jobs
from core.platform import Platform
from core.tenancy.directory import ClientProfile

CHECK, APPLY = "imports.check", "imports.apply"


def importers(platform: Platform, client: ClientProfile, by: Actor | None = None) -> dict[str, Importer]:
    """What a client can import, by code: core's own and what its plugins offer; with `by`, only what that person may."""
    offered = platform.plugins.collect_all("register_importers")
    found = {importer.code: importer for plugin, importer in offered if plugin == "core" or client.has(plugin)}
    return {code: importer for code, importer in found.items() if by is None or by.may(importer.permission)}


def find_importer(platform: Platform, client: ClientProfile, kind: str, by: Actor | None = None) -> Importer:
    """One importer; not found where its plugin is off, not permitted without its right."""
    importer = importers(platform, client).get(kind)
    if importer is None:
        raise ImportKindUnknown(kind=kind)
    if by is not None:
        by.need(importer.permission)
    return importer


async def upload(
    session: Session, platform: Platform, client: ClientProfile, kind: str, filename: str, content: bytes, *, by: Actor
) -> UUID:
    """Keep a file that came in and have it judged; answers the import's id. Nothing of it is written yet."""
    importer = find_importer(platform, client, kind, by)
    _look_at(importer, filename, content)
    file_id = await files.store(session, platform.vault, filename, content, "application/octet-stream", by=by)
    batch_id = ids.uuid7()
    row = {"id": batch_id, "kind": kind, "filename": filename, "file_id": file_id, "status": "checking"}
    job_id = await jobs.start(session, CHECK, f"检查 {importer.title}：{filename}", {"batch_id": str(batch_id)}, by=by)
    await repository.add(session, row | {"job_id": job_id, "made_by": by.id, "made_by_name": by.name})
    await audit.record(session, by, "imports.batch.upload", "import", batch_id, after={"kind": kind, "filename": filename})
    return batch_id


async def confirm(session: Session, platform: Platform, client: ClientProfile, batch_id: UUID, *, by: Actor, whole: bool = False) -> UUID:
    """Write the good rows; pressed twice it happens once. `whole` refuses a file with rejected rows. Answers the job's id."""
    batch = await find(session, platform, client, batch_id, by=by, lock=True)
    if batch.status in ("applying", "applied"):
        return batch.job_id
    IMPORT.check(batch.status, "applying")
    totals = msgspec.convert(batch.totals, Totals)
    if whole and totals.rejected:
        raise ImportHasRejected(rejected=totals.rejected)
    if not totals.new + totals.changed:
        raise NothingToImport()
    title = f"导入 {find_importer(platform, client, batch.kind).title}：{batch.filename}"
    job_id = await jobs.start(session, APPLY, title, {"batch_id": str(batch_id)}, by=by)
    await repository.change(session, batch_id, {"status": "applying", "job_id": job_id})
    await audit.record(session, by, "imports.batch.confirm", "import", batch_id, after={"kind": batch.kind, "totals": batch.totals})
    return job_id


async def cancel(session: Session, platform: Platform, client: ClientProfile, batch_id: UUID, *, by: Actor) -> None:
    """Let a checked file go; nothing of it was written."""
    batch = await find(session, platform, client, batch_id, by=by, lock=True)
    IMPORT.check(batch.status, "cancelled")
    await repository.change(session, batch_id, {"status": "cancelled"})
    await audit.record(session, by, "imports.batch.cancel", "import", batch_id, before={"status": batch.status})


async def find(session: Session, platform: Platform, client: ClientProfile, batch_id: UUID, *, by: Actor, lock: bool = False) -> Row:
    """One import that the asker could have made."""
    batch = await repository.find(session, batch_id, lock=lock)
    if batch is None or batch.kind not in importers(platform, client, by):
        raise ImportNotFound()
    return batch


async def list_recent(
    session: Session, platform: Platform, client: ClientProfile, *, by: Actor, limit: int = 30, before: UUID | None = None
) -> list[Row]:
    """Imports, newest first, of the kinds that the asker may import."""
    return list(await repository.list_recent(session, sorted(importers(platform, client, by)), limit, before))


async def answer(session: Session, platform: Platform, batch: Row) -> ImportAnswer:
    """What was said of the file's rows."""
    if batch.verdicts_id is None:
        return ImportAnswer([], Totals(0, 0, 0, 0))
    file = await files.load(session, platform.vault, batch.verdicts_id)
    return msgspec.json.decode(file.content, type=ImportAnswer)


async def rejected(session: Session, platform: Platform, batch: Row, *, by: Actor) -> bytes:
    """The rejected rows with the reason beside each, as Excel: mend them and upload that file."""
    said = await answer(session, platform, batch)
    source = await files.load(session, platform.vault, batch.file_id)
    await audit.record(session, by, "imports.batch.download", "import", batch.id, after={"rejected": said.totals.rejected})
    return rejected_workbook(source.content, source.name, said.rows)


async def run_check(context, params: dict) -> dict[str, object]:
    """The job behind an upload: judge the file and keep what was said of it."""
    batch_id = UUID(params["batch_id"])
    batch, importing, content = await _open(context, batch_id)
    if batch.status != "checking":
        return {"href": f"/console/imports/{batch_id}"}
    importer = find_importer(context.platform, context.client, batch.kind)
    try:
        check = await importer.check(importing, content, batch.filename)
    except FileRefused as refusal:
        async with context.session() as session:
            said = {"status": IMPORT.check("checking", "refused"), "error_code": refusal.code, "error": refusal.message}
            await repository.change(session, batch_id, said)
        return {"href": f"/console/imports/{batch_id}", "refused": refusal.code}
    async with context.session() as session:
        verdicts_id = await _keep_verdicts(session, context.platform, check, context.by)
        said = {"status": IMPORT.check("checking", "checked"), "totals": check.totals, "verdicts_id": verdicts_id}
        await repository.change(session, batch_id, said)
    return {"href": f"/console/imports/{batch_id}", "counts": _counts(check.totals)}


async def run_apply(context, params: dict) -> dict[str, object]:
    """The job behind a confirmation: judge once more, write the good rows; taken up again after a crash it writes what is left."""
    batch_id = UUID(params["batch_id"])
    batch, importing, content = await _open(context, batch_id)
    if batch.status == "applied":
        return {"href": f"/console/imports/{batch_id}"}
    importer = find_importer(context.platform, context.client, batch.kind)
    try:
        check = await importer.check(importing, content, batch.filename)
        totals = await _totals_of_first_attempt(context, batch, check)
        await importer.apply(importing, check)
    except PlatformError as error:
        async with context.session() as session:
            await repository.change(session, batch_id, {"status": "failed", "error_code": error.code, "error": error.message})
        raise
    async with context.session() as session:
        await _applied(session, batch, totals, context.by)
    return {"href": f"/console/imports/{batch_id}", "counts": _counts(totals)}


async def run_now(context: ImportContext, kind: str, filename: str, content: bytes, *, dry_run: bool = False) -> ImportAnswer:
    """Check and, unless it is a dry run, apply a file at once: the command line's way through the same importer."""
    importer = find_importer(context.platform, context.client, kind, context.by)
    _look_at(importer, filename, content)
    check = await importer.check(context, content, filename)
    said = ImportAnswer(check.rows, check.totals)
    if dry_run:
        return said
    async with context.session() as session:
        file_id = await files.store(session, context.platform.vault, filename, content, "application/octet-stream", by=context.by)
        verdicts_id = await _keep_verdicts(session, context.platform, check, context.by)
        batch = {
            "id": ids.uuid7(), "kind": kind, "filename": filename, "file_id": file_id, "verdicts_id": verdicts_id, "status": "applying",
            "totals": check.totals, "made_by": context.by.id, "made_by_name": context.by.name,
        }  # fmt: skip
        await repository.add(session, batch)
    if check.totals.new + check.totals.changed:
        await importer.apply(context, check)
    async with context.session() as session:
        await _applied(session, await repository.find(session, batch["id"]), check.totals, context.by)
    return said


def _look_at(importer: Importer, filename: str, content: bytes) -> None:
    """Refuse at the door what cannot be the file that was meant."""
    if not content:
        raise FileEmpty()
    if not filename.lower().endswith(importer.suffixes):
        raise FileExpected(name=filename, suffixes=" ".join(importer.suffixes))


async def _open(context, batch_id: UUID) -> tuple[Row, ImportContext, bytes]:
    async with context.session() as session:
        batch = await repository.find(session, batch_id)
        file = await files.load(session, context.platform.vault, batch.file_id)
    importing = ImportContext(platform=context.platform, client=context.client, by=context.by, progress=context.progress)
    return batch, importing, file.content


async def _keep_verdicts(session: Session, platform: Platform, check: ImportCheck, by: Actor) -> UUID:
    content = msgspec.json.encode(ImportAnswer(check.rows, check.totals))
    return await files.store(session, platform.vault, "verdicts.json", content, "application/json", by=by)


async def _totals_of_first_attempt(context, batch: Row, check: ImportCheck) -> Totals:
    """What the import set out to write; an attempt after a crash finds some of it written and counts the same."""
    if batch.applied_totals is not None:
        return msgspec.convert(batch.applied_totals, Totals)
    async with context.session() as session:
        await repository.change(session, batch.id, {"status": "applying", "applied_totals": check.totals})
    return check.totals


async def _applied(session: Session, batch: Row, totals: Totals, by: Actor) -> None:
    values = {"status": IMPORT.check("applying", "applied"), "applied_totals": totals, "applied_at": clock.now(), "error": None}
    await repository.change(session, batch.id, values | {"error_code": None})
    after = {"kind": batch.kind, "filename": batch.filename, **msgspec.structs.asdict(totals)}
    await audit.record(session, by, "imports.batch.apply", "import", batch.id, after=after)


def _counts(totals: Totals) -> list[list[object]]:
    named = (
        ("新增", totals.new, "good"),
        ("变更", totals.changed, "info"),
        ("无变化", totals.unchanged, "quiet"),
        ("未通过", totals.rejected, "bad"),
    )
    return [[label, number, None, tone] for label, number, tone in named]
