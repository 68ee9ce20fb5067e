"""The house rules of CONTRIBUTING that a machine can hold: where queries live, who commits, how money is written, how files look."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.source import ROOT, SourceFile, files, functions

LONGEST_FILE = 450
BANNED_NAMES = {"utils", "helpers", "helper", "manager", "common", "misc", "process", "data", "handle", "handlers", "base"}

QUERIES_LIVE_IN = ("models", "repository", "faults", "schema")
"""File names (or their ends: `bindings_repository.py`) that may use SQLAlchemy."""
ALSO_SQL = {
    "core/hookspecs.py": "a plugin hands over its MetaData",
    "plugins/*/plugin.py": "a plugin hands over its MetaData",
    "core/checks.py": "asks the database about its own walls",
    "core/faults.py": "turns the driver's errors into ours",
    "core/health.py": "asks whether the database answers",
    "core/database/": "is the database",
    "core/bench/": "measures against bare SQL",
    "plugins/*/bench.py": "measures against bare SQL",
    "core/commands/": "operates the database from outside",
    "core/sandbox/": "is another application with a schema of its own",
    "core/supervisor/": "starts servers",
    "plugins/*/sandbox/": "is another application with a schema of its own",
}

FLOATS_ARE_MADE_IN = {
    "core/bench/": "ratios",
    "core/jobs/": "seconds",
    "core/sandbox/": "seconds",
    "core/supervisor/": "seconds",
    "plugins/*/sandbox/": "seconds",
}
"""The only places that turn something into a `float`, and what is measured there. Money is nowhere among them."""
MONEY_WORDS = re.compile(r"(^|_)(fen|amount|price|total|net|paid|owed|balance|discount|fee|money|yuan)(_|$)")


def allowed(file: SourceFile, places: dict[str, str]) -> bool:
    def fits(place: str) -> bool:
        pattern = re.escape(place).replace(r"\*", "[a-z_]+")
        return re.match(pattern if place.endswith("/") else pattern + "$", file.path) is not None

    return any(fits(place) for place in places)


def found(where: Iterator[tuple[SourceFile, int]]) -> list[str]:
    return [file.line(number) for file, number in where]


def test_queries_live_in_repositories():
    def strays() -> Iterator[tuple[SourceFile, int]]:
        for file in files():
            if file.name.endswith(QUERIES_LIVE_IN) or allowed(file, ALSO_SQL):
                continue
            yield from ((file, number) for number, name in file.imports if name.split(".")[0] in ("sqlalchemy", "asyncpg"))

    assert found(strays()) == []


def test_nobody_but_the_database_commits():
    def strays() -> Iterator[tuple[SourceFile, int]]:
        for file in files():
            if file.path.startswith(("core/database/", "core/bench/")):
                continue
            for node in file.nodes(ast.Call, ast.Constant):
                called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("commit", "rollback")
                said = isinstance(node, ast.Constant) and str(node.value).strip().upper() in ("COMMIT", "ROLLBACK")
                if called or said:
                    yield file, node.lineno

    assert found(strays()) == []


def test_nothing_becomes_a_float_but_seconds_and_ratios():
    def strays() -> Iterator[tuple[SourceFile, int]]:
        for file in files():
            for node in file.nodes(ast.Call):
                made = isinstance(node.func, ast.Name) and node.func.id == "float"
                if made and not allowed(file, FLOATS_ARE_MADE_IN):
                    yield file, node.lineno

    assert found(strays()) == []


def _annotated(file: SourceFile) -> Iterator[tuple[int, str, ast.expr]]:
    """Every argument and field with a type: line, name, type."""
    for node in file.nodes(ast.arg):
        if node.annotation:
            yield node.lineno, node.arg, node.annotation
    for node in file.nodes(ast.AnnAssign):
        yield node.lineno, ast.unparse(node.target).rpartition(".")[2], node.annotation


def test_nothing_that_speaks_of_money_is_a_float():
    def strays() -> Iterator[tuple[SourceFile, int]]:
        for file in files():
            for number, name, kind in _annotated(file):
                if MONEY_WORDS.search(name) and re.search(r"\bfloat\b", ast.unparse(kind)):
                    yield file, number

    assert found(strays()) == []


def _is_fen(node: ast.AST) -> bool:
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return name.endswith("_fen") or name == "fen"


def test_fen_are_never_divided_into_fractions():
    def strays() -> Iterator[tuple[SourceFile, int]]:
        for file in files():
            for node in file.nodes(ast.BinOp):
                if isinstance(node.op, ast.Div) and (_is_fen(node.left) or _is_fen(node.right)):
                    yield file, node.lineno

    assert found(strays()) == []


def test_amounts_in_fen_are_whole_numbers():
    def strays() -> Iterator[tuple[SourceFile, int]]:
        for file in files():
            for number, name, kind in _annotated(file):
                if name.endswith("_fen") and re.search(r"\b(float|Decimal|str)\b", ast.unparse(kind)):
                    yield file, number

    assert found(strays()) == []


def test_nothing_is_left_for_later():
    pattern = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError")
    folders = [ROOT / name for name in ("core", "plugins", "tests", "tenants")]
    unfinished = [
        f"{path.relative_to(ROOT)}:{number}"
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in (".py", ".html", ".css", ".js", ".toml") and not {"node_modules", "vendor"} & set(path.parts)
        if path != ROOT / "tests/architecture/test_house_rules.py"
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(line)
    ]
    assert unfinished == []


def test_no_file_is_long():
    assert [f"{file.path}: {count}" for file in files() if (count := file.text.count("\n")) > LONGEST_FILE] == []


def test_no_file_has_a_name_that_says_nothing():
    assert [file.path for file in files() if set(file.name.split("_")) & BANNED_NAMES and file.path != "core/plugin_manager.py"] == []


def test_every_module_says_what_it_is_for():
    assert [file.path for file in files() if file.text.strip() and not ast.get_docstring(file.tree)] == []


@pytest.mark.parametrize("name", ["service", "repository"])
def test_every_public_function_has_a_sentence(name):
    silent = [
        f"{file.path}: {function.name}"
        for file in files()
        if file.name.endswith(name)
        for function in functions(file)
        if not ast.get_docstring(function)
    ]
    assert silent == []


def test_route_files_import_normally():
    """Litestar reads annotations at run time (architecture §10)."""

    def strays() -> Iterator[tuple[SourceFile, int]]:
        for file in files():
            if not any(name.split(".")[0] == "litestar" for _, name in file.imports):
                continue
            for node in file.nodes(ast.ImportFrom):
                late = {alias.name for alias in node.names} & {"annotations", "TYPE_CHECKING"}
                if late and node.module in ("__future__", "typing"):
                    yield file, node.lineno

    assert found(strays()) == []


def test_services_know_nothing_of_the_web():
    def strays() -> Iterator[tuple[SourceFile, int]]:
        for file in files():
            if file.name.endswith(("service", "repository", "models", "states")):
                yield from ((file, number) for number, name in file.imports if name.split(".")[0] in ("litestar", "jinja2"))

    assert found(strays()) == []


MEDICINE = re.compile(r"医院|患者|就诊|医保|门诊|住院|诊疗|病历|hospital|\bpatients?\b|medical|outpatient|inpatient", re.IGNORECASE)
KINDS_OF_CLIENTS = {"core/tenancy/kinds.py", "core/onboarding/checking.py", "core/masking.py"}
"""Where core lists the kinds of clients a bank has, their industries, and how organisations are called."""


def test_no_file_of_core_speaks_of_a_verticals_people():
    told = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in (ROOT / "core").rglob("*")
        if path.suffix in (".py", ".html", ".css", ".js", ".toml", ".md") and not {"node_modules", "vendor", "migrations"} & set(path.parts)
        if path.relative_to(ROOT).as_posix() not in KINDS_OF_CLIENTS
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if MEDICINE.search(line)
    ]
    assert told == []
