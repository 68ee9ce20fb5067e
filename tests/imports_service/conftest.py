"""An importer that only these tests know: people, one a row, kept in a table that is there anyway."""

import msgspec
import pytest
from sqlalchemy import text

from core import builtin
from core.app import create_app, make_platform
from core.exports import workbook
from core.hookspecs import Importer, hook
from core.imports import sheets
from core.imports.schemas import ImportCheck, Totals
from core.imports.tables import Column, Table
from core.imports.verdicts import Verdict
from core.plugin_manager import PluginManager

COLUMNS = (Column("name", "姓名*"), Column("note", "备注"))
KNOWN = text("SELECT key, answer->>'note' AS note FROM core.idempotency WHERE scope = 'people'")
WRITE = text("""
    INSERT INTO core.idempotency (scope, key, body_hash, answer)
    VALUES ('people', :name, '', jsonb_build_object('note', CAST(:note AS text)))
    ON CONFLICT (tenant_id, scope, key) DO UPDATE SET answer = excluded.answer
""")


async def check(context, content, filename):
    """A person named 坏 is rejected, everybody else is good."""
    table = Table(sheets.read(content, filename), COLUMNS)
    async with context.session() as session:
        known = {row.key: row.note for row in await session.all(KNOWN)}
    verdicts, new, changed, unchanged = [], [], [], 0
    for number, cells in table.rows():
        if isinstance(cells, Verdict):
            verdicts.append(cells)
            continue
        name, note = (str(cells[table.places[key]]) for key in ("name", "note"))
        if name == "坏":
            verdicts.append(Verdict(number, "姓名*", "reject", "bad_name", "不能叫这个名字"))
        elif name not in known:
            new.append((name, note))
        elif known[name] != note:
            changed.append((name, note))
        else:
            unchanged += 1
    rejected = len({verdict.row for verdict in verdicts if verdict.verdict == "reject"})
    return ImportCheck(rows=verdicts, totals=Totals(len(new), len(changed), unchanged, rejected), payload=[*new, *changed])


class Switch:
    """Breaks the importer off after some batches, as a kill would."""

    def __init__(self) -> None:
        self.break_after: int | None = None
        self.batches = []


switch = Switch()


async def apply(context, check):
    """Write in transactions of at most `batch_rows`."""
    for start in range(0, len(check.payload), context.batch_rows):
        batch = check.payload[start : start + context.batch_rows]
        if switch.break_after is not None and len(switch.batches) >= switch.break_after:
            raise RuntimeError("killed")
        async with context.session() as session:
            await session.execute(WRITE, [{"name": name, "note": note} for name, note in batch])
        switch.batches.append(len(batch))
        await context.progress(start + len(batch), len(check.payload))


class People:
    @hook
    def register_importers(self):
        template = lambda: workbook.write("人员", [(column.title, "text") for column in COLUMNS], [])  # noqa: E731
        return [
            Importer("test.people", "人员", "test.people.import", (".xlsx", ".xls", ".csv"), check, apply, template, "人员模板.xlsx"),
            Importer("test.secret", "机密", "test.secret.import", (".xlsx",), check, apply),
        ]


@pytest.fixture
def breaker():
    """Says when the importer breaks off."""
    switch.break_after, switch.batches = None, []
    yield switch
    switch.break_after = None


@pytest.fixture(scope="session")
async def platform(addresses, make_settings, probe):
    """A platform whose clients can import people."""
    plugins = PluginManager({}, {**builtin.PARTS, "probe": probe, "people": People()})
    made = await make_platform(make_settings(addresses), plugins)
    yield made
    await made.close()


@pytest.fixture(scope="session")
def app(platform):
    return create_app(platform)


@pytest.fixture
def table():
    """A workbook of people: `table(("张三", "甲班"), …)`."""

    def make(*rows, columns=COLUMNS):
        return workbook.write("人员", [(column.title, "text") for column in columns], rows)

    return make


@pytest.fixture
def people(platform):
    """Who was written for a client."""

    async def read(client):
        async with platform.database.tenant(client.id) as session:
            return {row.key: row.note for row in await session.all(KNOWN)}

    return read


def upload_form(content: bytes, name: str = "people.xlsx", kind: str = "test.people") -> dict:
    return {"data": {"kind": kind}, "files": {"file": (name, content)}}


@pytest.fixture
def form():
    return upload_form


@pytest.fixture
def as_json():
    return msgspec.json.decode
