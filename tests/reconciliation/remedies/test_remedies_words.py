"""The pages of differences and remedies speak Chinese first and English by their catalogue; no sentence is left out and none is unmarked."""

from pathlib import Path

import core
from core.web import extraction

FOLDER = Path(core.__file__).parent / "reconciliation"
PAGES = ("assignments.html", "difference.html", "differences.html", "remedy_batch.html", "remedy_batches.html")
MODULES = (
    "assignments_console", "bulk_console", "carrying_out", "describing", "details", "differences_console", "longs", "offering", "refusals",
    "requery", "reversing", "sheet", "words",
)  # fmt: skip


def test_every_sentence_has_an_english_one(app):
    paths = [*(FOLDER / "templates" / "reconciliation" / page for page in PAGES), *(FOLDER / f"{module}.py" for module in MODULES)]
    assert extraction.missing(paths) == {}
    assert extraction.bare_chinese(paths) == []
