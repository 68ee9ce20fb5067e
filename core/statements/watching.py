"""A folder that other systems drop statements into: `<folder>/<client code>/<source>/<YYYY-MM-DD>/<file>`.

A finished file (its size has stood still, its name does not end in `.part`) is taken, judged like an upload, and moved to `done/` or
`refused/` beside it, with the verdict as `.json`. Two workers at once cannot take one file: taking is a rename. Links are never followed.
"""

import asyncio
import contextlib
import datetime as dt
import os
import re
import stat
import time
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import structlog

from core import clock
from core.errors import NotFound, PlatformError
from core.identity.actor import system
from core.jobs import due_repository
from core.platform import Platform
from core.statements import receiving, registry
from core.web.i18n import N_

log = structlog.get_logger()
ORIGIN = "folder"
STILL_SECONDS = 2.0
LOOK_EVERY = dt.timedelta(seconds=5)
LEFT_BEHIND_SECONDS = 900.0
"""A file that was taken this long ago and is still there was left by a worker that died: it is taken again, the hash sees to the rest."""
AT_ONCE = 20
DONE, REFUSED, TAKEN = "done", "refused", ".taken"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_seen: dict[str, tuple[int, int, float]] = {}


class Refusal(msgspec.Struct, frozen=True):
    """Why a file was not even read."""

    reason_code: str
    reason: str
    verdict: str = "reject_file"


class Found(msgspec.Struct, frozen=True):
    """A finished file and what its place says of it."""

    path: Path
    source: str
    day: dt.date | None
    name: str


async def watch(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """Take what lies finished in a client's folder; answers when to look again (None: the client has no folder)."""
    root = platform.settings.statement_folder
    if not root:
        return None
    if tenant_id == await platform.directory.bank_id():
        await asyncio.to_thread(_refuse_strangers, Path(root), await _wake_clients(platform, Path(root)))
        return clock.now() + LOOK_EVERY
    code = (await platform.directory.profile(tenant_id)).code
    folder = Path(root) / code
    if not await asyncio.to_thread(_is_folder, folder):
        return None
    for found in await asyncio.to_thread(finished, folder):
        await take(platform, tenant_id, folder, found)
    return clock.now() + LOOK_EVERY


async def take(platform: Platform, tenant_id: UUID, folder: Path, found: Found) -> None:
    """Judge one file and put it away with its verdict."""
    taken = await asyncio.to_thread(_take, folder, found)
    if taken is None:
        return  # another worker was faster
    try:
        said = await _judge(platform, tenant_id, found, taken)
    except PlatformError as error:
        if error.status >= 500:
            await asyncio.to_thread(os.replace, taken, found.path)
            raise
        said = Refusal(error.code, error.message)
    refused = said.verdict == "reject_file"
    log.info("statement_from_folder", source=found.source, file=found.name, verdict=said.verdict)
    await asyncio.to_thread(_put_away, taken, found, REFUSED if refused else DONE, msgspec.json.format(msgspec.json.encode(said)))


async def _judge(platform: Platform, tenant_id: UUID, found: Found, taken: Path) -> object:
    sources = await registry.sources_of(platform, tenant_id)
    if found.source not in sources:
        return Refusal("unknown_source", N_("没有这种对账文件，请核对文件夹名称"))
    if found.day is None:
        return Refusal("bad_day", N_("日期文件夹须是 2026-03-01 这样的日期"))
    if (await asyncio.to_thread(taken.stat)).st_size > platform.settings.statement_max_mb * 1024 * 1024:
        return Refusal("too_large", N_("文件超过允许的大小"))
    by = system(tenant_id, "文件夹")
    return await receiving.receive(platform, tenant_id, source=found.source, day=found.day, file_name=found.name, path_or_stream=taken, by=by, origin=ORIGIN)


def finished(folder: Path) -> list[Found]:
    """The files of a client's folder whose size has stood still for two seconds, the oldest first. Links are left where they lie."""
    ready = []
    for source in _folders(folder):
        for day in _folders(source):
            for path, size, changed in _files(day):
                if _still(path, size, changed):
                    ready.append((changed, Found(path, source.name, _day_of(day.name), path.name)))
    for path, taken in _left_behind(folder):
        ready.append((0, taken)) if path else None
    return [found for _, found in sorted(ready, key=lambda each: each[0])[:AT_ONCE]]


def _still(path: Path, size: int, changed: int) -> bool:
    now, key = time.monotonic(), str(path)
    known = _seen.get(key)
    if known is None or known[:2] != (size, changed):
        _seen[key] = (size, changed, now)
        return False
    if now - known[2] < STILL_SECONDS:
        return False
    del _seen[key]
    return True


def _folders(folder: Path) -> list[Path]:
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        return [Path(e.path) for e in entries if e.is_dir(follow_symlinks=False) and e.name not in (DONE, REFUSED) and not e.name.startswith(".")]
    return []


def _files(folder: Path) -> list[tuple[Path, int, int]]:
    found = []
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_file(follow_symlinks=False) and not entry.name.startswith(".") and not entry.name.lower().endswith((".part", ".tmp")):
                told = entry.stat(follow_symlinks=False)
                found.append((Path(entry.path), told.st_size, told.st_mtime_ns))
    return found


def _left_behind(folder: Path) -> list[tuple[Path, Found]]:
    """Files that a worker took and never put away."""
    found = []
    for path, _, _ in _files(folder / TAKEN):
        parts = path.name.split("~", 3)
        if len(parts) == 4 and time.time() - path.lstat().st_ctime > LEFT_BEHIND_SECONDS:
            back = folder / parts[1] / parts[2] / parts[3]
            found.append((path, Found(path, parts[1], _day_of(parts[2]), back.name)))
    return found


def _take(folder: Path, found: Found) -> Path | None:
    """Rename the file out of the way of every other worker; None when it is gone, or is a link after all."""
    home = folder / TAKEN
    with contextlib.suppress(FileExistsError):
        home.mkdir(mode=0o700)
    day = found.day.isoformat() if found.day else "-"
    target = home / f"{uuid4().hex[:12]}~{found.source}~{day}~{found.name}"
    try:
        os.rename(found.path, target)
    except OSError:
        return None
    if not stat.S_ISREG(target.lstat().st_mode):
        target.unlink()
        return None
    os.utime(target, follow_symlinks=False)
    return target


def _put_away(taken: Path, found: Found, where: str, verdict: bytes) -> None:
    """Move a judged file beside its like; an older one of the same name is kept under another."""
    home = taken.parent.parent / found.source / (found.day.isoformat() if found.day else "undated") / where
    home.mkdir(parents=True, exist_ok=True)
    name = found.name
    if (home / name).exists():
        name = f"{clock.now():%Y%m%dT%H%M%S}-{uuid4().hex[:6]}-{name}"
    (home / f"{name}.json").write_bytes(verdict)
    os.rename(taken, home / name)


def _day_of(name: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(name) if _DAY.fullmatch(name) else None
    except ValueError:
        return None


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


async def _wake_clients(platform: Platform, root: Path) -> frozenset[str]:
    """See that each client with a folder is looked after; answers their codes."""
    known = set()
    for folder in await asyncio.to_thread(_folders, root):
        try:
            client = await platform.directory.by_code(folder.name)
        except NotFound:
            continue
        known.add(folder.name)
        await due_repository.add(platform.database, client.id, "pulse", clock.now())
    return frozenset(known)


def _refuse_strangers(root: Path, known: frozenset[str]) -> None:
    """A folder of no client is put aside whole, with the reason; nothing in it is read."""
    for folder in _folders(root):
        if folder.name in known or time.time() - folder.lstat().st_mtime < STILL_SECONDS:
            continue
        home = root / REFUSED
        home.mkdir(exist_ok=True)
        name = f"{folder.name}-{uuid4().hex[:6]}"
        os.rename(folder, home / name)
        said = Refusal("unknown_client", N_("没有这个客户代码，文件没有读取"))
        (home / f"{name}.json").write_bytes(msgspec.json.encode(said))
        log.warning("statement_folder_of_nobody", folder=folder.name)
