"""The pages of reconciliation speak Chinese first and English by their catalogue; no sentence is left out and none is unmarked."""

from pathlib import Path

import pytest

import core
from core.web import extraction, i18n
from core.web.statuses import word_of

FOLDER = Path(core.__file__).parent / "reconciliation"
MACHINES = {
    "recon_run": "created fetching file_missing ready matching balanced diff_open closed",
    "difference": "expected open confirmed handling rejected auto_resolved resolved",
    "severity": "critical high medium low",
    "remedy": "proposed approved running done failed rejected withdrawn reversed",
    "remedy_batch": "created approved running done partial rejected",
    "recon_side": "business platform channel his bills funds",
    "requery": "succeeded refunded pending processing success closed failed unknown told booked suspense duplicate mismatch",
    "statement_line": "success succeeded processing pending created closed failed change credit debit returned",
}


def test_every_sentence_has_an_english_one(app):
    paths = [FOLDER]
    assert extraction.missing(paths) == {}
    assert extraction.bare_chinese(paths) == []


@pytest.mark.parametrize("machine", MACHINES)
def test_every_state_has_a_word_in_both_languages(app, machine):
    for code in MACHINES[machine].split():
        for language in ("zh", "en"):
            with i18n.speaking(language):
                word = word_of(code, machine)[0]
            assert word != code, (machine, code, language)
            assert word.isascii() == (language == "en") or word in ("HIS",), (word, language)
