"""Counts the statements of a request by their text, so that a list that asks once for every row is found however few rows there are."""

import contextlib
from collections import Counter
from collections.abc import Iterator

import pytest

from core.database import Session


class Statements(Counter[str]):
    """How often each statement ran; `rows` is the most that one answered."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, int] = {}

    def again(self, few: "Statements") -> list[str]:
        """Statements that ran more often than with few rows, and more than once: asked row by row."""
        return [f"{times}× (before {few[sql]}×) {' '.join(sql.split())[:200]}" for sql, times in self.items() if times > max(1, few[sql])]


@contextlib.contextmanager
def counted() -> Iterator[list[Statements]]:
    """Every statement of a transaction from here on; the last entry of the list is being counted, append another for the next request."""
    counts = [Statements()]
    execute, result, simple, everything = Session.execute, Session._result, Session.simple, Session.all

    def count(sql: object) -> None:
        counts[-1][str(sql)] += 1

    async def counted_execute(self, statement, parameters=None):
        count(statement)
        return await execute(self, statement, parameters)

    async def counted_result(self, statement, parameters):
        count(statement)
        return await result(self, statement, parameters)

    async def counted_simple(self, sql):
        count(sql)
        return await simple(self, sql)

    async def counted_all(self, statement, parameters=None):
        found = await everything(self, statement, parameters)
        sql = str(statement)
        counts[-1].rows[sql] = max(len(found), counts[-1].rows.get(sql, 0))
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "all", counted_all)
        patch.setattr(Session, "execute", counted_execute)
        patch.setattr(Session, "_result", counted_result)
        patch.setattr(Session, "simple", counted_simple)
        yield counts
