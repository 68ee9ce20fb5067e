"""Posters and letters as PDF, drawn in a thread of its own: the font cut down to the characters of one file and embedded."""

import asyncio
import datetime as dt
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from core.printing.font import font_file
from core.printing.letters import Letter
from core.printing.posters import Poster, plain

if TYPE_CHECKING:
    from fpdf import FPDF

MEDIA_TYPE = "application/pdf"


async def posters_pdf(posters: Sequence[Poster], made_at: dt.datetime) -> bytes:
    """Posters as one PDF, a page each."""
    return await asyncio.to_thread(_posters, [plain(poster) for poster in posters], made_at)


async def letters_pdf(letters: Sequence[Letter], made_at: dt.datetime) -> bytes:
    """Letters as one PDF, a bill on a page; a long one goes on over the page."""
    return await asyncio.to_thread(_letters, letters, made_at)


def _posters(posters: Sequence[Poster], made_at: dt.datetime) -> bytes:
    from core.printing import poster_sheet  # brings the PDF library, which takes half a second the first time

    def draw(pdf: "FPDF") -> None:
        for poster in posters:
            pdf.add_page()
            poster_sheet.draw(pdf, poster)

    return _drawn(f"{posters[0].client} {posters[0].title}", "".join(map(poster_sheet.text_of, posters)), made_at, draw)


def _letters(letters: Sequence[Letter], made_at: dt.datetime) -> bytes:
    from core.printing import letter_sheet  # brings the PDF library, which takes half a second the first time

    def draw(pdf: "FPDF") -> None:
        for letter in letters:
            letter_sheet.draw(pdf, letter)

    return _drawn(f"{letters[0].client} {letters[0].title}", "".join(map(letter_sheet.text_of, letters)), made_at, draw)


def _drawn(title: str, words: str, made_at: dt.datetime, draw: Callable[["FPDF"], None]) -> bytes:
    from fpdf import FPDF  # brings the PDF library, which takes half a second the first time

    pdf = FPDF(format="A4")
    pdf.set_auto_page_break(False)
    pdf.set_title(title)
    pdf.set_lang("zh-CN")
    pdf.set_creation_date(made_at)
    with font_file("".join(sorted(set(words))) + " ") as path:
        pdf.add_font("han", fname=path)
        draw(pdf)
        return bytes(pdf.output())
