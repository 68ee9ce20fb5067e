"""Drawing one poster on A4: a band in the client's colour, the QR in the middle, the steps beneath."""

from fpdf import FPDF
from fpdf.enums import Align

from core.printing.paper import FONT, GREY, INK, RULE, Length, fitted, qr, shrunk
from core.printing.posters import CAUTION, Poster

WIDTH, HEIGHT, MARGIN = 210, 297, 18
INNER = WIDTH - 2 * MARGIN
BAND, SIDE = 62, 104
CALL = "咨询电话"


def text_of(poster: Poster) -> str:
    """Every character that is drawn."""
    own = (poster.client, poster.place, poster.title, poster.phone, poster.bank, poster.url, *poster.steps)
    return "".join((*own, CAUTION, CALL, "：…·0123456789由提供收款服务"))


def draw(pdf: FPDF, poster: Poster) -> None:
    """One page."""
    _band(pdf, poster)
    left, top = (WIDTH - SIDE) / 2, BAND + 26
    pdf.set_draw_color(*RULE)
    pdf.set_line_width(0.4)
    pdf.rect(left - 13, top - 6, SIDE + 26, SIDE + 26, round_corners=True, corner_radius=4)
    qr(pdf, poster.url, left, top + 7, SIDE)
    pdf.set_text_color(*INK)
    _line(pdf, shrunk(pdf, poster.place, INNER, 26, 12), BAND + 5, 12)
    pdf.set_font(FONT, size=9)
    pdf.set_text_color(*GREY)
    _line(pdf, fitted(pdf, poster.url, INNER), top + SIDE + 21, 5)
    _steps(pdf, poster, top + SIDE + 30)
    pdf.set_font(FONT, size=9.5)
    pdf.set_text_color(*GREY)
    _line(pdf, CAUTION, HEIGHT - 24, 5)
    foot = " · ".join(part for part in (f"{CALL}：{poster.phone}" if poster.phone else "", f"由{poster.bank}提供收款服务" if poster.bank else "") if part)
    _line(pdf, fitted(pdf, foot, INNER), HEIGHT - 17, 5)


def _band(pdf: FPDF, poster: Poster) -> None:
    red, green, blue = (int(poster.colour[n : n + 2], 16) for n in (1, 3, 5))
    pdf.set_fill_color(red, green, blue)
    pdf.rect(0, 0, WIDTH, BAND, style="F")
    pdf.set_text_color(255, 255, 255)
    _line(pdf, shrunk(pdf, poster.client, INNER, 22, 11), 14, 10)
    _line(pdf, shrunk(pdf, poster.title, INNER, 44, 20), 30, 20)


def _steps(pdf: FPDF, poster: Poster, top: Length) -> None:
    for place, step in enumerate(poster.steps[:4], 1):
        pdf.set_xy(MARGIN + 18, top + (place - 1) * 9.5)
        pdf.set_text_color(*GREY)
        pdf.set_font(FONT, size=15)
        pdf.cell(9, 8, str(place))
        pdf.set_text_color(*INK)
        pdf.cell(INNER - 27, 8, fitted(pdf, step, INNER - 29))


def _line(pdf: FPDF, words: str, top: Length, height: Length) -> None:
    pdf.set_xy(MARGIN, top)
    pdf.cell(INNER, height, words, align=Align.C)
