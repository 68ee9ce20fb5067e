"""Several features' parts in one round trip: writes that one statement does all (or none of), questions that ride along."""

import functools

import msgspec
from sqlalchemy import TextClause, text


class Write(msgspec.Struct, frozen=True):
    """One feature's part: `parts` are named statements (names and parameters are its own, so that parts of two features never meet),
    `counted` names the part whose number of rows tells whether the write happened.

    Parts see the database as it was before all of them, except through `RETURNING`, and are checked against their foreign keys at the end.
    """

    parts: tuple[tuple[str, str], ...]
    values: dict[str, object]
    counted: str


class Read(msgspec.Struct, frozen=True):
    """One feature's question that may ride on another's statement; its rows come back as JSON under its name."""

    name: str
    sql: str
    values: dict[str, object]


def combine(*writes: Write) -> tuple[TextClause, dict[str, object]]:
    """The statement that does several writes; its one row holds each write's count under the name it counts."""
    values = {name: value for write in writes for name, value in write.values.items()}
    assert len(values) == sum(len(write.values) for write in writes), "two writes share a parameter name"
    return _statement(tuple((write.parts, write.counted) for write in writes)), values


@functools.lru_cache(maxsize=256)
def _statement(shape: tuple[tuple[tuple[tuple[str, str], ...], str], ...]) -> TextClause:
    parts = ",\n".join(f"{name} AS ({sql})" for named, _ in shape for name, sql in named)
    counts = ", ".join(f"(SELECT count(*) FROM {counted}) AS {counted}" for _, counted in shape)
    return text(f"WITH {parts}\nSELECT {counts}")
