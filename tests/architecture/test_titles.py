"""Titles that are kept in the database, of jobs and of proposals, can be told in every language."""

import ast
import re
from collections.abc import Iterator

import pytest

from core.web import i18n, retold
from tests.architecture.source import SourceFile, assigned, files, samples

CHINESE = re.compile(r"[一-鿿]")


def titles(file: SourceFile) -> Iterator[tuple[int, str]]:
    """Every title that a file gives a job or a proposal."""
    for function in file.nodes(ast.AsyncFunctionDef, ast.FunctionDef):
        held = assigned(function)
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


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ("3 行没有载入，其余已载入；第 2 行的时间：时间读不出来", "3 rows were not loaded, the others were; row 2, 时间: The time cannot be read"),
        ("第 4 行：这不是金额，请向出具方核实这一笔", "Row 4: "),
        ("文件缺少“交易时间”一列，请重新下载完整的账单", "The file lacks the column “交易时间”; please download the whole bill again"),
    ],
)
def test_why_a_file_was_refused_is_told_in_english(app, kept, told):
    with i18n.speaking("en"):
        assert retold.retold(kept).startswith(told)
