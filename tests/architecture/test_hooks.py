"""Every hook of the contract has a heading in docs/hooks.md with its arguments, and a test that is named after it."""

import ast
import inspect
import re

from core import hookspecs
from tests.architecture.source import ROOT

GUIDE = (ROOT / "docs" / "hooks.md").read_text()


def hooks() -> dict[str, str]:
    """The hooks by name, written as their headings are: `propose_binding(session, keys, facts)`."""
    found = {name: value for name, value in vars(hookspecs).items() if inspect.isfunction(value) and hasattr(value, "banyan_spec")}
    return {name: f"{name}({', '.join(inspect.signature(function).parameters)})" for name, function in found.items()}


def test_the_contract_has_hooks():
    assert {"register_plugin", "register_routes", "propose_binding", "payment_settled"} <= set(hooks())


def test_every_hook_has_a_heading_in_the_guide():
    headings = re.findall(r"^## `(.+)`$", GUIDE, re.MULTILINE)
    assert sorted(headings) == sorted(hooks().values())


def test_every_hook_has_a_test_of_its_own():
    tested = {
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    assert [name for name in hooks() if f"test_hook_{name}" not in tested] == []


def test_every_hook_says_what_it_is_in_one_sentence():
    silent = [name for name in hooks() if not re.fullmatch(r"[A-Z][^\n]*[.]", inspect.getdoc(getattr(hookspecs, name)) or "")]
    assert silent == []


def test_every_struct_of_the_contract_is_frozen_and_explained():
    structs = [value for value in vars(hookspecs).values() if inspect.isclass(value) and value.__module__ in ("core.hookspecs", "core.events")]
    assert structs
    assert [struct.__name__ for struct in structs if not struct.__struct_config__.frozen or not struct.__doc__] == []


def test_the_contract_stays_short():
    assert (ROOT / "core" / "hookspecs.py").read_text().count("\n") < 400
    assert (ROOT / "core" / "events.py").read_text().count("\n") < 120
