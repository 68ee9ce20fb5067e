"""docs/statements.md is true: every code that a file or row can get stands in it, every source has its row, its example runs."""

import datetime as dt
import io
import re

from core.statements.protocol import Expected, FileRefused, Notes
from core.statements.sources import faults
from core.statements.words import REASONS
from tests.architecture.source import ROOT

PAGE = (ROOT / "docs/statements.md").read_text()
CODES = set(re.findall(r"`([a-z0-9_]+)`", PAGE))


def test_every_code_of_a_row_and_of_a_verdict_is_explained():
    assert set(faults.WORDS) | set(REASONS) <= CODES


def test_every_refusal_is_explained():
    folders = [ROOT / "core/statements", ROOT / "plugins/medical"]
    found = {code for folder in folders for path in folder.rglob("*.py") for code in re.findall(r'FileRefused\(\s*"([a-z0-9_]+)"', path.read_text())}
    assert "summary_mismatch" in found
    assert found - CODES == set()


def test_every_source_has_its_row(plugins):
    offered = {source.code for _, source in plugins.collect_all("register_statement_sources")}
    assert offered == {code for code in re.findall(r"^\| `([a-z-]+)` \|", PAGE.partition("## Verdicts")[0], re.MULTILINE) if code != "map-…"}


def test_the_example_source_runs():
    code = re.search(r"```python\n(.*?)```", PAGE.partition("## Write a source")[2], re.DOTALL)[1]
    made: dict = {}
    exec(code, made)  # the page's own example
    notes = Notes()
    content = io.BytesIO(b"order,amount,paid_at,note\nA1,12.50,2026-03-01 08:00:00,x\nA2,1.234,2026-03-01 08:00:00,y\n")
    lines = [line for chunk in made["SOURCE"].read(content, Expected(day=dt.date(2026, 3, 1)), notes) for line in chunk]
    assert [(line[5], line[9]) for line in lines] == [("A1", 1250)]
    assert [fault.code for fault in notes.faults] == ["bad_amount"]
    other = io.BytesIO(b"order,amount,paid_at,note\nA1,12.50,2026-03-02 08:00:00,x\n")
    try:
        list(made["SOURCE"].read(other, Expected(day=dt.date(2026, 3, 1)), Notes()))
        refused = ""
    except FileRefused as fault:
        refused = fault.code
    assert refused == "other_date"
