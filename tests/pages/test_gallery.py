"""Each component of the house stands on the gallery, in each of its states: what pages are composed from can be looked at in one place."""

from pathlib import Path

from jinja2 import Environment, nodes

import core

TEMPLATES = Path(core.__file__).parent / "web" / "templates"
GALLERIES = ("gallery.html", "gallery_h5.html")
PARTS = {
    "button.face", "button.inputs", "button.look", "chart.figures", "form.beneath", "form.field", "form.tied", "history.entries", "search.box",
    "table.heading", "table.pager", "table.tools",
}  # fmt: skip
"""Macros that only other macros, a layout or the panel of a history use."""
STATES = {
    "button": ("primary", "danger", "ghost"), "show": ("info", "good", "warn", "bad"), "job": ("running", "queued", "failed", "done"),
    "h5": ("paid", "unpaid", "checking"),
}  # fmt: skip
"""Words by which the galleries ask for a state."""


def _parsed(path: Path) -> nodes.Template:
    return Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"]).parse(path.read_text(encoding="utf-8"))


def macros() -> set[str]:
    """Every component macro, as `form.text`."""
    return {
        f"{path.stem}.{macro.name}"
        for path in sorted((TEMPLATES / "components").glob("*.html"))
        for macro in _parsed(path).find_all(nodes.Macro)
        if not macro.name.startswith("_")
    }


def shown() -> tuple[set[str], set[str]]:
    """What the galleries call, and every text constant that they pass."""
    called, said = set(), set()
    for name in GALLERIES:
        tree = _parsed(TEMPLATES / "pages" / name)
        homes = {each.target: Path(each.template.value).stem for each in tree.find_all(nodes.Import)}
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Getattr) and isinstance(call.node.node, nodes.Name) and call.node.node.name in homes:
                called.add(f"{homes[call.node.node.name]}.{call.node.attr}")
        said |= {const.value for const in tree.find_all(nodes.Const) if isinstance(const.value, str)}
    return called, said


def test_each_component_stands_on_a_gallery():
    called, _said = shown()
    assert sorted(macros() - called - PARTS) == []
    assert not PARTS - macros(), "these are gone"


def test_each_state_stands_on_a_gallery():
    _called, said = shown()
    assert [f"{part}: {state}" for part, states in STATES.items() for state in states if state not in said] == []
