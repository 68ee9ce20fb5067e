"""Drawing a receipt on half a sheet: table, sum, red round seal, QR. Plain functions of words; nothing here waits or asks anybody."""

import math

from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos

from core.printing.font import font_file
from core.printing.paper import FONT, GREY, INK, RED, RULE, fitted, qr
from core.receipts.sheet import Sheet

WIDTH, HEIGHT, MARGIN = 210, 148, 14
INNER = WIDTH - 2 * MARGIN
HEAD, PAIR, LINE, FOOT = 34, 6, 6.4, 44
"""Heights in mm: the title with what stands around it, a row of facts, an item, and the bottom that belongs to QR and seal. What a plugin adds
makes the sheet longer."""
ITEM, AMOUNT, TOTAL, CHECK = "收费项目", "金额（元）", "合计（大写）", "扫码核验真伪"


def draw(sheet: Sheet) -> bytes:
    """The PDF; a receipt with many items goes on over the page, its sum, seal and QR stand on the last."""
    pages = _pages(sheet.lines, len(sheet.head), PAIR * _rows(sheet.extras))
    pdf = FPDF(format=(WIDTH, HEIGHT + PAIR * _rows(sheet.extras)))
    pdf.set_auto_page_break(False)
    pdf.set_margin(MARGIN)
    pdf.set_title(f"{sheet.client} {sheet.title}")
    pdf.set_lang("zh-CN")
    pdf.set_creation_date(sheet.made_at)
    with font_file(_text(sheet)) as path:
        pdf.add_font(FONT, fname=path)
        for place, lines in enumerate(pages, 1):
            pdf.add_page()
            _head(pdf, sheet, f"{place}/{len(pages)}" if len(pages) > 1 else "")
            _table(pdf, lines)
            if place == len(pages):
                _sum(pdf, sheet)
                _pairs(pdf, sheet.extras)
                _foot(pdf, sheet)
            if sheet.mark:
                _mark(pdf, sheet.mark)
        return bytes(pdf.output())


def _rows(pairs: list[tuple[str, str]]) -> int:
    """How many rows some facts take, two in each."""
    return (len(pairs) + 1) // 2


def _pages(lines: list[tuple[str, str]], facts: int, longer: int) -> list[list[tuple[str, str]]]:
    """The items of each page; the last one leaves room for the sum, the QR and the seal, and for what makes the sheet `longer`."""
    room = HEIGHT - HEAD - PAIR * ((facts + 1) // 2) - 7
    whole, last = int((room + longer - MARGIN) / LINE), int((room - 9 - FOOT - 2) / LINE)
    rest, pages = list(lines), []
    while len(rest) > last:
        page = min(whole, len(rest) - 1)
        pages.append(rest[:page])
        rest = rest[page:]
    return [*pages, rest]


def _text(sheet: Sheet) -> str:
    """Every character that is drawn."""
    pairs = (*sheet.head, *sheet.lines, *sheet.extras, *sheet.foot, (sheet.client, sheet.title), (sheet.mark, sheet.seal), (sheet.total, sheet.in_words))
    return "".join(a + b for a, b in pairs) + ITEM + AMOUNT + TOTAL + CHECK + "：¥-0123456789/…"


def _head(pdf: FPDF, sheet: Sheet, page: str) -> None:
    pdf.set_text_color(*(RED if sheet.red else INK))
    pdf.set_font(FONT, size=12)
    pdf.cell(0, 7, fitted(pdf, sheet.client, INNER), align=Align.C, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    pdf.set_font(FONT, size=18)
    pdf.cell(0, 10, sheet.title, align=Align.C, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    if page:
        pdf.set_font(FONT, size=9)
        pdf.text(WIDTH - MARGIN - 8, MARGIN + 4, page)
    pdf.ln(2)
    _pairs(pdf, sheet.head)
    pdf.ln(1)


def _pairs(pdf: FPDF, pairs: list[tuple[str, str]]) -> None:
    for place, (label, value) in enumerate(pairs):
        _pair(pdf, label, value, INNER / 2)
        if place % 2 or place == len(pairs) - 1:
            pdf.ln(PAIR)


def _pair(pdf: FPDF, label: str, value: str, width: int | float) -> None:
    pdf.set_font(FONT, size=9.5)
    pdf.set_text_color(*GREY)
    name = f"{label}："
    taken = pdf.get_string_width(name) + 1
    pdf.cell(taken, 6, name)
    pdf.set_text_color(*INK)
    pdf.cell(width - taken, 6, fitted(pdf, value, width - taken - 2))


def _table(pdf: FPDF, lines: list[tuple[str, str]]) -> None:
    pdf.set_draw_color(*RULE)
    pdf.set_fill_color(243, 245, 248)
    pdf.set_font(FONT, size=9.5)
    pdf.set_text_color(*GREY)
    pdf.cell(INNER - 45, 7, ITEM, border="TB", fill=True)
    pdf.cell(45, 7, AMOUNT, border="TB", fill=True, align=Align.R, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    pdf.set_text_color(*INK)
    pdf.set_font(FONT, size=10.5)
    for name, amount in lines:
        pdf.cell(INNER - 45, LINE, fitted(pdf, name, INNER - 47), border="B")
        pdf.cell(45, LINE, amount, border="B", align=Align.R, new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _sum(pdf: FPDF, sheet: Sheet) -> None:
    pdf.set_text_color(*(RED if sheet.red else INK))
    pdf.set_font(FONT, size=11)
    pdf.cell(INNER - 55, 9, fitted(pdf, f"{TOTAL}：{sheet.in_words}", INNER - 56))
    pdf.set_font(FONT, size=13)
    pdf.cell(55, 9, f"¥{sheet.total}", align=Align.R, new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _foot(pdf: FPDF, sheet: Sheet) -> None:
    """Payment facts on the left, the QR beside them, the seal on the right, all at the bottom edge."""
    top = pdf.h - FOOT
    if sheet.check_url:
        qr(pdf, sheet.check_url, MARGIN, top, 25)
        pdf.set_font(FONT, size=7.5)
        pdf.set_text_color(*GREY)
        pdf.text(MARGIN + 3.5, top + 29, CHECK)
    for place, (label, value) in enumerate(sheet.foot):
        pdf.set_xy(MARGIN + 31, top + place * 6.4)
        _pair(pdf, label, value, 92)
    if sheet.seal:
        _seal(pdf, sheet.seal, WIDTH - MARGIN - 20, top + 13, 16)


def _seal(pdf: FPDF, words: str, x: int | float, y: int | float, radius: int | float) -> None:
    """The round red seal of a unit: its name along the upper edge, a star in the middle."""
    pdf.set_draw_color(*RED)
    pdf.set_fill_color(*RED)
    pdf.set_text_color(*RED)
    pdf.set_line_width(0.9)
    with pdf.local_context(fill_opacity=0.86, stroke_opacity=0.86):
        pdf.circle(x, y, radius)
        points = [(math.radians(36 * n - 90), 5.2 if n % 2 == 0 else 2.0) for n in range(10)]
        pdf.polygon([(x + r * math.cos(a), y + r * math.sin(a)) for a, r in points], style="F")
        size = min(11, max(5.5, 190 / len(words)))
        pdf.set_font(FONT, size=size)
        spread = min(288, 30 * len(words))
        for place, word in enumerate(words):
            turn = spread * (place / (len(words) - 1) - 0.5) if len(words) > 1 else 0
            with pdf.rotation(-turn, x, y):
                pdf.text(x - pdf.get_string_width(word) / 2, y - radius + 1.6 + size * 0.32, word)
    pdf.set_line_width(0.2)


def _mark(pdf: FPDF, words: str) -> None:
    """Across the page of a receipt that does not count."""
    pdf.set_font(FONT, size=46)
    pdf.set_text_color(*RED)
    with pdf.local_context(fill_opacity=0.22), pdf.rotation(18, WIDTH / 2, pdf.h / 2):
        pdf.text(WIDTH / 2 - pdf.get_string_width(words) / 2, pdf.h / 2 + 8, words)
