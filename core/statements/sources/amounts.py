"""Amounts as statement files print them: exact or refused, never rounded. Remembering what was read makes a million rows quick."""

import re
from decimal import Decimal

REMEMBERED = 20_000
_PRINTED = re.compile(r"[+-]?[0-9]{1,13}(\.[0-9]{1,8})?", re.ASCII)


class Fen(dict[str, int | None]):
    """Yuan as printed → whole fen; None for what is no amount, has more than `decimals` decimals or a part of a fen.

    A mapping rather than a function, because `fen["0.00"]` is the most frequent step of reading a statement.
    """

    def __init__(self, decimals: int = 2) -> None:
        super().__init__()
        self._decimals = decimals

    def __missing__(self, printed: str) -> int | None:
        if len(self) > REMEMBERED:
            self.clear()
        digits = printed[:-3] + printed[-2:]
        if printed[-3:-2] == "." and digits.isdecimal() and digits.isascii() and 2 < len(digits) < 16:
            fen = int(digits)  # two decimals and no sign: as nearly all are printed
        else:
            fen = self._read(printed)
        self[printed] = fen
        return fen

    def _read(self, printed: str) -> int | None:
        if not _PRINTED.fullmatch(printed):
            return None
        whole, _, decimals = printed.partition(".")
        if len(decimals) > self._decimals or decimals[2:].strip("0"):
            return None
        fen = int(whole) * 100
        cents = int(decimals[:2].ljust(2, "0")) if decimals else 0
        return fen - cents if printed[0] == "-" else fen + cents


def exactly(printed: str) -> Decimal | None:
    """An amount of yuan with all its decimals, for comparing totals of what is printed; None for what is no amount."""
    return Decimal(printed) if _PRINTED.fullmatch(printed) else None


def fault_of(printed: str) -> str:
    """Why `Fen` refused: too many decimals, or no amount at all."""
    return "amount_precision" if _PRINTED.fullmatch(printed) else "bad_amount"
