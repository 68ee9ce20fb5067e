"""The product's own source, read once and walked once: every file of core and plugins with its syntax tree."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path

import msgspec

ROOT = Path(__file__).parents[2]
PACKAGES = ("core", "plugins")
SAMPLE = "x"
"""Stands in a text where something is put in."""


class SourceFile(msgspec.Struct, frozen=True, dict=True):
    """A Python file: its path under the project, its dotted module and its text."""

    path: str
    module: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return ast.parse(self.text)

    @cached_property
    def _nodes(self) -> dict[type[ast.AST], list[ast.AST]]:
        found = defaultdict(list)
        for node in ast.walk(self.tree):
            found[type(node)].append(node)
        return dict(found)

    def nodes(self, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
        """Every part of some kinds, wherever it stands."""
        for kind in kinds:
            yield from self._nodes.get(kind, ())

    @property
    def name(self) -> str:
        """The file's name without `.py`."""
        return Path(self.path).stem

    @cached_property
    def imports(self) -> list[tuple[int, str]]:
        """Every module that is imported, at the top or inside a function, with its line."""
        found = [(node.lineno, alias.name) for node in self.nodes(ast.Import) for alias in node.names]
        for node in self.nodes(ast.ImportFrom):
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.append((node.lineno, inner if inner in modules() else str(node.module)))
        return found

    def line(self, number: int) -> str:
        """One line as an editor finds it."""
        return f"{self.path}:{number} {self.text.splitlines()[number - 1].strip()}"


@cache
def files() -> tuple[SourceFile, ...]:
    """Every file of the product, migrations left out: they are records, not code."""
    return tuple(
        SourceFile(path.relative_to(ROOT).as_posix(), _module(path), path.read_text())
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if not {"migrations", "node_modules"} & set(path.parts)
    )


@cache
def modules() -> frozenset[str]:
    """The dotted names of all of them."""
    return frozenset(file.module for file in files())


def _module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def functions(file: SourceFile) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions that a module offers: at its top level, without a leading underscore."""
    for node in file.tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not node.name.startswith("_"):
            yield node


def assigned(function: ast.AST) -> dict[str, list[ast.AST]]:
    """What each name of a function may hold."""
    held = defaultdict(list)
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            held[node.targets[0].id].append(node.value)
    return held


def samples(node: ast.AST | None, held: dict[str, list[ast.AST]]) -> Iterator[str]:
    """What an expression may come to, with `SAMPLE` in each of its places."""
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
