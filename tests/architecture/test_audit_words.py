"""What is written into the audit trail is told in words: its actions, its objects' facts, and the subjects they are filtered by."""

import ast
import re
from collections.abc import Iterator

import pytest

from core.identity import audit_words
from core.identity.audit_pages import SUBJECTS
from core.web import i18n
from tests.architecture.source import SAMPLE, SourceFile, assigned, files, samples

RECORDING = ("record", "record_many", "recording")


def actions(file: SourceFile) -> Iterator[tuple[int, str]]:
    """Every action that a file writes down, with its line; what it puts in is `x`."""
    for function in file.nodes(ast.AsyncFunctionDef, ast.FunctionDef):
        held = assigned(function)
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {f"audit.{name}" for name in RECORDING}:
                yield from ((node.lineno, action) for action in samples(node.args[2], held))


@pytest.fixture(scope="module")
def found(app) -> list[tuple[SourceFile, int, str]]:
    return [(file, number, action) for file in files() for number, action in actions(file)]


def test_every_action_has_a_name(found):
    assert len(found) > 200
    named = audit_words.named()
    shape = {action: re.escape(action).replace(SAMPLE, "[a-z_.]+") if SAMPLE in action.split(".") else re.escape(action) for _f, _n, action in found}
    assert [f"{file.line(number)}: {action}" for file, number, action in found if not any(re.fullmatch(shape[action], name) for name in named)] == []


def test_every_action_is_found_under_a_subject(app, found):
    subjects = {*SUBJECTS, *app.state.platform.plugins.info}
    assert {action for action in audit_words.named() if action.partition(".")[0] not in subjects} == set()


def test_every_name_is_told_in_english(found):
    with i18n.speaking("en"):
        told = {action: audit_words.word_of(action) for action in audit_words.named()}
    assert {action: word for action, word in told.items() if re.search(r"[一-鿿]", word)} == {}


@pytest.mark.slow
def test_every_fact_that_the_demo_wrote_down_has_a_name(app, demo, postgres):
    kept = "SELECT DISTINCT jsonb_object_keys(coalesce(after, '{}')::jsonb || coalesce(before, '{}')::jsonb) FROM core.audit_log"
    facts = set(postgres.psql(kept, demo.database).split())
    assert len(facts) > 50
    assert {fact for fact in facts - set(app.state.platform.plugins.info) if not audit_words.tells(fact)} == set()
