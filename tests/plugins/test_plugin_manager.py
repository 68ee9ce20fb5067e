"""The manager: a misspelt hook stops the start, the order is stable, and a hook that raises closes those still waiting."""

import pluggy
import pytest

from core.hookspecs import BindingFacts, PluginInfo, hook
from core.plugin_manager import GROUP, PluginManager

FACTS = {"session": None, "keys": None, "facts": BindingFacts("王小明", "V001", "5678")}


class Plain:
    """A plugin of one hook or two."""

    def __init__(self, code: str, answer: object = None, log: list[str] | None = None) -> None:
        self.code, self.answer, self.log = code, answer, [] if log is None else log

    @hook
    def register_plugin(self) -> PluginInfo:
        return PluginInfo(self.code, self.code, ("club",), "", "tests")

    @hook
    async def propose_binding(self, session, keys, facts):
        self.log.append(self.code)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Misspelt(Plain):
    @hook
    def register_menus(self) -> list:
        return []


class Answering:
    """A part of core that answers like a plugin."""

    @hook
    async def propose_binding(self, session, keys, facts):
        return "core"


def test_a_misspelt_hook_stops_the_start():
    with pytest.raises(pluggy.PluginValidationError, match="register_menus"):
        PluginManager({"club": Misspelt("club")})


def test_a_plugin_under_a_name_not_its_own_stops_the_start():
    with pytest.raises(ValueError, match="zebra calls itself club"):
        PluginManager({"zebra": Plain("club")})


@pytest.mark.parametrize("order", [["a", "b", "c"], ["c", "a", "b"]])
async def test_the_order_is_that_of_the_names_however_they_were_found(order):
    manager = PluginManager({code: Plain(code, code) for code in order}, {"web": Answering()})
    assert list(manager.info) == ["a", "b", "c"]
    assert [code for code, _ in manager.collect("register_plugin")] == ["a", "b", "c"]
    assert await manager.ask("propose_binding", {"a", "b", "c"}, **FACTS) == ["core", "a", "b", "c"]


async def test_only_the_plugins_that_are_on_are_asked():
    log: list[str] = []
    manager = PluginManager({code: Plain(code, code, log) for code in "abc"})
    assert await manager.ask("propose_binding", {"b"}, **FACTS) == ["b"]
    assert log == ["b"]


async def test_answers_of_none_are_left_out():
    manager = PluginManager({"a": Plain("a"), "b": Plain("b", "b")})
    assert await manager.ask("propose_binding", {"a", "b"}, **FACTS) == ["b"]


async def test_a_hook_that_raises_closes_the_rest(recwarn):
    log: list[str] = []
    plugins = {"a": Plain("a", "a", log), "b": Plain("b", RuntimeError("boom"), log), "c": Plain("c", "c", log)}
    manager = PluginManager(plugins)
    with pytest.raises(RuntimeError, match="boom"):
        await manager.ask("propose_binding", set(plugins), **FACTS)
    assert log == ["a", "b"]
    assert [str(warning.message) for warning in recwarn.list] == [], "a coroutine that was never awaited would warn"


def test_the_verticals_come_through_the_entry_point_as_a_strangers_package_would():
    assert GROUP == "banyan.plugins"
    assert "education" in PluginManager.installed().info
