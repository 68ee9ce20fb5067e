"""The pages of support speak Chinese first and English by their catalogue."""

from pathlib import Path

import core
from core.web import extraction

FOLDER = Path(core.__file__).parent / "support"


def test_every_sentence_has_an_english_one(app):
    assert extraction.missing([FOLDER]) == {}
    assert extraction.bare_chinese([FOLDER]) == []
