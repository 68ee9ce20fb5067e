"""What the printed sheet of a settlement statement says."""

import datetime as dt

import msgspec


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a statement's PDF says, in words."""

    client: str
    title: str
    facts: list[tuple[str, str]]
    columns: tuple[tuple[str, int, bool], ...]
    rows: list[tuple[str, ...]]
    sums: tuple[str, ...]
    in_words: str
    made_at: dt.datetime
