"""`banyan import KIND FILE --client CODE`: the upload page's importer, here and now, with a bar for the rows."""

import argparse
from pathlib import Path
from uuid import UUID

from core.commands.surroundings import platform_here, seal_trail
from core.commands.terminal import add_json, progress_bar, say, say_json, show_table
from core.identity.actor import Actor
from core.imports import service
from core.imports.errors import FileRefused, FileTooLarge
from core.imports.limits import MAX_FILE_BYTES, MEGABYTE
from core.imports.schemas import ImportContext
from core.platform import Platform

SHOWN = 40


class FileNotReadable(FileRefused):
    code = "FILE_NOT_READABLE"
    message = "文件 {name} 无法打开：{reason}"


def configure(parser: argparse.ArgumentParser) -> None:
    """What, for whom, and whether for real."""
    add_json(parser)
    parser.add_argument("kind", metavar="KIND", help="for example education.roster")
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument("--client", metavar="CODE", required=True)
    parser.add_argument("--dry-run", action="store_true", help="judge every row and change nothing")


async def run(args: argparse.Namespace) -> int:
    """Exit code 0 when the file was read, rejected rows or not; 2 when it was refused."""
    content = _read(args.file)
    async with platform_here() as platform:
        client = await platform.directory.by_code(args.client)
        importer = service.find_importer(platform, client, args.kind)
        with progress_bar() as bar:
            task = bar.add_task(importer.title, total=None)

            async def progress(done: int, total: int) -> None:
                bar.update(task, completed=done, total=total or None)

            context = ImportContext(platform=platform, client=client, by=operator(platform, client.id), progress=progress)
            said = await service.run_now(context, args.kind, args.file.name, content, dry_run=args.dry_run)
            if not args.dry_run:
                await seal_trail(platform, [client.id])
    if args.json:
        say_json(said)
    else:
        _show(said, args.dry_run)
    return 0


def operator(platform: Platform, tenant_id: UUID) -> Actor:
    """Whoever sits at the machine: the system's operator, with every right of this client."""
    rights = {permission.code: None for _, permission in platform.plugins.collect_all("register_permissions")}
    rights |= {importer.permission: None for _, importer in platform.plugins.collect_all("register_importers")}
    return Actor(kind="system", id="cli", name="命令行", tenant_id=tenant_id, rights=rights)


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise FileTooLarge(size_mb=-(-path.stat().st_size // MEGABYTE), limit_mb=MAX_FILE_BYTES // MEGABYTE)
        return path.read_bytes()
    except OSError as error:
        raise FileNotReadable(name=path.name, reason=error.strerror or "") from error


def _show(said, dry_run: bool) -> None:
    remarks = [row for row in said.rows if row.verdict == "reject"]
    if remarks:
        show_table(("row", "column", "code", "message"), [(r.row, r.column or "", r.code, r.message) for r in remarks[:SHOWN]])
    if len(remarks) > SHOWN:
        say(f"… and {len(remarks) - SHOWN} more (--json lists them all)")
    totals = said.totals
    done = "would be written" if dry_run else "written"
    say(f"{totals.new} new, {totals.changed} changed ({done}); {totals.unchanged} unchanged, {totals.rejected} rejected")
