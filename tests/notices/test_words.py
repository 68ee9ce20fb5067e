"""Notices, posters and letters speak Chinese first and English by their catalogues."""

from pathlib import Path

import pytest

import core
from core.web import extraction


@pytest.mark.parametrize("feature", ["notices", "printing"])
def test_every_sentence_has_an_english_one(app, feature):
    folder = Path(core.__file__).parent / feature
    assert extraction.missing([folder]) == {}
    assert extraction.bare_chinese([folder]) == []
