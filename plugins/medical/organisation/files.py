"""The tree as a file: nested JSON, or an Excel or CSV table with the code of each unit's parent. Both become the same rows."""

from collections.abc import Iterator, Sequence
from typing import Annotated

import msgspec

from core.errors import InvalidRequest
from core.imports import cells, sheets
from core.imports.lines import Line
from core.imports.tables import Column, Table
from core.imports.verdicts import Verdict
from plugins.medical.organisation.levels import BY_WORD, KINDS

KIND = Column("kind", "类型*")
NAME = Column("name", "名称*")
CODE = Column("code", "编码*")
PARENT = Column("parent", "上级编码")
COLUMNS = (KIND, NAME, CODE, PARENT)
MAX_UNITS = 5_000
MAX_DEPTH = 10


class OrgFileInvalid(InvalidRequest):
    code = "ORG_FILE_INVALID"
    message = "组织架构文件不能读取：{why}"


class UnitFile(msgspec.Struct, forbid_unknown_fields=True):
    """A unit of the JSON file with what stands under it."""

    kind: str
    name: Annotated[str, msgspec.Meta(max_length=200)]
    code: Annotated[str, msgspec.Meta(max_length=200)]
    children: "list[UnitFile]" = []


class TreeFile(msgspec.Struct, forbid_unknown_fields=True):
    """The JSON file: `{"units": [{"kind": "hospital", "name": …, "code": …, "children": […]}]}`."""

    units: list[UnitFile]


class UnitRow(msgspec.Struct, frozen=True):
    """A unit in standard form; `row` counts like Excel in a table, and from 1 in document order in JSON."""

    row: int
    kind: str
    name: str
    code: str
    parent: str | None


def read(content: bytes, filename: str) -> tuple[list[UnitRow], list[Verdict]]:
    """The rows that say something, and what is wrong with the others; OrgFileInvalid when the file as a whole is no good."""
    found = _from_json(content) if filename.lower().endswith(".json") else _from_table(content, filename)
    if len(found[0]) > MAX_UNITS:
        raise OrgFileInvalid(why=f"单位超过 {MAX_UNITS} 个")
    return found


def _from_json(content: bytes) -> tuple[list[UnitRow], list[Verdict]]:
    try:
        tree = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"), type=TreeFile)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise OrgFileInvalid(why=str(fault)[:200]) from None
    lines = [[KIND.title, NAME.title, CODE.title, PARENT.title]]
    for unit, parent in _flat(tree.units, None, 1):
        lines.append([KINDS.get(unit.kind, unit.kind), unit.name, unit.code, parent or ""])
    rows, verdicts = _judged(Table(sheets.Sheet("units", lines, typed=False), COLUMNS))
    return [msgspec.structs.replace(row, row=row.row - 1) for row in rows], [msgspec.structs.replace(v, row=v.row - 1) for v in verdicts]


def _flat(units: Sequence[UnitFile], parent: str | None, depth: int) -> Iterator[tuple[UnitFile, str | None]]:
    if depth > MAX_DEPTH:
        raise OrgFileInvalid(why="层级嵌套过深")
    for unit in units:
        yield unit, parent
        yield from _flat(unit.children, unit.code, depth + 1)


def _from_table(content: bytes, filename: str) -> tuple[list[UnitRow], list[Verdict]]:
    return _judged(Table(sheets.read(content, filename), COLUMNS))


def _judged(table: Table) -> tuple[list[UnitRow], list[Verdict]]:
    rows: list[UnitRow] = []
    verdicts: list[Verdict] = []
    for number, found in table.rows():
        if isinstance(found, Verdict):
            verdicts.append(found)
            continue
        line = Line(number, found, table)
        kind = line.take(KIND, cells.choice, tuple(BY_WORD), "unknown_kind")
        name = line.take(NAME, _name)
        code, parent = line.take(CODE, _code), line.take(PARENT, _code)
        verdicts += line.verdicts
        if not line.rejected:
            rows.append(UnitRow(number, BY_WORD[kind], name, code, parent))
    return rows, verdicts


def _name(cell: cells.Cell) -> cells.Reading:
    """A unit's name: up to 60 characters, nothing that a spreadsheet would run and no mark-up."""
    reading = cells.text(cell, 60)
    if not reading.value.isprintable() or reading.value.startswith(("=", "+", "-", "@")) or set("<>") & set(reading.value):
        raise cells.CellProblem("bad_name", "名称不能以 =、+、-、@ 开头，也不能含尖括号或看不见的字符")
    return reading


def _code(cell: cells.Cell) -> cells.Reading:
    """A unit's code: 1–20 letters, digits, dashes."""
    reading = cells.text(cell, 40)
    plain = reading.value.replace("-", "").replace("_", "")
    if not (len(reading.value) <= 20 and plain.isascii() and plain.isalnum()):
        raise cells.CellProblem("bad_code", "编码应为 1–20 个字母、数字、短横线或下划线")
    return reading
