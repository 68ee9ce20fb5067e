"""Field maps: a person shows a sample of any file, says which column holds what, and from then on such files come in like a channel's own.

A map's source is called `map-<code>`. Every save is a version; a statement keeps which version it was read with.
"""

import asyncio
import datetime as dt
import io
from collections.abc import Mapping
from uuid import UUID

import msgspec

from core import clock, ids
from core.database import Row, Session
from core.errors import Conflict, InvalidRequest, NotFound
from core.files import service as files
from core.files.errors import FileGone
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import Vault
from core.imports.limits import MAX_FILE_BYTES, MEGABYTE
from core.imports.sheets import OLD_EXCEL, ZIP
from core.statements import field_maps_repository as repository
from core.statements import layouts, mapping
from core.statements.guessing import guess
from core.statements.layouts import CHANNELS, BadLayout, Layout
from core.statements.mapping_records import data_of, headings, records
from core.statements.protocol import COLUMNS, Expected, FileRefused, StatementSource
from core.statements.states import SIDES

SAMPLE_BYTES = 512 * 1024
"""Of a text file this much is kept to look at; an Excel file is kept whole."""
KEEP_SAMPLE = dt.timedelta(days=366)
SHOWN = 20


class FieldMapNotFound(NotFound):
    code = "FIELD_MAP_NOT_FOUND"
    message = "没有找到这个字段映射"


class FieldMapCodeTaken(Conflict):
    code = "FIELD_MAP_CODE_TAKEN"
    message = "代码“{given}”已被另一个字段映射使用，请换一个"


class FieldMapChanged(Conflict):
    code = "FIELD_MAP_CHANGED"
    message = "字段映射刚被别人保存过，请刷新页面后再改"


class BadFieldMap(InvalidRequest):
    code = "BAD_FIELD_MAP"
    message = "{reason}"


class PreviewRow(msgspec.Struct, frozen=True):
    """A line of the sample: as it stands, and as it would be loaded, or what is wrong with which column."""

    line: int
    cells: list[str]
    normalised: dict[str, object] | None = None
    column: str = ""
    value: str = ""
    code: str = ""
    message: str = ""


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What a layout makes of a sample; `refused` says why the file as a whole could not be read."""

    titles: list[str] = []
    raw: list[list[str]] = []
    """The first lines as they stand, for choosing the heading row."""
    rows: list[PreviewRow] = []
    refused: str = ""
    column: str = ""


async def sample_of(session: Session, vault: Vault, row: Row) -> tuple[str, bytes] | None:
    """The sample's name and content; None when its time is over."""
    if row.sample_id is None:
        return None
    try:
        found = await files.load(session, vault, row.sample_id)
    except FileGone:
        return None
    return found.name, found.content


async def create(session: Session, vault: Vault, *, code: str, title: str, side: str, channel: str, file_name: str, content: bytes, by: Actor) -> UUID:
    """A new field map from a sample, laid out by a first guess; it is in use once somebody has looked at it and saved."""
    if not layouts.is_code(code):
        raise BadFieldMap(reason="代码须以小写字母开头，只含小写字母、数字和减号，2–30 位")
    if not 1 <= len(title.strip()) <= 60:
        raise BadFieldMap(reason="请填写 1–60 字的名称")
    if side not in SIDES or (channel and channel not in CHANNELS):
        raise BadFieldMap(reason="请选择列出的类别和渠道")
    map_id = ids.uuid7()
    layout = await asyncio.to_thread(guess, content, file_name)
    sample_id = await keep_sample(session, vault, file_name, content, by)
    row = {
        "id": map_id, "code": code, "title": title.strip(), "side": side, "channel": channel, "layout": layout, "active": False,
        "sample_id": sample_id, "made_by": by.name, "version": 0,
    }  # fmt: skip
    if not await repository.add(session, row):
        raise FieldMapCodeTaken(given=code)
    await audit.record(session, by, "statements.field_map.create", "field_map", map_id, after={"code": code, "title": title, "side": side})
    return map_id


async def keep_sample(session: Session, vault: Vault, file_name: str, content: bytes, by: Actor) -> UUID:
    """Seal a sample; of a long text only its beginning, to the last whole line."""
    if not content:
        raise BadFieldMap(reason="样例文件是空的，请重新选择")
    if len(content) > MAX_FILE_BYTES:
        raise BadFieldMap(reason=f"样例文件超过 {MAX_FILE_BYTES // MEGABYTE} MB，请截取前面一部分")
    if not content.startswith((*ZIP, OLD_EXCEL)) and len(content) > SAMPLE_BYTES:
        cut = content[:SAMPLE_BYTES]
        content = cut[: cut.rfind(b"\n") + 1] or cut
    return await files.store(session, vault, file_name[:200], content, "application/octet-stream", by=by, keep=KEEP_SAMPLE)


async def find(session: Session, map_id: UUID, *, lock: bool = False) -> Row:
    """One field map of this client."""
    row = await repository.find(session, map_id, lock=lock)
    if row is None:
        raise FieldMapNotFound()
    return row


def layout_of(row: Row) -> Layout:
    """The layout that a row keeps."""
    return msgspec.convert(row.layout, Layout)


async def save(session: Session, map_id: UUID, *, version: int, title: str, side: str, channel: str, layout: Layout, by: Actor) -> int:
    """Put a layout in use; the ones before it stay readable. Answers its version."""
    row = await find(session, map_id, lock=True)
    if row.version != version:
        raise FieldMapChanged()
    wrong = layouts.problems(layout, channel)
    if wrong or side not in SIDES or (channel and channel not in CHANNELS) or not 1 <= len(title.strip()) <= 60:
        raise BadLayout(problems="；".join(wrong.values()) or "名称、类别或渠道不对")
    values = {"title": title.strip(), "side": side, "channel": channel, "layout": layout, "active": True, "version": version + 1}
    await repository.change(session, map_id, values)
    await repository.add_version(session, map_id, version + 1, layout, by.name)
    before = None if version == 0 else _told(layout_of(row))
    await audit.record(session, by, "statements.field_map.save", "field_map", map_id, before=before, after=_told(layout) | {"version": version + 1})
    return version + 1


async def switch(session: Session, map_id: UUID, *, active: bool, by: Actor) -> None:
    """Take a field map out of use, or put it back; files that came in through it stay."""
    row = await find(session, map_id, lock=True)
    if active and row.version == 0:
        raise BadFieldMap(reason="这个字段映射还没有保存过，请先预览并保存")
    if row.active != active:
        await repository.change(session, map_id, {"active": active})
        action = "statements.field_map.enable" if active else "statements.field_map.disable"
        await audit.record(session, by, action, "field_map", map_id, after={"code": row.code})


async def as_sources(session: Session) -> list[StatementSource]:
    """A client's own sources: every field map in use."""
    return [_source(row) for row in await repository.list_active(session)]


async def source_of(session: Session, code: str) -> StatementSource | None:
    """The source `map-<code>`, in use or not: files that came through it are still read. None when there is no such map."""
    row = await repository.find_by_code(session, code.removeprefix(mapping.PREFIX)) if code.startswith(mapping.PREFIX) else None
    return _source(row) if row is not None and row.version else None


def _source(row: Row) -> StatementSource:
    return mapping.source_for(row.code, row.title, row.side, row.channel, layout_of(row), row.version)


def preview(content: bytes, layout: Layout, channel: str, day: dt.date | None = None) -> Preview:
    """The first lines of a sample as they would be loaded; the day is the sample's own when none is given. Blocking: run it in a thread."""
    try:
        raw = _raw(content, layout)
    except FileRefused as refused:
        return Preview(refused=refused.message, column=refused.column)
    titles: list[str] = []
    try:
        titles, rest = headings(records(io.BytesIO(content), layout), layout)
        found = [record for record, _ in zip(data_of(rest, msgspec.structs.replace(layout, footer_rows=0)), range(SHOWN), strict=False)]
        reader = mapping.Row(layout, channel, titles, Expected(day=day or clock.today()))
        rows = [_shown(reader, record, number, free=day is None) for number, record in enumerate(found, 1) if not reader.is_total(record)]
    except FileRefused as refused:
        return Preview(titles=titles, raw=raw, refused=refused.message, column=refused.column)
    return Preview(titles=titles, raw=raw, rows=rows)


def _raw(content: bytes, layout: Layout) -> list[list[str]]:
    plain = msgspec.structs.replace(layout, quoted=False) if layout.format == "delimited" else layout
    found = [[str(cell)[:60] for cell in record.cells] for record, _ in zip(records(io.BytesIO(content), plain), range(8), strict=False)]
    if layout.format != "fixed":
        return found
    return [[cells[0].encode("latin-1").decode(layout.encoding, errors="replace")[:200]] for cells in found if cells]


def _shown(reader: mapping.Row, record, number: int, *, free: bool) -> PreviewRow:
    cells = [str(cell)[:60] for cell in record.cells]
    if reader.layout.format == "fixed":
        cells = []
    try:
        line = reader.read(record, number, any_day=free)
    except mapping.RowRefused as refused:
        fault = refused.fault
        return PreviewRow(record.line, cells, None, fault.column, fault.value, fault.code, fault.message)
    return PreviewRow(record.line, cells, dict(zip(COLUMNS, line, strict=True)))


def _told(layout: Layout) -> Mapping[str, object]:
    """A layout in the audit trail: what it says, without what it leaves empty."""
    return {name: value for name, value in msgspec.to_builtins(layout).items() if value not in ("", [], {})}
