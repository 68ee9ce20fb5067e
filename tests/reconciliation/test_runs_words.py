"""The pages of runs and rules speak Chinese first and English by their catalogue; no sentence is left out and none is unmarked."""

from pathlib import Path

import core
from core.web import extraction

FOLDER = Path(core.__file__).parent / "reconciliation"
PAGES = ("runs.html", "run.html", "rules.html")
MODULES = (
    "classifying", "closing", "errors", "funds", "rules", "rules_api", "rules_console", "ruling", "runs", "runs_api", "runs_console", "runs_exports",
    "runs_lists", "runs_tasks", "runs_words", "telling",
)  # fmt: skip


def test_every_sentence_has_an_english_one(app):
    paths = [*(FOLDER / "templates" / "reconciliation" / page for page in PAGES), *(FOLDER / f"{module}.py" for module in MODULES)]
    assert extraction.missing(paths) == {}
    assert extraction.bare_chinese(paths) == []
