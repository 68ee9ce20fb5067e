"""Imports point one way (architecture §2): plugins → core, features in a ring with nobody, money and errors at the bottom.

A module of core belongs to a layer, and imports its own layer and those below:

    ground    core/*.py without a feature of its own             errors, money, clock, ids, …: they know only each other
    contract  core/hookspecs.py, events.py, plugin_manager.py      what plugins see; they know only each other
    database  core/database                                      knows the ground
    books     core/ledger and core/outbox, the rules in them     know the ground and the database
    features  every other folder of core, and the books' pages   may use each other in one direction
    running   core/platform.py, health, paging, once             what features are handed; they use a few features' lower parts
    top       core/app.py, door, faults, builtin, checks, cli, … put everything together; no feature imports them
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache

from tests.architecture.source import files, modules

GROUND = "errors money clock ids states masking settings logs".split()
CONTRACT = "hookspecs events plugin_manager".split()
RUNNING = "platform health paging once".split()
TOP = "app door faults builtin checks strict_json cli commands".split()
BOOKS = ("ledger", "outbox")
BOOK_PAGES = ("api", "console", "hooks", "books", "book_schemas", "names")
"""The faces of the ledger; `books` reads it for them, in the words of the screens."""
FACES = ("api", "console", "h5", "hooks", "exports")
TOOLS = ("supervisor", "sandbox", "bench")
"""Beside the application: they start servers, play the outside world, measure. Only commands, and a plugin's `bench.py` and `sandbox/`, use them."""


@cache
def layer(module: str) -> str:
    """Where a module of core stands."""
    parts = module.split(".")
    unit = parts[1] if len(parts) > 1 else ""
    for name, units in (("ground", GROUND), ("contract", CONTRACT), ("running", RUNNING), ("top", TOP), ("database", ["database"])):
        if unit in units:
            return name
    if unit in BOOKS and (len(parts) == 2 or parts[2] not in BOOK_PAGES):
        return "books"
    return "features"


def edges(wanted: Callable[[str, str], bool]) -> list[str]:
    """The imports between our own modules for which `wanted(importer, imported)` holds, as an editor finds them."""
    return [
        file.line(number)
        for file in files()
        for number, name in file.imports
        if name.split(".")[0] in ("core", "plugins") and wanted(file.module, name)
    ]


def rings(graph: dict[str, set[str]]) -> list[list[str]]:
    """Groups of names that all reach each other (Tarjan)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in sorted(graph.get(name, ())):
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            group = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(group) > 1:
                found.append(sorted(group))

    for name in sorted(graph):
        if name not in index:
            visit(name)
    return found


def graph_of(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    graph: dict[str, set[str]] = defaultdict(set)
    for importer, imported in pairs:
        if importer != imported:
            graph[importer].add(imported)
    return graph


def own_imports() -> list[tuple[str, str]]:
    """Importer and imported, for all imports among our own modules."""
    return [(file.module, name) for file in files() for _, name in file.imports if name.split(".")[0] in ("core", "plugins")]


def test_every_file_of_core_has_a_layer():
    units = {module.split(".")[1] for module in modules() if module.startswith("core.")}
    folders = {unit for unit in units if any(module.startswith(f"core.{unit}.") for module in modules())}
    assert units - folders - {*GROUND, *CONTRACT, *RUNNING, *TOP} == set()


def test_core_never_imports_a_plugin():
    assert edges(lambda here, there: here.startswith("core") and there.startswith("plugins")) == []


def test_a_plugin_never_imports_another():
    def another(here: str, there: str) -> bool:
        return here.startswith("plugins.") and there.startswith("plugins.") and here.split(".")[1] != there.split(".")[1]

    assert edges(another) == []


def test_the_ground_knows_only_itself():
    assert edges(lambda here, there: layer(here) == "ground" and here != "core" and layer(there) != "ground") == []


def test_the_contract_knows_only_itself():
    assert edges(lambda here, there: layer(here) == "contract" and layer(there) != "contract" and there != "core") == []


def test_the_database_knows_only_the_ground():
    allowed = ("database", "ground")
    assert edges(lambda here, there: layer(here) == "database" and layer(there) not in allowed) == []


def test_the_books_know_only_the_ground_and_the_database():
    allowed = ("books", "database", "ground")
    assert edges(lambda here, there: layer(here) == "books" and layer(there) not in allowed) == []


def test_no_feature_imports_what_puts_it_together():
    assert edges(lambda here, there: layer(here) != "top" and here.split(".")[1] != "bench" and layer(there) == "top") == []


def test_plugins_import_no_composition_layer():
    assert edges(lambda here, there: here.startswith("plugins") and there.startswith("core") and layer(there) == "top") == []


def test_features_of_core_form_no_ring():
    def feature(module: str) -> str | None:
        return module.split(".")[1] if layer(module) in ("features", "books") and len(module.split(".")) > 1 else None

    pairs = [(feature(here), feature(there)) for here, there in own_imports() if here.startswith("core.") and there.startswith("core.")]
    assert rings(graph_of((here, there) for here, there in pairs if here and there)) == []


def test_the_rules_of_a_plugins_features_form_no_ring():
    """Faces may show what another feature knows; the rules behind them know each other in one direction."""

    def feature(module: str) -> str:
        return ".".join(module.split(".")[:3])

    rules = [pair for pair in own_imports() if all(module.startswith("plugins.") for module in pair) and not pair[0].endswith(FACES)]
    assert rings(graph_of((feature(here), feature(there)) for here, there in rules)) == []


def test_no_two_modules_import_each_other():
    packages = {module for module in modules() if any(other.startswith(module + ".") for other in modules())}
    pairs = [(here, there) for here, there in own_imports() if here not in packages and there not in packages]
    assert rings(graph_of(pairs)) == []


def test_programs_beside_the_application_are_imported_by_the_command_line_only():
    def strays(here: str, there: str) -> bool:
        tool = there.split(".")[1] if there.count(".") else ""
        own = here.startswith("plugins.") and (here.endswith(".bench") or here.split(".")[2] == "sandbox")
        return tool in TOOLS and not own and here.split(".")[1] not in (tool, "commands", "bench")

    assert edges(strays) == []


def test_rings_are_found():
    assert rings({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]
    assert rings({"a": {"b"}, "b": {"c"}}) == []
