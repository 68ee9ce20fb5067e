"""The written side is true: settings, tables, quoted code, links, commands and figures are those of the product."""

import ast
import re
import subprocess
import sys

import pytest

from core.app import branches
from core.settings import Settings
from tests.architecture.source import ROOT, files

DOCS = ROOT / "docs"
SPECIMEN = ROOT / "tests" / "plugins" / "specimen"
PAGES = [*sorted(DOCS.rglob("*.md")), *sorted(ROOT.glob("*.md"))]
MADE_BY_TESTS = {"tests/screenshots/"}
QUOTE = re.compile(r"<!-- quote: ([a-z_]+\.py)(?:#(\w+))? -->\n")


def quoted(file: str, part: str | None) -> str:
    """A file of the specimen: whole, one function, or what stands between `# start:` and `# end:`."""
    text = (SPECIMEN / file).read_text()
    if part is None:
        return text.strip()
    marked = re.search(rf"# start: {part}\n(.*?)# end: {part}\n", text, re.DOTALL)
    if marked:
        return marked[1].strip()
    node = next(n for n in ast.parse(text).body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)) and n.name == part)
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return "\n".join(text.splitlines()[first - 1 : node.end_lineno])


def test_the_tutorial_quotes_the_specimen_as_it_is():
    text = (DOCS / "write-a-plugin.md").read_text()
    asked = QUOTE.findall(text)
    shown = re.findall(QUOTE.pattern + r"```python\n(.*?)\n```\n", text, re.DOTALL)
    assert len(asked) == len(shown) >= 12
    assert [(file, part) for file, part, code in shown if code != quoted(file, part or None)] == []


def test_every_setting_is_in_the_operations_guide_with_its_default():
    table = dict(re.findall(r"^\| `BANYAN_(\w+)` \| (.+?) \|", (DOCS / "operations.md").read_text(), re.MULTILINE))
    assert [name.lower() for name in table] == list(Settings.__struct_fields__)
    default = Settings()
    for name, said in table.items():
        value = getattr(default, name.lower())
        if said.startswith("`"):
            assert said.strip("`") == str(value).lower() if isinstance(value, bool) else str(value), name
        else:
            assert value == "", f"{name} has a default that the guide does not tell"


def test_every_table_has_its_word_in_the_glossary(plugins):
    text = (DOCS / "glossary.md").read_text()
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|([^|]*)\|$", text, re.MULTILINE)
    named = [table for *_, tables in rows for table in re.findall(r"`(\w+)`", tables)]
    declared = [name.split(".")[1] for branch in branches(plugins) for name in branch.metadata.tables]
    assert {"not in the glossary": set(declared) - set(named), "no such table": set(named) - set(declared)} == {
        "not in the glossary": set(),
        "no such table": set(),
    }
    assert len(named) == len(set(named))
    words = [(word, chinese) for word, chinese, *_ in rows if word != "English" and word.strip("-")]
    assert [word for word, chinese in words if not re.search(r"[\u4e00-\u9fff]", chinese)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_what_a_page_points_to_is_there(page):
    text = page.read_text()
    lost = [
        target
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text)
        if not target.startswith(("http://", "https://", "mailto:")) and not (page.parent / target).exists()
    ]
    assert lost == []
    named = re.findall(r"`((?:core|plugins|docs|tests|tenants)/[\w./-]+)`", text)
    assert [path for path in named if path not in MADE_BY_TESTS and not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_make_target_a_page_names_exists(page):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", page.read_text())) <= targets


def test_every_verb_the_pages_name_is_one_of_the_command():
    help_text = subprocess.run([sys.executable, "-m", "core.cli", "--help"], cwd=ROOT, capture_output=True, text=True).stdout
    verbs = set(re.findall(r"^    ([a-z-]+)", help_text, re.MULTILINE))
    named = {verb for page in PAGES for verb in re.findall(r"`banyan ([a-z]+)", page.read_text())}
    assert {"run", "audit"} <= verbs
    assert named - verbs <= {"club"}, "`club` is the tutorial's own"


def test_every_log_line_the_operations_guide_explains_is_written():
    named = re.findall(r"^\| `([a-z]+_[a-z_]+)` \| [a-z]", (DOCS / "operations.md").read_text(), re.MULTILINE)
    source = "".join(file.text for file in files())
    assert len(named) >= 5
    assert [line for line in named if f'"{line}"' not in source] == []


def test_decisions_are_numbered_and_say_context_decision_and_consequences():
    found = sorted((DOCS / "adr").glob("*.md"))
    assert [int(path.name[:4]) for path in found] == list(range(1, len(found) + 1))
    for path in found:
        text = path.read_text()
        assert re.findall(r"^## (\w+)", text, re.MULTILINE) == ["Context", "Decision", "Consequences"], path.name
        assert text.count("\n") <= 40, f"{path.name} is longer than half a page"


def test_every_bound_of_a_figure_is_in_the_benchmarks_page():
    named = set(re.findall(r"^\| `(\w+)` \|", (DOCS / "benchmarks.md").read_text(), re.MULTILINE))
    assert {"capture", "hot_account", "roster", "publish", "growth"} <= named


def test_both_readmes_name_the_same_commands_and_addresses():
    english, chinese = (ROOT / "README.md").read_text(), (ROOT / "README.zh-CN.md").read_text()
    pattern = r"`((?:make|banyan|\.venv/bin/banyan) [^`]+|/[\w/<>{}-]*)`"
    assert sorted(set(re.findall(pattern, english))) == sorted(set(re.findall(pattern, chinese)))
    assert english.count("\n## ") == chinese.count("\n## ")
