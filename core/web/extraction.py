"""What the catalogues must hold: every sentence marked in templates and Python, and Chinese that nobody marked."""

import ast
import re
from collections.abc import Iterable
from pathlib import Path

from babel.messages.extract import extract_python
from babel.messages.pofile import write_po
from jinja2 import Environment, nodes
from jinja2.ext import babel_extract

from core.web import i18n

KEYWORDS = {"_": None, "gettext": None, "several": None, "ngettext": (1, 2), "N_": None}
OPTIONS = {"silent": "false", "extensions": "jinja2.ext.do", "newstyle_gettext": "true"}
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_SKIPPED = {"node_modules", "vendor", ".venv", "__pycache__"}

MessageId = str | tuple[str, ...]


def _files(paths: Iterable[Path], suffix: str) -> list[Path]:
    found = []
    for path in paths:
        found += [path] if path.is_file() else sorted(path.rglob(f"*{suffix}"))
    return [f for f in found if f.suffix == suffix and not _SKIPPED & set(f.parts)]


def _message_id(messages: object) -> MessageId | None:
    if isinstance(messages, str):
        return messages or None
    words = tuple(m for m in messages or () if isinstance(m, str))
    return (words[0] if len(words) == 1 else words[:2]) if words else None


def _of_templates(path: Path) -> Iterable[tuple[int, MessageId]]:
    with path.open("rb") as file:
        for line, function, messages, _ in babel_extract(file, list(KEYWORDS), [], OPTIONS):
            message_id = _message_id(messages)
            if message_id:
                yield line, message_id if function == "ngettext" or isinstance(message_id, str) else message_id[0]


def _of_python(path: Path) -> Iterable[tuple[int, MessageId]]:
    with path.open("rb") as file:
        for line, function, messages, _ in extract_python(file, list(KEYWORDS), [], {}):
            message_id = _message_id(messages)
            if message_id:
                yield line, message_id if function == "ngettext" or isinstance(message_id, str) else message_id[0]
    yield from _error_messages(path)


def _error_messages(path: Path) -> Iterable[tuple[int, str]]:
    """The `message = "…"` of the error classes, which are translated when they are shown."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef):
            for item in node.body:
                if (
                    isinstance(item, ast.Assign)
                    and isinstance(item.targets[0], ast.Name)
                    and item.targets[0].id == "message"
                    and isinstance(item.value, ast.Constant)
                    and isinstance(item.value.value, str)
                ):
                    yield item.lineno, item.value.value


def extract(paths: Iterable[Path]) -> dict[MessageId, list[str]]:
    """Every marked sentence under some folders or files, with the places where it stands."""
    paths, found = [Path(p) for p in paths], {}
    for suffix, read in ((".html", _of_templates), (".py", _of_python)):
        for path in _files(paths, suffix):
            for line, message_id in read(path):
                found.setdefault(message_id, []).append(f"{path}:{line}")
    return found


def missing(paths: Iterable[Path], language: str = "en") -> dict[MessageId, list[str]]:
    """The marked sentences that a language's catalogue does not translate yet, with their places."""
    known = i18n.catalogue(language)
    lacking = {}
    for message_id, places in extract(paths).items():
        message = known.get(message_id)
        texts = [message.string] if message and isinstance(message.string, str) else list(message.string) if message else []
        if not texts or not all(texts):
            lacking[message_id] = places
    return lacking


def append_missing(paths: Iterable[Path], po: Path, language: str = "en") -> int:
    """Add what a catalogue file lacks as empty entries, sorted, for a translator to fill; says how many."""
    lacking = missing(paths, language)
    with po.open("rb") as file:
        book = i18n.read_po(file, locale=language)
    for message_id in sorted(lacking, key=str):
        book.add(message_id)
    with po.open("wb") as file:
        write_po(file, book, width=120, omit_header=False, sort_output=False)
    return len(lacking)


def bare_chinese(paths: Iterable[Path]) -> list[str]:
    """Chinese that stands in a template outside `_()`, as `file:line: text`: it would never be translated."""
    environment = Environment(autoescape=True, extensions=["jinja2.ext.i18n", "jinja2.ext.do"])
    return [
        f"{path}:{line}: {text.strip()[:60]}"
        for path in _files([Path(p) for p in paths], ".html")
        for line, text in _unmarked(environment.parse(path.read_text(encoding="utf-8")))
    ]


def _unmarked(node: nodes.Node) -> Iterable[tuple[int, str]]:
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in KEYWORDS:
        return
    text = node.data if isinstance(node, nodes.TemplateData) else node.value if isinstance(node, nodes.Const) else None
    if isinstance(text, str) and _CHINESE.search(text):
        yield node.lineno, text
    for child in node.iter_child_nodes():
        yield from _unmarked(child)
