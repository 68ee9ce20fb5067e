"""How money fills a bill: mandatory lines first, then in line order (architecture §11.4); the merchants are credited by line."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from core.billing.schemas import Share


class OpenLine(msgspec.Struct, frozen=True):
    """A chosen line that may still owe something."""

    bill_id: UUID
    line_no: int
    merchant_id: UUID
    merchant_code: str
    mandatory: bool
    open_fen: int


def fill(lines: Iterable[OpenLine], amount_fen: int) -> tuple[list[Share], int]:
    """Share an amount over the lines of one bill; answers the shares and what found no place."""
    shares = []
    for line in sorted(lines, key=lambda line: (not line.mandatory, line.line_no)):
        part = min(line.open_fen, amount_fen)
        if part > 0:
            shares.append(Share(line.bill_id, line.line_no, line.merchant_id, line.merchant_code, part))
            amount_fen -= part
    return shares, amount_fen


def fill_all(bills: Sequence[tuple[object, int]], lines: Sequence[OpenLine], total_fen: int) -> tuple[list[Share], int]:
    """Share a charge over its bills: each takes what it was meant to get as far as it still owes it; the rest is left over.

    What one bill no longer takes is offered to the others of the same charge, in order, before it is called left over.
    """
    open_lines = {(line.bill_id, line.line_no): line for line in lines}
    shares: dict[tuple[object, int], Share] = {}
    left = total_fen
    for meant in (True, False):
        for bill_id, wanted_fen in bills:
            limit = min(left, wanted_fen) if meant else left
            mine = [line for line in open_lines.values() if line.bill_id == bill_id]
            got, unplaced = fill(mine, limit)
            left -= limit - unplaced
            for share in got:
                key = (share.bill_id, share.line_no)
                before = shares[key].amount_fen if key in shares else 0
                shares[key] = msgspec.structs.replace(share, amount_fen=before + share.amount_fen)
                line = open_lines[key]
                open_lines[key] = msgspec.structs.replace(line, open_fen=line.open_fen - share.amount_fen)
    return list(shares.values()), left
