"""Every sentence with which something is refused can be told in English, also where it is written at the spot."""

import ast
import re

from core.web import i18n, retold
from tests.architecture.source import SAMPLE, SourceFile, files, samples

CHINESE = re.compile(r"[一-鿿]")
OPERATORS = re.compile(r"core/(commands|sandbox|supervisor)/|core/tenancy/(apply_|terms|declaration)|/sandbox/|core/bench/")
"""Told on the command line to whoever installs or declares."""


def refusals(file: SourceFile):
    for node in file.nodes(ast.Raise):
        if isinstance(node.exc, ast.Call) and node.exc.args:
            for sentence in samples(node.exc.args[0], {}):
                if CHINESE.search(sentence):
                    yield node.lineno, re.sub(r"\{\w+\}", SAMPLE, sentence)


def test_every_refusal_is_told_in_english(app):
    found = [(file, number, sentence) for file in files() if not OPERATORS.search(file.path) for number, sentence in refusals(file)]
    assert len(found) > 40
    with i18n.speaking("en"):
        assert [f"{file.line(number)}: {sentence}" for file, number, sentence in found if CHINESE.search(retold.retold(sentence))] == []
