"""Loads plugins by entry point and calls their hooks, for those a client has enabled."""

import inspect
from collections.abc import Collection
from functools import cached_property
from importlib import metadata as distributions
from typing import Any

import pluggy

from core import hookspecs
from core.hookspecs import PluginInfo

GROUP = "banyan.plugins"


class PluginManager:
    """One per process, made at the composition root; a plugin with a misspelt hook stops the start."""

    def __init__(self, plugins: dict[str, Any], builtin: dict[str, Any] | None = None) -> None:
        self._pluggy = pluggy.PluginManager("banyan")
        self._pluggy.add_hookspecs(hookspecs)
        builtin = builtin or {}
        for code in sorted(plugins, reverse=True):  # pluggy calls the last registered first
            self._pluggy.register(plugins[code], name=code)
        for code in sorted(builtin, reverse=True):
            self._pluggy.register(builtin[code], name=f"core.{code}")
        self._pluggy.check_pending()
        for code, plugin in plugins.items():
            if (named := plugin.register_plugin().code) != code:
                raise ValueError(f"the plugin behind the entry point {code} calls itself {named}")

    @classmethod
    def installed(cls, builtin: dict[str, Any] | None = None) -> "PluginManager":
        """Every plugin that any installed package offers under the entry-point group `banyan.plugins`."""
        found = {point.name: point.load() for point in distributions.entry_points(group=GROUP)}
        return cls(found, builtin)

    @cached_property
    def info(self) -> dict[str, PluginInfo]:
        """The installed plugins by code."""
        return {info.code: info for info in self._pluggy.hook.register_plugin()}

    def collect(self, hook: str) -> list[tuple[str, Any]]:
        """The answers of a `register_*` hook, each with the code of the plugin that gave it (core's own parts: `core`)."""
        answers = []
        for implementation in reversed(getattr(self._pluggy.hook, hook).get_hookimpls()):
            code = "core" if implementation.plugin_name.startswith("core.") else implementation.plugin_name
            answers.append((code, implementation.function()))
        return sorted(answers, key=lambda answer: (answer[0] != "core", answer[0]))

    def collect_all(self, hook: str) -> list[tuple[str, Any]]:
        """The same for hooks that answer a list: one row for each element."""
        return [(code, element) for code, elements in self.collect(hook) for element in elements]

    def implements(self, code: str, hook: str) -> bool:
        """Whether a plugin has something to say to a hook."""
        return any(each.plugin_name == code for each in getattr(self._pluggy.hook, hook).get_hookimpls())

    async def ask(self, hook: str, enabled: Collection[str], *, and_core: bool = True, **arguments: Any) -> list[Any]:
        """Call an async hook of core's parts and of the plugins a client has enabled, in a stable order; when one raises, the rest are closed."""
        off = [plugin for code, plugin in self._pluggy.list_name_plugin() if plugin and not _is_on(code, enabled, and_core)]
        waiting = self._pluggy.subset_hook_caller(hook, remove_plugins=off)(**arguments)
        answers = []
        try:
            for awaitable in waiting:
                answers.append(await awaitable)
        finally:
            for awaitable in waiting:
                if inspect.iscoroutine(awaitable):
                    awaitable.close()
        return [answer for answer in answers if answer is not None]


def _is_on(name: str, enabled: Collection[str], and_core: bool) -> bool:
    return and_core if name.startswith("core.") else name in enabled
