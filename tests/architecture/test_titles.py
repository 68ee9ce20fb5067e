"""Titles that are kept in the database, of jobs and of proposals, can be told in every language."""

import ast
import re
from collections.abc import Iterator

import pytest

from core.web import i18n, retold
from tests.architecture.source import SourceFile, files

CHINESE = re.compile(r"[一-鿿]")
SAMPLE = "x"


def samples(node: ast.AST | None, held: dict[str, list[ast.AST]]) -> Iterator[str]:
    """What an expression may come to, with `x` in each of its places."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else SAMPLE for part in node.values)
    elif isinstance(node, ast.IfExp):
        yield from samples(node.body, held)
        yield from samples(node.orelse, held)
    elif isinstance(node, ast.Subscript):
        yield from samples(node.value, held)
    elif isinstance(node, ast.Name):
        for value in held.get(node.id, ()):
            yield from samples(value, held)


def titles(file: SourceFile) -> Iterator[tuple[int, str]]:
    """Every title that a file gives a job or a proposal."""
    for function in file.nodes(ast.AsyncFunctionDef, ast.FunctionDef):
        held: dict[str, list[ast.AST]] = {}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                held.setdefault(node.targets[0].id, []).append(node.value)
        for node in ast.walk(function):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func).rpartition(".")[2]
            given = next((word.value for word in node.keywords if word.arg == "title"), None)
            if name in ("start", "_start", "print_posters") and len(node.args) > 2:
                given = node.args[2]
            elif name != "propose":
                continue
            yield from ((node.lineno, sample) for sample in samples(given, held))


@pytest.fixture(scope="module")
def found(app) -> list[tuple[SourceFile, int, str]]:
    return [(file, number, title) for file in files() if "/sandbox/" not in file.path for number, title in titles(file) if CHINESE.search(title)]


def test_every_title_is_made_from_a_sentence_of_the_catalogues(found):
    assert len(found) > 25
    assert [f"{file.line(number)}: {title}" for file, number, title in found if not retold.known(title)] == []


def test_every_title_is_told_in_english(found):
    with i18n.speaking("en"):
        assert [title for _file, _number, title in found if CHINESE.search(retold.retold(title))] == []


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("导出 账单", "Export: Bills"),
        ("收费批次 2026 秋 · 学费", "Fee plan 2026 秋 · 学费"),
        ("一位同事自己写的题目", "一位同事自己写的题目"),
        ("对账 2026-11-22", "Reconciliation of 2026-11-22"),
    ],
)
def test_our_words_are_told_and_peoples_stay(app, title, told):
    assert retold.retold(title) == title, "whoever reads Chinese has it as it is"
    with i18n.speaking("en"):
        assert retold.retold(title) == told
