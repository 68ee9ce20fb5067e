"""The pages of settlement speak Chinese first and English by their catalogue; no sentence is left out and none is unmarked."""

from pathlib import Path

import core
from core.web import extraction


def test_every_sentence_of_the_settlement_pages_has_an_english_one(app):
    folder = Path(core.__file__).parent / "settlement"
    assert extraction.missing([folder]) == {}
    assert extraction.bare_chinese([folder]) == []
