"""A figure: what was measured, what it should reach, and whether it does."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One line of `bench.json`; `reach` is a bound in words, `holds` whether the value keeps it (None: no bound)."""

    figure: str
    value: float
    unit: str
    reach: str
    holds: bool | None
    note: str


class Benchmark(msgspec.Struct, frozen=True):
    """A figure of `banyan bench`: `measure(ground)` answers one or more."""

    figure: str
    summary: str
    measure: Callable[[Any], Awaitable[Sequence[Figure]]]


def at_least(figure: str, value: float, bound: float, unit: str, note: str) -> Figure:
    """A figure that should be large."""
    return Figure(figure=figure, value=round(value, 3), unit=unit, reach=f">= {bound:g}", holds=value >= bound, note=note)


def at_most(figure: str, value: float, bound: float, unit: str, note: str) -> Figure:
    """A figure that should be small."""
    return Figure(figure=figure, value=round(value, 3), unit=unit, reach=f"<= {bound:g}", holds=value <= bound, note=note)
