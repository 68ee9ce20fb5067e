"""Drawing a settlement statement on A4 sideways: facts, table, sums, amount in capitals, page numbers. Plain functions of words."""

from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos

from core.money import capital
from core.printing.font import font_file
from core.printing.paper import GREY, INK, RULE, fitted
from core.settlement.statement_sheet import Sheet

MARGIN, LINE, HEAD = 14, 7, 7
FONT = "han"
IN_WORDS, PAGE = "应结金额（大写）", "第 {place} 页，共 {all} 页"


def draw(sheet: Sheet) -> bytes:
    """The PDF; a statement with many lines goes on over the page, sums and capitals stand on the last."""
    pdf = FPDF(orientation="L", format="A4")
    pdf.set_auto_page_break(False)
    pdf.set_margin(MARGIN)
    pdf.set_title(f"{sheet.client} {sheet.title}")
    pdf.set_lang("zh-CN")
    pdf.set_creation_date(sheet.made_at)
    pages = _pages(sheet)
    with font_file(_text(sheet)) as path:
        pdf.add_font(FONT, fname=path)
        for place, rows in enumerate(pages, 1):
            pdf.add_page()
            _head(pdf, sheet, first=place == 1)
            _table(pdf, sheet, rows)
            if place == len(pages):
                _end(pdf, sheet)
            _number(pdf, place, len(pages))
        return bytes(pdf.output())


def _pages(sheet: Sheet) -> list[list[tuple[str, ...]]]:
    """The lines of each page; the first has less room for the facts, the last keeps room for the sums."""
    rest, pages = list(sheet.rows), []
    room = int((210 - 2 * MARGIN - 26 - 7 * ((len(sheet.facts) + 2) // 3) - HEAD) / LINE)
    following = int((210 - 2 * MARGIN - 26 - HEAD) / LINE)
    while len(rest) > room - 4:
        page = min(room, len(rest) - 1)
        pages.append(rest[:page])
        rest, room = rest[page:], following
    return [*pages, rest]


def _text(sheet: Sheet) -> str:
    """Every character that is drawn."""
    parts = [sheet.client, sheet.title, sheet.in_words, IN_WORDS, PAGE, "：¥-0123456789/….,% ", capital(0), *sheet.sums]
    parts += [label + value for label, value in sheet.facts] + [name for name, _, _ in sheet.columns] + ["".join(row) for row in sheet.rows]
    return "".join(parts)


def _head(pdf: FPDF, sheet: Sheet, *, first: bool) -> None:
    pdf.set_text_color(*INK)
    pdf.set_font(FONT, size=12)
    pdf.cell(0, 7, fitted(pdf, sheet.client, 260), align=Align.C, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    pdf.set_font(FONT, size=17)
    pdf.cell(0, 10, sheet.title, align=Align.C, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    pdf.ln(2)
    if first:
        for place, (label, value) in enumerate(sheet.facts):
            pdf.set_font(FONT, size=9.5)
            pdf.set_text_color(*GREY)
            taken = pdf.get_string_width(f"{label}：") + 1
            pdf.cell(taken, 6, f"{label}：")
            pdf.set_text_color(*INK)
            pdf.cell(89 - taken, 6, fitted(pdf, value, 87 - taken))
            if place % 3 == 2 or place == len(sheet.facts) - 1:
                pdf.ln(7)


def _table(pdf: FPDF, sheet: Sheet, rows: list[tuple[str, ...]]) -> None:
    pdf.set_draw_color(*RULE)
    pdf.set_fill_color(243, 245, 248)
    pdf.set_font(FONT, size=9)
    pdf.set_text_color(*GREY)
    _row(pdf, sheet, tuple(name for name, _, _ in sheet.columns), border="TB", fill=True)
    pdf.set_text_color(*INK)
    for row in rows:
        _row(pdf, sheet, row, border="B")


def _row(pdf: FPDF, sheet: Sheet, cells: tuple[str, ...], *, border: str, fill: bool = False) -> None:
    for (_, width, right), words in zip(sheet.columns, cells, strict=True):
        pdf.cell(width, LINE, fitted(pdf, words, width - 2), border=border, fill=fill, align=Align.R if right else Align.L)
    pdf.ln(LINE)


def _end(pdf: FPDF, sheet: Sheet) -> None:
    _row(pdf, sheet, sheet.sums, border="B", fill=True)
    pdf.ln(3)
    pdf.set_font(FONT, size=11)
    pdf.cell(0, 8, f"{IN_WORDS}：{sheet.in_words}", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _number(pdf: FPDF, place: int, pages: int) -> None:
    pdf.set_font(FONT, size=8.5)
    pdf.set_text_color(*GREY)
    pdf.set_xy(MARGIN, 210 - MARGIN)
    pdf.cell(0, 5, PAGE.format(place=place, all=pages), align=Align.C)
