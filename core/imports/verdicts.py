"""What is said of a row: the shape every import answers with, on the page, in the API and on the command line."""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

Word = Literal["accept", "accept_normalised", "reject", "ignore"]


class Verdict(Struct, frozen=True, omit_defaults=True):
    """One remark on one cell (`column`), or on a whole row (`column` is None); `row` counts like Excel, the header is 1.

    `accept`: the value is kept. `accept_normalised`: `normalised` is stored instead of what the cell holds.
    `reject`: the row is not imported. `ignore`: not a data row.
    """

    row: int
    column: str | None
    verdict: Word
    code: str
    message: str
    normalised: str | UnsetType = UNSET
    sheet: str | UnsetType = UNSET


class RowTotals(Struct, frozen=True):
    """Rows of a file, each counted once however many verdicts it has; ignored rows are not part of `rows`."""

    rows: int
    accepted: int
    rejected: int
    ignored: int
