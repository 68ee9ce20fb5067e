"""The example in docs/statements.md is read by the very reader, and the rows by API are taken."""

import datetime as dt
import io
import json
import re
from pathlib import Path

import core
from core.statements import posted
from core.statements.layouts import Layout
from core.statements.mapping import read_mapped
from core.statements.protocol import COLUMNS, Expected, Notes

DOC = (Path(core.__file__).parents[1] / "docs" / "statements.md").read_text(encoding="utf-8")
DAY = dt.date(2026, 3, 1)


def table(title: str) -> list[list[str]]:
    """The rows of the table whose first heading is `title`, the last one in the document."""
    rows = DOC.rsplit(f"\n| {title} |", 1)[1].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_the_two_column_example_is_read_as_the_document_says():
    [content] = re.findall(r"```csv\n(.*?)```", DOC, re.DOTALL)
    layout = Layout(**{name: value for name, value in table("setting")})
    notes = Notes()
    chunks = read_mapped(io.BytesIO(content.encode()), Expected(day=DAY), notes, layout, "wechatpay")
    lines = [dict(zip(COLUMNS, line, strict=True)) for chunk in chunks for line in chunk]
    assert [[line["number"], line["kind"], str(line["amount_fen"])] for line in lines] == table("number")
    assert notes.faults == []


def test_the_posted_rows_of_the_document_are_good():
    [body] = re.findall(r"```json\n(.*?)```", DOC, re.DOTALL)
    given = json.loads(body)
    content = b"".join(json.dumps(line).encode() + b"\n" for line in given["lines"])
    notes = Notes()
    lines = [line for chunk in posted.read(io.BytesIO(content), Expected(day=dt.date.fromisoformat(given["date"])), notes) for line in chunk]
    assert (len(lines), notes.faults, notes.ignored_lines) == (3, [], 1)
