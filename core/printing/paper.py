"""What every printed sheet shares: a QR made of rectangles, words that fit, long text over several lines."""

import segno
from fpdf import FPDF

INK, GREY, RED, RULE, GROUND = (28, 32, 40), (108, 114, 126), (200, 32, 38), (196, 201, 210), (243, 245, 248)
FONT = "han"
Length = int | float
"""Millimetres."""


def qr(pdf: FPDF, url: str, left: Length, top: Length, side: Length, mask: int | None = None) -> None:
    """A QR code, sharp at any size; with a given `mask` it is made in a tenth of the time, for thousands of sheets."""
    matrix = segno.make(url, error="m", micro=False, mask=mask).matrix
    step = side / len(matrix)
    pdf.set_fill_color(*INK)
    for row, modules in enumerate(matrix):
        start = None
        for column, dark in enumerate([*modules, 0]):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                pdf.rect(left + start * step, top + row * step, (column - start) * step, step, style="F")
                start = None


def fitted(pdf: FPDF, words: str, width: Length) -> str:
    """As much of some words as fits, an ellipsis for the rest."""
    if pdf.get_string_width(words) <= width:
        return words
    while words and pdf.get_string_width(words + "…") > width:
        words = words[:-1]
    return words + "…"


def wrapped(pdf: FPDF, words: str, width: Length, most: int) -> list[str]:
    """A text over as many lines as it needs, `most` at the most; Chinese breaks anywhere."""
    lines, rest = [], words
    while rest and len(lines) < most:
        if len(lines) == most - 1:
            return [*lines, fitted(pdf, rest, width)]
        count = len(rest)
        while count > 1 and pdf.get_string_width(rest[:count]) > width:
            count -= 1
        lines.append(rest[:count])
        rest = rest[count:]
    return lines


def shrunk(pdf: FPDF, words: str, width: Length, largest: int, smallest: int) -> str:
    """Set the largest size at which some words fit on one line; cut them where even the smallest is too large."""
    for size in range(largest, smallest - 1, -1):
        pdf.set_font(FONT, size=size)
        if pdf.get_string_width(words) <= width:
            return words
    return fitted(pdf, words, width)
